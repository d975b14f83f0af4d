//! A message of the server, written once and shared by all who get it.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use serde::Serialize;

/// The longest header of a frame that is not masked.
const MAX_HEADER_BYTES: usize = 10;
/// A whole text message in one frame.
const WHOLE_TEXT: u8 = 0x81;

/// A message with the WebSocket's header before it, in one piece of memory: sending it to ten thousand clients
/// copies nothing and buffers nothing. As text it is the JSON alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    wire: Bytes,
    header_bytes: usize,
    position: Option<u64>,
}

impl Frame {
    /// Writes a message as JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn of(message: &impl Serialize) -> Result<Self, serde_json::Error> {
        let mut wire = vec![0; MAX_HEADER_BYTES];
        serde_json::to_writer(&mut wire, message)?;
        Ok(Self::finish(wire))
    }

    /// A message that is JSON already.
    #[must_use]
    pub fn of_json(json: &str) -> Self {
        let mut wire = Vec::with_capacity(MAX_HEADER_BYTES + json.len());
        wire.resize(MAX_HEADER_BYTES, 0);
        wire.extend_from_slice(json.as_bytes());
        Self::finish(wire)
    }

    /// Puts the header right before the payload, for which room was left.
    fn finish(mut wire: Vec<u8>) -> Self {
        let payload_bytes = wire.len() - MAX_HEADER_BYTES;
        let header = header(payload_bytes);
        let start = MAX_HEADER_BYTES - header.len();
        wire[start..MAX_HEADER_BYTES].copy_from_slice(&header);
        wire.shrink_to_fit();
        Self {
            wire: Bytes::from(wire).slice(start..),
            header_bytes: header.len(),
            position: None,
        }
    }

    /// The same message as one after which its reader stands at `seq`.
    #[must_use]
    pub const fn ending_at(mut self, seq: u64) -> Self {
        self.position = Some(seq);
        self
    }

    /// Where its reader stands after it; `None` when it moves nobody on.
    #[must_use]
    pub const fn position(&self) -> Option<u64> {
        self.position
    }

    /// As it goes over a WebSocket, header first.
    #[must_use]
    pub const fn websocket(&self) -> &Bytes {
        &self.wire
    }

    /// The JSON.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.wire[self.header_bytes..]
    }
}

impl Deref for Frame {
    type Target = str;

    fn deref(&self) -> &str {
        // Made of text in both constructors.
        std::str::from_utf8(self.json()).unwrap_or_default()
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

fn header(payload_bytes: usize) -> Vec<u8> {
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short), _) if short < 126 => vec![WHOLE_TEXT, short],
        (_, Ok(medium)) => [&[WHOLE_TEXT, 126], &medium.to_be_bytes()[..]].concat(),
        _ => {
            let long = u64::try_from(payload_bytes).unwrap_or(u64::MAX);
            [&[WHOLE_TEXT, 127], &long.to_be_bytes()[..]].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn the_header_says_how_long_the_text_is() {
        for (length, header) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let text = "x".repeat(length);
            let frame = Frame::of_json(&text);
            assert_eq!(frame.websocket()[..header.len()], header);
            assert_eq!(frame.websocket().len(), header.len() + length);
            assert_eq!(&*frame, text);
        }
    }

    #[test]
    fn a_message_is_written_once_and_shared() {
        let frame = Frame::of(&[1, 2]).unwrap();
        assert_eq!(&*frame, "[1,2]");
        let shared = frame.clone();
        assert_eq!(shared.json().as_ptr(), frame.json().as_ptr());
    }
}
