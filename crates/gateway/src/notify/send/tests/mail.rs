//! Mail to a server on this machine, whose connection stays plain.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;

/// A mail server for one mail; answers `RCPT` as told, and keeps what it was told.
async fn smtp(rcpt: &'static str) -> (SocketAddr, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream
            .write_all(b"220 mail.example ESMTP\r\n")
            .await
            .unwrap();
        let mut came = Vec::new();
        let mut is_data = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return came;
            }
            let line = line.trim_end().to_owned();
            came.push(line.clone());
            let answer = match line.split(' ').next().unwrap_or_default() {
                "." if is_data => {
                    is_data = false;
                    "250 2.0.0 queued"
                }
                _ if is_data => continue,
                "EHLO" => "250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
                "AUTH" => "235 2.7.0 welcome",
                "RCPT" => rcpt,
                "DATA" => {
                    is_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            stream
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .unwrap();
        }
    });
    (address, serving)
}

fn mail(server: SocketAddr, more: &str) -> Channel {
    channel(&format!(
        "kind = \"email\"\nserver = \"{server}\"\ntls = \"none\"\nfrom = \"Watchfloor <floor@example.com>\"\nto = [\"oncall@example.com\"]\nto_contact = true\n{more}"
    ))
}

#[tokio::test]
async fn a_mail_reaches_the_channel_and_the_steps_contact() {
    let (server, serving) = smtp("250 ok").await;
    let channel = mail(server, "username = \"floor\"\npassword_env = \"PASSWORD\"");
    assert_eq!(send(&channel).await, Ok(()));
    let came = serving.await.unwrap();
    let has = |text: &str| assert!(came.iter().any(|it| it == text), "{text}: {came:#?}");
    has("MAIL FROM:<floor@example.com>");
    has("RCPT TO:<oncall@example.com>");
    has("RCPT TO:<lead@example.com>");
    has("From: Watchfloor <floor@example.com>");
    has("Message-ID: <n1@example.com>");
    has("References: <inc-7@example.com>");
    has("Auto-Submitted: auto-generated");
    assert!(came.iter().any(|it| it.starts_with("AUTH ")));
    let target = channel.target();
    assert_eq!(
        target,
        "oncall@example.com, the step's contact by 127.0.0.1"
    );
}

#[tokio::test]
async fn a_mail_servers_last_word_ends_it_and_others_do_not() {
    for (rcpt, may_pass) in [
        ("550 5.1.1 no such mailbox", false),
        ("451 4.7.1 come back later", true),
    ] {
        let (server, _) = smtp(rcpt).await;
        let error = send(&mail(server, "")).await.unwrap_err();
        assert_eq!(error.may_pass, may_pass, "{error:?}");
        assert!(error.why.starts_with("it was not taken: "), "{error:?}");
    }
}

#[tokio::test]
async fn a_mail_server_that_hangs_is_left_after_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = send(&mail(listener.local_addr().unwrap(), ""))
        .await
        .unwrap_err();
    assert_eq!(error.why, "no answer within 1 s");
}
