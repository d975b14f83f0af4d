//! A request for the project's own servers on loopback: enough to ask whether they live.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_MAX_BYTES: u64 = 1 << 20;

/// Sends a GET request and returns the status code of the answer.
///
/// # Errors
/// When nobody listens, the answer takes more than 5 s, or it is not HTTP.
pub fn status(address: SocketAddr, path: &str) -> Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_MAX_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    status_of(&text).with_context(|| format!("{address}{path}: not an HTTP answer"))
}

fn status_of(text: &str) -> Option<u16> {
    let line = text.lines().next()?;
    line.strip_prefix("HTTP/1.")?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::status_of;

    #[test]
    fn the_status_is_read_from_the_first_line_only() {
        assert_eq!(
            status_of("HTTP/1.1 503 Service Unavailable\r\n\r\nHTTP/1.1 200 OK"),
            Some(503)
        );
        assert_eq!(status_of("SSH-2.0-OpenSSH"), None);
        assert_eq!(status_of(""), None);
    }
}
