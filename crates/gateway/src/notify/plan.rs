//! What a change tells, whom, and on which channels, by the product's policy. Pure.

use std::collections::BTreeMap;

use watchfloor_wire::id::{IncidentId, ProductId};
use watchfloor_wire::incident::{EscalationStep, Incident, IncidentStatus};
use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::priority::Priority;
use watchfloor_wire::time::UnixMs;

use super::outbox::{Facts, Notification, OutboxChange};
use crate::config::Config;
use crate::config::product::ResponseConfig;

/// The policies of all products, and every incident as it was when it was last stored: the difference is what must
/// be told.
#[derive(Debug, Default)]
pub struct Planner {
    products: BTreeMap<ProductId, Policy>,
    stored: BTreeMap<IncidentId, Incident>,
}

#[derive(Debug)]
struct Policy {
    name: String,
    responses: BTreeMap<String, ResponseConfig>,
}

impl Policy {
    fn response(&self, priority: Priority) -> Option<&ResponseConfig> {
        self.responses.get(&priority.to_string())
    }
}

/// A thing that happened to an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// What.
    pub kind: NotificationKind,
    /// The step that was taken, by its place in the ladder.
    pub step: Option<usize>,
}

impl Planner {
    /// With the products' policies and the incidents as they are stored.
    #[must_use]
    pub fn new(config: &Config, stored: impl IntoIterator<Item = Incident>) -> Self {
        let policy = |it: &crate::config::ProductConfig| Policy {
            name: it.name.clone(),
            responses: it.response.clone(),
        };
        Self {
            products: config
                .products
                .iter()
                .map(|it| (ProductId::from(it.id.as_str()), policy(it)))
                .collect(),
            stored: stored.into_iter().map(|it| (it.id, it)).collect(),
        }
    }

    /// The incident is stored as it is here; `None` when it has left the feed.
    pub fn stored(&mut self, id: IncidentId, incident: Option<&Incident>) {
        match incident {
            Some(incident) => self.stored.insert(id, incident.clone()),
            None => self.stored.remove(&id),
        };
    }

    /// Where the incident stands in the store; `None` when it is not in the feed.
    #[must_use]
    pub fn status(&self, id: IncidentId) -> Option<IncidentStatus> {
        self.stored.get(&id).map(|it| it.status)
    }

    /// What must be told once the incident is stored as it is here. `by` is who changed it; `None` when the gateway
    /// did.
    #[must_use]
    pub fn plan(&self, after: &Incident, by: Option<&By<'_>>, now: UnixMs) -> Vec<OutboxChange> {
        let Some(policy) = self.products.get(&after.product) else {
            return Vec::new();
        };
        let happened = happened(self.stored.get(&after.id), after);
        let mut rows = Vec::new();
        for it in happened {
            let response = policy.response(after.priority);
            let tells = |response: &&ResponseConfig| tells(response, &it, by);
            for channel in channels(response.filter(tells), after, &it) {
                let facts = facts(after, &policy.name, &it, by, now);
                rows.push(OutboxChange::Add(Notification {
                    facts: Some(facts),
                    ..Notification::waiting(id(after, &it, channel), channel, it.kind, now)
                }));
            }
        }
        rows
    }
}

/// Who changed an incident.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Their name for people.
    pub name: &'a str,
    /// What they wrote.
    pub note: &'a str,
    /// Whether channels are told that they took it, where they chose; `None` leaves it to the product's policy.
    pub notify: Option<bool>,
}

/// What happened to an incident between what was stored and what is now.
#[must_use]
pub fn happened(before: Option<&Incident>, after: &Incident) -> Vec<Happened> {
    use IncidentStatus::{Acknowledged, Resolved, Triggered};
    let plain = |kind| Happened { kind, step: None };
    let was = before.map(|it| it.status);
    if after.status == Resolved {
        // One that came and went before it could be stored leaves nobody to be told.
        let over = before.is_some_and(|it| it.status != Resolved);
        return over
            .then(|| plain(NotificationKind::Resolved))
            .into_iter()
            .collect();
    }
    let rose = before.is_some_and(|it| after.severity < it.severity);
    let first = match (was, after.status) {
        (None, _) => Some(NotificationKind::Opened),
        (_, Triggered) if rose => Some(NotificationKind::Raised),
        (Some(Acknowledged), Triggered) => Some(NotificationKind::TriggeredAgain),
        (Some(Triggered), Acknowledged) => Some(NotificationKind::Acknowledged),
        _ => None,
    };
    first
        .map(plain)
        .into_iter()
        .chain(steps(before, after))
        .collect()
}

/// The steps that were taken since, without those that were passed over: of the steps taken at one instant, those
/// that were due before the newest one.
fn steps<'a>(
    before: Option<&'a Incident>,
    after: &'a Incident,
) -> impl Iterator<Item = Happened> + 'a {
    let old = before.map_or(&[][..], |it| &it.escalation);
    let is_new = move |step: &EscalationStep| {
        step.taken_at.is_some()
            && !old
                .iter()
                .any(|it| (&it.name, it.taken_at) == (&step.name, step.taken_at))
    };
    let ladder = &after.escalation;
    ladder
        .iter()
        .enumerate()
        .filter(move |(_, step)| {
            is_new(step)
                && !ladder.iter().any(|other| {
                    is_new(other) && other.taken_at == step.taken_at && other.due_at > step.due_at
                })
        })
        .map(|(place, _)| Happened {
            kind: NotificationKind::Escalated,
            step: Some(place),
        })
}

/// Whether it is told: as the policy says, but who takes an incident may choose.
fn tells(response: &ResponseConfig, happened: &Happened, by: Option<&By<'_>>) -> bool {
    let chosen = by.and_then(|it| it.notify);
    let chosen = chosen.filter(|_| happened.kind == NotificationKind::Acknowledged);
    chosen.unwrap_or_else(|| response.tells(happened.kind))
}

/// The channels that are told, each once, in the order of the policy; `response` is `None` when nobody is.
fn channels<'a>(
    response: Option<&'a ResponseConfig>,
    after: &Incident,
    happened: &Happened,
) -> Vec<&'a str> {
    let Some(response) = response else {
        return Vec::new();
    };
    let of_step = |step: &EscalationStep| -> &'a [String] {
        response
            .escalation
            .iter()
            .find(|it| it.name == step.name)
            .and_then(|it| it.channels.as_deref())
            .unwrap_or(&response.channels)
    };
    let mut told: Vec<&'a str> = Vec::new();
    let mut tell = |more: &'a [String]| {
        for channel in more {
            if !told.contains(&channel.as_str()) {
                told.push(channel);
            }
        }
    };
    match happened.step.and_then(|place| after.escalation.get(place)) {
        Some(step) => {
            tell(of_step(step));
            // A step that is due at once comes with the opening, of which these channels heard a moment ago.
            if step.due_at <= after.opened_at && response.tells(NotificationKind::Opened) {
                told.retain(|it| !response.channels.iter().any(|told| told == it));
            }
        }
        None => {
            tell(&response.channels);
            if happened.kind != NotificationKind::Opened {
                // Whoever was asked hears how it goes on.
                let taken = after.escalation.iter().filter(|it| it.taken_at.is_some());
                taken.for_each(|step| tell(of_step(step)));
            }
        }
    }
    told
}

fn id(after: &Incident, happened: &Happened, channel: &str) -> String {
    let (number, version, what) = (after.id.0, after.version, happened.kind.slug());
    let step = happened
        .step
        .map_or_else(String::new, |place| format!("_{}", place + 1));
    format!("inc-{number}-{version}-{what}{step}-{channel}")
}

fn facts(
    after: &Incident,
    product_name: &str,
    happened: &Happened,
    by: Option<&By<'_>>,
    now: UnixMs,
) -> Facts {
    let step = happened.step.and_then(|place| after.escalation.get(place));
    let newest = after.escalation.iter().rfind(|it| it.taken_at.is_some());
    let contact = step.or(newest).or_else(|| after.escalation.first());
    let is_people = matches!(
        happened.kind,
        NotificationKind::Acknowledged | NotificationKind::Resolved
    );
    let by = by.filter(|_| is_people || happened.kind == NotificationKind::Escalated);
    Facts {
        incident: after.id,
        version: after.version,
        product: after.product.clone(),
        product_name: product_name.to_owned(),
        title: after.title.clone(),
        priority: after.priority,
        severity: after.severity,
        step: step.map(|it| it.name.clone()),
        contact: contact.map(|it| it.contact.clone()).unwrap_or_default(),
        by_name: by.map(|it| it.name.to_owned()),
        note: by.map(|it| it.note.to_owned()).unwrap_or_default(),
        opened_at: after.opened_at,
        respond_by: after.respond_by,
        at: now,
        runbook_url: after.runbook_url.clone(),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
pub(crate) mod tests;
