//! The state at the head, and the ring that leads up to it. Pure.

use std::collections::BTreeMap;

use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::time::UnixMs;

use super::audience::Audience;
use super::batch;
use super::ring::{Ring, RingLimits};
use crate::change::Committed;
use crate::store::Head;

/// Everything that clients can be told.
#[derive(Debug)]
pub struct State {
    epoch: String,
    entities: BTreeMap<Key, Entity>,
    product_order: Vec<ProductId>,
    ring: Ring,
}

/// What was wrong with a commit. The state is usable all the same.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It does not begin where the one before ended.
    #[error("the commit ({from}, {to}] does not continue the feed at {head}")]
    Hole {
        /// The head before.
        head: u64,
        /// The commit's beginning.
        from: u64,
        /// The commit's end.
        to: u64,
    },
    /// A body is not of its kind's shape, or cannot be written.
    #[error("a change of the commit cannot be understood: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl State {
    /// The state as it was stored.
    #[must_use]
    pub fn new(head: Head, entities: Vec<(Key, u64, Entity)>, limits: RingLimits) -> Self {
        Self {
            epoch: head.epoch,
            entities: entities
                .into_iter()
                .map(|(key, _, entity)| (key, entity))
                .collect(),
            product_order: Vec::new(),
            ring: Ring::new(limits, head.seq),
        }
    }

    /// Where the feed stands.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            epoch: self.epoch.clone(),
            seq: self.ring.head(),
        }
    }

    /// Its sequence number.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.ring.head()
    }

    /// The newest part of the feed.
    #[must_use]
    pub const fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The order of products in snapshots; others follow by key.
    pub fn order_products(&mut self, order: Vec<ProductId>) {
        self.product_order = order;
    }

    /// Takes what was committed. A commit that is known already changes nothing.
    ///
    /// # Errors
    /// [`PublishError`]: after it, no client continues over the commit; all of them fetch a snapshot.
    pub fn publish(&mut self, committed: &Committed, at_ms: i64) -> Result<(), PublishError> {
        let head = self.ring.head();
        if committed.to <= head {
            return Ok(());
        }
        let decoded = decode(&committed.ops);
        let prepared = batch::prepare(committed.from, committed.to, at_ms, &committed.ops);
        let (Ok(changes), Ok(batches)) = (&decoded, prepared) else {
            self.ring.clear(committed.to);
            return decoded.map(|_| ()).map_err(PublishError::Malformed);
        };
        for (key, entity) in changes {
            match entity {
                Some(entity) => self.entities.insert(key.clone(), entity.clone()),
                None => self.entities.remove(key),
            };
        }
        for batch in batches {
            self.ring.push(batch);
        }
        if committed.from == head {
            return Ok(());
        }
        Err(PublishError::Hole {
            head,
            from: committed.from,
            to: committed.to,
        })
    }

    /// Another history begins at this head: no client of the one before is continued.
    pub fn begin_epoch(&mut self, head: &Head) {
        self.epoch.clone_from(&head.epoch);
        self.ring.clear(head.seq);
    }

    /// The snapshot for an audience; for none, the position alone.
    #[must_use]
    pub fn snapshot(&self, audience: Option<Audience>, now: UnixMs, build: &str) -> Snapshot {
        let head = self.head();
        let Some(audience) = audience else {
            return Snapshot::empty(head.epoch, head.seq, now, build.to_owned());
        };
        let epoch = audience.epoch(&head.epoch);
        let mut snapshot = Snapshot::empty(epoch, head.seq, now, build.to_owned());
        for (key, entity) in &self.entities {
            if audience.sees(key) {
                snapshot.push(entity.clone());
            }
        }
        snapshot.products.sort_by_key(|product| {
            self.product_order
                .iter()
                .position(|id| *id == product.id)
                .unwrap_or(usize::MAX)
        });
        snapshot
    }
}

/// Reads the changes; kinds from the future are passed by, as clients do.
fn decode(ops: &[Op]) -> Result<Vec<(Key, Option<Entity>)>, serde_json::Error> {
    ops.iter()
        .filter_map(|op| op.k.kind().map(|kind| (kind, op)))
        .map(|(kind, op)| {
            let entity = match &op.p {
                Some(body) => Some(Entity::from_json(kind, body.get())?),
                None => None,
            };
            Ok((op.k.clone(), entity))
        })
        .collect()
}
