//! How incidents come to be: by an alert, or by a person.

use watchfloor_wire::action::OpenRequest;
use watchfloor_wire::alert::Alert;
use watchfloor_wire::id::{IncidentId, SeriesId};
use watchfloor_wire::incident::{Incident, IncidentStatus, TimelineKind};
use watchfloor_wire::permits::{Action, role_permits};
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::UnixMs;

use super::action::{Acted, Actor, Objection};
use super::log::subject;
use super::{Desk, policy};
use crate::change::{AuditRow, NewTimelineEntry};
use crate::config::ProductConfig;
use crate::order::Identity;

/// A request to open an incident, already checked for form.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenOrder {
    /// What is to be opened.
    pub request: OpenRequest,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
    /// Who.
    pub actor: Actor,
}

impl OpenOrder {
    /// What makes it the same one when it comes again.
    #[must_use]
    pub fn identity(&self) -> Identity<'_> {
        Identity::new(&self.actor, &self.key, &self.fingerprint)
    }
}

/// An incident that an alert opens.
pub(super) fn by_alert(
    id: IncidentId,
    alert: &Alert,
    (title, series): (String, Option<SeriesId>),
    priority: Priority,
    policy: Option<&ProductConfig>,
    now: UnixMs,
) -> Incident {
    Incident {
        id,
        version: 1,
        product: alert.product.clone(),
        check: alert.check.clone(),
        title,
        priority,
        severity: alert.severity,
        status: IncidentStatus::Triggered,
        opened_at: now,
        respond_by: now.plus_ms(policy::respond_within_ms(policy, priority)),
        answered_at: None,
        alerts: vec![alert.fingerprint.clone()],
        symptoms: Vec::new(),
        lease: None,
        escalation: policy::ladder(policy, priority, now),
        opened_by_name: None,
        covers: Vec::new(),
        links: Vec::new(),
        resolution: None,
        series,
        runbook_url: alert.runbook_url.clone(),
        notified_at: None,
    }
}

impl Desk {
    /// Opens an incident in thought, under the next number; nothing is true before it is stored and handed to
    /// [`Desk::adopt`].
    ///
    /// # Errors
    /// The [`Objection`].
    pub fn open(&self, order: &OpenOrder, now: UnixMs) -> Result<Acted, Objection> {
        // Whoever may answer an incident may open one.
        role_permits(order.actor.role, Action::Acknowledge).map_err(Objection::Refused)?;
        let request = &order.request;
        let Some(policy) = self.policy(&request.product) else {
            let text = format!("There is no product `{}`.", request.product);
            let field = "product".to_owned();
            return Err(Objection::Incomplete(FieldProblem { field, text }));
        };
        let incident = self.by_person(order, policy, now);
        let entry = NewTimelineEntry {
            incident: incident.id,
            at: now,
            kind: TimelineKind::Opened,
            actor_name: Some(order.actor.name.clone()),
            text: format!("Opened it as {}", incident.priority),
            note: request.note.trim().to_owned(),
        };
        let detail = serde_json::json!({
            "version": incident.version,
            "priority": incident.priority.to_string(),
            "title": incident.title,
            "note": request.note.trim(),
            "key": order.key,
        });
        let audit = AuditRow {
            at: now,
            actor: order.actor.account.clone(),
            action: "incident.open".to_owned(),
            subject: subject(incident.id),
            detail: detail.to_string(),
        };
        Ok(Acted {
            incident,
            other: None,
            moved: Vec::new(),
            entries: vec![entry],
            audit: vec![audit],
            notify: None,
        })
    }

    fn by_person(&self, order: &OpenOrder, policy: &ProductConfig, now: UnixMs) -> Incident {
        let request = &order.request;
        let priority = request.priority;
        let policy = Some(policy);
        Incident {
            id: self.next_id(),
            version: 1,
            product: request.product.clone(),
            check: None,
            title: request.title.trim().to_owned(),
            priority,
            severity: severity_of(policy, priority),
            status: IncidentStatus::Triggered,
            opened_at: now,
            respond_by: now.plus_ms(policy::respond_within_ms(policy, priority)),
            answered_at: None,
            alerts: Vec::new(),
            symptoms: Vec::new(),
            lease: None,
            escalation: policy::ladder(policy, priority, now),
            opened_by_name: Some(order.actor.name.clone()),
            covers: Vec::new(),
            links: Vec::new(),
            resolution: None,
            series: None,
            runbook_url: None,
            notified_at: None,
        }
    }
}

/// The severity whose incidents have this priority in the product; the usual one where it has none.
fn severity_of(policy: Option<&ProductConfig>, priority: Priority) -> Severity {
    const WORST_FIRST: [Severity; 4] = [
        Severity::Critical,
        Severity::High,
        Severity::Warning,
        Severity::Info,
    ];
    let named = |it: &Severity| policy.and_then(|policy| policy.priority_of(*it)) == Some(priority);
    WORST_FIRST
        .into_iter()
        .find(named)
        .unwrap_or(match priority {
            Priority::P0 => Severity::Critical,
            Priority::P1 => Severity::High,
            Priority::P2 => Severity::Warning,
            Priority::P3 => Severity::Info,
        })
}
