//! What was committed at once, written as frames once for each audience.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::feed::Op;

use super::audience::Audience;
use super::frame::Frame;

/// A larger commit becomes several frames, cut between operations. Each operation has a sequence number of
/// its own, so every cut is a position at which a client can stand.
pub const MAX_BATCH_BYTES: usize = 64 * 1024;

/// Consecutive changes with their frames.
#[derive(Debug)]
pub struct Batch {
    /// The range begins after this sequence number.
    pub from: u64,
    /// The range ends with this one.
    pub to: u64,
    /// When it was published, on the monotonic clock, in milliseconds.
    pub at_ms: i64,
    /// The changes, oldest first.
    pub ops: Vec<Op>,
    frames: [Frame; 2],
}

/// A frame as it goes over the wire.
#[derive(Serialize)]
struct Delta<'a> {
    t: &'static str,
    f: u64,
    s: u64,
    ops: &'a [&'a Op],
}

impl Batch {
    /// The frame for an audience; shared, never copied.
    #[must_use]
    pub fn frame(&self, audience: Audience) -> Frame {
        self.frames[audience.index()].clone()
    }

    /// Whether it is news that nobody waits for an interval to hear: of alerts and incidents.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.ops
            .iter()
            .any(|op| matches!(op.k.kind(), Some(Kind::Alert | Kind::Incident)))
    }

    /// Roughly how many bytes the batch holds.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let ops: usize = self.ops.iter().map(op_bytes).sum();
        ops + self.frames.iter().map(|frame| frame.len()).sum::<usize>()
    }

    fn prepare(from: u64, to: u64, at_ms: i64, ops: Vec<Op>) -> Result<Self, serde_json::Error> {
        let all: Vec<&Op> = ops.iter().collect();
        let everything = encode(from, to, &visible(&all, Audience::Everything))?;
        let for_display = visible(&all, Audience::Display);
        let display = if for_display.len() == ops.len() {
            everything.clone()
        } else {
            encode(from, to, &for_display)?
        };
        Ok(Self {
            from,
            to,
            at_ms,
            ops,
            frames: [everything, display],
        })
    }
}

/// Prepares the changes in `(from, to]`, cut into batches of at most [`MAX_BATCH_BYTES`] where possible.
///
/// # Errors
/// When a change cannot be written as JSON, which its type rules out in practice.
pub fn prepare(
    from: u64,
    to: u64,
    at_ms: i64,
    ops: &[Op],
) -> Result<Vec<Arc<Batch>>, serde_json::Error> {
    let mut batches = Vec::new();
    let mut start = from;
    let mut held: Vec<Op> = Vec::new();
    let mut held_bytes = 0;
    for op in ops {
        let bytes = op_bytes(op);
        if let Some(last) = held.last().map(|op| op.v)
            && held_bytes + bytes > MAX_BATCH_BYTES
            && last > start
        {
            let full = std::mem::take(&mut held);
            batches.push(Arc::new(Batch::prepare(start, last, at_ms, full)?));
            start = last;
            held_bytes = 0;
        }
        held_bytes += bytes;
        held.push(op.clone());
    }
    batches.push(Arc::new(Batch::prepare(start, to, at_ms, held)?));
    Ok(batches)
}

/// One frame for everything after `cursor` in consecutive `ops` that end with `to`: the latest change of each
/// key, in order. A client that lags gets this instead of each step between.
///
/// # Errors
/// When a change cannot be written as JSON.
pub fn coalesce<'a>(
    cursor: u64,
    to: u64,
    ops: impl Iterator<Item = &'a Op>,
    audience: Audience,
) -> Result<Frame, serde_json::Error> {
    let mut latest: BTreeMap<&Key, &Op> = BTreeMap::new();
    for op in ops.filter(|op| op.v > cursor && op.v <= to && audience.sees_op(op)) {
        latest.insert(&op.k, op);
    }
    let mut kept: Vec<&Op> = latest.into_values().collect();
    kept.sort_by_key(|op| op.v);
    encode(cursor, to, &kept)
}

fn encode(f: u64, s: u64, ops: &[&Op]) -> Result<Frame, serde_json::Error> {
    Ok(Frame::of(&Delta { t: "d", f, s, ops })?.ending_at(s))
}

fn visible<'a>(ops: &[&'a Op], audience: Audience) -> Vec<&'a Op> {
    ops.iter()
        .copied()
        .filter(|op| audience.sees_op(op))
        .collect()
}

fn op_bytes(op: &Op) -> usize {
    op.k.as_str().len() + op.p.as_ref().map_or(0, |body| body.get().len()) + 32
}
