//! What is probed, and how an answer is read.

use std::collections::BTreeMap;

use serde::Deserialize;
use watchfloor_wire::series::{Statistic, Unit};
use watchfloor_wire::status::Status;

use super::span::Span;

/// A probe: one request, repeated, that feeds one or more checks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeConfig {
    /// How to ask.
    pub kind: ProbeKind,
    /// Whom to ask: `http(s)://…` for `http`, `head`, `redirect` and `prometheus`; `ws(s)://…` for `websocket`;
    /// `tcp://host:port`; `tls://host:port`.
    pub url: String,
    /// How often. Default 10 s; at least 1 s. Starts are spread out and each round varies by up to a tenth.
    #[serde(default = "default_interval")]
    pub interval: Span,
    /// How long an answer may take. Default 5 s.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
    /// HTTP statuses that are right. Default: any 2xx (for `redirect`: 301, 302, 303, 307, 308).
    #[serde(default)]
    pub expect_status: Vec<u16>,
    /// The content type must begin with this.
    #[serde(default)]
    pub expect_content_type: Option<String>,
    /// The body must hold this text.
    #[serde(default)]
    pub expect_text: Option<String>,
    /// `redirect`: the `Location` must begin with this.
    #[serde(default)]
    pub expect_location: Option<String>,
    /// `redirect`: the `Location`'s query must hold these parameters with these values.
    #[serde(default)]
    pub expect_query: BTreeMap<String, String>,
    /// `websocket`: the `Origin` to send.
    #[serde(default)]
    pub origin: Option<String>,
    /// `websocket`: text to send, which must come back.
    #[serde(default)]
    pub echo: Option<String>,
    /// `websocket`: true when the server must refuse this origin; connecting is then a failure.
    #[serde(default)]
    pub expect_refused: bool,
    /// `tls`: degraded when the certificate ends within this. Default 21 d.
    #[serde(default = "default_warn_before")]
    pub warn_before: Span,
    /// `tls`: down when the certificate ends within this. Default 3 d.
    #[serde(default = "default_fail_before")]
    pub fail_before: Span,
    /// JSON pointer to the time at which the answer was made; without a zone it is UTC.
    #[serde(default)]
    pub timestamp: Option<String>,
    /// How old that time may be. Default 60 s.
    #[serde(default = "default_max_age")]
    pub max_age: Span,
    /// The checks that the answer feeds; at least one. The first is the probe's own: when the probe itself
    /// fails, it is down, and the others are unknown because nothing was said of them.
    #[serde(default, rename = "check")]
    pub checks: Vec<ProbeCheckConfig>,
    /// Numbers in the answer.
    #[serde(default, rename = "metric")]
    pub metrics: Vec<ProbeMetricConfig>,
}

const fn default_interval() -> Span {
    Span::seconds(10)
}
const fn default_timeout() -> Span {
    Span::seconds(5)
}
const fn default_warn_before() -> Span {
    Span::seconds(21 * 86_400)
}
const fn default_fail_before() -> Span {
    Span::seconds(3 * 86_400)
}
const fn default_max_age() -> Span {
    Span::seconds(60)
}

/// How to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// `GET`, and the body is read.
    Http,
    /// `HEAD`.
    Head,
    /// Connect, send, await the echo, close.
    Websocket,
    /// Connect.
    Tcp,
    /// Connect and read the certificate's end.
    Tls,
    /// `GET`, and the redirect is looked at, not followed.
    Redirect,
    /// Prometheus text.
    Prometheus,
}

/// One check that a probe feeds. Its id is `<product>.<name>`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeCheckConfig {
    /// Its name: lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// JSON pointer to its status in the answer. None: the probe's own success is the status.
    #[serde(default)]
    pub status: Option<String>,
    /// What the answer's words mean. Without it: `healthy`, `ok`, `up`, `connected`, `operational` are ok;
    /// `degraded`, `warning` are degraded; `unhealthy`, `down`, `error`, `critical`, `disconnected` are down;
    /// `maintenance` is maintenance; booleans are ok and down. A word that is in neither makes it unknown.
    #[serde(default)]
    pub status_words: BTreeMap<String, Status>,
    /// JSON pointer to a sentence that says why, when it is not ok.
    #[serde(default)]
    pub reason: Option<String>,
    /// JSON pointers that must be there; a missing one makes the check unknown.
    #[serde(default)]
    pub required: Vec<String>,
}

/// One number in a probe's answer, or one that every probe of its kind measures. The series is
/// `<product>.<check>.<name>`.
///
/// Each probe also measures by itself, for its first check: `latency_ms` (all kinds) and `days_left` (`tls`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeMetricConfig {
    /// The check it belongs to; one of the probe's.
    pub check: String,
    /// Its name.
    pub name: String,
    /// JSON pointer to the number; for `prometheus`, the sample's name, with labels if need be:
    /// `http_requests_total{code="500"}`. None: the probe's own measurement of this name.
    #[serde(default)]
    pub from: Option<String>,
    /// `prometheus`: the value is the growth of `from` a second (a counter; a reset counts from zero).
    #[serde(default)]
    pub rate: bool,
    /// `prometheus`: the value is the growth of `from` over the growth of this one (a share).
    #[serde(default)]
    pub over: Option<String>,
    /// Multiplied in, for example 0.01 to turn percent into a ratio. Default 1.
    #[serde(default = "one")]
    pub scale: f64,
    /// The unit after scaling.
    pub unit: Unit,
    /// Which statistic the source says it is.
    #[serde(default)]
    pub statistic: Option<Statistic>,
    /// What it counts, for the tile: `of 50 connections`.
    #[serde(default)]
    pub label: Option<String>,
    /// Whether it is the value on the check's tile.
    #[serde(default)]
    pub headline: bool,
}

const fn one() -> f64 {
    1.0
}
