//! The gateway's own settings.

use serde::Deserialize;

use super::channel::{ChannelConfig, Notifications};
use super::on_call::{PersonConfig, RotationConfig};
use super::span::Span;

/// The file that `--config` names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Product files, relative to this file.
    pub products: Vec<String>,
    /// Where the console lives; begins with `/`, no `/` at the end. Default `/admin/monitoring`.
    #[serde(default = "default_base_path")]
    pub base_path: String,
    /// Origins other than the gateway's own from which a browser may connect, for example
    /// `https://admin.example.com`.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Origins that may show the console in a frame. Default: none.
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
    /// True when the gateway is reached over https only; cookies are then marked `Secure`.
    #[serde(default)]
    pub https_only: bool,
    /// Proxies before the gateway, as networks or single addresses, for example `127.0.0.1`. Their
    /// `X-Forwarded-For` says who the client is, for rate limits and the audit. Default: none, and the peer is
    /// the client.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// Limits on probing.
    #[serde(default)]
    pub probing: Probing,
    /// How long things are kept.
    #[serde(default)]
    pub retention: Retention,
    /// How long people stay signed in.
    #[serde(default)]
    pub sessions: Sessions,
    /// How many clients follow the feed.
    #[serde(default)]
    pub feed: Feed,
    /// Where people are told outside the console; `[[channel]]`.
    #[serde(default, rename = "channel")]
    pub channels: Vec<ChannelConfig>,
    /// What all notifications share.
    #[serde(default)]
    pub notifications: Notifications,
    /// Who can be on call; `[[person]]`.
    #[serde(default, rename = "person")]
    pub people: Vec<PersonConfig>,
    /// Who takes turns with whom; `[[rotation]]`.
    #[serde(default, rename = "rotation")]
    pub rotations: Vec<RotationConfig>,
}

fn default_base_path() -> String {
    "/admin/monitoring".to_owned()
}

/// Limits on probing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Probing {
    /// How many probes run at once. Default 64.
    pub max_concurrent: usize,
    /// Private networks that probes may reach, for example `10.0.0.0/8`. Default: none.
    pub allow_cidrs: Vec<String>,
    /// Ports that probes may reach besides 80, 443 and 8000 to 9999; `"5432"` or `"7000-7010"`.
    pub allow_ports: Vec<String>,
}

impl Default for Probing {
    fn default() -> Self {
        Self {
            max_concurrent: 64,
            allow_cidrs: Vec::new(),
            allow_ports: Vec::new(),
        }
    }
}

/// How long things are kept. Each default is stated; all are upper bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Samples as measured. Default 48 h.
    pub samples: Span,
    /// Samples summed up by the minute. Default 30 d.
    pub minutes: Span,
    /// Samples summed up by the hour. Default 2 years.
    pub hours: Span,
    /// Log lines. Default 7 d.
    pub logs: Span,
    /// The feed log, from which clients resume. Default 24 h.
    pub feed_log: Span,
    /// Resolved incidents. Default 400 d.
    pub incidents: Span,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            samples: Span::seconds(48 * 3_600),
            minutes: Span::seconds(30 * 86_400),
            hours: Span::seconds(730 * 86_400),
            logs: Span::seconds(7 * 86_400),
            feed_log: Span::seconds(86_400),
            incidents: Span::seconds(400 * 86_400),
        }
    }
}

/// How many clients follow the feed, by sockets and by streams of events together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feed {
    /// In all. Each takes an open file. Default 12,000.
    pub connections: u64,
    /// By one account. Default 50.
    pub per_account: u64,
    /// From one address. Behind a proxy all clients have the proxy's. Default 200.
    pub per_address: u64,
    /// Let in within one second; who comes besides is asked to come again. Default 500.
    pub admitted_per_s: u32,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            connections: 12_000,
            per_account: 50,
            per_address: 200,
            admitted_per_s: 500,
        }
    }
}

/// How long people stay signed in. The feed is not activity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// A session ends after this long without a request of its person. Default 8 h.
    pub idle: Span,
    /// A session ends after this long whatever happens. Default 24 h.
    pub absolute: Span,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle: Span::seconds(8 * 3_600),
            absolute: Span::seconds(24 * 3_600),
        }
    }
}
