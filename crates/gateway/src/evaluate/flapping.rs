//! Alerts that turn again and again. Pure: the instants at which a condition turned say whether it flaps.

use watchfloor_wire::alert::Flapping;
use watchfloor_wire::time::UnixMs;

use crate::config::rule::FlappingConfig;

/// When a condition turned lately, and since when it is damped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// Oldest first; not more than it takes to tell.
    at: Vec<UnixMs>,
    since: Option<UnixMs>,
}

impl Turns {
    /// What was stored of them.
    #[must_use]
    pub const fn restored(at: Vec<UnixMs>, since: Option<UnixMs>) -> Self {
        Self { at, since }
    }

    /// The condition turned; true when it flaps from now on.
    pub fn turned(&mut self, policy: &FlappingConfig, now: UnixMs) -> bool {
        self.forget(policy, now);
        let most = usize::try_from(policy.changes).unwrap_or(usize::MAX);
        // One more than the limit tells that it was passed; the count goes on to twice that, to be shown.
        if self.at.len() > most.saturating_mul(2) {
            self.at.remove(0);
        }
        self.at.push(now);
        let begins = self.since.is_none() && self.at.len() > most;
        if begins {
            self.since = Some(now);
        }
        begins
    }

    /// Ends the damping when the condition has not turned for long enough; true when it did end.
    pub fn calmed(&mut self, policy: &FlappingConfig, now: UnixMs) -> bool {
        let last = self.at.last().copied().or(self.since);
        let quiet = last.is_none_or(|at| now.since_ms(at) >= policy.quiet.ms);
        let ends = self.since.is_some() && quiet;
        if ends {
            *self = Self::default();
        }
        ends
    }

    /// Whether its alert is held firing.
    #[must_use]
    pub const fn is_flapping(&self) -> bool {
        self.since.is_some()
    }

    /// The instants, oldest first.
    #[must_use]
    pub fn at(&self) -> &[UnixMs] {
        &self.at
    }

    /// As people see it; `None` while it does not flap.
    #[must_use]
    pub fn shown(&self, policy: &FlappingConfig, now: UnixMs) -> Option<Flapping> {
        let lately = |at: &&UnixMs| now.since_ms(**at) <= policy.within.ms;
        let changes = self.at.iter().filter(lately).count();
        self.since.map(|since| Flapping {
            since,
            changes: u32::try_from(changes).unwrap_or(u32::MAX),
            within_ms: policy.within.ms,
        })
    }

    /// What is too old to count, and what a clock that was set back has put into the future.
    fn forget(&mut self, policy: &FlappingConfig, now: UnixMs) {
        self.at
            .retain(|at| *at <= now && now.since_ms(*at) <= policy.within.ms);
        if self.since.is_some_and(|since| since > now) {
            self.since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::span::Span;

    const POLICY: FlappingConfig = FlappingConfig {
        changes: 3,
        within: Span::seconds(100),
        quiet: Span::seconds(50),
    };

    fn s(seconds: i64) -> UnixMs {
        UnixMs(seconds * 1_000)
    }

    #[test]
    fn one_change_more_than_the_limit_is_flapping() {
        let mut it = Turns::default();
        for at in [0, 40, 80] {
            assert!(!it.turned(&POLICY, s(at)));
        }
        assert!(it.turned(&POLICY, s(100)));
        let shown = it.shown(&POLICY, s(100));
        assert_eq!(shown.map(|it| (it.since, it.changes)), Some((s(100), 4)));
    }

    #[test]
    fn changes_that_lie_further_apart_are_not() {
        let mut it = Turns::default();
        for at in [0, 34, 68, 102, 136, 170] {
            assert!(!it.turned(&POLICY, s(at)), "at {at}");
        }
    }

    #[test]
    fn it_ends_once_quiet_and_then_begins_to_count_anew() {
        let mut it = Turns::default();
        for at in 0..4 {
            it.turned(&POLICY, s(at));
        }
        it.turned(&POLICY, s(40));
        assert!(!it.calmed(&POLICY, s(89)));
        assert!(it.calmed(&POLICY, s(90)));
        assert!(!it.is_flapping() && it.at().is_empty());
        assert!(!it.turned(&POLICY, s(91)));
    }

    proptest! {
        /// However a condition turns: what is remembered is bounded, damping begins only past the limit and ends only
        /// after quiet.
        #[test]
        fn damping_begins_past_the_limit_and_ends_after_quiet(
            steps in prop::collection::vec((0_i64..80, any::<bool>()), 1..200)
        ) {
            let mut it = Turns::default();
            let (mut now, mut all) = (0, Vec::<i64>::new());
            for (wait, turns) in steps {
                now += wait;
                let before = it.is_flapping();
                if turns {
                    all.push(now);
                    let begins = it.turned(&POLICY, s(now));
                    prop_assert_eq!(begins, !before && it.is_flapping());
                    let lately = all.iter().filter(|at| now - **at <= 100).count();
                    prop_assert!(!begins || lately > 3);
                } else if it.calmed(&POLICY, s(now)) {
                    prop_assert!(before && all.last().is_none_or(|at| now - at >= 50));
                    all.clear();
                }
                prop_assert!(it.at().len() <= 8);
            }
        }
    }
}
