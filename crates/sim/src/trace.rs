//! What happened, as a hash of all of it and the last lines in words.

use std::collections::VecDeque;

/// Lines that are kept to be printed.
const TAIL_LINES: usize = 60;
/// FNV-1a: not against forgery, only to tell two runs apart.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The trace of one run.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    tail: VecDeque<String>,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            hash: OFFSET,
            tail: VecDeque::new(),
        }
    }
}

impl Trace {
    /// Adds a line.
    pub fn line(&mut self, line: String) {
        self.mix(line.as_bytes());
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    /// Adds to the hash what nobody will want to read.
    pub fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    /// The hash of everything so far.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// The last lines, oldest first.
    #[must_use]
    pub fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }
}
