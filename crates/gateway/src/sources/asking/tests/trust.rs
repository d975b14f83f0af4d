//! Certificates, and names that lead where they should not.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;
use watchfloor_wire::time::UnixMs;

use super::super::network::{Found, Lookup, SystemLookup};
use super::{ask, asker_beside, asker_with, listen, serve, write};
use crate::sources::answer::{Body, Failure, Said};
use crate::sources::own_listener::OwnListener;
use crate::sources::tests::probe;

/// A TLS server with a self-signed certificate for another name, which ended long ago.
async fn tls_server() -> (SocketAddr, i64) {
    let mut params = rcgen::CertificateParams::new(vec!["elsewhere.example".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.shutdown().await;
            }
        }
    });
    (address, 1_609_459_200_000)
}

#[tokio::test]
async fn a_certificates_end_is_read_whatever_else_is_wrong_with_it() {
    let (address, ends_at_ms) = tls_server().await;
    match ask(&probe("tls", &format!("tls://{address}"), "")).await {
        Ok(Said::Certificate { ends_at }) => assert_eq!(ends_at, UnixMs(ends_at_ms)),
        other => panic!("{other:?}"),
    }
    let plain = write(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let failure = ask(&probe("tls", &format!("tls://{plain}"), ""))
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::Tls { .. }), "{failure:?}");
}

#[tokio::test]
async fn https_and_wss_trust_no_such_certificate() {
    let (address, _) = tls_server().await;
    for (kind, scheme) in [("http", "https"), ("websocket", "wss")] {
        let failure = ask(&probe(kind, &format!("{scheme}://{address}/"), ""))
            .await
            .unwrap_err();
        assert!(
            matches!(failure, Failure::Tls { .. }),
            "{kind}: {failure:?}"
        );
    }
}

/// Names and the addresses they lead to.
struct Names(BTreeMap<&'static str, Vec<&'static str>>);

impl Lookup for Names {
    fn lookup(&self, name: String, port: u16) -> Found {
        let found = self.0.get(name.as_str()).cloned();
        Box::pin(async move {
            let found = found.ok_or_else(|| std::io::Error::other("no such name"))?;
            let addresses = found
                .into_iter()
                .map(|ip| SocketAddr::new(ip.parse().unwrap(), port));
            Ok(addresses.collect())
        })
    }
}

#[tokio::test]
async fn names_that_lead_to_forbidden_addresses_are_not_followed() {
    let app = Router::new().route(
        "/",
        get(|headers: HeaderMap| async move {
            headers.get("host").unwrap().to_str().unwrap().to_owned()
        }),
    );
    let port = serve(app).await.port();
    let names = Names(BTreeMap::from([
        ("good.test", vec!["127.0.0.1"]),
        (
            "mixed.test",
            vec!["169.254.169.254", "::ffff:10.0.0.1", "127.0.0.1"],
        ),
        ("evil.test", vec!["169.254.169.254"]),
        ("private.test", vec!["10.0.0.1"]),
    ]));
    let asker = asker_with(&["127.0.0.0/8"], Arc::new(names));
    let ask = async |kind: &str, scheme: &str, name: &str| {
        let probe = probe(
            kind,
            &format!("{scheme}://{name}:{port}/"),
            "timeout = \"10s\"",
        );
        asker.ask(&probe).await.said
    };
    for name in ["good.test", "mixed.test"] {
        match ask("http", "http", name).await {
            Ok(Said::Http(answer)) => {
                // The name stays in the request though its address was chosen here.
                let host = format!("{name}:{port}");
                assert_eq!(answer.body, Body::Whole(host.into_bytes()));
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(ask("tcp", "tcp", name).await, Ok(Said::Connected)));
    }
    for name in ["evil.test", "private.test"] {
        for (kind, scheme) in [
            ("http", "http"),
            ("tcp", "tcp"),
            ("websocket", "ws"),
            ("tls", "tls"),
        ] {
            let failure = ask(kind, scheme, name).await.unwrap_err();
            assert!(
                matches!(failure, Failure::Denied { .. }),
                "{kind} {name}: {failure:?}"
            );
        }
    }
    let unresolved = Failure::Unresolved {
        name: "none.test".to_owned(),
    };
    assert_eq!(
        ask("http", "http", "none.test").await.unwrap_err(),
        unresolved
    );
    assert_eq!(
        ask("tcp", "tcp", "none.test").await.unwrap_err(),
        unresolved
    );
}

#[tokio::test]
async fn no_name_leads_to_the_gateway_itself() {
    let (_listener, own) = listen().await;
    let names = Names(BTreeMap::from([
        ("own.test", vec!["127.0.0.1"]),
        ("mixed.test", vec!["127.0.0.2", "::ffff:127.0.0.1"]),
        ("other.test", vec!["127.0.0.2"]),
    ]));
    let itself = Some(OwnListener::new(own));
    let asker = asker_beside(itself, &["127.0.0.0/8"], Arc::new(names));
    for (kind, scheme) in [
        ("http", "http"),
        ("tcp", "tcp"),
        ("websocket", "ws"),
        ("tls", "tls"),
    ] {
        for name in ["own.test", "mixed.test", "127.0.0.1"] {
            let url = format!("{scheme}://{name}:{}/", own.port());
            let failure = asker.ask(&probe(kind, &url, "")).await.said.unwrap_err();
            let text = failure.to_string();
            assert!(text.contains("own listener"), "{kind} {name}: {text}");
        }
        let url = format!("{scheme}://other.test:{}/", own.port());
        let failure = asker.ask(&probe(kind, &url, "")).await.said.unwrap_err();
        assert!(!matches!(failure, Failure::Denied { .. }), "{failure:?}");
    }
}

#[tokio::test]
async fn addresses_that_are_numbers_are_judged_without_a_resolver() {
    let (_listener, open) = listen().await;
    let asker = asker_with(&[], Arc::new(SystemLookup));
    for (kind, scheme) in [
        ("http", "http"),
        ("tcp", "tcp"),
        ("websocket", "ws"),
        ("tls", "tls"),
    ] {
        let answer = asker
            .ask(&probe(kind, &format!("{scheme}://{open}/"), ""))
            .await;
        let failure = answer.said.unwrap_err();
        assert!(
            matches!(failure, Failure::Denied { .. }),
            "{kind}: {failure:?}"
        );
    }
}
