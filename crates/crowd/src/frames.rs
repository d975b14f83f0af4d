//! The WebSocket as far as a client of the feed needs it: frames of the server are not masked and whole.

use std::io::{Error, ErrorKind, Result};

/// A frame of the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A message.
    Text(&'a [u8]),
    /// The server closes, with this code (0: none was given).
    Close(u16),
    /// Something of the transport, of no interest here.
    Other,
}

/// The first frame of `bytes` and how long it is; `None` while it is not whole.
pub fn split(bytes: &[u8]) -> Result<Option<(Incoming<'_>, usize)>> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let (payload_bytes, header_bytes) = match second & 0x7f {
        126 if rest.len() >= 2 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), 4),
        127 if rest.len() >= 8 => {
            let length = rest[..8]
                .iter()
                .fold(0_u64, |sum, it| sum << 8 | u64::from(*it));
            (usize::try_from(length).map_err(Error::other)?, 10)
        }
        126 | 127 => return Ok(None),
        short => (usize::from(short), 2),
    };
    if second & 0x80 != 0 || first & 0x80 == 0 {
        return Err(Error::new(
            ErrorKind::InvalidData,
            "not a whole frame of a server",
        ));
    }
    let end = header_bytes + payload_bytes;
    let Some(payload) = bytes.get(header_bytes..end) else {
        return Ok(None);
    };
    let frame = match first & 0x0f {
        1 => Incoming::Text(payload),
        8 => Incoming::Close(match payload {
            [high, low, ..] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        }),
        _ => Incoming::Other,
    };
    Ok(Some((frame, end)))
}

/// A message of at most 65,535 bytes as a frame of a client. The mask is zero: it protects proxies from scripts,
/// and here are neither.
pub fn text(message: &str) -> Vec<u8> {
    let length = message.len();
    let mut frame = vec![0x81];
    match u8::try_from(length) {
        Ok(short) if short < 126 => frame.push(0x80 | short),
        _ => {
            frame.push(0x80 | 126);
            let length = u16::try_from(length).unwrap_or(u16::MAX);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(message.as_bytes());
    frame
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::{Incoming, split, text};

    #[test]
    fn frames_of_each_length_are_split_where_they_end() {
        for length in [0_usize, 1, 125, 126, 65_535, 65_536] {
            let mut bytes = vec![0x81];
            match length {
                0..126 => bytes.push(length as u8),
                126..65_536 => {
                    bytes.push(126);
                    bytes.extend_from_slice(&(length as u16).to_be_bytes());
                }
                _ => {
                    bytes.push(127);
                    bytes.extend_from_slice(&(length as u64).to_be_bytes());
                }
            }
            let header = bytes.len();
            bytes.resize(header + length, b'x');
            for cut in 0..bytes.len().min(12) {
                assert_eq!(split(&bytes[..cut]).unwrap(), None, "{length} {cut}");
            }
            bytes.push(0x81);
            let (frame, end) = split(&bytes).unwrap().unwrap();
            assert_eq!(end, header + length);
            assert_eq!(frame, Incoming::Text(&bytes[header..end]));
        }
    }

    #[test]
    fn a_close_gives_its_code_and_a_masked_frame_is_refused() {
        let close = split(&[0x88, 2, 0x0f, 0xa0]).unwrap();
        assert_eq!(close, Some((Incoming::Close(4000), 4)));
        assert!(split(&text("x")).is_err());
    }
}
