//! What each fault does to what is seen from outside.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use watchfloor_fleet::fault::Fault;
use watchfloor_fleet::ports;
use watchfloor_fleet::product::Product;

use crate::support::Rig;

#[tokio::test]
async fn a_slow_database_fills_the_pool_and_fails_requests() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Chatpdd, Fault::SlowDatabase);
    let answer = rig.get(ports::CHATPDD, "/api/database/health").await;
    assert_eq!(answer.status(), 503);
    let database: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(database["status"], "unhealthy");
    assert_eq!(database["pool"]["in_use"], 50.0);
    assert_eq!(database["error"], "connection pool exhausted");
    let api = rig.json(ports::CHATPDD, "/api/health").await;
    assert!(api["metrics"]["error_rate_percent"].as_f64().unwrap() > 5.0);
    assert!(api["metrics"]["response_time_ms"]["p95"].as_f64().unwrap() > 5_000.0);
}

#[tokio::test]
async fn an_error_burst_moves_the_counters_of_prometheus() {
    let rig = Rig::start().await;
    let ratio = async |rig: &Rig| {
        let before = rig
            .get(ports::DEEDPRO_BACKEND, "/metrics")
            .await
            .text()
            .await
            .unwrap();
        rig.pass(30);
        let after = rig
            .get(ports::DEEDPRO_BACKEND, "/metrics")
            .await
            .text()
            .await
            .unwrap();
        let grown = |name| sample(&after, name) - sample(&before, name);
        grown("wizard_errors_total") / grown("wizard_requests_total")
    };
    assert!(ratio(&rig).await < 0.005);
    rig.break_and_wait(Product::Deedpro, Fault::ErrorBurst);
    assert!(ratio(&rig).await > 0.05);
}

fn sample(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{name} ")));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn numbers_that_a_fault_moves_pass_the_products_limits() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Chatpdd, Fault::SocketDrops);
    rig.break_and_wait(Product::Chatpdd, Fault::MemoryPressure);
    rig.break_and_wait(Product::Chatpdd, Fault::DiskFilling);
    rig.break_and_wait(Product::Deedpro, Fault::SlowAi);
    let socket = rig.json(ports::CHATPDD, "/api/websocket/health").await;
    assert!(socket["dropped_ratio"].as_f64().unwrap() > 0.1);
    let metrics = rig.json(ports::CHATPDD, "/api/health").await["metrics"].clone();
    assert!(metrics["memory_percent"].as_f64().unwrap() > 90.0);
    assert!(metrics["disk_percent"].as_f64().unwrap() > 85.0);
    let health = rig.json(ports::DEEDPRO_BACKEND, "/health").await;
    assert_eq!(
        (&health["openai"]["status"], &health["status"]),
        (&"degraded".into(), &"degraded".into())
    );
}

#[tokio::test]
async fn deedpro_says_unhealthy_with_200_and_without_components() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Deedpro, Fault::Unhealthy200);
    let answer = rig.get(ports::DEEDPRO_BACKEND, "/health").await;
    assert_eq!(answer.status(), 200);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["status"], "unhealthy");
    assert_eq!(body["error"], "name 'time' is not defined");
    assert_eq!(body.get("database"), None);
}

#[tokio::test]
async fn a_missing_component_is_missing_and_the_rest_is_there() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Pourtrait, Fault::MissingComponent);
    let services = rig.json(ports::POURTRAIT, "/api/health").await["services"].clone();
    assert_eq!(services.get("imageProcessing"), None);
    assert_eq!(services["database"]["status"], "healthy");
}

#[tokio::test]
async fn a_stale_payload_keeps_its_timestamp() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Chatpdd, Fault::StalePayload);
    let body = rig.json(ports::CHATPDD, "/api/redis/health").await;
    assert_eq!(body["timestamp"], "2025-11-21T00:00:00.000Z");
    rig.fleet.world().mend(None, None);
    let body = rig.json(ports::CHATPDD, "/api/redis/health").await;
    assert_eq!(body["timestamp"], "2025-11-21T00:02:00.000Z");
}

#[tokio::test]
async fn a_wrong_content_type_comes_with_status_200() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::UniversalAssistant, Fault::WrongContentType);
    let answer = rig.get(ports::UNIVERSAL_ASSISTANT, "/api/health").await;
    assert_eq!(answer.status(), 200);
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
}

#[tokio::test]
async fn half_a_body_is_promised_whole_and_breaks() {
    let rig = Rig::start().await;
    let whole = rig
        .get(ports::CHATPDD, "/api/redis/health")
        .await
        .bytes()
        .await
        .unwrap();
    rig.break_and_wait(Product::Chatpdd, Fault::HalfBody);
    let mut answer = rig.get(ports::CHATPDD, "/api/redis/health").await;
    assert!(answer.content_length().unwrap() as usize >= whole.len() - 4);
    let half = answer.chunk().await.unwrap().unwrap();
    assert!(half.starts_with(b"{") && half.len() < whole.len());
    assert!(answer.chunk().await.is_err());
}

#[tokio::test]
async fn a_gone_process_refuses_connections_and_comes_back() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Donna, Fault::ProcessGone);
    for port in [
        ports::DONNA_FRONTEND,
        ports::DONNA_BACKEND,
        ports::DONNA_SOCKET,
    ] {
        until(async || {
            tokio::net::TcpStream::connect((rig.host, port))
                .await
                .is_err()
        })
        .await;
    }
    assert_eq!(rig.get(ports::CHATPDD, "/api/health").await.status(), 200);
    rig.fleet.world().mend(Some(Product::Donna), None);
    until(async || {
        tokio::net::TcpStream::connect((rig.host, ports::DONNA_BACKEND))
            .await
            .is_ok()
    })
    .await;
    assert_eq!(
        rig.get(ports::DONNA_BACKEND, "/donna/health")
            .await
            .status(),
        200
    );
}

/// Waits for a condition; the test's own patience is the only limit.
async fn until(condition: impl AsyncFn() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .expect("it never came true");
}

#[tokio::test]
async fn maintenance_is_said_by_every_product() {
    let rig = Rig::start().await;
    for product in Product::ALL {
        rig.break_and_wait(product, Fault::Maintenance);
    }
    for (port, path) in [
        (ports::DONNA_BACKEND, "/donna/health"),
        (ports::DONNA_SOCKET, "/health"),
        (ports::POURTRAIT, "/api/health"),
        (ports::CHATPDD, "/api/database/health"),
        (ports::UNIVERSAL_ASSISTANT, "/api/health"),
        (ports::DEEDPRO_BACKEND, "/health"),
    ] {
        assert_eq!(
            rig.json(port, path).await["status"],
            "maintenance",
            "{port}{path}"
        );
    }
}

#[tokio::test]
async fn a_misconfigured_oauth_sends_people_to_localhost_and_says_so() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Donna, Fault::OauthMisconfigured);
    let answer = rig
        .get(ports::DONNA_FRONTEND, "/api/gmail/oauth/start")
        .await;
    assert!(
        answer.headers()["location"]
            .to_str()
            .unwrap()
            .contains("localhost")
    );
    let front = rig.json(ports::DONNA_FRONTEND, "/api/health").await;
    assert_eq!(front["environment"]["invalid"][0], "GOOGLE_REDIRECT_URI");
    assert_eq!(front["status"], "degraded");
}

#[tokio::test]
async fn the_tls_port_shows_another_certificate_near_its_end() {
    let rig = Rig::start().await;
    let fresh = certificate(&rig).await;
    assert_eq!(fresh, certificate(&rig).await);
    rig.break_and_wait(Product::Pourtrait, Fault::CertificateNearEnd);
    assert_ne!(certificate(&rig).await, fresh);
}

/// The certificate that the TLS port shows. The client trusts nothing, so the handshake fails after it was seen.
async fn certificate(rig: &Rig) -> Vec<u8> {
    let seen = Arc::new(Seen::default());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&seen) as Arc<_>)
        .with_no_client_auth();
    let socket = tokio::net::TcpStream::connect((rig.host, ports::POURTRAIT_TLS))
        .await
        .unwrap();
    let name = ServerName::IpAddress(rig.host.into());
    let refused = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, socket)
        .await;
    assert!(refused.is_err());
    seen.0.lock().unwrap().clone()
}

#[derive(Debug, Default)]
struct Seen(std::sync::Mutex<Vec<u8>>);

impl rustls::client::danger::ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        certificate: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        *self.0.lock().unwrap() = certificate.to_vec();
        Err(rustls::Error::General("seen".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("nothing is trusted".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("nothing is trusted".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        vec![
            rustls::SignatureScheme::ECDSA_NISTP256_SHA256,
            rustls::SignatureScheme::ED25519,
            rustls::SignatureScheme::RSA_PSS_SHA256,
        ]
    }
}
