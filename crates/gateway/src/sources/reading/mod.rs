//! Reading answers: from what a probe was answered to what that says of its checks. Pure; what it cannot
//! understand becomes unknown with a reason, never ok.

mod connection;
mod http;
mod instant;
mod json;
mod page;
#[cfg(test)]
mod tests;

use watchfloor_wire::time::UnixMs;

use super::answer::{Answer, Failure, Said};
use super::plan::{MetricSource, Probe};
use super::prometheus::{Growth, Malformed};
use crate::config::probe::ProbeKind;
use crate::ingest::redact::{self, Redactions};
use crate::observation::{CheckObservation, Outcome, Sample};

/// Reads one probe's answers, one after the other.
#[derive(Debug, Default)]
pub struct Reader {
    growth: Growth,
    malformed: Vec<Malformed>,
}

/// What an answer says: an outcome for each check, and numbers by their place among the probe's metrics.
#[derive(Debug, Default)]
struct Reading {
    outcomes: Vec<Outcome>,
    values: Vec<(usize, Option<f64>)>,
}

impl Reader {
    /// What the answer says of each of the probe's checks, in their order.
    pub fn read(&mut self, probe: &Probe, answer: &Answer, now: UnixMs) -> Vec<CheckObservation> {
        let reading = match &answer.said {
            Err(failure) => Reading::failed(probe, failure),
            Ok(said) => self.read_said(probe, said, now),
        };
        let mut values = reading.values;
        if answer.said.is_ok() {
            let latency = |(at, _): &(usize, _)| {
                let metric = probe.metrics.get(*at);
                metric.is_some_and(|it| it.source == MetricSource::Latency)
            };
            let all = probe.metrics.iter().enumerate();
            let at = all.map(|(at, _)| (at, Some(answer.latency_ms)));
            values.extend(at.filter(latency));
        }
        assemble(probe, reading.outcomes, &values, now)
    }

    /// What was not as it should be on the newest Prometheus page.
    #[must_use]
    pub fn malformed(&self) -> &[Malformed] {
        &self.malformed
    }

    fn read_said(&mut self, probe: &Probe, said: &Said, now: UnixMs) -> Reading {
        match said {
            Said::Connected => Reading::all(probe, &Outcome::Ok),
            Said::Certificate { ends_at } => connection::certificate(probe, *ends_at, now),
            Said::Socket(answer) => connection::socket(probe, answer),
            Said::Http(answer) => match probe.config.kind {
                ProbeKind::Redirect => http::redirect(probe, answer),
                ProbeKind::Prometheus => {
                    let (reading, malformed) = page::page(probe, answer, &mut self.growth, now);
                    self.malformed = malformed;
                    reading
                }
                _ => http::http(probe, answer, now),
            },
        }
    }
}

impl Reading {
    /// The same of every check.
    fn all(probe: &Probe, outcome: &Outcome) -> Self {
        Self {
            outcomes: vec![outcome.clone(); probe.checks.len()],
            values: Vec::new(),
        }
    }

    /// This of the first check; the others are unknown, because nothing was said of them.
    fn first(probe: &Probe, outcome: Outcome, reason: &str) -> Self {
        let mut reading = Self::all(probe, &Outcome::Unknown(nothing_said(reason)));
        if let Some(first) = reading.outcomes.first_mut() {
            *first = outcome;
        }
        reading
    }

    fn down(probe: &Probe, reason: &str) -> Self {
        Self::first(probe, Outcome::Down(reason.to_owned()), reason)
    }

    fn unknown(probe: &Probe, reason: &str) -> Self {
        Self::all(probe, &Outcome::Unknown(reason.to_owned()))
    }

    fn failed(probe: &Probe, failure: &Failure) -> Self {
        let reason = failure.to_string();
        match failure {
            // Nobody was asked, so nobody is down.
            Failure::Denied { .. } => Self::unknown(probe, &reason),
            _ => Self::down(probe, &reason),
        }
    }
}

fn nothing_said(reason: &str) -> String {
    format!("nothing was said of it: {reason}")
}

fn assemble(
    probe: &Probe,
    outcomes: Vec<Outcome>,
    values: &[(usize, Option<f64>)],
    now: UnixMs,
) -> Vec<CheckObservation> {
    let samples_of = |check: usize| {
        values.iter().filter_map(move |(at, value)| {
            let metric = probe.metrics.get(*at)?;
            let scaled = value.map(|value| value * metric.scale);
            (metric.check == check).then(|| Sample {
                series: metric.series.clone(),
                at: now,
                value: scaled.filter(|value| value.is_finite()),
            })
        })
    };
    let checks = probe.checks.iter().zip(outcomes).enumerate();
    checks
        .map(|(at, (check, outcome))| CheckObservation {
            check: check.clone(),
            observed_at: now,
            outcome: without_secrets(probe, outcome),
            samples: samples_of(at).collect(),
        })
        .collect()
}

/// The outcome without what the product itself keeps secret; built-in secrets are gone already.
fn without_secrets(probe: &Probe, outcome: Outcome) -> Outcome {
    let clean = |reason: String| redact::text(&reason, &probe.secrets, &mut Redactions::default());
    match outcome {
        Outcome::Ok => Outcome::Ok,
        Outcome::Degraded(reason) => Outcome::Degraded(clean(reason)),
        Outcome::Down(reason) => Outcome::Down(clean(reason)),
        Outcome::Maintenance(reason) => Outcome::Maintenance(clean(reason)),
        Outcome::Unknown(reason) => Outcome::Unknown(clean(reason)),
    }
}
