//! A mail server that makes its connection private, or what somebody in its way makes of that.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// A certificate authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) certificate: CertificateDer<'static>,
}

pub(super) fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    Authority {
        issuer: Issuer::new(params, key),
        certificate,
    }
}

impl Authority {
    /// What a server shows for a host until the end of a year.
    pub(super) fn acceptor(&self, host: &str, last_year: i32) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let shown = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![shown], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// How a server makes its connection private, or what somebody in its way makes of that.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Tls,
    Starttls,
    /// The offer of STARTTLS is taken out.
    Stripped,
    /// STARTTLS is answered with this, and what follows is not TLS.
    Answered(&'static str),
}

/// A mail server for one connection. What it is told arrives as lines; `TLS` stands for a handshake that succeeded.
pub(super) async fn server(
    way: Way,
    acceptor: TlsAcceptor,
) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let private = async |stream| {
            // Whoever does not trust the certificate says so by leaving.
            let stream = acceptor.accept(stream).await.ok()?;
            tell.send("TLS".to_owned()).unwrap();
            Some(stream)
        };
        if let Way::Tls = way {
            if let Some(stream) = private(stream).await {
                talk(&mut BufReader::new(stream), way, true, &tell).await;
            }
            return;
        }
        let mut stream = BufReader::new(stream);
        if talk(&mut stream, way, true, &tell).await
            && let Some(stream) = private(stream.into_inner()).await
        {
            talk(&mut BufReader::new(stream), Way::Tls, false, &tell).await;
        }
    });
    (address, told)
}

/// Answers until the client leaves or TLS is to begin; whether it is.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    way: Way,
    greets: bool,
    tell: &mpsc::UnboundedSender<String>,
) -> bool {
    if greets {
        stream
            .write_all(b"220 mail.example ESMTP\r\n")
            .await
            .unwrap();
    }
    let mut is_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return false;
        }
        let line = line.trim_end().to_owned();
        tell.send(line.clone()).unwrap();
        let answer = match (line.split(' ').next().unwrap_or_default(), way) {
            (".", _) if is_data => {
                is_data = false;
                "250 2.0.0 queued"
            }
            _ if is_data => continue,
            ("EHLO", Way::Starttls | Way::Answered(_)) => {
                "250-mail.example\r\n250-8BITMIME\r\n250 STARTTLS"
            }
            ("EHLO", Way::Tls) => "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            ("EHLO", Way::Stripped) => "250-mail.example\r\n250 8BITMIME",
            ("STARTTLS", Way::Starttls) => "220 go on",
            ("STARTTLS", Way::Answered(answer)) => answer,
            ("AUTH", _) => "235 2.7.0 welcome",
            ("DATA", _) => {
                is_data = true;
                "354 go on"
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .unwrap();
        if line == "STARTTLS" && matches!(way, Way::Starttls) {
            return true;
        }
    }
}
