//! What a product's policy asks of people when an incident has a priority.

use watchfloor_wire::incident::EscalationStep;
use watchfloor_wire::priority::Priority;
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS, UnixMs};

use crate::config::ProductConfig;

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
            due_at: from.plus_ms(step.after.ms),
            taken_at: None,
        })
        .collect();
    steps.sort_by_key(|step| step.due_at);
    steps
}

/// The ladder after the priority rose at `now`: what was taken stays taken, the rest is the new priority's, and
/// nobody is told twice.
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
    steps.extend(fresh.into_iter().filter(|it| !taken.contains(&it.name)));
    steps
}
