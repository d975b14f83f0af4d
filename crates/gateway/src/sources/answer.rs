//! What a probe was answered, before anybody judges it.

use std::fmt;

use watchfloor_wire::time::UnixMs;

use super::wording::{clean, span};

/// The end of one round of a probe.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How long it took, in milliseconds, from the start to the end of what was read.
    pub latency_ms: f64,
    /// What was said, or why nothing was.
    pub said: Result<Said, Failure>,
}

/// What was said.
#[derive(Clone, Debug)]
pub enum Said {
    /// An answer over HTTP.
    Http(HttpAnswer),
    /// `tcp`: somebody accepted the connection.
    Connected,
    /// `tls`: a certificate was shown.
    Certificate {
        /// When it ends.
        ends_at: UnixMs,
    },
    /// `websocket`: the server's part of the handshake, and what came after it.
    Socket(SocketAnswer),
}

/// An answer over HTTP.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`; `None` when it has none.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`, which nobody asked for; `None` when it has none.
    pub content_encoding: Option<String>,
    /// Its `Location`; `None` when it has none.
    pub location: Option<String>,
    /// Its body.
    pub body: Body,
}

/// As much of a body as was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nobody wanted it.
    NotRead,
    /// All of it.
    Whole(Vec<u8>),
    /// It is larger than what is read.
    TooLarge {
        /// How much is read at most.
        limit_bytes: usize,
    },
    /// The connection ended in the middle of it.
    BrokenOff {
        /// How much had come.
        after_bytes: usize,
    },
}

/// What a WebSocket server did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketAnswer {
    /// It opened the connection, and the echo came back if one was awaited.
    Opened,
    /// It answered the handshake with another status than 101.
    Refused {
        /// That status.
        status: u16,
    },
    /// It opened the connection, and then closed it or sent other things than the echo.
    NoEcho,
}

/// Why nothing was said. Its text is a reason for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It took too long.
    TimedOut {
        /// How long was waited, in milliseconds.
        after_ms: i64,
    },
    /// Nobody listens there.
    Refused,
    /// The name leads nowhere.
    Unresolved {
        /// The name.
        name: String,
    },
    /// The gateway's own rules forbid it.
    Denied {
        /// Which rule.
        why: String,
    },
    /// The connection ended before an answer.
    Closed,
    /// TLS could not be agreed upon, or the certificate is not trusted.
    Tls {
        /// What is wrong.
        why: String,
    },
    /// The answer does not keep to its protocol.
    Protocol {
        /// What is wrong.
        why: String,
    },
    /// Anything else that the system says.
    Other {
        /// What it says.
        why: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { after_ms } => write!(f, "no answer within {}", span(*after_ms)),
            Self::Refused => f.write_str("connection refused"),
            Self::Unresolved { name } => write!(f, "the name {} does not resolve", clean(name)),
            Self::Denied { why } => write!(f, "it may not be probed: {why}"),
            Self::Closed => f.write_str("the connection was closed before an answer came"),
            Self::Tls { why } => write!(f, "TLS failed: {}", clean(why)),
            Self::Protocol { why } => write!(f, "the answer breaks its protocol: {}", clean(why)),
            Self::Other { why } => write!(f, "no connection: {}", clean(why)),
        }
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Other {
                why: error.to_string(),
            },
        }
    }
}
