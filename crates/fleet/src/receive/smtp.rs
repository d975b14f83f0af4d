//! A mail server that takes everything and keeps it. No TLS and no accounts: it listens on loopback.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{Mood, Received, Receivers};

/// The receiver's name in the list.
const NAME: &str = "email";
/// The longest mail that is kept, in bytes.
const MAX_BYTES: usize = 256 * 1_024;

/// Serves until `stop`.
pub async fn serve(socket: TcpListener, receivers: Receivers, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            came = socket.accept() => {
                let Ok((stream, _)) = came else { continue };
                let talking = talk(stream, receivers.clone());
                tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
                    if let Err(why) = talking.await {
                        tracing::debug!(%why, "a mail client left");
                    }
                }));
            }
        }
    }
}

#[derive(Default)]
struct Mail {
    from: String,
    to: Vec<String>,
    text: String,
}

async fn talk(stream: TcpStream, receivers: Receivers) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if receivers.mood(NAME) == Mood::Hang {
        receivers.let_go(NAME).await;
    }
    stream.write_all(b"220 fleet.example ESMTP\r\n").await?;
    let mut mail = Mail::default();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let words = line.trim_end().to_owned();
        let verb = words
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let answer = match (verb.as_str(), receivers.mood(NAME)) {
            ("QUIT", _) => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            ("MAIL", Mood::Error) => "451 4.3.0 not now",
            ("MAIL", Mood::Busy) => "421 4.7.0 slow down",
            ("MAIL", _) => {
                mail = Mail::default();
                mail.from = address(&words);
                "250 ok"
            }
            ("RCPT", _) => {
                mail.to.push(address(&words));
                "250 ok"
            }
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                mail.text = text(&mut stream).await?;
                keep(&receivers, &mail);
                "250 2.0.0 taken"
            }
            ("EHLO", _) => "250-fleet.example\r\n250 8BITMIME",
            ("HELO" | "RSET" | "NOOP", _) => "250 ok",
            _ => "502 5.5.1 no such command",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// What stands between `<` and `>`.
fn address(words: &str) -> String {
    let inner = words
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}

/// Everything up to the line that is a full stop.
async fn text(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        if text.len() < MAX_BYTES {
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
    }
}

fn keep(receivers: &Receivers, mail: &Mail) {
    let (head, _) = mail.text.split_once("\r\n\r\n").unwrap_or((&mail.text, ""));
    let header = |name: &str| {
        let found = head.lines().find_map(|line| line.strip_prefix(name));
        found.map(|it| it.trim().to_owned())
    };
    let mut problems = Vec::new();
    for name in ["From:", "To:", "Subject:", "Date:", "Message-ID:"] {
        if header(name).is_none() {
            problems.push(format!("{name} is missing"));
        }
    }
    receivers.keep(Received {
        receiver: NAME.to_owned(),
        at: 0,
        id: header("X-Watchfloor-Notification:").unwrap_or_default(),
        problems,
        answered: 250,
        body: json!({
            "from": mail.from,
            "to": mail.to,
            "subject": header("Subject:").map_or(Value::Null, Value::String),
            "text": mail.text,
        }),
    });
}
