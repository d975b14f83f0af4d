//! What incidents leave behind besides themselves: timelines and the audit.

use serde_json::Value;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, TimelineKind};
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, NewTimelineEntry};

/// The account in the audit of what the gateway does by itself.
pub const GATEWAY: &str = "gateway";

/// What happened and is not stored yet.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Incidents that changed or left, in order.
    pub touched: Vec<IncidentId>,
    /// Additions to timelines.
    pub timeline: Vec<NewTimelineEntry>,
    /// Rows of the audit.
    pub audit: Vec<AuditRow>,
}

impl Log {
    /// Notes a thing that the gateway did to an incident.
    pub fn note(&mut self, incident: &Incident, at: UnixMs, kind: TimelineKind, text: String) {
        self.touched.push(incident.id);
        self.timeline.push(entry(incident.id, at, kind, text));
    }

    /// Notes in the audit what the gateway did to an incident; `changed` is an object of what it changed, each as
    /// `[before, after]`.
    pub fn audit(&mut self, incident: &Incident, at: UnixMs, action: &str, changed: Value) {
        let mut detail = changed;
        detail["version"] = incident.version.into();
        detail["priority"] = incident.priority.to_string().into();
        detail["title"] = incident.title.as_str().into();
        self.audit.push(AuditRow {
            at,
            actor: GATEWAY.to_owned(),
            action: format!("incident.{action}"),
            subject: subject(incident.id),
            detail: detail.to_string(),
        });
    }
}

/// An incident's name in the audit.
#[must_use]
pub fn subject(id: IncidentId) -> String {
    format!("incident/{}", id.0)
}

/// A timeline entry of the gateway itself.
#[must_use]
pub const fn entry(
    incident: IncidentId,
    at: UnixMs,
    kind: TimelineKind,
    text: String,
) -> NewTimelineEntry {
    NewTimelineEntry {
        incident,
        at,
        kind,
        actor_name: None,
        text,
        note: String::new(),
    }
}
