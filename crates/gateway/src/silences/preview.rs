//! What conditions would hit: what fires now, and what fired before.

use std::collections::BTreeMap;

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::silence::request::{FiredBefore, SilencePreview};
use watchfloor_wire::silence::{
    MatchField, Matcher, Silence, SilenceId, SilenceKind, Subject, muting_incident,
};
use watchfloor_wire::time::{DAY_MS, UnixMs};

use crate::store::{FiredAlert, FiredHistory};

/// How far back a preview looks, in milliseconds.
pub const LOOK_BACK_MS: i64 = 7 * DAY_MS;
/// How many alerts and rules it names, at most.
pub const NAMED: usize = 20;

/// Says what these conditions hit. `history` is what fired within [`LOOK_BACK_MS`], as far as it is known.
#[must_use]
pub fn preview(
    matchers: &[Matcher],
    everything: bool,
    alerts: &[Alert],
    incidents: &[Incident],
    history: &FiredHistory,
    now: UnixMs,
) -> SilencePreview {
    let tried = tried(matchers, now);
    let mut hit: Vec<&Alert> = alerts
        .iter()
        .filter(|it| it.state == AlertState::Firing)
        .filter(|it| tried.matches(&Subject::of_alert(it, incident_of(it, incidents))))
        .collect();
    hit.sort_by_key(|it| (it.severity, it.firing_since, it.fingerprint.clone()));
    let muted = incidents
        .iter()
        .filter(|it| it.status != IncidentStatus::Resolved)
        .filter(|it| muting_incident(std::iter::once(&tried), it, alerts, now).is_some());
    let before = Before::new(&tried, history);
    SilencePreview {
        everything,
        alerts_now: count(hit.len()),
        incidents_now: muted.map(|it| it.id).collect(),
        alerts: hit.into_iter().take(NAMED).cloned().collect(),
        fired_before: before.times(),
        history: before.by_rule(),
        history_from: before.from,
        undecided_before: count(before.undecided),
    }
}

fn incident_of<'i>(alert: &Alert, incidents: &'i [Incident]) -> Option<&'i Incident> {
    incidents.iter().find(|it| Some(it.id) == alert.incident)
}

/// What of the history is hit, and from when on that can be said.
struct Before<'h> {
    hit: Vec<&'h FiredAlert>,
    /// Just past the newest alert of which it cannot be said; else from when on it is known what fired.
    from: UnixMs,
    /// Of how many it cannot be said, because their labels were not kept.
    undecided: usize,
}

impl<'h> Before<'h> {
    fn new(tried: &Silence, history: &'h FiredHistory) -> Self {
        // What misses one of these is not hit, whatever its labels were.
        let without_labels = Silence {
            matchers: tried
                .matchers
                .iter()
                .filter(|it| it.field != MatchField::Label)
                .cloned()
                .collect(),
            ..tried.clone()
        };
        let names_labels = without_labels.matchers.len() < tried.matchers.len();
        let none = BTreeMap::new();
        let (mut hit, mut undecided) = (Vec::new(), Vec::new());
        for it in &history.alerts {
            match &it.labels {
                None if names_labels => {
                    if without_labels.matches(&subject(it, &none)) {
                        undecided.push(it.at);
                    }
                }
                labels => {
                    if tried.matches(&subject(it, labels.as_ref().unwrap_or(&none))) {
                        hit.push(it);
                    }
                }
            }
        }
        let newest = undecided.iter().max();
        let from = newest.map_or(history.from, |at| history.from.max(at.plus_ms(1)));
        // A count that begins at a time has nothing from before it.
        hit.retain(|it| it.at >= from);
        Self {
            hit,
            from,
            undecided: undecided.len(),
        }
    }

    fn times(&self) -> u32 {
        count(self.hit.len())
    }

    /// The rules that were hit, most often first.
    fn by_rule(&self) -> Vec<FiredBefore> {
        let mut rules: BTreeMap<(&str, &str, &str), FiredBefore> = BTreeMap::new();
        for it in &self.hit {
            let rule = rules
                .entry((it.product.as_str(), it.check.as_str(), it.rule.as_str()))
                .or_insert_with(|| FiredBefore {
                    title: String::new(),
                    rule: it.rule.clone(),
                    times: 0,
                    last_at: UnixMs(i64::MIN),
                });
            rule.times += 1;
            if it.at > rule.last_at {
                rule.last_at = it.at;
                rule.title.clone_from(&it.title);
            }
        }
        let mut rules: Vec<FiredBefore> = rules.into_values().collect();
        rules.sort_by_key(|it| (std::cmp::Reverse(it.times), std::cmp::Reverse(it.last_at)));
        rules.truncate(NAMED);
        rules
    }
}

fn subject<'a>(it: &'a FiredAlert, labels: &'a BTreeMap<String, String>) -> Subject<'a> {
    Subject {
        product: &it.product,
        check: &it.check,
        rule: &it.rule,
        severity: it.severity,
        labels,
        title: &it.title,
    }
}

/// A silence of these conditions that goes on now, to be asked what a real one would say.
fn tried(matchers: &[Matcher], now: UnixMs) -> Silence {
    Silence {
        id: SilenceId(0),
        version: 0,
        kind: SilenceKind::Silence,
        matchers: matchers.to_vec(),
        starts_at: now,
        expires_at: now.plus_ms(1),
        reason: String::new(),
        author: String::new(),
        author_name: String::new(),
        created_at: now,
        recurrence: None,
        configured: None,
        ended_at: None,
        ended_by_name: None,
        replaced_by: None,
        warned_at: None,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
