//! Mail over connections that must be private: TLS from the first byte, and STARTTLS, to servers that are what they say
//! and to whoever stands in their way.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::private_server::{Authority, Way, authority, server};
use super::*;

/// A channel to a mail server that trusts these authorities, or whom the machine trusts. It signs in.
fn private(host: &str, port: u16, way: Way, authorities: &[&Authority]) -> Channel {
    let tls = if matches!(way, Way::Tls) {
        "tls"
    } else {
        "starttls"
    };
    let mut config: ChannelConfig = toml::from_str(&format!(
        "id = \"x\"\nname = \"X\"\ntimeout = \"2s\"\nkind = \"email\"\nserver = \"{host}:{port}\"\ntls = \"{tls}\"\n\
         from = \"floor@example.com\"\nto = [\"oncall@example.com\"]\nusername = \"floor\"\npassword_env = \"PASSWORD\""
    ))
    .unwrap();
    if !authorities.is_empty() {
        config.ca_file = Some("ca.pem".to_owned());
        config.authorities = authorities
            .iter()
            .map(|it| it.certificate.clone())
            .collect();
    }
    let environment = |name: &str| (name == "PASSWORD").then(|| "secret".to_owned());
    Channel::new(&config, None, &environment)
}

/// Everything that the server was told.
async fn all(mut told: mpsc::UnboundedReceiver<String>) -> Vec<String> {
    let mut all = Vec::new();
    let wait = Duration::from_secs(10);
    while let Some(line) = tokio::time::timeout(wait, told.recv()).await.unwrap() {
        all.push(line);
    }
    all
}

/// Nobody was told who writes, what, to whom, or with which password.
fn expect_secrecy(told: &[String]) {
    for line in told {
        let is_harmless = ["EHLO ", "STARTTLS", "QUIT"]
            .iter()
            .any(|it| line.starts_with(it));
        assert!(is_harmless, "{told:#?}");
    }
}

const GOOD_YEAR: i32 = 2_099;

#[tokio::test]
async fn a_mail_arrives_over_tls_and_over_starttls_and_all_of_it_is_private() {
    let authority = authority("Ours");
    for (way, before_tls) in [(Way::Tls, 0), (Way::Starttls, 2)] {
        for host in ["127.0.0.1", "localhost"] {
            let (address, told) = server(way, authority.acceptor(host, GOOD_YEAR)).await;
            let channel = private(host, address.port(), way, &[&authority]);
            assert_eq!(send(&channel).await, Ok(()), "{host}");
            let told = all(told).await;
            let begins = told.iter().position(|it| it == "TLS");
            assert_eq!(begins, Some(before_tls), "{told:#?}");
            expect_secrecy(&told[..before_tls]);
            let private = &told[before_tls + 1..];
            assert!(
                private[0].starts_with("EHLO ") && private[1].starts_with("AUTH PLAIN "),
                "{told:#?}"
            );
            assert!(
                private.contains(&"RCPT TO:<oncall@example.com>".to_owned()),
                "{told:#?}"
            );
            assert!(private.contains(&".".to_owned()), "{told:#?}");
        }
    }
}

/// A certificate that should not be trusted, and what is said of it.
struct Untrusted {
    host: &'static str,
    last_year: i32,
    is_named: bool,
    said: &'static str,
}

#[tokio::test]
async fn a_server_whose_certificate_does_not_fit_is_told_nothing() {
    let (own, other) = (authority("Ours"), authority("Another"));
    for it in [
        Untrusted {
            host: "elsewhere.example",
            last_year: GOOD_YEAR,
            is_named: true,
            said: "not valid for name",
        },
        Untrusted {
            host: "127.0.0.1",
            last_year: 2_021,
            is_named: true,
            said: "expired",
        },
        Untrusted {
            host: "127.0.0.1",
            last_year: GOOD_YEAR,
            is_named: false,
            said: "UnknownIssuer",
        },
    ] {
        for way in [Way::Tls, Way::Starttls] {
            let trusted = if it.is_named { &own } else { &other };
            let (address, told) = server(way, own.acceptor(it.host, it.last_year)).await;
            let error = send(&private("127.0.0.1", address.port(), way, &[trusted]))
                .await
                .unwrap_err();
            let begin = "the connection cannot be made private: TLS failed: ";
            assert!(
                error.why.starts_with(begin) && error.why.contains(it.said),
                "{error:?}"
            );
            // A certificate is renewed, and whoever stands in the way goes: it is tried again.
            assert!(error.may_pass, "{error:?}");
            expect_secrecy(&all(told).await);
        }
    }
}

#[tokio::test]
async fn without_authorities_of_its_own_a_channel_trusts_whom_the_machine_trusts() {
    let authority = authority("Ours");
    for way in [Way::Tls, Way::Starttls] {
        let (address, told) = server(way, authority.acceptor("127.0.0.1", GOOD_YEAR)).await;
        let error = send(&private("127.0.0.1", address.port(), way, &[]))
            .await
            .unwrap_err();
        assert!(error.why.contains("TLS failed: "), "{error:?}");
        expect_secrecy(&all(told).await);
    }
}

#[tokio::test]
async fn starttls_that_was_taken_out_or_refused_is_told_and_nothing_is_sent_in_plain() {
    let authority = authority("Ours");
    for (way, may_pass, why) in [
        (
            Way::Stripped,
            true,
            "the server does not offer STARTTLS, or somebody on the way took the offer out",
        ),
        (
            Way::Answered("454 4.7.0 TLS not available"),
            true,
            "it answers STARTTLS with 454 4.7.0 TLS not available",
        ),
        (
            Way::Answered("502 5.5.1 what?"),
            false,
            "it answers STARTTLS with 502 5.5.1 what?",
        ),
    ] {
        let (address, told) = server(way, authority.acceptor("127.0.0.1", GOOD_YEAR)).await;
        let error = send(&private("127.0.0.1", address.port(), way, &[&authority]))
            .await
            .unwrap_err();
        let expected = TryError {
            why: starttls::not_private(why),
            may_pass,
            retry_after_ms: None,
        };
        assert_eq!(error, expected);
        expect_secrecy(&all(told).await);
    }
}

#[tokio::test]
async fn answers_that_were_put_in_before_tls_are_not_taken_for_the_servers() {
    let authority = authority("Ours");
    let put_in = "220 go on\r\n250-mail.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 queued";
    let way = Way::Answered(put_in);
    let (address, told) = server(way, authority.acceptor("127.0.0.1", GOOD_YEAR)).await;
    let error = send(&private("127.0.0.1", address.port(), way, &[&authority]))
        .await
        .unwrap_err();
    assert!(
        error
            .why
            .contains("more was said before TLS began than belongs there"),
        "{error:?}"
    );
    expect_secrecy(&all(told).await);
}

#[tokio::test]
async fn a_server_that_does_not_speak_smtp_or_says_nothing_is_left() {
    for (says, why) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            "the connection cannot be made private: the server does not speak SMTP",
        ),
        (
            &b"554 5.3.2 no\r\n"[..],
            "the connection cannot be made private: it greets with 554 5.3.2 no",
        ),
        (&b""[..], "no answer within 2 s"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(says).await.unwrap();
            std::future::pending::<()>().await;
        });
        let error = send(&private("127.0.0.1", port, Way::Starttls, &[]))
            .await
            .unwrap_err();
        assert_eq!(error.why, why);
        serving.abort();
    }
}
