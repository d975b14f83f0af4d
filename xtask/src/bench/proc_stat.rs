//! What the kernel says about a process.

use std::fs;

use anyhow::{Context, Result};

/// Clock ticks a second in `/proc`: fixed at 100 for user space on every Linux that we run on.
const TICKS_PER_S: u64 = 100;

/// Memory and processor time of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Resident memory.
    pub rss_bytes: u64,
    /// Processor time since its start, user and system, in milliseconds.
    pub cpu_ms: u64,
}

/// Reads `/proc/PID`.
///
/// # Errors
/// When the process is gone, or this is not Linux.
pub fn read(pid: u32) -> Result<Reading> {
    let file = |name: &str| {
        let path = format!("/proc/{pid}/{name}");
        fs::read_to_string(&path).with_context(|| format!("could not read {path}"))
    };
    let cpu_ms =
        cpu_ms(&file("stat")?).with_context(|| format!("/proc/{pid}/stat: unknown form"))?;
    let rss_bytes =
        rss_bytes(&file("status")?).with_context(|| format!("/proc/{pid}/status: no VmRSS"))?;
    Ok(Reading { rss_bytes, cpu_ms })
}

fn cpu_ms(stat: &str) -> Option<u64> {
    // The name stands in brackets and may hold spaces and brackets; fields are counted after it.
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * 1000 / TICKS_PER_S)
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 5";
        assert_eq!(cpu_ms(stat), Some(3000));
        assert_eq!(cpu_ms("7 (a) S 1"), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(
            rss_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"),
            Some(2_097_152)
        );
    }

    #[test]
    fn this_very_process_can_be_read() {
        assert!(read(std::process::id()).unwrap().rss_bytes > 0);
    }
}
