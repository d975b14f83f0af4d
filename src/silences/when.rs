//! Until when: the choices of the form, and dates with times as the browser's field writes them, in UTC. Pure.

use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, UnixMs};

use crate::ui::instant_of;

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
            Self::Until => instant_of(written)
                .ok_or_else(|| FieldProblem::new("expires_at", "Enter a day and a time in UTC.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::field_text;

    /// Fri 27 Nov 2026, 06:30 UTC.
    const NOW: UnixMs = UnixMs(1_795_761_000_000);

    #[test]
    fn each_choice_has_its_end() {
        assert_eq!(Lasts::For(HOUR_MS).end(NOW, ""), Ok(NOW.plus_ms(HOUR_MS)));
        let tomorrow = Lasts::Tomorrow.end(NOW, "").map(field_text);
        assert_eq!(tomorrow.as_deref(), Ok("2026-11-28T08:00"));
        let written = Lasts::Until.end(NOW, "2026-12-01T15:00").map(field_text);
        assert_eq!(written.as_deref(), Ok("2026-12-01T15:00"));
        assert!(Lasts::Until.end(NOW, "").is_err());
    }
}
