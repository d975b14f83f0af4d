//! The words of a 409: who was faster, and when.

use http::StatusCode;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Refusal;

use super::export::rfc3339;
use super::failure::Failure;

/// The action is not permitted as the incident stands.
#[must_use]
pub fn refused(refusal: Refusal, current: Incident) -> Failure {
    let detail = words(refusal, &current);
    let title = "Not possible now";
    Failure::new(StatusCode::CONFLICT, refusal.code(), title, detail).with_current(current)
}

fn words(refusal: Refusal, current: &Incident) -> String {
    match (refusal, &current.lease, &current.resolution) {
        (Refusal::AlreadyAcknowledged, Some(lease), _) => format!(
            "Somebody was faster: {} acknowledged at {}.",
            lease.owner_name,
            rfc3339(lease.since)
        ),
        (Refusal::Resolved, _, Some(resolution)) => {
            let who = resolution.by_name.as_deref().map_or_else(
                || "It ended by itself".to_owned(),
                |name| format!("{name} resolved it"),
            );
            let at = rfc3339(resolution.at);
            format!("{who} at {at}. A new problem opens a new incident.")
        }
        _ => refusal.text().to_owned(),
    }
}
