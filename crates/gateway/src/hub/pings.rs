//! Pings, written once for all connections that stand at the same place and ping at about the same time.

use std::sync::{Mutex, PoisonError};

use watchfloor_wire::feed::{Ping, PipelineAges, ServerMessage};

use super::frame::Frame;
use crate::clock::Clock;

/// A ping that was written this long ago is written anew, in milliseconds: clients set their clocks by it, and
/// judge the pipeline by its ages.
const GOOD_FOR_MS: i64 = 20;

/// The ping that was written last.
#[derive(Debug, Default)]
pub struct Pings(Mutex<Option<Written>>);

#[derive(Debug)]
struct Written {
    n: u64,
    seq: u64,
    at_ms: i64,
    frame: Frame,
}

impl Pings {
    /// A ping for a connection that was sent everything up to `seq`, with its number. Numbers rise over all
    /// connections, from 1.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn get(
        &self,
        clock: &Clock,
        seq: u64,
        ages: &dyn Fn() -> PipelineAges,
    ) -> Result<(u64, Frame), serde_json::Error> {
        let at_ms = clock.monotonic_ms();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = &*last
            && it.seq == seq
            && at_ms - it.at_ms < GOOD_FOR_MS
        {
            return Ok((it.n, it.frame.clone()));
        }
        let n = last.as_ref().map_or(0, |it| it.n) + 1;
        let ping = Ping {
            n,
            s: seq,
            now: clock.now(),
            steady_ms: Some(at_ms),
            age: ages(),
        };
        let frame = Frame::of_json(&ServerMessage::Ping(ping).encode()?);
        *last = Some(Written {
            n,
            seq,
            at_ms,
            frame: frame.clone(),
        });
        Ok((n, frame))
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::feed::{PipelineAges, ServerMessage};
    use watchfloor_wire::time::UnixMs;

    use super::{GOOD_FOR_MS, Pings};
    use crate::clock::Clock;

    #[test]
    fn a_ping_is_shared_by_those_at_one_place_for_a_moment() {
        let (pings, clock) = (Pings::default(), Clock::manual(UnixMs(1_000)));
        let get = |seq| pings.get(&clock, seq, &PipelineAges::default).unwrap();
        let (first, _) = get(7);
        assert_eq!((first, get(7).0, get(8).0), (1, 1, 2));
        clock.advance_ms(GOOD_FOR_MS - 1);
        assert_eq!(get(8).0, 2);
        clock.advance_ms(1);
        let (n, frame) = get(8);
        let ServerMessage::Ping(ping) = ServerMessage::decode(&frame).unwrap() else {
            panic!("{frame:?}");
        };
        assert_eq!(
            (n, ping.n, ping.s, ping.now),
            (3, 3, 8, UnixMs(1_000 + GOOD_FOR_MS))
        );
    }
}
