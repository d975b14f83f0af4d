//! From the network to JSON text, with a limit at each step.

use std::io::Read as _;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};

use super::events::Form;
use super::refusal::Refusal;

/// Bytes on the wire.
pub const MAX_WIRE_BYTES: usize = 1024 * 1024;
/// Bytes after decompression.
pub const MAX_DECODED_BYTES: usize = 4 * 1024 * 1024;
/// How many times its own size a body may become, once it is larger than [`RATIO_FREE_BYTES`].
pub const MAX_RATIO: usize = 100;
/// Small bodies may compress as well as they like.
pub const RATIO_FREE_BYTES: usize = 64 * 1024;
/// Arrays and objects within each other.
pub const MAX_DEPTH: usize = 16;
/// Events of one request.
pub const MAX_EVENTS: usize = 10_000;
/// Members and elements of all arrays and objects of one request: they take more room in memory than in text.
pub const MAX_MEMBERS: usize = 250_000;

/// How the body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Once through gzip.
    Gzip,
}

/// Reads the encoding from the headers.
///
/// # Errors
/// 415 for anything but gzip, and for more than one.
pub fn encoding(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    let (first, more) = (values.next(), values.next());
    let Some(value) = first else {
        return Ok(Encoding::Identity);
    };
    let word = value.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    match (word.as_str(), more) {
        ("identity" | "", None) => Ok(Encoding::Identity),
        ("gzip" | "x-gzip", None) => Ok(Encoding::Gzip),
        (word, None) => Err(Refusal::unknown_encoding(word)),
        (_, Some(_)) => Err(Refusal::unknown_encoding("several encodings")),
    }
}

/// Reads at most [`MAX_WIRE_BYTES`].
///
/// # Errors
/// 413 for more, 400 when the sender breaks off.
pub async fn receive(body: Body) -> Result<Bytes, Refusal> {
    // One byte over the limit tells "too large" from "broken off".
    let declared = http_body_size(&body);
    if declared.is_some_and(|bytes| bytes > MAX_WIRE_BYTES) {
        return Err(too_many_bytes());
    }
    axum::body::to_bytes(body, MAX_WIRE_BYTES)
        .await
        .map_err(|error| {
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                if inner.to_string().contains("length limit exceeded") {
                    return too_many_bytes();
                }
                source = inner.source();
            }
            Refusal::unreadable("The connection ended before the body did. Send it again.")
        })
}

fn http_body_size(body: &Body) -> Option<usize> {
    use axum::body::HttpBody as _;
    body.size_hint()
        .exact()
        .and_then(|bytes| usize::try_from(bytes).ok())
}

fn too_many_bytes() -> Refusal {
    Refusal::too_large("Send at most 1 MiB at once, compressed or not.")
}

/// Unpacks, and makes text of it: bytes that are no UTF-8 become U+FFFD.
///
/// # Errors
/// 413 when it becomes too large, 400 when it is no gzip.
pub fn unpack(wire: &Bytes, encoding: Encoding) -> Result<String, Refusal> {
    let bytes = match encoding {
        Encoding::Identity => return Ok(String::from_utf8_lossy(wire).into_owned()),
        Encoding::Gzip => inflate(wire)?,
    };
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn inflate(wire: &[u8]) -> Result<Vec<u8>, Refusal> {
    let by_ratio = wire.len().saturating_mul(MAX_RATIO).max(RATIO_FREE_BYTES);
    let limit = by_ratio.min(MAX_DECODED_BYTES);
    let reading = u64::try_from(limit + 1).unwrap_or(u64::MAX);
    let mut decoded = Vec::new();
    flate2::read::MultiGzDecoder::new(wire)
        .take(reading)
        .read_to_end(&mut decoded)
        .map_err(|error| Refusal::unreadable(format!("It is not whole gzip: {error}.")))?;
    if decoded.len() > limit {
        return Err(Refusal::too_large(
            "Unpacked, send at most 4 MiB at once, and at most 100 times the packed size.",
        ));
    }
    Ok(decoded)
}

/// Checks the shape of JSON text before anything is built from it.
///
/// # Errors
/// 413 when it is nested too deeply, or holds too much.
pub fn check_shape(text: &str, form: Form) -> Result<(), Refusal> {
    let mut shape = Shape::default();
    match form {
        Form::Document => {
            shape.scan(text)?;
            at_most(shape.events)
        }
        Form::Lines => {
            let lines = text.lines().filter(|it| !it.trim().is_empty());
            for (before, line) in lines.enumerate() {
                at_most(before + 1)?;
                // What a broken line leaves open does not reach into the next.
                shape.depth = 0;
                shape.scan(line)?;
            }
            Ok(())
        }
    }
}

/// More than one request may hold.
#[must_use]
pub fn too_many_events() -> Refusal {
    Refusal::too_large("Send at most 10,000 events at once.")
}

#[derive(Default)]
struct Shape {
    depth: usize,
    members: usize,
    events: usize,
}

fn at_most(events: usize) -> Result<(), Refusal> {
    if events > MAX_EVENTS {
        return Err(too_many_events());
    }
    Ok(())
}

impl Shape {
    fn scan(&mut self, json: &str) -> Result<(), Refusal> {
        let (mut in_text, mut escaped) = (false, false);
        for byte in json.bytes() {
            if in_text {
                in_text = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
                continue;
            }
            match byte {
                b'"' => in_text = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    // The root's list is at 2, so its events are at 3.
                    self.events += usize::from(self.depth == 3 && byte == b'{');
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b',' => self.members += 1,
                _ => {}
            }
            if self.depth > MAX_DEPTH {
                return Err(Refusal::too_large(
                    "Nest arrays and objects at most 16 deep.",
                ));
            }
            if self.members > MAX_MEMBERS {
                return Err(Refusal::too_large(
                    "Send at most 250,000 fields at once, over all events.",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use axum::body::Body;
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).unwrap();
        Bytes::from(writer.finish().unwrap())
    }

    fn status<T>(outcome: Result<T, Refusal>) -> u16 {
        outcome.map_or_else(|refusal| refusal.problem.status, |_| 200)
    }

    #[test]
    fn a_bomb_is_stopped_at_its_limit() {
        let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
        assert!(bomb.len() < MAX_WIRE_BYTES);
        assert_eq!(status(unpack(&bomb, Encoding::Gzip)), 413);
        // By ratio alone: 1 MiB of spaces is within the limit of bytes.
        let dense = gzip(&vec![b' '; 1024 * 1024]);
        assert_eq!(status(unpack(&dense, Encoding::Gzip)), 413);
        // Small ones may compress as well as they like.
        let small = gzip(&vec![b' '; RATIO_FREE_BYTES]);
        assert_eq!(status(unpack(&small, Encoding::Gzip)), 200);
    }

    #[test]
    fn packed_text_is_unpacked_and_bad_bytes_are_marked() {
        assert_eq!(unpack(&gzip(b"{}"), Encoding::Gzip).unwrap(), "{}");
        let raw = Bytes::from_static(b"a\xffb");
        assert_eq!(unpack(&raw, Encoding::Identity).unwrap(), "a\u{fffd}b");
        assert_eq!(unpack(&gzip(&raw), Encoding::Gzip).unwrap(), "a\u{fffd}b");
        let half = gzip(b"hello hello hello").slice(..20);
        assert_eq!(status(unpack(&half, Encoding::Gzip)), 400);
        assert_eq!(status(unpack(&raw, Encoding::Gzip)), 400);
    }

    #[test]
    fn only_gzip_and_only_once() {
        let cases: [(&[&str], u16); 6] = [
            (&[], 200),
            (&["identity"], 200),
            (&["GZIP"], 200),
            (&["br"], 415),
            (&["gzip, gzip"], 415),
            (&["gzip", "gzip"], 415),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_ENCODING, value.parse().unwrap());
            }
            assert_eq!(status(encoding(&headers)), expected, "{values:?}");
        }
    }

    #[test]
    fn shapes_are_bounded_before_anything_is_built() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let events = |count: usize| format!("{{\"lines\":[{}]}}", vec!["{}"; count].join(","));
        let cases = [
            (nested(16), 200),
            (nested(17), 413),
            (nested(1_000_000), 413),
            (format!("[\"{}\\\"[[\"]", "[".repeat(50)), 200),
            (events(10_000), 200),
            (events(10_001), 413),
            (format!("[{}0]", "0,".repeat(250_001)), 413),
        ];
        for (json, expected) in cases {
            let shown: String = json.chars().take(40).collect();
            let found = status(check_shape(&json, Form::Document));
            assert_eq!(found, expected, "{shown}");
        }
    }

    #[test]
    fn lines_have_the_same_bounds_and_what_one_leaves_open_ends_with_it() {
        let deep = "[".repeat(16);
        let cases = [
            ("{}\n".repeat(10_000), 200),
            ("{}\n\r\n".repeat(10_000), 200),
            ("{}\n".repeat(10_001), 413),
            (format!("{deep}\n{deep}"), 200),
            (format!("{{}}\n{deep}["), 413),
            (format!("{{\"open\n{deep}[\n"), 413),
            (
                format!("[{}0]\n[{}0]", "0,".repeat(125_000), "0,".repeat(125_001)),
                413,
            ),
        ];
        for (text, expected) in cases {
            let shown: String = text.chars().take(40).collect();
            let found = status(check_shape(&text, Form::Lines));
            assert_eq!(found, expected, "{shown}");
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
        let bytes = Bytes::from(vec![b' '; MAX_WIRE_BYTES + 1]);
        assert_eq!(status(receive(Body::from(bytes.clone())).await), 413);
        let parts = [bytes.slice(..1_000), bytes.slice(1_000..)].map(Ok::<_, std::io::Error>);
        let streamed = Body::from_stream(futures_util::stream::iter(parts));
        assert_eq!(status(receive(streamed).await), 413);
        let broken = [Ok(bytes.slice(..9)), Err(std::io::Error::other("gone"))];
        let broken = Body::from_stream(futures_util::stream::iter(broken));
        assert_eq!(status(receive(broken).await), 400);
        assert_eq!(status(receive(Body::from(bytes.slice(1..))).await), 200);
    }
}
