//! Requests of products and people: one connection each, as a proxy-less client after a restart would.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Asks, and reads until the other side closes.
pub async fn ask(
    gateway: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer> {
    let mut stream = TcpStream::connect(gateway).await?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {gateway}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let end = end_of_head(&bytes).context("no HTTP answer")?;
    Ok(Answer {
        status: status(&bytes).context("no HTTP status")?,
        body: bytes.split_off(end),
    })
}

/// Where the body begins; `None` while the head is not whole.
pub fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// The status of an answer.
pub fn status(bytes: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(bytes.get(9..12)?).ok()?;
    line.parse().ok()
}

/// The seconds of `Retry-After`.
pub fn retry_after_s(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = text.split_once("retry-after: ")?;
    rest.split("\r\n").next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_answer_that_matter_are_found() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n\r\nbody";
        assert_eq!(status(bytes), Some(503));
        assert_eq!(retry_after_s(bytes), Some(7));
        assert_eq!(
            end_of_head(bytes).map(|at| &bytes[at..]),
            Some(&b"body"[..])
        );
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\n"), None);
    }
}
