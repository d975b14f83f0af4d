//! Incidents: the list, one incident, and what people do to it.

mod acknowledge;
mod actions;
mod active;
mod draft;
mod due;
mod list;
mod page;
mod row;
mod sending;
mod side;
mod symptoms;
mod timeline;

pub use active::ActiveIncidents;
pub use draft::provide_drafts;
pub use due::{Due, due, elapsed_share, sort};
pub use list::IncidentsPage;
pub use page::IncidentPage;
pub use row::{DueClock, IncidentRow};
