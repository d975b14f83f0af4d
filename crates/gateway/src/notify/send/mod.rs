//! Sending: one try on one channel over the network, under the same rules for addresses as probes. Decides nothing
//! about what is sent.

mod http;
mod mail;
mod starttls;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use lettre::message::Mailbox;
use url::Url;
use watchfloor_wire::time::UnixMs;

use super::Hidden;
use super::outbox::Notification;
use super::outcome::TryError;
use super::render::{Telling, Wording, alertmanager, discord, mail as letters, slack, webhook};
use crate::config::channel::{ChannelConfig, ChannelKind, MailTls};
use crate::config::span::Span;
use crate::sources::address::Peer;
use crate::sources::asking::tls::Trust;
use crate::sources::asking::{AskerError, Network};

/// Ports that mail servers listen on, besides those that every address may have.
pub const MAIL_PORTS: [&str; 4] = ["25", "465", "587", "2525"];

/// The way out. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sender {
    network: Arc<Network>,
    mail_network: Arc<Network>,
    client: reqwest::Client,
    trust: Trust,
}

impl Sender {
    /// Over these networks, of which the second is for mail servers.
    ///
    /// # Errors
    /// [`AskerError`] when TLS cannot be set up.
    pub fn new(network: Network, mail_network: Network) -> Result<Self, AskerError> {
        let network = Arc::new(network);
        let trust = Trust::new()?;
        Ok(Self {
            client: crate::sources::asking::http::client(&network, &trust)?,
            network,
            mail_network: Arc::new(mail_network),
            trust,
        })
    }

    /// One try.
    ///
    /// # Errors
    /// [`TryError`] says why it was not delivered, and whether it may be later.
    pub async fn send(
        &self,
        channel: &Channel,
        row: &Notification,
        members: &[Notification],
        now: UnixMs,
    ) -> Result<(), TryError> {
        let way = channel
            .way
            .as_ref()
            .map_err(|problem| TryError::lasting(problem.clone()))?;
        let telling = Telling {
            row,
            members,
            site: channel.site.as_deref(),
            channel: &channel.id,
            now,
        };
        let sending = async {
            match way {
                Way::Http { url, secret } => {
                    let request = request(channel, &telling, secret.as_ref());
                    http::post(&self.client, &self.network, url, request).await
                }
                Way::Mail(way) => {
                    let mail = letters::mail(&telling, &channel.wording);
                    let trust = way.trust.as_ref().unwrap_or(&self.trust);
                    mail::send(&self.mail_network, trust, way, row, &mail, now).await
                }
            }
        };
        tokio::time::timeout(channel.timeout.duration(), sending)
            .await
            .unwrap_or_else(|_| {
                let waited = crate::sources::wording::span(channel.timeout.ms);
                Err(TryError::passing(format!("no answer within {waited}")))
            })
    }
}

/// A channel, ready to be told.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name in the configuration.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it speaks.
    pub kind: ChannelKind,
    /// The most messages a minute.
    pub per_minute: usize,
    timeout: Span,
    wording: Wording,
    site: Option<String>,
    way: Result<Way, String>,
}

/// Where a channel leads.
#[derive(Clone, Debug)]
enum Way {
    Http {
        url: Address,
        secret: Option<Hidden>,
    },
    Mail(MailWay),
}

/// An address that may be a secret.
#[derive(Clone)]
struct Address(Url);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// Where mail goes.
#[derive(Clone, Debug)]
struct MailWay {
    server: Url,
    peer: Peer,
    tls: MailTls,
    /// Whom the channel trusts; `None`: whom the machine does.
    trust: Option<Trust>,
    from: Mailbox,
    to: Vec<Mailbox>,
    to_contact: bool,
    credentials: Option<(String, Hidden)>,
}

impl Channel {
    /// As configured, with secrets from the environment. What cannot work is told by every try, because a gateway
    /// that watches and cannot tell is better than one that does not start.
    #[must_use]
    pub fn new(
        config: &ChannelConfig,
        site: Option<String>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let wording = Wording::new(config.title.as_deref(), config.text.as_deref());
        let way = way(config, environment);
        let (wording, way) = match wording {
            Ok(wording) => (wording, way),
            Err(problem) => (own_wording(), Err(problem)),
        };
        Self {
            id: config.id.clone(),
            name: config.name.clone(),
            kind: config.kind,
            per_minute: config.max_per_minute,
            timeout: config.timeout,
            wording,
            site,
            way,
        }
    }

    /// Where it leads, without what is secret about it.
    #[must_use]
    pub fn target(&self) -> String {
        match &self.way {
            Ok(Way::Http { url, .. }) => shown(&url.0),
            Ok(Way::Mail(way)) => {
                let mut to: Vec<String> = way.to.iter().map(|it| it.email.to_string()).collect();
                if way.to_contact {
                    to.push("the step's contact".to_owned());
                }
                let server = way.server.host_str().unwrap_or_default();
                format!("{} by {server}", to.join(", "))
            }
            Err(_) => String::new(),
        }
    }

    /// What keeps it from working at all.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.way.as_ref().err().map(String::as_str)
    }
}

#[expect(
    clippy::expect_used,
    reason = "the gateway's own templates are tested to be sound"
)]
fn own_wording() -> Wording {
    Wording::new(None, None).expect("the gateway's own templates are sound")
}

/// Scheme, host and port: what comes behind them is the secret of most webhooks.
fn shown(url: &Url) -> String {
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    format!(
        "{}://{}{port}/…",
        url.scheme(),
        url.host_str().unwrap_or_default()
    )
}

fn way(
    config: &ChannelConfig,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Way, String> {
    let from_environment = |name: &str| {
        environment(name)
            .filter(|it| !it.is_empty())
            .ok_or_else(|| format!("the environment variable {name} is not set"))
    };
    if config.kind == ChannelKind::Email {
        return mail_way(config, &from_environment).map(Way::Mail);
    }
    let url = match (&config.url, &config.url_env) {
        (_, Some(name)) => from_environment(name)?,
        (Some(url), None) => url.0.reveal().to_owned(),
        (None, None) => return Err("it has no address".to_owned()),
    };
    let secret = config
        .secret_env
        .as_deref()
        .map(from_environment)
        .transpose()?;
    let url = Url::parse(&url).map_err(|error| format!("its address is no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("its address is not http or https".to_owned());
    }
    Ok(Way::Http {
        url: Address(url),
        secret: secret.map(Hidden::new),
    })
}

fn mail_way(
    config: &ChannelConfig,
    from_environment: &dyn Fn(&str) -> Result<String, String>,
) -> Result<MailWay, String> {
    let (server, peer) = mail_server(config.server.as_deref().unwrap_or_default())?;
    let mailbox = |text: &str| {
        text.parse::<Mailbox>()
            .map_err(|_| format!("`{text}` is no e-mail address"))
    };
    let password = config
        .password_env
        .as_deref()
        .map(from_environment)
        .transpose()?;
    let own_trust = config
        .ca_file
        .as_ref()
        .map(|file| {
            let trust = Trust::only(&config.authorities);
            trust.map_err(|error| format!("an authority of `{file}` cannot be trusted: {error}"))
        })
        .transpose()?;
    Ok(MailWay {
        server,
        peer,
        tls: config.tls,
        trust: own_trust,
        from: mailbox(config.from.as_deref().unwrap_or_default())?,
        to: config
            .to
            .iter()
            .map(|it| mailbox(it))
            .collect::<Result<_, _>>()?,
        to_contact: config.to_contact,
        credentials: config.username.clone().zip(password.map(Hidden::new)),
    })
}

/// Reads `host:port`.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn mail_server(text: &str) -> Result<(Url, Peer), String> {
    let wrong = || {
        format!(
            "`{text}` is no mail server; write host and port, for example \"smtp.example.com:587\""
        )
    };
    let url = Url::parse(&format!("smtp://{text}")).map_err(|_| wrong())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let peer = Peer::of(&url).filter(|_| bare && url.port().is_some());
    peer.map(|peer| (url, peer)).ok_or_else(wrong)
}

/// What an HTTP channel is sent.
struct Request {
    body: Vec<u8>,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
}

fn request(channel: &Channel, telling: &Telling<'_>, secret: Option<&Hidden>) -> Request {
    let wording = &channel.wording;
    let body = match channel.kind {
        ChannelKind::Slack => slack::body(telling, wording),
        ChannelKind::Discord => discord::body(telling, wording),
        ChannelKind::Alertmanager => alertmanager::body(telling),
        ChannelKind::Webhook | ChannelKind::Email => webhook::body(telling),
    };
    let body = body.to_string().into_bytes();
    if channel.kind != ChannelKind::Webhook {
        return Request {
            body,
            content_type: "application/json",
            headers: Vec::new(),
        };
    }
    let (id, at_s) = (telling.row.id.clone(), telling.now.0.div_euclid(1_000));
    let mut headers = vec![("webhook-timestamp", at_s.to_string())];
    if let Some(key) = secret {
        let signature = webhook::signature(key.reveal(), &id, at_s, &body);
        headers.push(("webhook-signature", signature));
    }
    headers.push(("webhook-id", id));
    Request {
        body,
        content_type: webhook::CONTENT_TYPE,
        headers,
    }
}
