//! What a product's policy asks of people when an incident has a priority, and whom a step of its ladder asks.

use watchfloor_wire::incident::EscalationStep;
use watchfloor_wire::priority::Priority;
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS, UnixMs};

use crate::config::ProductConfig;
use crate::config::on_call::PersonConfig;
use crate::on_call::Roster;

/// Within how many milliseconds somebody must answer. Without a policy of the product the clock still runs, because
/// an incident that nobody has to answer is none.
#[must_use]
pub fn respond_within_ms(policy: Option<&ProductConfig>, priority: Priority) -> i64 {
    policy.and_then(|it| it.response_to(priority)).map_or_else(
        || match priority {
            Priority::P0 => 15 * MINUTE_MS,
            Priority::P1 => HOUR_MS,
            Priority::P2 => 4 * HOUR_MS,
            Priority::P3 => 24 * HOUR_MS,
        },
        |response| response.respond_within.ms,
    )
}

/// The ladder of a priority, counted from `from`, in order of time.
#[must_use]
pub fn ladder(
    policy: Option<&ProductConfig>,
    priority: Priority,
    from: UnixMs,
) -> Vec<EscalationStep> {
    let configured = policy.and_then(|it| it.response_to(priority));
    let mut steps: Vec<EscalationStep> = configured
        .into_iter()
        .flat_map(|response| &response.escalation)
        .map(|step| EscalationStep {
            name: step.name.clone(),
            contact: step.contact.clone(),
            on_call: step.on_call.clone(),
            due_at: from.plus_ms(step.after.ms),
            taken_at: None,
        })
        .collect();
    steps.sort_by_key(|step| step.due_at);
    steps
}

/// The ladder after the priority rose at `now`: what was taken stays taken, the rest is the new priority's, and
/// nobody is told twice; but whoever is on call now may be somebody else, and is asked.
#[must_use]
pub fn raised_ladder(
    policy: Option<&ProductConfig>,
    priority: Priority,
    before: Vec<EscalationStep>,
    now: UnixMs,
) -> Vec<EscalationStep> {
    let mut steps: Vec<EscalationStep> = before
        .into_iter()
        .filter(|step| step.taken_at.is_some())
        .collect();
    let taken: Vec<String> = steps.iter().map(|step| step.name.clone()).collect();
    let fresh = ladder(policy, priority, now);
    let is_new = |it: &EscalationStep| it.on_call.is_some() || !taken.contains(&it.name);
    steps.extend(fresh.into_iter().filter(is_new));
    steps
}

/// The ladder after nobody has the incident any more, at `now`. One that names a rotation begins again from whoever is
/// on call now, because whoever was told before may be off duty; what was taken stays taken. Any other goes on where
/// it stood.
#[must_use]
pub fn ladder_again(
    policy: Option<&ProductConfig>,
    priority: Priority,
    before: Vec<EscalationStep>,
    now: UnixMs,
) -> Vec<EscalationStep> {
    let fresh = ladder(policy, priority, now);
    if fresh.iter().all(|step| step.on_call.is_none()) {
        return before;
    }
    let taken = before.into_iter().filter(|step| step.taken_at.is_some());
    taken.chain(fresh).collect()
}

/// Takes a step of the ladder at `now`, and says so. A step of a rotation names from now on whoever is on call as it is
/// taken; when nobody is, it says that.
pub fn take(step: &mut EscalationStep, roster: &Roster, now: UnixMs) -> String {
    step.taken_at = Some(now);
    let name = &step.name;
    let Some(rotation) = &step.on_call else {
        return format!("Escalated to {name}");
    };
    let Some(person) = roster.on_call(rotation, now) else {
        return format!("Escalated to {name}: nobody is on call in {rotation}");
    };
    step.contact = contact(person);
    format!("Escalated to {name}: {} is on call", person.name)
}

/// Somebody's name, and how they are reached; an e-mail address as mail has it.
fn contact(person: &PersonConfig) -> String {
    let PersonConfig { name, contact, .. } = person;
    if contact.is_empty() {
        name.clone()
    } else if contact.parse::<lettre::Address>().is_ok() {
        format!("{name} <{contact}>")
    } else {
        format!("{name}, {contact}")
    }
}
