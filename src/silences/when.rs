//! Until when: the choices of the form, and dates with times as the browser's field writes them, in UTC. Pure.

use chrono::NaiveDate;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, UnixMs};

use crate::ui::minute_of_day;

/// How long a silence is to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    /// For this span from its beginning, in milliseconds.
    For(i64),
    /// Until tomorrow at 08:00.
    Tomorrow,
    /// Until a time that is written out.
    Until,
}

impl Lasts {
    /// The choices with their words.
    pub(super) fn options() -> Vec<(Self, String)> {
        vec![
            (Self::For(HOUR_MS), "1 h".to_owned()),
            (Self::For(4 * HOUR_MS), "4 h".to_owned()),
            (Self::Tomorrow, "Tomorrow 08:00".to_owned()),
            (Self::Until, "Until…".to_owned()),
        ]
    }

    /// When it ends, if it begins at `begins_at`; `written` is the field for [`Lasts::Until`].
    ///
    /// # Errors
    /// What is wrong with the time that is written out.
    pub(super) fn end(self, begins_at: UnixMs, written: &str) -> Result<UnixMs, FieldProblem> {
        match self {
            Self::For(span_ms) => Ok(begins_at.plus_ms(span_ms)),
            Self::Tomorrow => Ok(begins_at.start_of_day().plus_ms(DAY_MS + 8 * HOUR_MS)),
            Self::Until => read(written)
                .ok_or_else(|| FieldProblem::new("expires_at", "Enter a day and a time in UTC.")),
        }
    }
}

/// The instant of `2026-11-28T15:00`, in UTC; `None` for anything else.
pub(super) fn read(text: &str) -> Option<UnixMs> {
    let (day, time) = text.trim().split_once('T')?;
    let numbers: Vec<u32> = day
        .splitn(3, '-')
        .chain(time.splitn(3, ':'))
        .map(|it| it.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day, hour, minute, ..] = numbers.as_slice() else {
        return None;
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, *month, *day)?;
    let at = date.and_hms_opt(*hour, *minute, 0)?;
    Some(UnixMs(at.and_utc().timestamp_millis()))
}

/// An instant as the browser's field wants it.
pub(super) fn write(at: UnixMs) -> String {
    let day = chrono::DateTime::from_timestamp_millis(at.0);
    let day = day.map_or_else(String::new, |it| it.format("%Y-%m-%d").to_string());
    format!("{day}T{}", minute_of_day(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fri 27 Nov 2026, 06:30 UTC.
    const NOW: UnixMs = UnixMs(1_795_761_000_000);

    #[test]
    fn each_choice_has_its_end() {
        assert_eq!(Lasts::For(HOUR_MS).end(NOW, ""), Ok(NOW.plus_ms(HOUR_MS)));
        let tomorrow = Lasts::Tomorrow.end(NOW, "").map(write);
        assert_eq!(tomorrow.as_deref(), Ok("2026-11-28T08:00"));
        let written = Lasts::Until.end(NOW, "2026-12-01T15:00").map(write);
        assert_eq!(written.as_deref(), Ok("2026-12-01T15:00"));
        assert!(Lasts::Until.end(NOW, "").is_err());
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-11-28",
            "2026-13-01T10:00",
            "2026-02-30T10:00",
            "T10:00",
            "2026-11-28T25:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("2026-11-27T06:30:00"), Some(NOW));
    }
}
