//! What the tests of this folder share: entities to send, and a feed log in memory.

use std::sync::{Arc, Mutex};

use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::feed::Op;
use watchfloor_wire::series::Reading;
use watchfloor_wire::time::UnixMs;

use super::context::{Backlog, BacklogFuture};
use crate::change::Committed;

/// A reading of series `a.b.<n>`.
pub fn reading(n: u32, value: f64) -> Entity {
    Entity::Reading(Reading {
        series: format!("a.b.{n}").into(),
        observed_at: UnixMs(1),
        valid_until: UnixMs(2),
        value: Some(value),
    })
}

/// An error group with a title of `title_bytes`; displays do not see it.
pub fn error_group(n: u32, title_bytes: usize) -> Entity {
    Entity::Error(ErrorGroup {
        id: format!("e{n}").into(),
        product: "a".into(),
        service: String::new(),
        title: "x".repeat(title_bytes),
        error_type: "Error".to_owned(),
        category: String::new(),
        boundary: String::new(),
        count: 1,
        first_seen_at: UnixMs(1),
        last_seen_at: UnixMs(1),
        first_version: None,
        per_minute: Vec::new(),
    })
}

pub fn upsert(v: u64, entity: &Entity) -> Op {
    Op {
        k: entity.key(),
        v,
        p: Some(entity.to_json().unwrap()),
    }
}

pub fn delete(v: u64, key: Key) -> Op {
    Op { k: key, v, p: None }
}

/// A commit of operations whose sequence numbers follow `from`.
pub fn committed(from: u64, ops: Vec<Op>) -> Committed {
    Committed {
        from,
        to: from + u64::try_from(ops.len()).unwrap(),
        ops,
        answers: Vec::new(),
    }
}

/// A feed log in memory that keeps what comes after a floor.
#[derive(Clone, Debug, Default)]
pub struct Log {
    ops: Arc<Mutex<Vec<Op>>>,
    kept_after: u64,
}

impl Log {
    pub fn kept_after(kept_after: u64) -> Self {
        Self {
            kept_after,
            ..Self::default()
        }
    }

    pub fn add(&self, ops: &[Op]) {
        self.ops.lock().unwrap().extend_from_slice(ops);
    }
}

impl Backlog for Log {
    fn after(&self, seq: u64, limit: usize) -> BacklogFuture<'_> {
        let ops = self.ops.lock().unwrap();
        let rows = (seq >= self.kept_after).then(|| {
            let later = ops.iter().filter(|op| op.v > seq);
            later.take(limit).cloned().collect()
        });
        Box::pin(std::future::ready(rows))
    }
}
