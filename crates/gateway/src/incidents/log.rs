//! What incidents leave behind besides themselves: timelines and the audit.

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

    /// Notes in the audit that the gateway changed an incident's status.
    pub fn audit(&mut self, incident: &Incident, at: UnixMs, action: &str) {
        self.audit.push(AuditRow {
            at,
            actor: GATEWAY.to_owned(),
            action: format!("incident.{action}"),
            subject: subject(incident.id),
            detail: serde_json::json!({
                "version": incident.version,
                "priority": incident.priority.to_string(),
                "title": incident.title,
            })
            .to_string(),
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
