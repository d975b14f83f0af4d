//! What time does to silences: they begin, end, come back, and say beforehand that they end.

use std::collections::BTreeSet;

use watchfloor_wire::silence::{Silence, SilenceId, SilenceState};
use watchfloor_wire::time::{DAY_MS, MINUTE_MS, UnixMs};

use super::record::audit_row;
use super::{Silences, recurrence};
use crate::change::AuditRow;
use crate::incidents::log::GATEWAY;

/// How long before its end it is told that something still fires under a silence, in milliseconds.
pub const WARN_BEFORE_MS: i64 = 15 * MINUTE_MS;
/// A silence that is over leaves the feed after this long, in milliseconds.
pub const LEAVE_AFTER_MS: i64 = DAY_MS;

/// What became of a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilenceNews {
    /// It mutes from now on.
    Began(SilenceId),
    /// It ends within [`WARN_BEFORE_MS`], and so many alerts still fire under it.
    EndsSoon(SilenceId, usize),
    /// It mutes no more.
    Ended(SilenceId),
}

impl Silences {
    /// Does what is due at `now`; an idle call changes nothing. `firing` counts the alerts that fire under a silence.
    pub fn tick(
        &mut self,
        now: UnixMs,
        firing: impl Fn(&Silence) -> usize,
        audit: &mut Vec<AuditRow>,
    ) -> Vec<SilenceNews> {
        for silence in self.all.values_mut() {
            if pass(silence, now, audit) {
                self.touched.insert(silence.id);
            }
        }
        let mut news = self.begun_and_ended(now);
        news.extend(self.warn(now, firing));
        self.leave(now);
        news
    }

    fn begun_and_ended(&mut self, now: UnixMs) -> Vec<SilenceNews> {
        let active = self.active_ids(now);
        let before: BTreeSet<SilenceId> = std::mem::replace(&mut self.active, active);
        let ended = before.difference(&self.active).copied();
        let begun = self.active.difference(&before).copied();
        ended
            .map(SilenceNews::Ended)
            .chain(begun.map(SilenceNews::Began))
            .collect()
    }

    fn warn(&mut self, now: UnixMs, firing: impl Fn(&Silence) -> usize) -> Vec<SilenceNews> {
        let mut news = Vec::new();
        for silence in self.all.values_mut() {
            if silence.warned_at.is_some() || !ends_soon(silence, now) {
                continue;
            }
            let count = firing(silence);
            if count > 0 {
                silence.version += 1;
                silence.warned_at = Some(now);
                self.touched.insert(silence.id);
                news.push(SilenceNews::EndsSoon(silence.id, count));
            }
        }
        news
    }

    fn leave(&mut self, now: UnixMs) {
        let left: Vec<SilenceId> = self
            .all
            .values()
            .filter(|it| {
                it.ended_at
                    .is_some_and(|at| now.since_ms(at) > LEAVE_AFTER_MS)
            })
            .map(|it| it.id)
            .collect();
        for id in left {
            self.all.remove(&id);
            self.touched.insert(id);
        }
    }
}

/// A silence of a quarter of an hour or less ends soon from its beginning, which needs no telling.
fn ends_soon(silence: &Silence, now: UnixMs) -> bool {
    silence.is_active(now)
        && silence.expires_at.since_ms(now) <= WARN_BEFORE_MS
        && silence.expires_at.since_ms(silence.starts_at) > WARN_BEFORE_MS
}

/// Moves a window on to its next time, and ends what is over; false when there was nothing to do.
fn pass(silence: &mut Silence, now: UnixMs, audit: &mut Vec<AuditRow>) -> bool {
    if silence.ended_at.is_some() || now < silence.expires_at {
        return false;
    }
    let before = silence.clone();
    let next = silence
        .recurrence
        .as_ref()
        .and_then(|it| recurrence::window(it, now));
    silence.version += 1;
    silence.warned_at = None;
    match next {
        // The audit has the whole series since it was made; each of its times would be noise.
        Some(times) => (silence.starts_at, silence.expires_at) = times,
        None => {
            silence.ended_at = Some(silence.expires_at);
            audit.push(audit_row(
                silence,
                Some(&before),
                GATEWAY,
                "silence.lapse",
                "",
                now,
            ));
        }
    }
    debug_assert!(next.is_some() || silence.state_at(now) == SilenceState::Ended);
    true
}
