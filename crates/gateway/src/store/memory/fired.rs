//! What fired, in memory.

use std::collections::BTreeMap;

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::time::UnixMs;

use crate::store::{FIRED_MAX_ROWS, FIRED_READ_ROWS, FiredAlert, FiredHistory, fired_history};

/// Each time that an alert began to fire, oldest first.
#[derive(Debug, Default)]
pub(super) struct Fired {
    rows: BTreeMap<(UnixMs, String), (FiredAlert, Option<IncidentId>)>,
    since: UnixMs,
}

impl Fired {
    pub(super) fn new(since: UnixMs) -> Self {
        Self {
            rows: BTreeMap::new(),
            since,
        }
    }

    pub(super) fn note(&mut self, alert: &Alert) {
        let (AlertState::Firing, Some(at)) = (alert.state, alert.firing_since) else {
            return;
        };
        let row = self
            .rows
            .entry((at, alert.fingerprint.0.clone()))
            .or_insert_with(|| {
                let fired = FiredAlert {
                    at,
                    product: alert.product.0.clone(),
                    check: alert
                        .check
                        .as_ref()
                        .map_or_else(String::new, |it| it.0.clone()),
                    rule: alert.rule.clone(),
                    severity: alert.severity,
                    labels: Some(alert.labels.clone()),
                    title: alert.summary.clone(),
                };
                (fired, None)
            });
        row.1 = alert.incident;
    }

    pub(super) fn since(&self, from: UnixMs, incidents: &BTreeMap<u64, Incident>) -> FiredHistory {
        let rows = self.rows.range((from, String::new())..).rev();
        let alerts = rows.take(FIRED_READ_ROWS).map(|(_, (fired, incident))| {
            let incident = incident.and_then(|id| incidents.get(&id.0));
            FiredAlert {
                title: incident.map_or(&fired.title, |it| &it.title).clone(),
                ..fired.clone()
            }
        });
        fired_history(alerts.collect(), from, self.since)
    }

    pub(super) fn retain(&mut self, before: UnixMs) {
        self.rows.retain(|(at, _), _| *at >= before);
        while self.rows.len() as u64 > FIRED_MAX_ROWS {
            self.rows.pop_first();
        }
    }
}
