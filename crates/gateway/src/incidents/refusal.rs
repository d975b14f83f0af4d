//! Why something was not done to an incident, in the words that people read.

use watchfloor_wire::bulk::BulkOutcome;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Refusal;

use crate::instant::rfc3339;

/// What is said when the version moved.
pub const CHANGED: &str = "The incident changed while you were writing. Look again, then decide.";

/// One sentence or two: who was faster, when, or what stands in the way.
#[must_use]
pub fn words(refusal: Refusal, current: &Incident) -> String {
    match (refusal, &current.lease, &current.resolution) {
        (Refusal::AlreadyAcknowledged, Some(lease), _) => format!(
            "Somebody was faster: {} acknowledged at {}.",
            lease.owner_name,
            rfc3339(lease.since)
        ),
        (Refusal::NotOwner, Some(lease), _) => {
            format!(
                "{} has this incident; only they can do this.",
                lease.owner_name
            )
        }
        (Refusal::Resolved, _, Some(resolution)) => {
            let at = rfc3339(resolution.at);
            if let Some(target) = resolution.merged_into {
                return format!("It was merged into {target} at {at} and goes on there.");
            }
            let who = resolution.by_name.as_deref().map_or_else(
                || "It ended by itself".to_owned(),
                |name| format!("{name} resolved it"),
            );
            format!("{who} at {at}. A new problem opens a new incident.")
        }
        _ => refusal.text().to_owned(),
    }
}

/// What a refusal is called where many incidents are answered at once.
#[must_use]
pub const fn outcome(refusal: Refusal) -> BulkOutcome {
    match refusal {
        Refusal::AlreadyAcknowledged => BulkOutcome::AlreadyAcknowledged,
        Refusal::Resolved => BulkOutcome::Resolved,
        _ => BulkOutcome::Refused,
    }
}
