//! Which incidents are chosen.

use leptos::prelude::*;
use watchfloor_wire::bulk::{BulkItem, MAX_BULK};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;

use crate::store::Stores;

/// The incidents that are chosen, by number.
#[derive(Clone, Copy)]
pub struct Selection(RwSignal<Vec<u64>>);

impl Selection {
    pub(in crate::incidents) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Whether it is chosen; tracked.
    pub(in crate::incidents) fn has(self, id: IncidentId) -> bool {
        self.0.with(|all| all.contains(&id.0))
    }

    pub(in crate::incidents) fn toggle(self, id: IncidentId) {
        self.0
            .update(|all| match all.iter().position(|it| *it == id.0) {
                Some(at) => drop(all.remove(at)),
                None => all.push(id.0),
            });
    }

    /// Chooses these, as many as one request takes; without any, those that are chosen go.
    pub(in crate::incidents) fn set(self, mut ids: Vec<u64>) {
        ids.truncate(MAX_BULK);
        self.0.set(ids);
    }

    /// Whether any is chosen; not tracked.
    pub(super) fn has_any(self) -> bool {
        self.0.with_untracked(|all| !all.is_empty())
    }

    /// How many are chosen; tracked.
    pub(in crate::incidents) fn len(self) -> usize {
        self.0.with(Vec::len)
    }

    /// What is chosen, as it stands; what has left the board is left out.
    pub(super) fn items(self, stores: Stores) -> Vec<BulkItem> {
        let version = |id: &u64| {
            let found = stores
                .incidents
                .with_untracked(&id.to_string(), |it: &Incident| it.version);
            found.map(|version| BulkItem {
                id: IncidentId(*id),
                version,
            })
        };
        self.0
            .with_untracked(|all| all.iter().filter_map(version).collect())
    }
}
