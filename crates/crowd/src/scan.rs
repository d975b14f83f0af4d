//! Reads from a message only what is counted. Whole messages are parsed elsewhere, by the clients that people use.

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

/// What stands before the stamp in the version of a deploy that the crowd sent.
pub const STAMP: &[u8] = b"\"version\":\"crowd-";
/// What stands in a frame that tells of an incident.
const INCIDENT: &[u8] = b"\"incident/";

/// What the message says.
pub fn read(text: &[u8]) -> Message {
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

/// The stamps of all deploys of the crowd in the message.
pub fn stamps(mut text: &[u8]) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        let at = find(text, STAMP)? + STAMP.len();
        text = &text[at..];
        Some(leading_number(text).unwrap_or(0))
    })
}

/// Whether the message tells of an incident.
pub fn tells_of_incident(text: &[u8]) -> bool {
    find(text, INCIDENT).is_some()
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
    fn every_stamp_of_a_frame_is_found() {
        let text =
            br#"{"p":{"version":"crowd-12"}},{"p":{"version":"crowd-345"}},{"p":{"version":"v1"}}"#;
        assert_eq!(stamps(text).collect::<Vec<_>>(), [12, 345]);
        assert!(!tells_of_incident(text));
        assert!(tells_of_incident(br#"{"k":"incident/7"}"#));
    }
}
