//! Finds out whether a connection begins with a request for a WebSocket. Pure.
//!
//! Only the first request of a connection is looked at: browsers open a connection of its own for each WebSocket.

/// A head that is longer, in bytes, is taken for something else.
const HEAD_MAX_BYTES: usize = 8 * 1024;

/// What is known so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The head has not ended.
    Unknown,
    /// The first request asks for a WebSocket.
    WebSocket,
    /// It does not, or this is not HTTP.
    Other,
}

/// Reads the beginning of what a client sends.
#[derive(Debug, Default)]
pub struct FirstRequest {
    head: Vec<u8>,
    verdict: Option<Verdict>,
}

impl FirstRequest {
    /// Takes what came next.
    pub fn push(&mut self, bytes: &[u8]) -> Verdict {
        if let Some(verdict) = self.verdict {
            return verdict;
        }
        let room = HEAD_MAX_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let verdict = judge(&self.head);
        if verdict != Verdict::Unknown {
            self.verdict = Some(verdict);
            self.head = Vec::new();
        }
        verdict
    }

    /// What is known so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or(Verdict::Unknown)
    }
}

fn judge(head: &[u8]) -> Verdict {
    // A WebSocket is asked for with GET alone, so anything else need not be waited for.
    let method = b"GET ";
    let begun = head.len().min(method.len());
    if head[..begun] != method[..begun] {
        return Verdict::Other;
    }
    match head.windows(4).position(|it| it == b"\r\n\r\n") {
        Some(end) if asks_for_websocket(&head[..end]) => Verdict::WebSocket,
        Some(_) => Verdict::Other,
        None if head.len() == HEAD_MAX_BYTES => Verdict::Other,
        None => Verdict::Unknown,
    }
}

fn asks_for_websocket(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    text.lines().skip(1).any(|line| {
        line.split_once(':').is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("upgrade") && value.trim().eq_ignore_ascii_case("websocket")
        })
    })
}

/// The answer to a request for a WebSocket that does not go through.
#[must_use]
pub fn refusal(status: u16) -> String {
    format!("HTTP/1.1 {status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOCKET: &[u8] = b"GET /feed HTTP/1.1\r\nHost: a\r\nUPGRADE: WebSocket\r\n\r\n";

    #[test]
    fn a_request_for_a_websocket_is_known_wherever_it_is_cut() {
        for cut in 0..SOCKET.len() {
            let mut first = FirstRequest::default();
            let (one, other) = SOCKET.split_at(cut);
            assert_eq!(first.push(one), Verdict::Unknown, "{cut}");
            assert_eq!(first.push(other), Verdict::WebSocket, "{cut}");
        }
    }

    #[test]
    fn everything_else_is_something_else_as_soon_as_it_can_be_known() {
        for (bytes, verdict) in [
            (&b"P"[..], Verdict::Other),
            (b"GE", Verdict::Unknown),
            (b"GET / HTTP/1.1\r\nHost: a\r\n", Verdict::Unknown),
            (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Verdict::Other),
            (b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", Verdict::Other),
            (b"GET /Upgrade:websocket HTTP/1.1\r\n\r\n", Verdict::Other),
            (b"\x16\x03\x01", Verdict::Other),
        ] {
            assert_eq!(FirstRequest::default().push(bytes), verdict, "{bytes:?}");
        }
    }

    #[test]
    fn a_head_without_an_end_is_given_up_and_not_kept() {
        let mut first = FirstRequest::default();
        let mut endless = b"GET /".to_vec();
        endless.resize(HEAD_MAX_BYTES * 2, b'a');
        assert_eq!(first.push(&endless), Verdict::Other);
        assert!(first.head.is_empty());
        assert_eq!(first.push(SOCKET), Verdict::Other);
    }
}
