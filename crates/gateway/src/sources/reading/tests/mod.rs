//! Answers in, outcomes out.

mod health;
mod others;

use watchfloor_wire::time::UnixMs;

use super::Reader;
use crate::observation::{CheckObservation, Outcome};
use crate::sources::answer::{Answer, Body, Failure, HttpAnswer, Said};
use crate::sources::plan::Probe;

/// 2025-11-21T12:00:00Z.
const NOW: UnixMs = UnixMs(1_763_726_400_000);

fn ok() -> Outcome {
    Outcome::Ok
}
fn down(reason: &str) -> Outcome {
    Outcome::Down(reason.to_owned())
}
fn degraded(reason: &str) -> Outcome {
    Outcome::Degraded(reason.to_owned())
}
fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown(reason.to_owned())
}

fn page(status: u16, body: &str) -> HttpAnswer {
    HttpAnswer {
        status,
        content_type: Some("application/json; charset=utf-8".to_owned()),
        content_encoding: None,
        location: None,
        body: Body::Whole(body.as_bytes().to_vec()),
    }
}

fn read(probe: &Probe, said: Result<Said, Failure>) -> Vec<CheckObservation> {
    let answer = Answer {
        latency_ms: 12.0,
        said,
    };
    Reader::default().read(probe, &answer, NOW)
}

fn outcomes(probe: &Probe, said: Result<Said, Failure>) -> Vec<Outcome> {
    let observations = read(probe, said).into_iter();
    observations.map(|it| it.outcome).collect()
}

fn http(probe: &Probe, answer: HttpAnswer) -> Vec<Outcome> {
    outcomes(probe, Ok(Said::Http(answer)))
}

fn samples(observations: &[CheckObservation]) -> Vec<(&str, Option<f64>)> {
    let samples = observations.iter().flat_map(|it| &it.samples);
    samples.map(|it| (it.series.as_str(), it.value)).collect()
}
