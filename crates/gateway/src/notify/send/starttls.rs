//! A connection to a mail server up to where TLS begins (RFC 3207). It is done here and not by the library because what is
//! said before counts for nothing: the library would go on with answers that somebody on the way put in before TLS, and
//! take them for the server's. Everything that is told of the mail, and of who sends it, comes after.

use std::io;

use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::notify::outcome::TryError;
use crate::sources::wording::clean;

/// The longest line of an answer, in bytes. The standard allows 512; some servers say more.
const MAX_LINE_BYTES: u64 = 4_096;
/// The most lines of an answer.
const MAX_LINES: usize = 100;

/// What a server answers: a number, and lines of text.
struct Answer {
    code: u16,
    lines: Vec<String>,
}

/// Asks the server to begin TLS; the connection is then where the handshake starts.
pub(super) async fn begin(stream: TcpStream, hello: &ClientId) -> Result<TcpStream, TryError> {
    let mut plain = BufReader::new(stream);
    expect(answer(&mut plain).await, 220, "it greets with")?;
    let offers = say(&mut plain, &format!("EHLO {hello}\r\n")).await;
    let offers = expect(offers, 250, "it answers EHLO with")?;
    let offered = |line: &String| line.eq_ignore_ascii_case("STARTTLS");
    if !offers.lines.iter().skip(1).any(offered) {
        return Err(passing(
            "the server does not offer STARTTLS, or somebody on the way took the offer out",
        ));
    }
    let begins = say(&mut plain, "STARTTLS\r\n").await;
    expect(begins, 220, "it answers STARTTLS with")?;
    if !plain.buffer().is_empty() {
        return Err(passing(
            "more was said before TLS began than belongs there, by the server or by somebody on the way",
        ));
    }
    Ok(plain.into_inner())
}

/// That the connection was not made private, and why.
pub(super) fn not_private(why: &str) -> String {
    format!("the connection cannot be made private: {why}")
}

fn passing(why: &str) -> TryError {
    TryError::passing(not_private(why))
}

/// The answer with the right number. A server's 5xx is its last word.
fn expect(answer: io::Result<Answer>, code: u16, what: &str) -> Result<Answer, TryError> {
    let answer = answer.map_err(|error| passing(&clean(&error.to_string())))?;
    if answer.code == code {
        return Ok(answer);
    }
    let said = clean(&answer.lines.join(" "));
    let why = not_private(&format!("{what} {} {said}", answer.code));
    Err(match answer.code {
        500..=599 => TryError::lasting(why),
        _ => TryError::passing(why),
    })
}

async fn say(plain: &mut BufReader<TcpStream>, words: &str) -> io::Result<Answer> {
    plain.write_all(words.as_bytes()).await?;
    plain.flush().await?;
    answer(plain).await
}

async fn answer(plain: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let mut lines = Vec::new();
    while lines.len() < MAX_LINES {
        let mut line = Vec::new();
        let mut bounded = (&mut *plain).take(MAX_LINE_BYTES);
        bounded.read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Err(io::Error::other("the server hung up"));
        }
        let (code, goes_on, text) =
            part(&line).ok_or_else(|| io::Error::other("the server does not speak SMTP"))?;
        lines.push(text);
        if !goes_on {
            return Ok(Answer { code, lines });
        }
    }
    Err(io::Error::other("the server's answer does not end"))
}

/// The number of a line, whether another one follows, and its text; `None` for what is no line of an answer.
fn part(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = String::from_utf8_lossy(line.strip_suffix(b"\n")?).into_owned();
    let line = line.trim_end_matches('\r');
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.parse().ok().filter(|it| (200..600).contains(it))?;
    match rest.chars().next() {
        None => Some((code, false, String::new())),
        Some(joint @ (' ' | '-')) => Some((code, joint == '-', rest[1..].to_owned())),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_line_is_a_number_a_joint_and_words() {
        let told = |code, goes_on, text: &str| Some((code, goes_on, text.to_owned()));
        for (line, expected) in [
            (
                "220 mail.example ESMTP\r\n",
                told(220, false, "mail.example ESMTP"),
            ),
            ("250-STARTTLS\r\n", told(250, true, "STARTTLS")),
            ("250\n", told(250, false, "")),
            ("454 \r\n", told(454, false, "")),
            ("220 without an end", None),
            ("HTTP/1.1 400 Bad Request\r\n", None),
            ("2200 x\r\n", None),
            ("099 x\r\n", None),
            ("+20 x\r\n", None),
            ("ää\r\n", None),
            ("\r\n", None),
        ] {
            assert_eq!(part(line.as_bytes()), expected, "{line:?}");
        }
    }
}
