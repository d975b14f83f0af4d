//! A thin double with the intake's signatures: it knows no key. The intake replaces it.

use bytes::Bytes;
use http::HeaderMap;
use watchfloor_wire::ingest::Ingested;
use watchfloor_wire::problem::Problem;

use crate::clock::Clock;
use crate::config::Config;
use crate::engine::EngineHandle;
use crate::records::Recorder;

/// See the module's text.
#[derive(Clone, Debug)]
pub struct Intake;

#[allow(missing_docs, clippy::missing_errors_doc, clippy::unused_async)]
impl Intake {
    pub fn new(_: &Config, _: EngineHandle, _: Recorder, _: Clock) -> Self {
        Self
    }
    pub async fn logs(&self, _: &HeaderMap, _: Bytes) -> Result<Ingested, Problem> {
        Err(refused())
    }
    pub async fn errors(&self, _: &HeaderMap, _: Bytes) -> Result<Ingested, Problem> {
        Err(refused())
    }
    pub async fn metrics(&self, _: &HeaderMap, _: Bytes) -> Result<Ingested, Problem> {
        Err(refused())
    }
    pub async fn deploys(&self, _: &HeaderMap, _: Bytes) -> Result<Ingested, Problem> {
        Err(refused())
    }
}

fn refused() -> Problem {
    Problem {
        status: 401,
        code: "key".to_owned(),
        title: "No valid key".to_owned(),
        detail: String::new(),
        errors: Vec::new(),
        current: None,
    }
}
