//! The life of an alert: pending, firing, resolved. Pure: where it stands and what its condition says now give where
//! it stands next.
//!
//! A rule may have a limit for each of several severities. Each of those levels lives by itself ([`Level`]), all in
//! one alert ([`Life`]), which stands where its worst level stands ([`Standing`]).

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::time::UnixMs;

use super::flapping::Turns;

/// As many levels as there are severities.
pub const MAX_LEVELS: usize = 4;

/// What a rule's condition says of one level now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// It holds.
    Holds,
    /// It would not begin to hold, but has not come back past the clear limit either.
    Easing,
    /// It does not hold.
    Clear,
    /// Nothing can be said. Never a reason to end an alert: silence is not health.
    #[default]
    Nothing,
}

/// How long a condition must be seen to hold, and then not to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Before it fires, in milliseconds.
    pub hold_ms: i64,
    /// Before it ends, in milliseconds.
    pub keep_ms: i64,
    /// Data has been away for so long that a condition which had begun to hold cannot be shown to hold any more.
    pub is_lost: bool,
}

/// One severity of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// The condition does not hold.
    #[default]
    Calm,
    /// It holds, not yet for long enough.
    Holding {
        /// Since when.
        since: UnixMs,
    },
    /// It has held for long enough.
    Firing {
        /// Since when it is seen not to hold any more, all the time; `None` while it holds or nothing can be said.
        clear_since: Option<UnixMs>,
    },
}

impl Level {
    /// Where the level stands next.
    #[must_use]
    pub fn next(self, timing: Timing, reading: Reading, now: UnixMs) -> Self {
        match (self, reading) {
            (Self::Calm, Reading::Holds) => Self::held(now, timing, now),
            (Self::Holding { since }, Reading::Holds) => Self::held(since.min(now), timing, now),
            (Self::Holding { .. }, Reading::Easing | Reading::Clear) => Self::Calm,
            (Self::Holding { .. }, Reading::Nothing) if timing.is_lost => Self::Calm,
            (Self::Firing { clear_since }, Reading::Clear) => {
                let since = clear_since.map_or(now, |since| since.min(now));
                if now.since_ms(since) >= timing.keep_ms {
                    Self::Calm
                } else {
                    Self::Firing {
                        clear_since: Some(since),
                    }
                }
            }
            // Only a condition that was seen not to hold all the time has ended.
            (Self::Firing { .. }, _) => Self::Firing { clear_since: None },
            (Self::Calm | Self::Holding { .. }, _) => self,
        }
    }

    const fn held(since: UnixMs, timing: Timing, now: UnixMs) -> Self {
        if now.since_ms(since) >= timing.hold_ms {
            Self::Firing { clear_since: None }
        } else {
            Self::Holding { since }
        }
    }
}

/// Where an alert stands; the number is that of the level which decides, 0 the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Calm,
    /// Its condition holds, not yet for long enough.
    Pending(usize),
    /// It fires.
    Firing(usize),
}

impl Standing {
    /// The level that fires; `None` when none does.
    #[must_use]
    pub const fn firing(self) -> Option<usize> {
        match self {
            Self::Firing(level) => Some(level),
            Self::Calm | Self::Pending(_) => None,
        }
    }
}

/// What is remembered of a rule's alert besides what people see.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// The levels, the worst first; those that the rule does not have stay calm.
    pub levels: [Level; MAX_LEVELS],
    /// When its condition turned.
    pub turns: Turns,
}

impl Life {
    /// What a stored alert had come to. `worst` is the number of its severity among the rule's levels, `count` how
    /// many there are: what is worse than that was not reached, what is milder was.
    #[must_use]
    pub fn restored(alert: &Alert, worst: usize, count: usize) -> Self {
        let reached = match alert.state {
            AlertState::Resolved => Level::Calm,
            AlertState::Pending => Level::Holding { since: alert.since },
            AlertState::Firing => Level::Firing {
                clear_since: alert.clear_since,
            },
        };
        let mut levels = [Level::Calm; MAX_LEVELS];
        let reached_levels = levels.iter_mut().take(count).skip(worst);
        reached_levels.for_each(|level| *level = reached);
        let since = alert.flapping.map(|it| it.since);
        Self {
            levels,
            turns: Turns::restored(alert.turned_at.clone(), since),
        }
    }

    /// Whether nothing goes on that time alone could change.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.turns.is_flapping() && self.levels.iter().all(|it| *it == Level::Calm)
    }

    /// Where its condition puts it, flapping left aside.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let firing = |it: &Level| matches!(it, Level::Firing { .. });
        let holding = |it: &Level| matches!(it, Level::Holding { .. });
        if let Some(level) = self.levels.iter().position(firing) {
            return Standing::Firing(level);
        }
        let pending = self.levels.iter().position(holding);
        pending.map_or(Standing::Calm, Standing::Pending)
    }

    /// Since when the deciding level is seen not to hold while it fires on.
    #[must_use]
    pub fn clear_since(&self) -> Option<UnixMs> {
        self.levels.iter().find_map(|level| match level {
            Level::Firing { clear_since } => Some(*clear_since),
            _ => None,
        })?
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Reading::{Clear, Easing, Holds, Nothing};

    const TIMING: Timing = Timing {
        hold_ms: 5,
        keep_ms: 3,
        is_lost: false,
    };

    fn holding(since: i64) -> Level {
        Level::Holding {
            since: UnixMs(since),
        }
    }

    fn clear_since(since: i64) -> Level {
        Level::Firing {
            clear_since: Some(UnixMs(since)),
        }
    }

    #[test]
    fn levels_follow_the_table() {
        let firing = Level::Firing { clear_since: None };
        let cases = [
            (Level::Calm, Holds, holding(10)),
            (Level::Calm, Easing, Level::Calm),
            (Level::Calm, Nothing, Level::Calm),
            (holding(6), Holds, holding(6)),
            (holding(5), Holds, firing),
            // A clock that was set back must not make it wait for longer than the rule says.
            (holding(90), Holds, holding(10)),
            (holding(5), Easing, Level::Calm),
            (holding(5), Clear, Level::Calm),
            (holding(5), Nothing, holding(5)),
            (firing, Holds, firing),
            (firing, Easing, firing),
            (firing, Nothing, firing),
            (firing, Clear, clear_since(10)),
            (clear_since(8), Clear, clear_since(8)),
            (clear_since(7), Clear, Level::Calm),
            (clear_since(7), Nothing, firing),
            (clear_since(7), Easing, firing),
        ];
        for (level, reading, expected) in cases {
            let next = level.next(TIMING, reading, UnixMs(10));
            assert_eq!(next, expected, "{level:?} {reading:?}");
        }
    }

    #[test]
    fn without_waiting_times_it_fires_and_ends_at_once() {
        let timing = Timing {
            hold_ms: 0,
            keep_ms: 0,
            is_lost: false,
        };
        let firing = Level::Calm.next(timing, Holds, UnixMs(1));
        assert_eq!(firing, Level::Firing { clear_since: None });
        assert_eq!(firing.next(timing, Clear, UnixMs(1)), Level::Calm);
    }

    #[test]
    fn a_condition_whose_data_is_lost_is_given_up_before_it_fires_and_kept_after() {
        let lost = Timing {
            is_lost: true,
            ..TIMING
        };
        let firing = Level::Firing { clear_since: None };
        assert_eq!(holding(9).next(lost, Nothing, UnixMs(10)), Level::Calm);
        assert_eq!(firing.next(lost, Nothing, UnixMs(10)), firing);
    }

    #[test]
    fn an_alert_stands_where_its_worst_level_stands() {
        let mut life = Life::default();
        assert_eq!(life.standing(), Standing::Calm);
        life.levels[2] = holding(0);
        assert_eq!(life.standing(), Standing::Pending(2));
        life.levels[1] = Level::Firing { clear_since: None };
        life.levels[0] = holding(0);
        assert_eq!(life.standing(), Standing::Firing(1));
    }

    proptest! {
        /// Whatever comes: it ends only after the condition was seen not to hold, without a gap, for the whole time;
        /// and it fires only after it was seen to hold since then.
        #[test]
        fn nothing_known_is_never_an_end(
            steps in prop::collection::vec(
                (0_i64..4, prop_oneof![Just(Holds), Just(Easing), Just(Clear), Just(Nothing)]), 1..120
            )
        ) {
            let (mut level, mut now) = (Level::Calm, 0);
            let (mut held_from, mut clear_from) = (None, None);
            for (wait, reading) in steps {
                now += wait;
                let before = level;
                level = level.next(TIMING, reading, UnixMs(now));
                if reading == Clear { clear_from = clear_from.or(Some(now)); } else { clear_from = None; }
                match reading {
                    Holds => held_from = held_from.or(Some(now)),
                    Nothing => {}
                    Clear | Easing => held_from = None,
                }
                let fired = |it| matches!(it, Level::Firing { .. });
                if fired(before) && !fired(level) {
                    prop_assert!(clear_from.is_some_and(|from| now - from >= 3));
                }
                if !fired(before) && fired(level) {
                    prop_assert!(reading == Holds && held_from.is_some_and(|from| now - from >= 5));
                }
            }
        }
    }
}
