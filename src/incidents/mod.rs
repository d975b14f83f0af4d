//! Incidents: the list, one incident, and what people do to it.

mod acknowledge;
mod actions;
mod active;
mod assignee;
mod bulk;
mod changed;
mod draft;
mod due;
mod filter;
mod filters;
mod hand_over;
mod held;
mod list;
mod opening;
mod page;
mod pairs;
mod renew;
mod row;
mod sending;
mod side;
mod symptoms;
mod timeline;
mod undo;

pub use active::ActiveIncidents;
pub use draft::provide_drafts;
pub use due::{Due, due, elapsed_share, sort};
pub use list::IncidentsPage;
pub use page::IncidentPage;
pub use row::{DueClock, IncidentRow};

use watchfloor_wire::incident::Incident;
use watchfloor_wire::lease::AcknowledgePolicy;

use crate::store::Stores;

/// What the incident's product asks of those who acknowledge; the usual while it is not known.
fn policy_of(stores: Stores, incident: &Incident) -> AcknowledgePolicy {
    let product = incident.product.as_str();
    let own = stores
        .products
        .with_untracked(product, |it| it.acknowledge.clone());
    own.flatten().unwrap_or_default()
}
