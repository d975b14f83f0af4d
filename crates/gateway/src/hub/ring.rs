//! The newest part of the feed, shared by all clients. A client is a position in it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::batch::Batch;

/// More frames than this behind, and a client gets one coalesced frame.
pub const MAX_LAG_FRAMES: usize = 64;

/// How much the ring holds at most.
#[derive(Clone, Copy, Debug)]
pub struct RingLimits {
    /// Changes.
    pub events: usize,
    /// Bytes of changes and frames.
    pub bytes: usize,
    /// Age of the oldest batch, in milliseconds.
    pub age_ms: i64,
}

impl Default for RingLimits {
    fn default() -> Self {
        Self {
            events: 16_384,
            bytes: 8 * 1024 * 1024,
            age_ms: 10 * 60 * 1_000,
        }
    }
}

/// What brings a client up to the head.
#[derive(Clone, Debug)]
pub enum CatchUp {
    /// It is there.
    Current,
    /// These, one after the other.
    Frames(Vec<Arc<Batch>>),
    /// One frame made of these.
    Coalesce(Vec<Arc<Batch>>),
    /// Its position is no longer in the ring, which begins after `floor`.
    Behind {
        /// The oldest position from which the ring can continue.
        floor: u64,
    },
    /// It claims to have seen what was never published.
    Ahead,
}

/// Consecutive batches, the newest at the back.
#[derive(Debug)]
pub struct Ring {
    limits: RingLimits,
    batches: VecDeque<Arc<Batch>>,
    head: u64,
    events: usize,
    bytes: usize,
    /// The end of the newest batch with urgent news.
    urgent: u64,
}

/// What a client at a position has not got yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Nothing.
    Nothing,
    /// Changes that may wait until its interval is over.
    Quiet,
    /// Some that may not.
    Urgent,
}

impl Ring {
    /// An empty ring at `head`.
    #[must_use]
    pub const fn new(limits: RingLimits, head: u64) -> Self {
        Self {
            limits,
            batches: VecDeque::new(),
            head,
            events: 0,
            bytes: 0,
            urgent: 0,
        }
    }

    /// The last sequence number.
    #[must_use]
    pub const fn head(&self) -> u64 {
        self.head
    }

    /// The oldest position from which the ring can continue.
    #[must_use]
    pub fn floor(&self) -> u64 {
        self.batches.front().map_or(self.head, |batch| batch.from)
    }

    /// Adds a batch and drops the oldest ones past the limits. A batch that does not begin at the head
    /// empties the ring first: nobody may continue over the hole.
    pub fn push(&mut self, batch: Arc<Batch>) {
        if batch.from != self.head {
            self.clear(batch.from);
        }
        self.head = batch.to;
        if batch.is_urgent() {
            self.urgent = batch.to;
        }
        self.events += batch.ops.len();
        self.bytes += batch.weight_bytes();
        let now_ms = batch.at_ms;
        self.batches.push_back(batch);
        self.trim(now_ms);
    }

    /// Forgets everything; the feed goes on from `head`.
    pub fn clear(&mut self, head: u64) {
        self.batches.clear();
        self.events = 0;
        self.bytes = 0;
        self.head = head;
    }

    /// What a client at `cursor` has not got yet.
    #[must_use]
    pub const fn pending(&self, cursor: u64) -> Pending {
        if cursor == self.head {
            Pending::Nothing
        } else if cursor < self.urgent {
            Pending::Urgent
        } else {
            Pending::Quiet
        }
    }

    /// What brings a client at `cursor` up to the head, with a lag of at most [`MAX_LAG_FRAMES`] as they are.
    #[must_use]
    pub fn after(&self, cursor: u64) -> CatchUp {
        self.after_within(cursor, MAX_LAG_FRAMES)
    }

    /// What brings a client at `cursor` up to the head: up to `max_frames` frames as they are, more as one.
    #[must_use]
    pub fn after_within(&self, cursor: u64, max_frames: usize) -> CatchUp {
        if cursor == self.head {
            return CatchUp::Current;
        }
        if cursor > self.head {
            return CatchUp::Ahead;
        }
        let floor = self.floor();
        if cursor < floor {
            return CatchUp::Behind { floor };
        }
        let first = self.batches.partition_point(|batch| batch.to <= cursor);
        let missing: Vec<_> = self.batches.range(first..).cloned().collect();
        if missing.len() > max_frames {
            CatchUp::Coalesce(missing)
        } else {
            CatchUp::Frames(missing)
        }
    }

    fn trim(&mut self, now_ms: i64) {
        while let Some(oldest) = self.batches.front() {
            let fits = self.events <= self.limits.events
                && self.bytes <= self.limits.bytes
                && now_ms - oldest.at_ms <= self.limits.age_ms;
            if fits {
                return;
            }
            self.events -= oldest.ops.len();
            self.bytes -= oldest.weight_bytes();
            self.batches.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::batch;
    use super::*;
    use watchfloor_wire::entity::Key;
    use watchfloor_wire::feed::Op;

    fn push(ring: &mut Ring, to: u64, at_ms: i64) {
        let op = Op {
            k: Key::from_wire(format!("check/a.{to}")),
            v: to,
            p: None,
        };
        for batch in batch::prepare(to - 1, to, at_ms, &[op]).unwrap() {
            ring.push(batch);
        }
    }

    fn ring_with(limits: RingLimits, count: u64) -> Ring {
        let mut ring = Ring::new(limits, 0);
        for to in 1..=count {
            push(&mut ring, to, 0);
        }
        ring
    }

    #[test]
    fn a_lag_of_64_frames_is_replayed_and_of_65_is_coalesced() {
        let ring = ring_with(RingLimits::default(), 65);
        assert!(matches!(ring.after(1), CatchUp::Frames(frames) if frames.len() == 64));
        assert!(matches!(ring.after(0), CatchUp::Coalesce(frames) if frames.len() == 65));
    }

    #[test]
    fn positions_outside_the_ring_are_told_apart() {
        let limits = RingLimits {
            events: 3,
            ..RingLimits::default()
        };
        let ring = ring_with(limits, 10);
        assert!(matches!(ring.after(10), CatchUp::Current));
        assert!(matches!(ring.after(11), CatchUp::Ahead));
        assert!(matches!(ring.after(7), CatchUp::Frames(_)));
        assert!(matches!(ring.after(6), CatchUp::Behind { floor: 7 }));
    }

    #[test]
    fn each_limit_drops_the_oldest() {
        let bytes = ring_with(
            RingLimits {
                bytes: 1,
                ..RingLimits::default()
            },
            5,
        );
        assert_eq!(bytes.floor(), 5);
        let mut aged = ring_with(RingLimits::default(), 1);
        push(&mut aged, 2, 10 * 60 * 1_000);
        assert_eq!(aged.floor(), 0);
        push(&mut aged, 3, 10 * 60 * 1_000 + 1);
        assert_eq!(aged.floor(), 1);
    }

    #[test]
    fn news_of_alerts_and_incidents_is_urgent_for_those_who_have_not_got_it() {
        let mut ring = ring_with(RingLimits::default(), 2);
        assert_eq!(ring.pending(0), Pending::Quiet);
        let op = Op {
            k: Key::from_wire("incident/7".to_owned()),
            v: 3,
            p: None,
        };
        for batch in batch::prepare(2, 3, 0, &[op]).unwrap() {
            ring.push(batch);
        }
        push(&mut ring, 4, 0);
        let pending: Vec<_> = (2..=4).map(|cursor| ring.pending(cursor)).collect();
        assert_eq!(pending, [Pending::Urgent, Pending::Quiet, Pending::Nothing]);
    }

    #[test]
    fn a_hole_empties_the_ring() {
        let mut ring = ring_with(RingLimits::default(), 3);
        push(&mut ring, 6, 0);
        assert!(matches!(ring.after(3), CatchUp::Behind { floor: 5 }));
    }
}
