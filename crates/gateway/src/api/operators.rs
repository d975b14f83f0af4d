//! `GET /api/monitoring/operators`: to whom an incident can be handed over.

use axum::Json;
use axum::extract::State;
use watchfloor_wire::session::{OperatorEntry, OperatorList};

use super::Api;
use super::failure::Failure;
use super::openapi::about::About;
use super::policy::ACTORS;

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "listOperators",
        "Accounts that can have an incident, by name: those that act and can sign in.",
    )
    .answers::<OperatorList>(200, "The accounts, with their names for people.")
}

/// Names and roles, nothing else of an account.
pub async fn list(State(api): State<Api>) -> Result<Json<OperatorList>, Failure> {
    let accounts = api.auth().off_thread(|auth| auth.accounts()).await;
    let accounts =
        accounts.map_err(|error| Failure::unavailable("Accounts could not be read", &error))?;
    let operators = accounts
        .into_iter()
        .filter(|it| ACTORS.contains(&it.role) && !it.disabled)
        .map(|it| OperatorEntry {
            account: it.name,
            name: it.display_name,
            role: it.role,
        })
        .collect();
    Ok(Json(OperatorList { operators }))
}
