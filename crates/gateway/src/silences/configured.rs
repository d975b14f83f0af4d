//! Maintenance windows of the configuration. Each keeps its number for as long as its name stands in its product's
//! file, so that its history does.

use watchfloor_wire::silence::{
    MatchField, MatchOperator, Matcher, Recurrence, Silence, SilenceId, SilenceKind,
};
use watchfloor_wire::time::UnixMs;

use super::record::audit_row;
use super::{Silences, recurrence};
use crate::change::AuditRow;
use crate::config::Config;
use crate::config::catalogue::check_id;
use crate::config::maintenance::MaintenanceConfig;

/// Whose windows they are, in the audit and as their author.
pub const CONFIGURATION: &str = "configuration";

impl Silences {
    /// Takes over what the configuration says now: new windows begin to be, changed ones change, and those whose
    /// names are gone end.
    pub(super) fn configure(&mut self, config: &Config, now: UnixMs, audit: &mut Vec<AuditRow>) {
        let mut named = Vec::new();
        for product in &config.products {
            for window in &product.maintenance {
                let name = format!("{}.{}", product.id, window.name);
                let wanted = wanted(&product.id, &name, window, self.next_id(), now);
                self.take_over(wanted, now, audit);
                named.push(name);
            }
        }
        let gone: Vec<SilenceId> = self
            .all
            .values()
            .filter(|it| it.ended_at.is_none())
            .filter(|it| {
                it.configured
                    .as_ref()
                    .is_some_and(|name| !named.contains(name))
            })
            .map(|it| it.id)
            .collect();
        for id in gone {
            if let Some(silence) = self.all.get_mut(&id) {
                silence.version += 1;
                silence.ended_at = Some(now);
                silence.ended_by_name = Some("Configuration".to_owned());
                audit.push(row(silence, "silence.expire", now));
                self.touched.insert(id);
            }
        }
    }

    fn take_over(&mut self, wanted: Silence, now: UnixMs, audit: &mut Vec<AuditRow>) {
        let there = self
            .all
            .values_mut()
            .find(|it| it.configured == wanted.configured && it.ended_at.is_none());
        let Some(silence) = there else {
            let id = wanted.id;
            self.last_id = id.0;
            audit.push(row(&wanted, "silence.make", now));
            self.all.insert(id, wanted);
            self.touched.insert(id);
            return;
        };
        let same = silence.matchers == wanted.matchers
            && silence.reason == wanted.reason
            && silence.recurrence == wanted.recurrence;
        if same {
            return;
        }
        silence.version += 1;
        silence.matchers = wanted.matchers;
        silence.reason = wanted.reason;
        silence.recurrence = wanted.recurrence;
        (silence.starts_at, silence.expires_at) = (wanted.starts_at, wanted.expires_at);
        silence.warned_at = None;
        audit.push(row(silence, "silence.change", now));
        self.touched.insert(silence.id);
    }
}

fn wanted(
    product: &str,
    name: &str,
    window: &MaintenanceConfig,
    id: SilenceId,
    now: UnixMs,
) -> Silence {
    let recurrence = Recurrence {
        days: window.days.clone(),
        at: window.at.clone(),
        duration_ms: window.duration.ms,
        zone: window.zone.clone(),
        until: None,
    };
    // Checked when the configuration is loaded; a window that never comes would be one that is over.
    let (starts_at, expires_at) = recurrence::window(&recurrence, now).unwrap_or((now, now));
    Silence {
        id,
        version: 1,
        kind: SilenceKind::Maintenance,
        matchers: matchers(product, window),
        starts_at,
        expires_at,
        reason: window.reason.trim().to_owned(),
        author: CONFIGURATION.to_owned(),
        author_name: "Configuration".to_owned(),
        created_at: now,
        recurrence: Some(recurrence),
        configured: Some(name.to_owned()),
        ended_at: None,
        ended_by_name: None,
        replaced_by: None,
        warned_at: None,
    }
}

fn matchers(product: &str, window: &MaintenanceConfig) -> Vec<Matcher> {
    let any_of = |field| Matcher::new(field, MatchOperator::Is, "");
    let ids: Vec<String> = window
        .checks
        .iter()
        .map(|it| check_id(product, it).0)
        .collect();
    let mut matchers = Vec::new();
    // One check says by itself which product it is of.
    if ids.len() != 1 {
        matchers.push(any_of(MatchField::Product).for_any_of([product]));
    }
    if !ids.is_empty() {
        matchers.push(any_of(MatchField::Check).for_any_of(ids.iter().map(String::as_str)));
    }
    for (name, words) in &window.labels.0 {
        let matcher = match name.as_str() {
            "rule" => any_of(MatchField::Rule),
            "severity" => any_of(MatchField::Severity),
            _ => Matcher::of_label(name, MatchOperator::Is, ""),
        };
        matchers.push(matcher.for_any_of(words.0.iter().map(String::as_str)));
    }
    matchers
}

fn row(silence: &Silence, action: &str, now: UnixMs) -> AuditRow {
    audit_row(silence, None, CONFIGURATION, action, "", now)
}
