//! The words of a 409, and of the 403 for what is somebody else's: who was faster, and when.

use http::StatusCode;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Refusal;

use super::failure::Failure;
use crate::incidents::refusal::words;

/// The action is not permitted as the incident stands, or not to this person.
#[must_use]
pub fn refused(refusal: Refusal, current: Incident) -> Failure {
    let detail = words(refusal, &current);
    match refusal {
        Refusal::Role | Refusal::Admin => Failure::role(detail),
        Refusal::NotOwner => Failure::new(
            StatusCode::FORBIDDEN,
            refusal.code(),
            "Not yours to do",
            detail,
        )
        .with_current(current),
        _ => Failure::new(
            StatusCode::CONFLICT,
            refusal.code(),
            "Not possible now",
            detail,
        )
        .with_current(current),
    }
}
