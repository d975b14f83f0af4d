//! Pourtrait's TLS port, with a certificate of its own making that can come near its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::fault::Fault;
use crate::product::Product;
use crate::world::World;

const DAY_S: u64 = 86_400;
/// A fresh certificate's life.
const FRESH_DAYS: u64 = 90;
/// What is left under the fault.
const NEAR_END_DAYS: u64 = 6;
/// A visitor who does not finish the handshake in this time is let go; the next one waits that long at most.
const HANDSHAKE: Duration = Duration::from_secs(2);

/// Why there is no TLS port.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate could be made.
    #[error("the certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be served.
    #[error("the certificate cannot be served: {0}")]
    Tls(#[from] rustls::Error),
}

/// Both certificates; which one is shown depends on the fault.
#[derive(Debug)]
struct Certificates {
    fresh: Arc<CertifiedKey>,
    near_end: Arc<CertifiedKey>,
    world: WorldView,
}

/// The resolver must be printable; the world is not, and need not be.
struct WorldView(Arc<World>);

impl std::fmt::Debug for WorldView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let scene = self.world.0.truth(Product::Pourtrait);
        Some(Arc::clone(if scene.has(Fault::CertificateNearEnd) {
            &self.near_end
        } else {
            &self.fresh
        }))
    }
}

fn certificate(host: &str, now_ms: i64, days: u64) -> Result<Arc<CertifiedKey>, TlsError> {
    let now = Duration::from_millis(u64::try_from(now_ms).unwrap_or(0));
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let names = vec!["pourtrait.example.com".to_owned(), host.to_owned()];
    let mut params = CertificateParams::new(names)?;
    params.not_before = epoch + now.saturating_sub(Duration::from_secs(DAY_S));
    // An hour more, so that a reading just after the start still says the full number of days.
    params.not_after = epoch + now + Duration::from_secs(days * DAY_S + 3_600);
    let key = KeyPair::generate()?;
    let chain = vec![params.self_signed(&key)?.der().clone()];
    let signing = rustls::crypto::ring::sign::any_supported_type(
        &PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
    )?;
    Ok(Arc::new(CertifiedKey::new(chain, signing)))
}

/// What makes plain connections TLS ones.
pub fn acceptor(world: &Arc<World>, host: &str, now_ms: i64) -> Result<TlsAcceptor, TlsError> {
    let certificates = Certificates {
        fresh: certificate(host, now_ms, FRESH_DAYS)?,
        near_end: certificate(host, now_ms, NEAR_END_DAYS)?,
        world: WorldView(Arc::clone(world)),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A port that speaks TLS.
pub struct TlsListener {
    /// The plain port.
    pub port: TcpListener,
    /// What makes its connections TLS ones.
    pub acceptor: TlsAcceptor,
}

impl TlsListener {
    /// What makes plain connections TLS ones, with certificates for `host` made at `now_ms`.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn acceptor(world: &Arc<World>, host: &str, now_ms: i64) -> Result<TlsAcceptor, TlsError> {
        acceptor(world, host, now_ms)
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (plain, address) = Listener::accept(&mut self.port).await;
            let handshake = self.acceptor.accept(plain);
            match tokio::time::timeout(HANDSHAKE, handshake).await {
                Ok(Ok(stream)) => return (stream, address),
                Ok(Err(why)) => tracing::debug!(%address, "no TLS handshake: {why}"),
                Err(_) => tracing::debug!(%address, "no TLS handshake in time"),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.port.local_addr()
    }
}
