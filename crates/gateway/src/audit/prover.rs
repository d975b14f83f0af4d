//! Proves the audit's chain beside a gateway that runs, a bounded stretch at a time.
//!
//! A walk sets out from the first row and follows the chain to the newest; from then on it follows the rows that come.
//! Every six hours another walk sets out from the first row, because what was changed behind the back of one that has
//! passed shows only to the next. What a walk cannot prove, and why a head must be noted elsewhere, is said in
//! [`crate::store::audit_trail`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use watchfloor_wire::audit::{AuditBreak, AuditProof};
use watchfloor_wire::time::{HOUR_MS, UnixMs};

use crate::store::audit::{AuditPlace, AuditStretch, GENESIS};
use crate::store::audit_trail::{Noted, fault};

/// Rows of one stretch: a reader is held for some milliseconds.
pub const STRETCH_ROWS: usize = 1_000;
/// How old a walk may be before another one sets out, in milliseconds.
const WALK_AGAIN_AFTER_MS: i64 = 6 * HOUR_MS;

/// How far the chain is proved; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Prover(Arc<Mutex<Standing>>);

#[derive(Debug, Default)]
struct Standing {
    walk: Option<Walk>,
    /// What the furthest walk found.
    proof: AuditProof,
}

#[derive(Debug)]
struct Walk {
    begun_at: UnixMs,
    last: Noted,
    /// Whether it came to the end, or to where the chain does not hold.
    is_done: bool,
}

impl Prover {
    /// How far the chain is proved.
    #[must_use]
    pub fn proof(&self) -> AuditProof {
        self.standing().proof.clone()
    }

    /// Where the next stretch begins; sets out from the first row again when the walk is old.
    #[must_use]
    pub fn next(&self, now: UnixMs) -> AuditPlace {
        let mut standing = self.standing();
        let is_old =
            |walk: &Walk| walk.is_done && now.since_ms(walk.begun_at) >= WALK_AGAIN_AFTER_MS;
        if standing.walk.as_ref().is_none_or(is_old) {
            standing.walk = Some(Walk::new(now));
        }
        AuditPlace::After(standing.walk.as_ref().map_or(0, |it| it.last.row))
    }

    /// Takes the stretch that [`Self::next`] asked for, of at most `asked` rows; true when there may be more.
    pub fn take(&self, stretch: &AuditStretch, asked: usize, now: UnixMs) -> bool {
        let mut standing = self.standing();
        let Some(walk) = &mut standing.walk else {
            return false;
        };
        let broken = walk.follow(stretch, asked);
        let goes_on = !walk.is_done;
        standing.note(broken, now);
        goes_on
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        // Every change of it is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Walk {
    fn new(now: UnixMs) -> Self {
        Self {
            begun_at: now,
            last: Noted {
                row: 0,
                hash: GENESIS.to_owned(),
            },
            is_done: false,
        }
    }

    /// Goes on along these rows; the first place where they do not follow.
    fn follow(&mut self, stretch: &AuditStretch, asked: usize) -> Option<AuditBreak> {
        self.is_done = false;
        for it in &stretch.rows {
            if it.row <= self.last.row {
                // Somebody else who walks took these already.
                continue;
            }
            if let Some(why) = fault(&self.last, it.row, &it.hash, &it.it) {
                self.is_done = true;
                return Some(broken(it.row, why));
            }
            self.last = Noted {
                row: it.row,
                hash: it.hash.clone(),
            };
        }
        if stretch.rows.len() >= asked {
            return None;
        }
        self.is_done = true;
        let (here, given) = (self.last.row, stretch.given);
        let (from, to) = (here.min(given) + 1, here.max(given));
        (here != given).then(|| broken(from, format!("rows {from} to {to} were taken off the end")))
    }
}

impl Standing {
    /// A walk that has come as far as the one before says where things stand, and so does one that found a break.
    fn note(&mut self, broken: Option<AuditBreak>, now: UnixMs) {
        let Some(walk) = &self.walk else { return };
        let row = u64::try_from(walk.last.row).unwrap_or(0);
        if broken.is_none() && row < self.proof.verified_to {
            return;
        }
        // A break stays said until a walk has come past it.
        let before = self.proof.broken.take().filter(|it| it.row > row);
        self.proof = AuditProof {
            verified_to: row,
            verified_at: Some(now),
            begun_at: Some(walk.begun_at),
            broken: broken.or(before),
        };
    }
}

fn broken(row: i64, why: String) -> AuditBreak {
    AuditBreak {
        row: u64::try_from(row).unwrap_or(0),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::AuditRow;
    use crate::store::audit::{ChainedRow, chain};

    fn chained(count: i64) -> Vec<ChainedRow> {
        let mut previous = GENESIS.to_owned();
        (1..=count)
            .map(|row| {
                let it = AuditRow {
                    at: UnixMs(row),
                    actor: "ines".to_owned(),
                    action: "incident.comment".to_owned(),
                    subject: format!("incident/{row}"),
                    detail: "{}".to_owned(),
                };
                previous = chain(&previous, &it);
                let hash = previous.clone();
                ChainedRow { row, it, hash }
            })
            .collect()
    }

    /// Asks for `asked` rows of these at a time until there are no more.
    fn walk(
        prover: &Prover,
        rows: &[ChainedRow],
        given: i64,
        asked: usize,
        now: i64,
    ) -> AuditProof {
        loop {
            let AuditPlace::After(after) = prover.next(UnixMs(now)) else {
                return AuditProof::default();
            };
            let behind = rows.iter().filter(|it| it.row > after);
            let rows = behind.take(asked).cloned().collect();
            if !prover.take(&AuditStretch { given, rows }, asked, UnixMs(now)) {
                return prover.proof();
            }
        }
    }

    #[test]
    fn a_walk_follows_the_chain_to_its_end_and_then_what_comes() {
        for asked in [1, 2, 3, 100] {
            let (prover, rows) = (Prover::default(), chained(7));
            let proof = walk(&prover, &rows[..5], 5, asked, 10);
            assert_eq!((proof.verified_to, proof.broken), (5, None));
            let proof = walk(&prover, &rows, 7, asked, 20);
            assert_eq!(proof.verified_to, 7);
            assert_eq!(
                (proof.begun_at, proof.verified_at),
                (Some(UnixMs(10)), Some(UnixMs(20)))
            );
        }
    }

    #[test]
    fn nothing_is_proved_of_an_audit_without_rows() {
        let proof = walk(&Prover::default(), &[], 0, 10, 10);
        assert_eq!((proof.verified_to, proof.broken), (0, None));
    }

    #[test]
    fn the_first_row_that_does_not_follow_is_named() {
        let whole = chained(9);
        let mut changed = whole.clone();
        changed[4].it.actor = "mallory".to_owned();
        let mut missing = whole.clone();
        missing.remove(4);
        for (rows, given, verified_to, row) in [
            (&changed, 9, 4, 5),
            (&missing, 9, 4, 6),
            (&whole[..6].to_vec(), 9, 6, 7),
        ] {
            let proof = walk(&Prover::default(), rows, given, 3, 10);
            assert_eq!(proof.verified_to, verified_to);
            assert_eq!(proof.broken.map(|it| it.row), Some(row));
        }
    }

    #[test]
    fn what_was_changed_behind_a_walk_shows_to_the_next_one() {
        let (prover, mut rows) = (Prover::default(), chained(9));
        walk(&prover, &rows, 9, 3, 0);
        rows[1].it.detail = "{\"forged\":true}".to_owned();
        assert_eq!(
            walk(&prover, &rows, 9, 3, WALK_AGAIN_AFTER_MS - 1).broken,
            None
        );
        let proof = walk(&prover, &rows, 9, 3, WALK_AGAIN_AFTER_MS);
        assert_eq!(proof.broken.map(|it| it.row), Some(2));
        assert_eq!(proof.verified_to, 1);
    }

    #[test]
    fn a_second_walk_takes_nothing_back_before_it_has_come_as_far() {
        let (prover, rows) = (Prover::default(), chained(9));
        walk(&prover, &rows, 9, 3, 0);
        let again = UnixMs(WALK_AGAIN_AFTER_MS);
        assert_eq!(prover.next(again), AuditPlace::After(0));
        let rows = rows[..3].to_vec();
        assert!(prover.take(&AuditStretch { given: 9, rows }, 3, again));
        assert_eq!(prover.proof().verified_to, 9);
    }

    #[test]
    fn a_break_that_was_repaired_is_no_longer_said() {
        let (prover, whole) = (Prover::default(), chained(9));
        let mut changed = whole.clone();
        changed[4].it.actor = "mallory".to_owned();
        assert!(walk(&prover, &changed, 9, 3, 0).broken.is_some());
        let proof = walk(&prover, &whole, 9, 3, 1);
        assert_eq!((proof.verified_to, proof.broken), (9, None));
    }

    #[test]
    fn an_audit_that_became_shorter_shows() {
        let (prover, rows) = (Prover::default(), chained(9));
        walk(&prover, &rows, 9, 3, 0);
        let proof = walk(&prover, &rows[..6], 6, 3, 1);
        assert_eq!(proof.broken.map(|it| it.row), Some(7));
    }
}
