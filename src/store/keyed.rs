//! Entities of one kind, one signal each.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use watchfloor_wire::entity::{Key, Kind};

use crate::lasting::{forget_reader, forget_reader_of};
use crate::rank::{Rank, names_by_rank};

/// Entities of one kind by id. A copy refers to the same entities.
pub struct Keyed<T: Clone + PartialEq + Send + Sync + 'static> {
    rows: StoredValue<BTreeMap<String, ArcRwSignal<T>>>,
    ids: RwSignal<Vec<String>>,
}

// Written out because derived ones would ask the same of `T`.
impl<T: Clone + PartialEq + Send + Sync + 'static> Clone for Keyed<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Clone + PartialEq + Send + Sync + 'static> Copy for Keyed<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Keyed<T> {
    pub(super) fn new() -> Self {
        Self {
            rows: StoredValue::new(BTreeMap::new()),
            ids: RwSignal::new(Vec::new()),
        }
    }

    /// The ids in their order; tracked.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.track_ids();
        self.ids.get_untracked()
    }

    /// Tracks what there is, and no change of it.
    pub fn track_ids(&self) {
        forget_reader(&self.ids);
        self.ids.track();
    }

    /// One entity for a view, not tracked here; `None` when there is no such entity now. What the view reads is a copy of
    /// its own, which goes with it: the entity itself lives on, and would keep everybody who ever read it.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Signal<T>> {
        let row = self.row(id)?;
        let own = Memo::new(move |_| {
            forget_reader(&row);
            row.get()
        });
        Some(own.into())
    }

    /// One entity; tracks it, and its coming and going.
    #[must_use]
    pub fn value(&self, id: &str) -> Option<T> {
        // Its coming and going is told through the ids only.
        self.track_ids();
        let row = self.row(id)?;
        forget_reader(&row);
        Some(row.get())
    }

    /// All entities by id; tracks the ids and every member.
    #[must_use]
    pub fn all(&self) -> Vec<T> {
        self.pick(|it| Some(it.clone()))
    }

    /// What `read` makes of each entity, by id, without those of which it makes nothing; tracks the ids and every member.
    /// Nothing is copied but what `read` returns.
    pub fn pick<R>(&self, read: impl Fn(&T) -> Option<R>) -> Vec<R> {
        self.track_ids();
        let handles = self.handles();
        forget_reader_of(&handles);
        handles.iter().filter_map(|row| row.with(&read)).collect()
    }

    /// The ids of those that `rank` gives a rank, in that order; tracks the ids and every member.
    pub fn ranked(&self, rank: impl Fn(&T) -> Option<Rank>) -> Vec<String> {
        self.track_ids();
        let (ids, handles): (Vec<_>, Vec<_>) = self.rows.with_value(|rows| {
            rows.iter()
                .map(|(id, row)| (id.clone(), row.clone()))
                .unzip()
        });
        forget_reader_of(&handles);
        let ranks = handles.iter().map(|row| row.with(&rank));
        let ranked = ranks.zip(ids).filter_map(|(rank, id)| Some((rank?, id)));
        names_by_rank(ranked.collect())
    }

    /// Reads all entities without tracking or copying them out of their signals one by one.
    pub fn all_untracked(&self) -> Vec<T> {
        self.handles()
            .iter()
            .map(GetUntracked::get_untracked)
            .collect()
    }

    /// Reads one entity without tracking it; `None` when there is no such entity now.
    pub fn with_untracked<R>(&self, id: &str, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.row(id).map(|row| row.with_untracked(read))
    }

    /// How many there are; tracked.
    #[must_use]
    pub fn len(&self) -> usize {
        self.track_ids();
        self.ids.with_untracked(Vec::len)
    }

    /// Whether there are none; tracked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn row(&self, id: &str) -> Option<ArcRwSignal<T>> {
        self.rows.with_value(|rows| rows.get(id).cloned())
    }

    pub(super) fn handles(&self) -> Vec<ArcRwSignal<T>> {
        self.rows
            .with_value(|rows| rows.values().cloned().collect())
    }

    // Called from two places, and ten kinds of it are heavy enough once.
    #[inline(never)]
    pub(super) fn put(&self, id: &str, value: T) {
        if let Some(row) = self.row(id) {
            if row.with_untracked(|old| *old != value) {
                row.set(value);
            }
            return;
        }
        let row = ArcRwSignal::new(value);
        self.rows.update_value(|rows| {
            rows.insert(id.to_owned(), row);
        });
        add_id(self.ids, id);
    }

    #[inline(never)]
    pub(super) fn remove(&self, id: &str) {
        let mut removed = false;
        self.rows
            .update_value(|rows| removed = rows.remove(id).is_some());
        if removed {
            remove_id(self.ids, id);
        }
    }

    /// Removes the rows whose keys are not among `keys`.
    pub(super) fn retain(&self, kind: Kind, keys: &BTreeSet<Key>) {
        for id in gone(self.ids, kind, keys) {
            self.remove(&id);
        }
    }
}

/// Adds an id at its place in the order. Apart from [`Keyed`], so that it is compiled once for all kinds.
fn add_id(ids: RwSignal<Vec<String>>, id: &str) {
    ids.update(|ids| {
        if let Err(at) = ids.binary_search_by(|other| other.as_str().cmp(id)) {
            ids.insert(at, id.to_owned());
        }
    });
}

/// The ids that are not among the keys; see [`add_id`].
fn gone(ids: RwSignal<Vec<String>>, kind: Kind, keys: &BTreeSet<Key>) -> Vec<String> {
    let mut ids = ids.get_untracked();
    ids.retain(|id| !keys.contains(&Key::new(kind, id)));
    ids
}

/// Takes an id away; see [`add_id`].
fn remove_id(ids: RwSignal<Vec<String>>, id: &str) {
    ids.update(|ids| ids.retain(|other| other != id));
}
