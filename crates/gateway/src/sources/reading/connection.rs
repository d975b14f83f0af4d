//! Answers without a page: certificates and WebSockets.

use watchfloor_wire::time::{DAY_MS, UnixMs};

use super::Reading;
use crate::observation::Outcome;
use crate::sources::answer::SocketAnswer;
use crate::sources::plan::{MetricSource, Probe};
use crate::sources::wording::span;

pub(super) fn certificate(probe: &Probe, ends_at: UnixMs, now: UnixMs) -> Reading {
    let left_ms = ends_at.since_ms(now);
    let outcome = if left_ms <= 0 {
        Outcome::Down(format!("the certificate ended {} ago", span(-left_ms)))
    } else {
        let says = format!("the certificate ends in {}", span(left_ms));
        if left_ms <= probe.config.fail_before.ms {
            Outcome::Down(says)
        } else if left_ms <= probe.config.warn_before.ms {
            Outcome::Degraded(says)
        } else {
            Outcome::Ok
        }
    };
    let mut reading = Reading::all(probe, &outcome);
    let days_left = days(left_ms);
    for (at, metric) in probe.metrics.iter().enumerate() {
        if metric.source == MetricSource::DaysLeft {
            reading.values.push((at, Some(days_left)));
        }
    }
    reading
}

#[expect(
    clippy::cast_precision_loss,
    reason = "dates of certificates are far below 2^52 milliseconds from now"
)]
fn days(ms: i64) -> f64 {
    ms as f64 / DAY_MS as f64
}

pub(super) fn socket(probe: &Probe, answer: &SocketAnswer) -> Reading {
    let reason = match (answer, probe.config.expect_refused) {
        (SocketAnswer::Opened, false) => return Reading::all(probe, &Outcome::Ok),
        // Only "this client may not" is a refusal; a server that is broken has not refused anybody.
        (SocketAnswer::Refused { status: 400..=499 }, true) => {
            return Reading::all(probe, &Outcome::Ok);
        }
        (SocketAnswer::Opened | SocketAnswer::NoEcho, true) => {
            let origin = probe.config.origin.as_deref().unwrap_or("none");
            format!("accepts the origin {origin}, which it must refuse")
        }
        (SocketAnswer::NoEcho, false) => "connected, but the echo did not come back".to_owned(),
        (SocketAnswer::Refused { status }, _) => {
            format!("the connection was answered with HTTP {status}")
        }
    };
    Reading::down(probe, &reason)
}
