//! Requests, one connection each. An answer that was cut off is no answer.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const ANSWER_MAX: Duration = Duration::from_secs(15);

/// Asks; the status and the whole body.
///
/// # Errors
/// When nobody listens, or the answer does not come or not whole.
pub async fn ask(
    gateway: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Result<(u16, String)> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {gateway}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let asking = async {
        let mut stream = TcpStream::connect(gateway).await?;
        stream.write_all(head.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = timeout(ANSWER_MAX, asking).await??;
    let text = String::from_utf8(bytes)?;
    let (head, body) = text.split_once("\r\n\r\n").context("no HTTP answer")?;
    let status = head.get(9..12).context("no status")?.parse()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if let Some((_, length)) = length {
        ensure!(
            body.len() == length.parse::<usize>()?,
            "the answer was cut off"
        );
    }
    Ok((status, body.to_owned()))
}
