//! Rows that come to another state, with what that leaves behind: timeline entries, audit rows, counters.

use std::collections::BTreeMap;

use watchfloor_wire::entity::Entity;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, TimelineKind};
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, Change, Transaction};
use crate::engine::run::Engine;
use crate::incidents::log::{GATEWAY, entry};
use crate::notify::outbox::{Notification, OutboxChange};
use crate::notify::words;
use crate::store::{Store, StoreError};

/// Rows that come to another state, with what goes into timelines and the audit.
#[derive(Default)]
pub(super) struct Settling {
    pub(super) changes: Vec<OutboxChange>,
    pub(super) texts: Vec<(IncidentId, String)>,
    pub(super) audit: Vec<AuditRow>,
}

impl<S: Store> Engine<S> {
    /// Notes that a row comes to another state.
    pub(super) fn settle(
        &self,
        settling: &mut Settling,
        row: &Notification,
        after: Notification,
        others: Option<usize>,
    ) {
        let channel = self.core.channel_name(&row.channel).unwrap_or(&row.channel);
        if let Some(incident) = row.incident()
            && let Some(text) = words::outcome(&after, channel, others)
        {
            settling.texts.push((incident, text));
        }
        if after.state.is_final() {
            let outcome = serde_json::to_value(after.state).unwrap_or_default();
            let outcome = outcome.as_str().unwrap_or_default().to_owned();
            metrics::counter!("watchfloor_notifications_total", "channel" => row.channel.clone(), "outcome" => outcome)
                .increment(1);
            settling.audit.push(settled(&after));
        } else if after.failed_at.is_some() {
            metrics::counter!("watchfloor_notification_failures_total", "channel" => row.channel.clone())
                .increment(1);
        }
        settling.changes.push(row.moved_to(after));
    }

    /// Stores all of it. Incidents whose timelines got longer say so in the feed.
    pub(super) fn commit_settling(
        &mut self,
        settling: Settling,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        if settling.changes.is_empty() {
            return Ok(());
        }
        let mut touched: BTreeMap<IncidentId, Incident> = BTreeMap::new();
        for (id, _) in &settling.texts {
            if let Some(incident) = self.core.incident(*id) {
                let mut incident = incident.clone();
                incident.notified_at = Some(now);
                touched.insert(*id, incident);
            }
        }
        let upsert = |it: &Incident| Change::Upsert(Entity::Incident(it.clone()));
        let texts = settling.texts.into_iter();
        let transaction = Transaction {
            changes: touched.values().map(upsert).collect(),
            timeline: texts
                .map(|(incident, text)| entry(incident, now, TimelineKind::Notified, text))
                .collect(),
            audit: settling.audit,
            outbox: settling.changes,
            ..Transaction::default()
        };
        self.commit(&transaction)?;
        for incident in touched.into_values() {
            self.core.adopt_incident(incident);
        }
        Ok(())
    }
}

fn settled(row: &Notification) -> AuditRow {
    let state = serde_json::to_value(row.state).unwrap_or_default();
    AuditRow {
        at: row.settled_at.unwrap_or(row.at),
        actor: GATEWAY.to_owned(),
        action: format!("notification.{}", state.as_str().unwrap_or("settled")),
        subject: format!("notification/{}", row.id),
        detail: serde_json::json!({
            "channel": row.channel,
            "kind": row.kind,
            "incident": row.incident(),
            "attempts": row.attempts,
            "took_ms": row.took_ms,
            "reason": row.reason,
            "digest": row.digest,
        })
        .to_string(),
    }
}
