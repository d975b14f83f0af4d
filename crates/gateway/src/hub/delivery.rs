//! What to send to a client at a position: from the ring, from disk, or not at all.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use watchfloor_wire::feed::Op;

use super::audience::Audience;
use super::batch::{self, Batch};
use super::context::Backlog;
use super::frame::Frame;
use super::publication::Publication;
use super::ring::{CatchUp, MAX_LAG_FRAMES};
use super::state::State;

/// A larger frame is not sent; the client fetches a snapshot, which is compressed.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;
/// More events than this behind the ring, and the snapshot is cheaper than the disk.
pub const MAX_BACKLOG_EVENTS: u64 = 500;
/// How many coalesced frames are remembered: after a restart all clients come back at the same few positions.
const REMEMBERED: usize = 16;

/// What a client gets next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing; it is at the head.
    Current,
    /// These frames, after which it stands at `cursor`.
    Send {
        /// In order.
        frames: Vec<Frame>,
        /// The position after them.
        cursor: u64,
    },
    /// It cannot be continued, for this reason.
    Reset(Why),
}

/// The ring begins only after this sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The oldest position from which the ring can continue.
    pub floor: u64,
}

/// Why a client cannot be continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its history is not this one.
    Epoch,
    /// Its position is no longer kept, or too much happened since.
    Window,
    /// It lags, and what it missed is more than a snapshot.
    Overflow,
    /// It has seen what this gateway has not written.
    Ahead,
    /// What it may see has changed.
    Acl,
}

impl Why {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Window => "window",
            Self::Overflow => "overflow",
            Self::Ahead => "ahead",
            Self::Acl => "acl",
        }
    }
}

#[derive(Debug)]
struct Remembered {
    from: u64,
    to: u64,
    audience: Audience,
    frame: Frame,
}

/// Decides what clients get, and shares the work among those who stand at the same place.
#[derive(Debug, Default)]
pub struct Delivery {
    remembered: Mutex<VecDeque<Remembered>>,
    /// Held while the disk is read, so that a crowd at one position reads it once.
    reading: tokio::sync::Mutex<()>,
}

impl Delivery {
    /// What the client at `cursor` gets next.
    pub async fn step(
        &self,
        state: &Publication<State>,
        cursor: u64,
        audience: Audience,
        backlog: &dyn Backlog,
    ) -> Step {
        match self.at_once(state, cursor, audience, MAX_LAG_FRAMES) {
            Ok(step) => step,
            Err(Behind { floor }) => self.behind(cursor, floor, audience, backlog).await,
        }
    }

    /// What the client at `cursor` gets next, as far as the ring knows: up to `max_frames` frames as they are,
    /// more as one.
    ///
    /// # Errors
    /// [`Behind`] when it needs the disk; [`Self::behind`] reads it.
    pub fn at_once(
        &self,
        state: &Publication<State>,
        cursor: u64,
        audience: Audience,
        max_frames: usize,
    ) -> Result<Step, Behind> {
        match look(state, cursor, max_frames) {
            CatchUp::Current => Ok(Step::Current),
            CatchUp::Ahead => Ok(Step::Reset(Why::Ahead)),
            CatchUp::Frames(batches) => Ok(frames(&batches, cursor, audience)),
            CatchUp::Coalesce(batches) => Ok(self.coalesced(&batches, cursor, audience)),
            CatchUp::Behind { floor } => Err(Behind { floor }),
        }
    }

    fn coalesced(
        &self,
        batches: &[std::sync::Arc<Batch>],
        cursor: u64,
        audience: Audience,
    ) -> Step {
        let to = batches.last().map_or(cursor, |batch| batch.to);
        let floor = batches.first().map_or(cursor, |batch| batch.from);
        if let Some(step) = self.recall(cursor, floor, audience) {
            return step;
        }
        let ops = batches.iter().flat_map(|batch| &batch.ops);
        self.one_frame(cursor, to, ops, audience)
    }

    /// What the client at `cursor` gets next when the ring begins only after `floor`.
    pub async fn behind(
        &self,
        cursor: u64,
        floor: u64,
        audience: Audience,
        backlog: &dyn Backlog,
    ) -> Step {
        let gap = floor - cursor;
        if gap > MAX_BACKLOG_EVENTS {
            return Step::Reset(Why::Window);
        }
        let _reading = self.reading.lock().await;
        if let Some(step) = self.recall(cursor, floor, audience) {
            return step;
        }
        let limit = usize::try_from(gap).unwrap_or(usize::MAX);
        match backlog.after(cursor, limit).await {
            Some(ops) if is_whole(&ops, cursor, floor) => {
                self.one_frame(cursor, floor, ops.iter(), audience)
            }
            _ => Step::Reset(Why::Window),
        }
    }

    fn one_frame<'a>(
        &self,
        cursor: u64,
        to: u64,
        ops: impl Iterator<Item = &'a Op>,
        audience: Audience,
    ) -> Step {
        match batch::coalesce(cursor, to, ops, audience) {
            Ok(frame) if frame.json().len() <= MAX_FRAME_BYTES => {
                self.remember(Remembered {
                    from: cursor,
                    to,
                    audience,
                    frame: frame.clone(),
                });
                Step::Send {
                    frames: vec![frame],
                    cursor: to,
                }
            }
            _ => Step::Reset(Why::Overflow),
        }
    }

    /// A frame made before from the same position, if the ring (which begins after `floor`) goes on from its end.
    fn recall(&self, cursor: u64, floor: u64, audience: Audience) -> Option<Step> {
        let remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        remembered
            .iter()
            .rev()
            .find(|it| it.from == cursor && it.audience == audience && it.to >= floor)
            .map(|it| Step::Send {
                frames: vec![it.frame.clone()],
                cursor: it.to,
            })
    }

    fn remember(&self, frame: Remembered) {
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if remembered.len() == REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back(frame);
    }
}

fn look(state: &Publication<State>, cursor: u64, max_frames: usize) -> CatchUp {
    state.read().ring().after_within(cursor, max_frames)
}

fn frames(batches: &[std::sync::Arc<Batch>], cursor: u64, audience: Audience) -> Step {
    let frames: Vec<Frame> = batches.iter().map(|batch| batch.frame(audience)).collect();
    if frames
        .iter()
        .any(|frame| frame.json().len() > MAX_FRAME_BYTES)
    {
        return Step::Reset(Why::Overflow);
    }
    let cursor = batches.last().map_or(cursor, |batch| batch.to);
    Step::Send { frames, cursor }
}

/// Whether `ops` are each of the changes in `(cursor, floor]`, in order.
fn is_whole(ops: &[Op], cursor: u64, floor: u64) -> bool {
    let positions = ops.iter().map(|op| op.v);
    positions.eq(cursor + 1..=floor)
}

#[cfg(test)]
mod tests {
    use super::is_whole;
    use watchfloor_wire::entity::Key;
    use watchfloor_wire::feed::Op;

    #[test]
    fn a_backlog_with_a_hole_is_not_used() {
        let cases: [(&[u64], bool); 6] = [
            (&[4, 5, 6], true),
            (&[4, 6], false),
            (&[5, 6], false),
            (&[4, 5], false),
            (&[4, 5, 6, 7], false),
            (&[], false),
        ];
        for (positions, whole) in cases {
            let ops: Vec<Op> = positions
                .iter()
                .map(|v| Op {
                    k: Key::from_wire("check/a.b".to_owned()),
                    v: *v,
                    p: None,
                })
                .collect();
            assert_eq!(is_whole(&ops, 3, 6), whole, "{positions:?}");
        }
    }
}
