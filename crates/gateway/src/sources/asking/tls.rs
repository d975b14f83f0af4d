//! TLS in two ways. `https` and `wss` trust whom the machine trusts, and so does mail whose channel names nobody else. A
//! `tls` probe asks when a certificate ends, and must get its answer from one that has ended, is self-signed, or is for
//! another name: it trusts nobody in particular, sends nothing, and believes nothing but the date. That the shown key is
//! held by whoever shows it is still proven by the handshake's signature.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme,
    WantsVerifier,
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use watchfloor_wire::time::UnixMs;

use crate::sources::address::Host;
use crate::sources::answer::Failure;

/// Whom to trust.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    verified: Arc<ClientConfig>,
    recording: Arc<ClientConfig>,
}

impl Trust {
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        match builder(&provider)?.with_platform_verifier() {
            Ok(builder) => Self::with(&provider, builder.with_no_client_auth()),
            Err(error) => {
                // A container without certificates: probes over http still work, and those over https say
                // what is wrong.
                tracing::warn!(%error, "no trusted certificates; probes over https will fail");
                Self::only(&[])
            }
        }
    }

    /// Trusts these authorities, and not whom the machine trusts.
    ///
    /// # Errors
    /// When one of them is none.
    pub(crate) fn only(authorities: &[CertificateDer<'static>]) -> Result<Self, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority.clone())?;
        }
        let verified = builder(&provider)?.with_root_certificates(roots);
        Self::with(&provider, verified.with_no_client_auth())
    }

    fn with(provider: &Arc<CryptoProvider>, verified: ClientConfig) -> Result<Self, rustls::Error> {
        let recorder = Recorder(Arc::clone(provider));
        let recording = builder(provider)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(recorder))
            .with_no_client_auth();
        Ok(Self {
            verified: Arc::new(verified),
            recording: Arc::new(recording),
        })
    }

    /// The settings that trust whom the machine trusts.
    pub(super) fn verified(&self) -> ClientConfig {
        (*self.verified).clone()
    }

    /// A connection to a server that the machine trusts.
    pub(crate) async fn wrap(
        &self,
        stream: TcpStream,
        host: &Host,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        handshake(&self.verified, stream, host).await
    }

    /// When the server's certificate ends.
    pub(super) async fn certificate_end(
        &self,
        stream: TcpStream,
        host: &Host,
    ) -> Result<UnixMs, Failure> {
        let stream = handshake(&self.recording, stream, host).await?;
        let (_, session) = stream.get_ref();
        let shown = session.peer_certificates().and_then(<[_]>::first);
        let shown = shown.ok_or_else(|| tls("no certificate was shown"))?;
        end_of(shown)
    }
}

fn builder(
    provider: &Arc<CryptoProvider>,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::clone(provider)).with_safe_default_protocol_versions()
}

async fn handshake(
    config: &Arc<ClientConfig>,
    stream: TcpStream,
    host: &Host,
) -> Result<TlsStream<TcpStream>, Failure> {
    let name = match host {
        Host::Ip(ip) => ServerName::from(*ip),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(tls)?,
    };
    let connected = TlsConnector::from(Arc::clone(config))
        .connect(name, stream)
        .await;
    connected.map_err(|error| match error.get_ref() {
        Some(inner) => tls(inner),
        None => error.into(),
    })
}

fn end_of(certificate: &CertificateDer<'_>) -> Result<UnixMs, Failure> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
        .map_err(|error| tls(format!("the certificate cannot be read: {error}")))?;
    let seconds = parsed.validity().not_after.timestamp();
    Ok(UnixMs(seconds.saturating_mul(1_000)))
}

fn tls(why: impl ToString) -> Failure {
    Failure::Tls {
        why: why.to_string(),
    }
}

/// Takes whatever certificate is shown, and checks only that the handshake was signed with its key.
#[derive(Debug)]
struct Recorder(Arc<CryptoProvider>);

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
