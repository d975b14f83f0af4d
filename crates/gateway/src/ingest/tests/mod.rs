//! The intake through its front door.

mod events;
mod hostile;
mod limits;
mod lines;

use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{HeaderMap, header};
use serde_json::Value;
use tempfile::TempDir;
use watchfloor_wire::ingest::Ingested;
use watchfloor_wire::log::LogLine;
use watchfloor_wire::time::UnixMs;

use super::{Intake, Kind, Refusal};
use crate::clock::Clock;
use crate::config::gateway::Retention;
use crate::config::{Config, ProductConfig};
use crate::observation::Observation;
use crate::records::{self, LogQuery, Recorder, Records};

const NOW: UnixMs = UnixMs(1_772_366_400_000);
const KEY: &str = "a-key-that-is-long-enough";

const PRODUCT: &str = r#"
id = "chatpdd"
name = "ChatPDD"
ingest_key_env = "CHATPDD_KEY"
redact_keys = ["case_number"]
[[probe]]
kind = "http"
url = "http://127.0.0.1:9121/"
[[probe.check]]
name = "api"
title = "API"
[[pushed]]
check = "api"
metric = "latency_ms"
unit = "ms"
every = "10s"
[[pushed]]
check = "sales"
metric = "orders"
unit = "per_s"
every = "10s"
"#;

fn product() -> ProductConfig {
    toml::from_str(PRODUCT).unwrap_or_else(|error| panic!("{error}"))
}

fn config() -> Config {
    Config {
        gateway: toml::from_str("products = []").unwrap(),
        products: vec![product()],
    }
}

struct Door {
    intake: Intake,
    observed: Arc<Mutex<Vec<Observation>>>,
    recorder: Recorder,
    records: Records,
    clock: Clock,
    directory: TempDir,
}

impl Door {
    fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW);
        let (recorder, records) =
            records::open(directory.path(), &Retention::default(), clock.clone()).unwrap();
        let observed = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&observed);
        let intake = Intake::new(
            &config(),
            &|name| (name == "CHATPDD_KEY").then(|| KEY.to_owned()),
            move |observation| sink.lock().unwrap().push(observation),
            recorder.clone(),
            clock.clone(),
        );
        Self {
            intake,
            observed,
            recorder,
            records,
            clock,
            directory,
        }
    }

    async fn send(&self, kind: Kind, body: &Value) -> Result<Ingested, Refusal> {
        let body = Body::from(body.to_string());
        self.intake.take(kind, &bearer(KEY), body).await
    }

    /// Sends one event a line.
    async fn send_lines(&self, kind: Kind, text: &str) -> Result<Ingested, Refusal> {
        let mut headers = bearer(KEY);
        let ndjson = "application/x-ndjson; charset=utf-8".parse().unwrap();
        headers.insert(header::CONTENT_TYPE, ndjson);
        let body = Body::from(text.to_owned());
        self.intake.take(kind, &headers, body).await
    }

    /// What was stored, oldest first.
    async fn lines(&self) -> Vec<LogLine> {
        self.recorder.flush().await;
        let query = LogQuery {
            limit: 1_000,
            ..LogQuery::default()
        };
        let mut lines = self.records.logs(query).await.unwrap().lines;
        lines.reverse();
        lines
    }

    fn observed(&self) -> Vec<Observation> {
        std::mem::take(&mut *self.observed.lock().unwrap())
    }
}

fn bearer(key: &str) -> HeaderMap {
    let value = format!("Bearer {key}").parse().unwrap();
    HeaderMap::from_iter([(header::AUTHORIZATION, value)])
}

fn status<T>(outcome: &Result<T, Refusal>) -> u16 {
    outcome
        .as_ref()
        .map_or_else(|it| it.problem.status, |_| 200)
}

/// The place and the text of what was wrong.
fn complaint<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> (String, String) {
    let problem = outcome.unwrap_err().problem;
    let error = problem.errors.first().unwrap();
    (error.field.clone(), error.text.clone())
}
