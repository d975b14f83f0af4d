//! When bytes leave, and in which pieces. Pure: instants come from outside, chance from a seed.

use std::collections::VecDeque;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::fault::Conditions;

/// What a direction holds at most, in bytes. More stays with whoever sent it.
pub const HELD_MAX_BYTES: usize = 16 * 1024;
/// With limited bandwidth a piece is what fits into this span, in milliseconds: fine enough to look like a slow line.
const PIECE_OF_MS: u64 = 50;

/// What came in one go.
struct Arrival {
    at: Duration,
    /// From -1 to 1: where in the jitter it falls.
    chance: f64,
    bytes: VecDeque<u8>,
}

/// One direction of one connection: a bounded queue whose head leaves when the conditions let it. Instants are spans
/// since whatever instant the caller counts from.
pub struct Pacer {
    chance: ChaCha8Rng,
    held: VecDeque<Arrival>,
    held_bytes: usize,
    /// Nothing overtakes: what leaves next does not leave before this.
    last_due: Duration,
    /// When the line is free again after the piece before.
    free_at: Duration,
    /// The size of the next piece, once it is drawn.
    slice: Option<usize>,
}

impl Pacer {
    /// An empty queue; the same seed draws the same chances.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            chance: ChaCha8Rng::seed_from_u64(seed),
            held: VecDeque::new(),
            held_bytes: 0,
            last_due: Duration::ZERO,
            free_at: Duration::ZERO,
            slice: None,
        }
    }

    /// How many bytes may be taken in now.
    #[must_use]
    pub const fn room_bytes(&self) -> usize {
        HELD_MAX_BYTES - self.held_bytes
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.held_bytes == 0
    }

    /// Takes in what came at `now`: at most [`Self::room_bytes`] of it, the caller keeps the rest.
    pub fn push(&mut self, bytes: &[u8], now: Duration) {
        let taken = bytes.len().min(self.room_bytes());
        if taken == 0 {
            return;
        }
        self.held_bytes += taken;
        self.held.push_back(Arrival {
            at: now,
            chance: self.chance.random_range(-1.0..=1.0),
            bytes: bytes[..taken].iter().copied().collect(),
        });
    }

    /// When the next piece leaves, which may be in the past; `None` when nothing is held, or nothing is carried.
    #[must_use]
    pub fn next_at(&self, conditions: &Conditions) -> Option<Duration> {
        let head = self.held.front()?;
        if conditions.is_stalled {
            return None;
        }
        let mut at = due(head, conditions).max(self.last_due);
        if conditions.bytes_per_s.is_some() {
            at = at.max(self.free_at);
        }
        Some(at)
    }

    /// The piece that leaves at `now`; empty when none does yet.
    pub fn take(&mut self, conditions: &Conditions, now: Duration) -> Vec<u8> {
        if self.next_at(conditions).is_none_or(|at| at > now) {
            return Vec::new();
        }
        let most = self.piece_bytes(conditions);
        let Some(head) = self.held.front_mut() else {
            return Vec::new();
        };
        self.last_due = due(head, conditions).max(self.last_due);
        let length = head.bytes.len().min(most);
        let piece: Vec<u8> = head.bytes.drain(..length).collect();
        if head.bytes.is_empty() {
            self.held.pop_front();
        }
        self.held_bytes -= length;
        self.slice = None;
        if let Some(rate) = conditions.bytes_per_s {
            self.free_at = now + spent(length, rate);
        }
        piece
    }

    /// The largest piece that may leave next.
    fn piece_bytes(&mut self, conditions: &Conditions) -> usize {
        let mut most = usize::MAX;
        if let Some((from, to)) = conditions.slice_bytes {
            let drawn = self.slice.filter(|it| (from..=to).contains(it));
            let slice = drawn.unwrap_or_else(|| self.chance.random_range(from..=to));
            self.slice = Some(slice);
            most = slice;
        }
        if let Some(rate) = conditions.bytes_per_s {
            let in_span = rate.saturating_mul(PIECE_OF_MS) / 1_000;
            most = most.min(usize::try_from(in_span).unwrap_or(usize::MAX).max(1));
        }
        most
    }
}

/// When an arrival may leave as far as latency goes. Reckoned from the conditions of now: what waits in a slow network
/// arrives once the network is well.
fn due(arrival: &Arrival, conditions: &Conditions) -> Duration {
    let late_s =
        conditions.latency.as_secs_f64() + conditions.jitter.as_secs_f64() * arrival.chance;
    arrival.at + Duration::from_secs_f64(late_s.max(0.0))
}

/// How long a line of `bytes_per_s` is busy with `bytes`.
fn spent(bytes: usize, bytes_per_s: u64) -> Duration {
    let micros = (bytes as u64).saturating_mul(1_000_000) / bytes_per_s.max(1);
    Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Everything that leaves until nothing is left: when, and how much.
    fn drain(pacer: &mut Pacer, conditions: &Conditions) -> Vec<(Duration, Vec<u8>)> {
        let mut pieces = Vec::new();
        while let Some(at) = pacer.next_at(conditions) {
            pieces.push((at, pacer.take(conditions, at)));
        }
        pieces
    }

    #[test]
    fn a_good_way_carries_at_once_and_in_one_piece() {
        let mut pacer = Pacer::new(1);
        pacer.push(b"frame", ms(7));
        let pieces = drain(&mut pacer, &Conditions::default());
        assert_eq!(pieces, [(ms(7), b"frame".to_vec())]);
    }

    #[test]
    fn nothing_leaves_before_its_latency_is_over() {
        let late = Conditions {
            latency: ms(2_000),
            ..Conditions::default()
        };
        let mut pacer = Pacer::new(1);
        pacer.push(b"a", ms(10));
        assert_eq!(pacer.next_at(&late), Some(ms(2_010)));
        assert_eq!(pacer.take(&late, ms(2_009)), b"");
        assert_eq!(pacer.take(&late, ms(2_010)), b"a");
    }

    #[test]
    fn what_waits_leaves_at_once_when_the_way_is_well_again() {
        let late = Conditions {
            latency: ms(60_000),
            ..Conditions::default()
        };
        let mut pacer = Pacer::new(1);
        pacer.push(b"a", ms(0));
        assert_eq!(pacer.take(&late, ms(5)), b"");
        assert_eq!(pacer.take(&Conditions::default(), ms(5)), b"a");
    }

    #[test]
    fn a_slow_line_takes_as_long_as_its_rate_says() {
        let slow = Conditions {
            bytes_per_s: Some(5_000),
            ..Conditions::default()
        };
        let mut pacer = Pacer::new(1);
        pacer.push(&[0; 10_000], ms(0));
        let pieces = drain(&mut pacer, &slow);
        assert!(pieces.iter().all(|(_, piece)| piece.len() == 250));
        assert_eq!(pieces.last().map(|(at, _)| *at), Some(ms(1_950)));
    }

    #[test]
    fn a_stalled_way_keeps_what_it_has_and_takes_no_more_than_its_bound() {
        let stalled = Conditions {
            is_stalled: true,
            ..Conditions::default()
        };
        let mut pacer = Pacer::new(1);
        pacer.push(&vec![7; HELD_MAX_BYTES + 1], ms(0));
        assert_eq!((pacer.room_bytes(), pacer.next_at(&stalled)), (0, None));
        pacer.push(b"more", ms(1));
        let out = drain(&mut pacer, &Conditions::default());
        assert_eq!(out, [(ms(0), vec![7; HELD_MAX_BYTES])]);
    }

    #[test]
    fn the_same_seed_is_the_same_schedule_and_another_is_not() {
        let rough = Conditions {
            latency: ms(2_000),
            jitter: ms(1_000),
            slice_bytes: Some((1, 10)),
            ..Conditions::default()
        };
        let run = |seed| {
            let mut pacer = Pacer::new(seed);
            for at in 0..20 {
                pacer.push(&[at; 30], ms(u64::from(at)));
            }
            drain(&mut pacer, &rough)
        };
        assert_eq!(run(5), run(5));
        assert_ne!(run(5), run(6));
    }

    proptest! {
        /// Whatever the conditions: the bytes that leave are those that came, in their order, never before their time.
        #[test]
        fn bytes_keep_their_order_under_all_conditions(
            seed in any::<u64>(),
            latency_ms in 0_u64..3_000,
            jitter in 0_u64..3_000,
            rate in prop::option::of(1_u64..1_000_000),
            slice in prop::option::of((1_usize..5, 5_usize..40)),
            arrivals in prop::collection::vec((0_u64..500, 1_usize..400), 1..20),
        ) {
            let conditions = Conditions {
                latency: ms(latency_ms),
                jitter: ms(jitter.min(latency_ms)),
                bytes_per_s: rate,
                slice_bytes: slice,
                ..Conditions::default()
            };
            let (mut pacer, mut now, mut sent, mut next) = (Pacer::new(seed), 0, Vec::new(), 0_u8);
            for (wait, length) in arrivals {
                now += wait;
                let bytes: Vec<u8> = (0..length).map(|_| { next = next.wrapping_add(1); next }).collect();
                let taken = length.min(pacer.room_bytes());
                pacer.push(&bytes, ms(now));
                sent.extend_from_slice(&bytes[..taken]);
            }
            let pieces = drain(&mut pacer, &conditions);
            let mut last = Duration::ZERO;
            for (at, piece) in &pieces {
                prop_assert!(*at >= last && !piece.is_empty());
                if let Some((_, most)) = slice {
                    prop_assert!(piece.len() <= most);
                }
                last = *at;
            }
            let came: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
            prop_assert_eq!(came, sent);
            prop_assert!(pacer.is_empty());
        }
    }
}
