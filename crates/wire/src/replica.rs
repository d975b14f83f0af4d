//! The feed replica: snapshot and frames in, state and changed keys out. Pure.
//!
//! A [`Follower`] knows where its copy stands and leaves the entities to whoever keeps them, as the console's stores do;
//! a [`Replica`] keeps them itself.

use std::collections::BTreeMap;

use crate::entity::{Entity, Key};
use crate::feed::{Cursor, Frame};
use crate::snapshot::Snapshot;

/// Where a client's copy of the server's state stands, and what a frame changes in it.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    cursor: Option<Cursor>,
}

/// The client's copy of the server's state.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    follower: Follower,
    entities: BTreeMap<Key, Entity>,
}

/// What became of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// It was applied; these keys changed, in the frame's order.
    Changed(Vec<KeyChange>),
    /// Everything in it was known already.
    Duplicate,
    /// Something before it is missing: fetch a snapshot. Nothing was applied.
    Gap,
}

/// One key that changed.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved straight into a store, never kept in bulk"
)]
pub enum KeyChange {
    /// It is now this.
    Upserted(Entity),
    /// It is gone.
    Deleted(Key),
}

/// A frame that cannot be applied because one of its bodies is not of its kind's shape.
#[derive(Debug)]
pub struct MalformedOp {
    /// The key whose body it is.
    pub key: Key,
    /// What was wrong with it.
    pub source: serde_json::Error,
}

impl std::fmt::Display for MalformedOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the body of {} is malformed: {}", self.key, self.source)
    }
}

impl std::error::Error for MalformedOp {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl Follower {
    /// Where the copy stands; `None` before the first snapshot.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// A snapshot was taken that stands there.
    pub fn restart(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
    }

    /// Follows a frame of the cursor's epoch, wholly or not at all; what changed is the caller's to keep.
    ///
    /// A frame covers `(f, s]`: it is applied iff `f <= cursor < s`, dropped if `s <= cursor`, and a gap if
    /// `f > cursor`. Operations at or before the cursor are already part of the state and are passed by, so
    /// that an overlapping frame cannot turn anything back.
    ///
    /// # Errors
    /// [`MalformedOp`] when a body of a known kind cannot be read; the cursor is as before.
    pub fn follow(&mut self, frame: &Frame) -> Result<Applied, MalformedOp> {
        let Some(cursor) = self.cursor.as_mut() else {
            return Ok(Applied::Gap);
        };
        if frame.s <= cursor.s {
            return Ok(Applied::Duplicate);
        }
        if frame.f > cursor.s {
            return Ok(Applied::Gap);
        }
        let changes = decode(frame, cursor.s)?;
        cursor.s = frame.s;
        Ok(Applied::Changed(changes))
    }
}

impl Replica {
    /// Where the state stands; `None` before the first snapshot.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        self.follower.cursor()
    }

    /// The entity under `key`.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Entity> {
        self.entities.get(key)
    }

    /// All entities, by key.
    pub fn entities(&self) -> impl Iterator<Item = (&Key, &Entity)> {
        self.entities.iter()
    }

    /// Replaces everything by a snapshot. Nothing of before is kept: the new role may not be allowed to see it.
    pub fn reset(&mut self, snapshot: Snapshot) {
        self.follower.restart(Cursor {
            e: snapshot.epoch.clone(),
            s: snapshot.seq,
        });
        let entities = snapshot.into_entities();
        self.entities = entities.map(|it| (it.key(), it)).collect();
    }

    /// Applies a frame as [`Follower::follow`] does.
    ///
    /// # Errors
    /// [`MalformedOp`] when a body of a known kind cannot be read; the state is as before.
    pub fn apply(&mut self, frame: &Frame) -> Result<Applied, MalformedOp> {
        let applied = self.follower.follow(frame)?;
        if let Applied::Changed(changes) = &applied {
            for change in changes {
                match change {
                    KeyChange::Upserted(entity) => {
                        self.entities.insert(entity.key(), entity.clone());
                    }
                    KeyChange::Deleted(key) => {
                        self.entities.remove(key);
                    }
                }
            }
        }
        Ok(applied)
    }
}

/// Reads the operations after `cursor`; kinds from the future are passed by.
fn decode(frame: &Frame, cursor: u64) -> Result<Vec<KeyChange>, MalformedOp> {
    let mut changes = Vec::with_capacity(frame.ops.len());
    for op in frame.ops.iter().filter(|op| op.v > cursor) {
        let Some(kind) = op.k.kind() else { continue };
        changes.push(match &op.p {
            None => KeyChange::Deleted(op.k.clone()),
            Some(body) => {
                KeyChange::Upserted(Entity::from_json(kind, body.get()).map_err(|source| {
                    MalformedOp {
                        key: op.k.clone(),
                        source,
                    }
                })?)
            }
        });
    }
    Ok(changes)
}
