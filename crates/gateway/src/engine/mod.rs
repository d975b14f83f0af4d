//! A thin double with the engine's signatures: it knows no incident. The engine replaces it.

use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::feed::PipelineAges;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentPage, TimelineEntry};
use watchfloor_wire::permits::Refusal;
use watchfloor_wire::session::Role;

use crate::change::AuditRow;
use crate::clock::Clock;
use crate::config::Config;
use crate::hub::Hub;
use crate::observation::Observation;
use crate::records::Recorder;
use crate::store::{Store, StoreError};

/// See the module's text.
#[derive(Clone, Debug)]
pub struct EngineHandle;

/// Who acts.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account.
    pub account: String,
    /// Its name for people.
    pub name: String,
    /// Its role.
    pub role: Role,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct ActionRequest {
    /// Of which incident.
    pub incident: IncidentId,
    /// What.
    pub action: ActionBody,
    /// The version seen.
    pub if_match: u64,
    /// The idempotency key.
    pub key: String,
    /// Of the request.
    pub fingerprint: String,
    /// By whom.
    pub actor: Actor,
}

/// The actions.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ActionBody {
    Acknowledge(AcknowledgeRequest),
    Release(NoteRequest),
    Comment(NoteRequest),
    Assign {
        account: String,
        name: String,
        note: String,
    },
    Escalate(NoteRequest),
    Resolve(NoteRequest),
}

/// The answers.
#[derive(Clone, Debug)]
#[allow(missing_docs, clippy::large_enum_variant)]
pub enum ActionOutcome {
    Answered {
        status: u16,
        body: String,
        replayed: bool,
    },
    Refused {
        refusal: Refusal,
        current: Incident,
    },
    Changed {
        current: Incident,
    },
    KeyReused,
    NotFound,
    StoreFailed(String),
}

/// It stopped.
#[derive(Debug, thiserror::Error)]
#[error("the engine has stopped")]
pub struct EngineGone;

/// It stopped, or the store failed.
#[derive(Debug, thiserror::Error)]
#[error("the engine has stopped")]
pub struct EngineError;

#[allow(missing_docs, clippy::missing_errors_doc, clippy::unused_async)]
impl EngineHandle {
    pub fn observe(&self, _: Observation) {}
    pub async fn act(&self, _: ActionRequest) -> Result<ActionOutcome, EngineGone> {
        Ok(ActionOutcome::NotFound)
    }
    pub async fn timeline(
        &self,
        _: IncidentId,
        _: usize,
    ) -> Result<Vec<TimelineEntry>, EngineError> {
        Ok(Vec::new())
    }
    pub async fn incidents(
        &self,
        _: Option<u64>,
        _: usize,
        _: bool,
    ) -> Result<IncidentPage, EngineError> {
        Ok(IncidentPage {
            incidents: Vec::new(),
            next_before: None,
        })
    }
    pub async fn audit(&self, _: AuditRow) {}
    pub fn ages(&self) -> PipelineAges {
        PipelineAges::default()
    }
    pub async fn stop(self) {}
}

/// See the module's text.
///
/// # Errors
/// Never.
pub fn start<S: Store>(
    _: &Config,
    _: S,
    _: Hub,
    _: Recorder,
    _: Clock,
) -> Result<EngineHandle, StoreError> {
    Ok(EngineHandle)
}
