//! Who is on call at this moment, in a few words. Pure.

use watchfloor_wire::on_call::{OnCallBoard, Rotation, Shift};
use watchfloor_wire::time::{DAY_MS, UnixMs};

use crate::remote::Remote;
use crate::ui::{day_and_month, minute_of_day};

/// What the bar says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Summary {
    /// Not asked for long.
    Asking,
    /// The gateway cannot be asked, and never could.
    Unknown,
    /// No rotation is configured.
    NoRotation,
    /// As far as is known.
    Known {
        /// Who is on call, each once, in the order of the rotations.
        names: Vec<String>,
        /// The rotations in which nobody is, as far as is known.
        without: Vec<String>,
        /// Whether a calendar among those was never read.
        is_unread: bool,
        /// Until when the first of them is, and who is next, in words.
        details: Vec<String>,
    },
}

impl Summary {
    /// What stands in the bar.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Asking | Self::NoRotation => "…".to_owned(),
            Self::Unknown => "not known".to_owned(),
            Self::Known {
                names, is_unread, ..
            } => match names.as_slice() {
                [] if *is_unread => "not known".to_owned(),
                [] => "nobody".to_owned(),
                [name] => name.clone(),
                [name, more @ ..] => format!("{name} +{}", more.len()),
            },
        }
    }

    /// The rest, for whoever looks closer.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Known { details, .. } => details.join("\n"),
            _ => String::new(),
        }
    }

    /// Whether nobody is on call somewhere.
    pub(super) fn has_gap(&self) -> bool {
        matches!(self, Self::Known { without, .. } if !without.is_empty())
    }
}

/// What the bar says of the board at `now`. A board that was fetched before goes on counting: it knows the hand-overs.
pub(super) fn summary(board: &Remote<OnCallBoard>, now: UnixMs) -> Summary {
    let Some(known) = board.value() else {
        return match board {
            Remote::Failed { .. } => Summary::Unknown,
            _ => Summary::Asking,
        };
    };
    if known.rotations.is_empty() {
        return Summary::NoRotation;
    }
    let (mut names, mut without, mut is_unread) = (Vec::new(), Vec::new(), false);
    for rotation in &known.rotations {
        match rotation.shift_at(now) {
            Some(shift) if names.contains(&shift.name) => {}
            Some(shift) => names.push(shift.name.clone()),
            None => {
                without.push(rotation.name.clone());
                is_unread |= self::is_unread(rotation);
            }
        }
    }
    let details = known.rotations.iter();
    Summary::Known {
        names,
        without,
        is_unread,
        details: details
            .map(|it| format!("{}: {}", it.name, line(it, now)))
            .collect(),
    }
}

/// The board without what changes whenever it is asked for: a panel is drawn anew only when there is news, and a turn
/// that goes on has begun also for a device whose clock is a little behind.
pub(super) fn settled(mut board: OnCallBoard) -> OnCallBoard {
    for rotation in &mut board.rotations {
        let first = rotation.shifts.first_mut();
        if let Some(goes_on) = first.filter(|it| it.starts_at == board.at) {
            goes_on.starts_at = UnixMs(0);
        }
        if let Some(calendar) = &mut rotation.calendar {
            calendar.tried_at = None;
        }
    }
    board.at = UnixMs(0);
    board
}

/// `Lena Vogt until Mon 30 Nov 08:00, then Priya Raman`.
fn line(rotation: &Rotation, now: UnixMs) -> String {
    let next = rotation.next_after(now);
    match (rotation.shift_at(now), next) {
        (None, None) if is_unread(rotation) => "not known".to_owned(),
        (None, None) => "nobody".to_owned(),
        (None, Some(next)) => format!(
            "nobody until {}, then {}",
            when(next.starts_at, now),
            next.name
        ),
        (Some(shift), next) => {
            let then = next.map_or_else(String::new, |next| then(shift, next, now));
            format!("{} {}{then}", shift.name, until(shift, now))
        }
    }
}

fn then(shift: &Shift, next: &Shift, now: UnixMs) -> String {
    if shift.ends_at == Some(next.starts_at) {
        format!(", then {}", next.name)
    } else {
        format!(
            ", then nobody, {} from {}",
            next.name,
            when(next.starts_at, now)
        )
    }
}

/// Whether the rotation's calendar was never read: whose turn it is, or that it is nobody's, is not known then.
pub(super) fn is_unread(rotation: &Rotation) -> bool {
    let calendar = rotation.calendar.as_ref();
    calendar.is_some_and(|it| it.read_at.is_none())
}

/// `until 15:00`, in UTC; with the day when that is not within a day.
pub(super) fn until(shift: &Shift, now: UnixMs) -> String {
    match shift.ends_at {
        Some(end) => format!("until {}", when(end, now)),
        None => "without an end in sight".to_owned(),
    }
}

/// `15:00`, in UTC; with the day when that is not within a day.
pub(super) fn when(at: UnixMs, now: UnixMs) -> String {
    let clock = minute_of_day(at);
    if at.since_ms(now).abs() < DAY_MS {
        clock
    } else {
        format!("{} {clock}", day_and_month(at))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::api::ApiError;
    use watchfloor_wire::on_call::CalendarState;

    const AT: UnixMs = UnixMs(1_763_735_060_000);

    fn ready(value: OnCallBoard) -> Remote<OnCallBoard> {
        Remote::Ready { value, as_of: AT }
    }

    fn board() -> OnCallBoard {
        serde_json::from_str(include_str!("../../crates/wire/golden/answer.on_call.json")).unwrap()
    }

    #[test]
    fn who_is_on_call_goes_on_by_itself_from_hand_over_to_hand_over() {
        let board = ready(board());
        for (at, words) in [
            (AT, "Omar Haddad"),
            (UnixMs(1_763_749_459_999), "Omar Haddad"),
            (UnixMs(1_763_749_460_000), "Priya Raman"),
            (UnixMs(1_763_974_800_000), "Tomás Ferreira"),
            (UnixMs(i64::MAX), "Tomás Ferreira"),
        ] {
            assert_eq!(summary(&board, at).words(), words, "{at:?}");
        }
    }

    #[test]
    fn a_rotation_without_anybody_is_said_plainly() {
        let it = summary(&ready(board()), AT);
        assert!(it.has_gap());
        assert_eq!(
            it.title(),
            "ChatPDD: Omar Haddad until 18:24, then Priya Raman\nDONNA: nobody"
        );
        let mut alone = board();
        alone.rotations.remove(0);
        assert_eq!(summary(&ready(alone), AT).words(), "nobody");
    }

    #[test]
    fn a_calendar_that_was_never_read_does_not_say_nobody() {
        let mut alone = board();
        alone.rotations.remove(0);
        alone.rotations[0].calendar = Some(CalendarState {
            read_at: None,
            tried_at: Some(AT),
            problem: "connection refused".to_owned(),
        });
        let it = summary(&ready(alone), AT);
        assert!(it.has_gap());
        assert_eq!(
            (it.words().as_str(), it.title().as_str()),
            ("not known", "DONNA: not known")
        );
    }

    #[test]
    fn a_hole_before_the_next_turn_is_told() {
        let mut it = board();
        it.rotations[0].shifts[1].starts_at = UnixMs(1_763_760_000_000);
        let told = summary(&ready(it.clone()), AT).title();
        assert!(
            told.starts_with(
                "ChatPDD: Omar Haddad until 18:24, then nobody, Priya Raman from 21:20"
            ),
            "{told}"
        );
        let told = summary(&ready(it), UnixMs(1_763_750_000_000)).title();
        assert!(
            told.starts_with("ChatPDD: nobody until 21:20, then Priya Raman"),
            "{told}"
        );
    }

    #[test]
    fn several_people_are_counted_once_each() {
        let mut it = board();
        let mut twin = it.rotations[0].clone();
        twin.shifts[0].name = "Lena Vogt".to_owned();
        it.rotations.push(it.rotations[0].clone());
        it.rotations.push(twin);
        assert_eq!(summary(&ready(it), AT).words(), "Omar Haddad +1");
    }

    #[test]
    fn a_board_that_only_grew_older_is_the_same() {
        let mut later = board();
        later.at = AT.plus_ms(60_000);
        later.rotations[0].shifts[0].starts_at = later.at;
        assert_eq!(settled(later.clone()), settled(board()));
        later.rotations[0].overrides.clear();
        assert_ne!(settled(later), settled(board()));
        let behind = UnixMs(AT.0 - 5);
        assert_eq!(
            summary(&ready(settled(board())), behind).words(),
            "Omar Haddad"
        );
    }

    #[test]
    fn what_is_not_known_is_no_name() {
        let failed = |last| Remote::Failed {
            error: ApiError::Network,
            last,
        };
        assert_eq!(summary(&Remote::Loading, AT).words(), "…");
        assert_eq!(summary(&failed(None), AT).words(), "not known");
        assert_eq!(summary(&failed(Some(board())), AT).words(), "Omar Haddad");
        let mut none = board();
        none.rotations.clear();
        assert_eq!(summary(&ready(none), AT), Summary::NoRotation);
    }
}
