//! What an incident says of an alert that turns again and again: one entry when it begins, one when it is quiet.

use watchfloor_wire::alert::Alert;
use watchfloor_wire::incident::{Incident, TimelineKind};
use watchfloor_wire::time::UnixMs;

use super::log::Log;
use super::{Desk, is_open};
use crate::evaluate::format;

impl Desk {
    /// An alert is held firing from now on, because it turned again and again.
    pub fn flapping(&mut self, alert: &Alert, now: UnixMs, log: &mut Log) {
        let Some(flapping) = alert.flapping else {
            return;
        };
        let text = format!(
            "Flapping: {}. {} changes in {}; it counts as firing until it is quiet",
            alert.rule,
            flapping.changes,
            format::span(flapping.within_ms)
        );
        self.tell_holder(alert, text, now, log);
    }

    /// An alert that flapped is quiet, and fires on.
    pub fn calmed(&mut self, alert: &Alert, now: UnixMs, log: &mut Log) {
        let text = format!("No longer flapping: {}; it fires on", alert.summary);
        self.tell_holder(alert, text, now, log);
    }

    fn tell_holder(&mut self, alert: &Alert, text: String, now: UnixMs, log: &mut Log) {
        let holds = |it: &&mut Incident| is_open(it) && it.alerts.contains(&alert.fingerprint);
        if let Some(incident) = self.incidents.values_mut().find(holds) {
            incident.version += 1;
            log.note(incident, now, TimelineKind::Alert, text);
        }
    }
}
