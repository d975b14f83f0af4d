//! Frames of a client, read. Pure: bytes in, messages out. It holds nothing between whole messages, and never more
//! than one message of the allowed size.
//!
//! Why not the library that the probes use (ADR 0008): it keeps a buffer for each direction and connection, and the outgoing
//! one stays as large as the largest frame it ever sent. Ten thousand clients that once got 200 KB would keep 2 GB.

use watchfloor_wire::feed::MAX_CLIENT_FRAME_BYTES;

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const CONTROL: u8 = 0x08;
/// The longest frame of the transport's own (RFC 6455, 5.5).
const MAX_CONTROL_BYTES: u64 = 125;

/// What a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message, put together. Whether it is UTF-8 its reader finds out.
    Text(Vec<u8>),
    /// A ping of the transport, with what goes back in the pong.
    Ping(Vec<u8>),
    /// A pong of the transport.
    Pong,
    /// The client closes, with what is sent back: its code, or nothing.
    Close(Vec<u8>),
}

/// No client of ours sends this; why, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// What arrived and is not a whole message yet.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    /// The beginning of a message that comes in several frames.
    begun: Option<Vec<u8>>,
}

struct Header {
    first: u8,
    start: usize,
    payload_bytes: usize,
    mask: [u8; 4],
}

impl Inbox {
    /// Takes what arrived. After it, [`Self::next_message`] is asked until it has nothing more.
    pub fn take(&mut self, fresh: &[u8]) {
        self.bytes.extend_from_slice(fresh);
    }

    /// The next message; `None` when more must arrive first.
    ///
    /// # Errors
    /// [`Malformed`], as soon as it shows; the connection is closed then.
    pub fn next_message(&mut self) -> Result<Option<Message>, Malformed> {
        while let Some((first, payload)) = self.frame()? {
            if let Some(message) = self.message(first, payload)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// The next frame with its payload unmasked.
    fn frame(&mut self) -> Result<Option<(u8, Vec<u8>)>, Malformed> {
        let Some(header) = header(&self.bytes)? else {
            return Ok(None);
        };
        let end = header.start + header.payload_bytes;
        if self.bytes.len() < end {
            return Ok(None);
        }
        let mut payload = self.bytes[header.start..end].to_vec();
        for (byte, mask) in payload.iter_mut().zip(header.mask.iter().cycle()) {
            *byte ^= mask;
        }
        if self.bytes.len() == end {
            // Given back: most of the time a connection waits for its next ping with nothing here.
            self.bytes = Vec::new();
        } else {
            self.bytes.drain(..end);
        }
        Ok(Some((header.first, payload)))
    }

    fn message(&mut self, first: u8, payload: Vec<u8>) -> Result<Option<Message>, Malformed> {
        let is_final = first & FINAL != 0;
        let text = match (first & OPCODE, self.begun.take()) {
            (0x8, _) => {
                let code = payload.get(..2).unwrap_or_default().to_vec();
                return Ok(Some(Message::Close(code)));
            }
            // What has begun goes on behind a frame of the transport.
            (0x9, begun) => {
                self.begun = begun;
                return Ok(Some(Message::Ping(payload)));
            }
            (0xa, begun) => {
                self.begun = begun;
                return Ok(Some(Message::Pong));
            }
            (0x1, None) => payload,
            (0x0, Some(mut begun)) => {
                begun.extend_from_slice(&payload);
                begun
            }
            _ => return Err(Malformed("not a frame of this protocol")),
        };
        if text.len() > MAX_CLIENT_FRAME_BYTES {
            return Err(Malformed("the message is too long"));
        }
        if is_final {
            return Ok(Some(Message::Text(text)));
        }
        self.begun = Some(text);
        Ok(None)
    }
}

/// The header at the beginning; `None` while it is not whole. What it announces is judged before it arrives.
fn header(bytes: &[u8]) -> Result<Option<Header>, Malformed> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let (first, second) = (*first, *second);
    if first & RESERVED != 0 {
        return Err(Malformed("no extension was agreed on"));
    }
    if second & MASKED == 0 {
        return Err(Malformed("a client's frames are masked"));
    }
    let length_bytes = match second & !MASKED {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let Some((length, rest)) = rest.split_at_checked(length_bytes) else {
        return Ok(None);
    };
    let announced = match length_bytes {
        0 => u64::from(second & !MASKED),
        _ => length.iter().fold(0, |sum, it| (sum << 8) | u64::from(*it)),
    };
    let is_control = first & CONTROL != 0;
    if is_control && (first & FINAL == 0 || announced > MAX_CONTROL_BYTES) {
        return Err(Malformed("a frame of the transport is short and whole"));
    }
    let payload_bytes = usize::try_from(announced)
        .ok()
        .filter(|it| *it <= MAX_CLIENT_FRAME_BYTES)
        .ok_or(Malformed("the frame is too long"))?;
    let Some(mask) = rest.first_chunk::<4>() else {
        return Ok(None);
    };
    Ok(Some(Header {
        first,
        start: 2 + length_bytes + mask.len(),
        payload_bytes,
        mask: *mask,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Inbox, MAX_CLIENT_FRAME_BYTES, Malformed, Message};

    /// A masked frame.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..126 => bytes.push(0x80 | short as u8),
            medium @ 126..65_536 => {
                bytes.push(0x80 | 126);
                bytes.extend_from_slice(&(medium as u16).to_be_bytes());
            }
            long => {
                bytes.push(0x80 | 127);
                bytes.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        bytes.extend_from_slice(&mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<Message>, Malformed> {
        let mut inbox = Inbox::default();
        inbox.take(bytes);
        let mut messages = Vec::new();
        while let Some(message) = inbox.next_message()? {
            messages.push(message);
        }
        Ok(messages)
    }

    #[test]
    fn what_no_client_of_ours_sends_is_refused_as_soon_as_it_shows() {
        let long = vec![b'x'; MAX_CLIENT_FRAME_BYTES + 1];
        for (what, bytes) in [
            ("not masked", vec![0x81, 1]),
            ("reserved bits", vec![0xc1, 0x80]),
            ("binary", frame(0x82, b"x")),
            ("an unknown opcode", frame(0x83, b"")),
            ("a continuation of nothing", frame(0x80, b"x")),
            (
                "a text within a text",
                [frame(0x01, b"a"), frame(0x81, b"b")].concat(),
            ),
            ("a ping in parts", frame(0x09, b"")),
            ("a long ping", frame(0x89, &[0; 126])[..4].to_vec()),
            (
                "a long frame, by its header alone",
                frame(0x81, &long)[..4].to_vec(),
            ),
            (
                "a giant frame, by its header alone",
                vec![0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0],
            ),
            (
                "a message that is long in parts",
                [frame(0x01, &long[1..]), frame(0x80, b"xx")].concat(),
            ),
        ] {
            assert!(read(&bytes).is_err(), "{what}");
        }
    }

    #[test]
    fn the_longest_message_is_taken() {
        let longest = vec![b'x'; MAX_CLIENT_FRAME_BYTES];
        let expected = vec![Message::Text(longest.clone())];
        assert_eq!(read(&frame(0x81, &longest)), Ok(expected.clone()));
        let parts = [
            frame(0x01, &longest[..9]),
            frame(0x89, b"p"),
            frame(0x80, &longest[9..]),
        ];
        let with_ping = [vec![Message::Ping(b"p".to_vec())], expected].concat();
        assert_eq!(read(&parts.concat()), Ok(with_ping));
    }

    #[test]
    fn nothing_is_held_between_messages() {
        let mut inbox = Inbox::default();
        inbox.take(&frame(0x81, b"hello"));
        assert!(matches!(inbox.next_message(), Ok(Some(Message::Text(_)))));
        assert_eq!((inbox.bytes.capacity(), inbox.begun.is_none()), (0, true));
    }

    proptest! {
        #[test]
        fn messages_are_the_same_however_the_network_cuts_them(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..6),
            parts in 1_usize..4,
            cut in 1_usize..40,
        ) {
            let mut bytes = Vec::new();
            for text in &texts {
                let chunk = text.len().div_ceil(parts).max(1);
                let mut pieces: Vec<&[u8]> = text.chunks(chunk).collect();
                if pieces.is_empty() {
                    pieces.push(&[]);
                }
                for (index, piece) in pieces.iter().enumerate() {
                    let opcode = u8::from(index == 0);
                    let last = if index + 1 == pieces.len() { 0x80 } else { 0 };
                    bytes.extend(frame(last | opcode, piece));
                }
            }
            bytes.extend(frame(0x88, b"\x03\xe8bye"));
            let mut inbox = Inbox::default();
            let mut messages = Vec::new();
            for piece in bytes.chunks(cut) {
                inbox.take(piece);
                while let Some(message) = inbox.next_message().unwrap() {
                    messages.push(message);
                }
            }
            let mut expected: Vec<Message> = texts.into_iter().map(Message::Text).collect();
            expected.push(Message::Close(vec![3, 0xe8]));
            prop_assert_eq!(messages, expected);
        }

        #[test]
        fn noise_never_makes_it_hold_more_than_a_message(
            noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2_000), 0..20),
        ) {
            let mut inbox = Inbox::default();
            'pieces: for piece in &noise {
                inbox.take(piece);
                loop {
                    match inbox.next_message() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => break 'pieces,
                    }
                }
                prop_assert!(inbox.bytes.len() <= MAX_CLIENT_FRAME_BYTES + 14);
                prop_assert!(inbox.begun.as_ref().is_none_or(|it| it.len() <= MAX_CLIENT_FRAME_BYTES));
            }
        }
    }
}
