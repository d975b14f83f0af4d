//! Reads from a message only what is counted. Whole messages are parsed elsewhere, by the clients that people use.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What a message is, as far as the crowd cares.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    /// A frame over `(from, to]`.
    Frame { from: u64, to: u64 },
    /// The hello was taken; the head is at `to`.
    Welcome { to: u64 },
    /// A ping with its number.
    Ping { n: u64 },
    /// The state cannot be continued; the head is there now.
    Reset { epoch: String, to: u64 },
    /// The server goes away; come back after so many milliseconds at least, and at most.
    Bye { after: [u64; 2] },
    /// Anything else.
    Other,
}

/// How a frame begins: its tag and the start of its range, as the gateway writes them.
const FRAME: &[u8] = b"{\"t\":\"d\",\"f\":";
/// The end of the range follows at once.
const FRAME_TO: &[u8] = b",\"s\":";
/// The key of the check whose value is a stamp: when the change was due.
static STAMPED: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"check/crowd.lane-0\""));
/// What stands before the stamp.
static VALUE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"value\":{\"value\":"));
/// What stands in a frame that tells of an incident.
static INCIDENT: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"incident/"));

/// What the message says.
pub fn read(text: &[u8]) -> Message {
    // Nearly all are frames, twenty thousand a second.
    if let Some(frame) = frame(text) {
        return frame;
    }
    let number = |key: &[u8]| number_after(text, key).unwrap_or(0);
    match word_after(text, b"\"t\":\"") {
        Some(b"d") => Message::Frame {
            from: number(b"\"f\":"),
            to: number(b"\"s\":"),
        },
        Some(b"welcome") => Message::Welcome {
            to: number(b"\"s\":"),
        },
        Some(b"ping") => Message::Ping {
            n: number(b"\"n\":"),
        },
        Some(b"reset") => Message::Reset {
            epoch: word_after(text, b"\"e\":\"")
                .map(|it| String::from_utf8_lossy(it).into_owned())
                .unwrap_or_default(),
            to: number(b"\"s\":"),
        },
        Some(b"bye") => {
            let least = number(b"\"after\":[");
            let after_least = format!("\"after\":[{least},");
            Message::Bye {
                after: [least, number(after_least.as_bytes())],
            }
        }
        _ => Message::Other,
    }
}

/// A frame's range; `None` when it is another message, or written in another order.
fn frame(text: &[u8]) -> Option<Message> {
    let rest = text.strip_prefix(FRAME)?;
    let from = leading_number(rest)?;
    let digits = rest.iter().take_while(|it| it.is_ascii_digit()).count();
    let to = leading_number(rest[digits..].strip_prefix(FRAME_TO)?)?;
    Some(Message::Frame { from, to })
}

/// The stamp of the change, if it is one that the crowd measures.
pub fn stamp(text: &[u8]) -> Option<u64> {
    let rest = &text[STAMPED.find(text)?..];
    leading_number(&rest[VALUE.find(rest)? + VALUE.needle().len()..])
}

/// Whether the message tells of an incident.
pub fn tells_of_incident(text: &[u8]) -> bool {
    INCIDENT.find(text).is_some()
}

/// The number behind the first `key`.
pub fn number_after(text: &[u8], key: &[u8]) -> Option<u64> {
    leading_number(&text[find(text, key)? + key.len()..])
}

/// What stands between the first `key` and the next quotation mark.
pub fn word_after<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = &text[find(text, key)? + key.len()..];
    let end = rest.iter().position(|it| *it == b'"')?;
    Some(&rest[..end])
}

fn leading_number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|it| it.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

fn find(text: &[u8], key: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_is_told_by_its_tag() {
        for (text, message) in [
            (
                r#"{"t":"d","f":7,"s":9,"ops":[]}"#,
                Message::Frame { from: 7, to: 9 },
            ),
            (
                r#"{"s":9,"f":7,"ops":[],"t":"d"}"#,
                Message::Frame { from: 7, to: 9 },
            ),
            (
                r#"{"t":"welcome","e":"E","s":5,"replayed":1}"#,
                Message::Welcome { to: 5 },
            ),
            (r#"{"t":"ping","n":3,"s":5}"#, Message::Ping { n: 3 }),
            (
                r#"{"t":"reset","why":"epoch","e":"F","s":5}"#,
                Message::Reset {
                    epoch: "F".to_owned(),
                    to: 5,
                },
            ),
            (
                r#"{"t":"bye","why":"shutdown","after":[1000,20000]}"#,
                Message::Bye {
                    after: [1_000, 20_000],
                },
            ),
            (r#"{"t":"news"}"#, Message::Other),
            ("", Message::Other),
        ] {
            assert_eq!(read(text.as_bytes()), message, "{text}");
        }
    }

    #[test]
    fn the_stamp_is_the_value_of_the_first_lane_and_of_no_other() {
        let first =
            br#"{"k":"check/crowd.lane-0","v":2,"p":{"value":{"value":345.0,"unit":"count"}}}"#;
        let other =
            br#"{"k":"check/crowd.lane-1","v":1,"p":{"value":{"value":12.0,"unit":"count"}}}"#;
        let both = [&other[..], b",", first].concat();
        assert_eq!((stamp(&both), stamp(other)), (Some(345), None));
        assert!(!tells_of_incident(&both));
        assert!(tells_of_incident(br#"{"k":"incident/7"}"#));
    }
}
