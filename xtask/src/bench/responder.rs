//! Something for checks to ask: answers every HTTP request with a small healthy JSON body.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::Result;

const BODY: &str = r#"{"status":"healthy","services":{"database":"up"},"latency_ms":12}"#;
const STACK_BYTES: usize = 128 * 1024;

/// A responder on a free port of loopback; it ends with the process.
pub struct Responder {
    /// Where it listens.
    pub address: SocketAddr,
    answered: Arc<AtomicU64>,
}

impl Responder {
    /// Begins to answer, with one thread a connection.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let answered = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&answered);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counter = Arc::clone(&counter);
                let serving = thread::Builder::new().stack_size(STACK_BYTES);
                // A refused thread closes the connection, which the asking side reports as a failure.
                let _ = serving.spawn(move || serve(&stream, &counter));
            }
        });
        Ok(Self { address, answered })
    }

    /// How many requests were answered so far.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }
}

/// Answers on one connection until the other side closes it.
fn serve(stream: &TcpStream, answered: &AtomicU64) {
    let mut lines = BufReader::new(stream).lines();
    let mut is_head = false;
    while let Some(Ok(line)) = lines.next() {
        is_head |= line.starts_with("HEAD ");
        if !line.is_empty() {
            continue;
        }
        let body = if is_head { "" } else { BODY };
        // In one piece: several small writes would be several packets.
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            BODY.len()
        );
        let mut writer = stream;
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
        answered.fetch_add(1, Ordering::Relaxed);
        is_head = false;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_answered_and_counted() {
        let responder = Responder::start().unwrap();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(responder.address).unwrap();
            write!(stream, "GET /a HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        }
        // The count is raised after the answer is written, so it may trail what was read above.
        let waiting_since = std::time::Instant::now();
        while responder.answered() < 2 && waiting_since.elapsed().as_secs() < 10 {
            thread::yield_now();
        }
        assert_eq!(responder.answered(), 2);
    }
}
