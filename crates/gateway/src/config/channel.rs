//! Channels: where people are told outside the console.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;

use super::span::Span;
use crate::notify::Hidden;

/// One `[[channel]]` of the gateway's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Its name in products' files and addresses: lower-case letters, digits and `-`.
    pub id: String,
    /// Its name for people, for example `Slack #alerts`.
    pub name: String,
    /// What it speaks.
    pub kind: ChannelKind,
    /// Where it leads, for an address that is no secret. Not for `email`.
    #[serde(default)]
    pub url: Option<PlainUrl>,
    /// The environment variable that holds the address, for one that is: Slack's and Discord's are. Not for `email`.
    #[serde(default)]
    pub url_env: Option<String>,
    /// `webhook`: the environment variable that holds the key with which requests are signed. None: they are not.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// `email`: the server, `host:port`.
    #[serde(default)]
    pub server: Option<String>,
    /// `email`: how the connection to the server is kept private. Default `starttls`.
    #[serde(default)]
    pub tls: MailTls,
    /// `email`: a PEM file with the authorities whose certificates the server may show, relative to this file; nobody
    /// else is trusted then. None: whom the machine trusts.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// What is in `ca_file`, once that was read; empty without one.
    #[serde(skip)]
    pub authorities: Vec<CertificateDer<'static>>,
    /// `email`: the sender, for example `Watchfloor <watchfloor@example.com>`.
    #[serde(default)]
    pub from: Option<String>,
    /// `email`: who gets it.
    #[serde(default)]
    pub to: Vec<String>,
    /// `email`: whether the contact that an escalation step names gets it as well. Default: no.
    #[serde(default)]
    pub to_contact: bool,
    /// `email`: the account at the server. None: nobody signs in.
    #[serde(default)]
    pub username: Option<String>,
    /// `email`: the environment variable that holds the account's password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// How long one try may take. Default 10 s.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
    /// The most messages a minute; what is more goes into a digest. Default 20.
    #[serde(default = "default_per_minute")]
    pub max_per_minute: usize,
    /// The title, with `{placeholders}`. None: the gateway's own words.
    #[serde(default)]
    pub title: Option<String>,
    /// The text, with `{placeholders}`. None: the gateway's own words.
    #[serde(default)]
    pub text: Option<String>,
}

const fn default_timeout() -> Span {
    Span::seconds(10)
}

const fn default_per_minute() -> usize {
    20
}

/// The certificates in the text of a PEM file.
///
/// # Errors
/// What is wrong with it, in words.
pub fn authorities(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let found = found.map_err(|error| format!("it is no PEM: {error}"))?;
    if found.is_empty() {
        return Err(
            "it holds no certificate; one begins with `-----BEGIN CERTIFICATE-----`".to_owned(),
        );
    }
    Ok(found)
}

/// What a channel speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// A Slack incoming webhook, with Block Kit.
    Slack,
    /// A Discord webhook.
    Discord,
    /// A CloudEvent as JSON, signed.
    Webhook,
    /// What Alertmanager sends to its `webhook_config`, version 4.
    Alertmanager,
    /// E-mail over SMTP.
    Email,
}

impl ChannelKind {
    /// The word in files and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Webhook => "webhook",
            Self::Alertmanager => "alertmanager",
            Self::Email => "email",
        }
    }
}

/// How a connection to a mail server is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// It begins plain and must become TLS before anything is said.
    #[default]
    Starttls,
    /// It is TLS from the first byte.
    Tls,
    /// It stays plain, which suits a server on the same machine.
    None,
}

/// An address that is no secret by itself, but may hold what somebody thought was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainUrl(pub Hidden);

impl<'de> Deserialize<'de> for PlainUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Hidden::new(text)))
    }
}

/// What telling people needs besides channels: `[notifications]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notifications {
    /// The gateway's address for people, without the base path, for example `https://ops.example.com`; notifications
    /// then carry a link. None: they carry none.
    pub public_url: Option<String>,
}
