//! The life of an alert: pending, firing, resolved. Pure: a state and a reading give a step.

use watchfloor_wire::alert::AlertState;

/// What a rule's condition says now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// It holds. `None` when it judges no number.
    Holds(Option<f64>),
    /// It would not begin to hold, but has not come back past the clear limit either.
    Easing(f64),
    /// It does not hold.
    Clear,
    /// Nothing can be said. Never a reason to end an alert: silence is not health.
    Nothing,
}

/// What becomes of the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Stay,
    /// The condition began to hold.
    Begin,
    /// It has held long enough.
    Fire,
    /// It stopped before it had held long enough.
    Drop,
    /// A firing alert ends.
    Resolve,
}

/// The next step. `state` is `None` when there is no alert; `held_ms` is how long it has been pending.
#[must_use]
pub const fn step(state: Option<AlertState>, held_ms: i64, hold_ms: i64, reading: Reading) -> Step {
    match (state, reading) {
        (None | Some(AlertState::Resolved), Reading::Holds(_)) => {
            if hold_ms <= 0 {
                Step::Fire
            } else {
                Step::Begin
            }
        }
        (Some(AlertState::Pending), Reading::Holds(_)) if held_ms >= hold_ms => Step::Fire,
        (Some(AlertState::Pending), Reading::Easing(_) | Reading::Clear) => Step::Drop,
        (Some(AlertState::Firing), Reading::Clear) => Step::Resolve,
        _ => Step::Stay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AlertState::{Firing, Pending, Resolved};

    #[test]
    fn steps_follow_the_table() {
        let holds = Reading::Holds(Some(1.0));
        let easing = Reading::Easing(1.0);
        let cases = [
            (None, 0, 0, holds, Step::Fire),
            (None, 0, 1, holds, Step::Begin),
            (None, 0, 0, easing, Step::Stay),
            (None, 0, 0, Reading::Nothing, Step::Stay),
            (Some(Resolved), 0, 0, holds, Step::Fire),
            (Some(Resolved), 0, 5, holds, Step::Begin),
            (Some(Pending), 4, 5, holds, Step::Stay),
            (Some(Pending), 5, 5, holds, Step::Fire),
            (Some(Pending), 5, 5, easing, Step::Drop),
            (Some(Pending), 5, 5, Reading::Clear, Step::Drop),
            (Some(Pending), 9, 5, Reading::Nothing, Step::Stay),
            (Some(Firing), 9, 5, holds, Step::Stay),
            (Some(Firing), 9, 5, easing, Step::Stay),
            (Some(Firing), 9, 5, Reading::Nothing, Step::Stay),
            (Some(Firing), 9, 5, Reading::Clear, Step::Resolve),
        ];
        for (state, held_ms, hold_ms, reading, expected) in cases {
            assert_eq!(
                step(state, held_ms, hold_ms, reading),
                expected,
                "{state:?} {reading:?}"
            );
        }
    }
}
