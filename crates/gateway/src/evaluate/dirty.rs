//! Which entities changed and are not stored yet. Only keys are kept: bodies are read when a transaction is built,
//! so an entity that changed ten times between two commits is written once.

use std::collections::BTreeSet;

use watchfloor_wire::entity::{Key, Kind};

/// Keys of entities that differ from what is stored.
#[derive(Clone, Debug, Default)]
pub struct Dirty {
    keys: BTreeSet<Key>,
    urgent: bool,
}

impl Dirty {
    /// A refresh that may wait for the next regular commit.
    pub fn quiet(&mut self, key: Key) {
        self.keys.insert(key);
    }

    /// A change that people wait for: a status, an alert, an incident.
    pub fn urgent(&mut self, key: Key) {
        self.keys.insert(key);
        self.urgent = true;
    }

    /// Whether something in it should be stored at once.
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        self.urgent
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys, in the snapshot's order of kinds, so that a frame reads from the cause to the consequence.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        let place = |key: &Key| Kind::ALL.iter().position(|kind| Some(*kind) == key.kind());
        let mut keys: Vec<Key> = self.keys.iter().cloned().collect();
        keys.sort_by_key(place);
        keys
    }

    /// Forgets everything, because it was stored.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.urgent = false;
    }
}
