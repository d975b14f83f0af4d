//! Turns that were read from a calendar: what is kept of it, and whose turn it says it is.

use serde::{Deserialize, Serialize};
use watchfloor_wire::on_call::CalendarState;
use watchfloor_wire::time::UnixMs;

/// What was read of a rotation's calendar last. It goes on counting while the calendar cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarCopy {
    /// The rotation.
    pub rotation: String,
    /// When it was last read and understood; `None` when it never was.
    pub read_at: Option<UnixMs>,
    /// When it was last tried.
    pub tried_at: UnixMs,
    /// Why that failed; empty when it did not.
    pub problem: String,
    /// The turns, as read at `read_at`.
    pub shifts: Vec<CalendarShift>,
}

/// A turn that a calendar's event makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarShift {
    /// Who, by id.
    pub person: String,
    /// From when on.
    pub starts_at: UnixMs,
    /// Until when.
    pub ends_at: UnixMs,
}

impl CalendarShift {
    fn covers(&self, at: UnixMs) -> bool {
        self.starts_at <= at && at < self.ends_at
    }
}

/// What came of reading a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarReading {
    /// The rotation.
    pub rotation: String,
    /// When.
    pub at: UnixMs,
    /// The turns, or why there are none, in words.
    pub result: Result<Vec<CalendarShift>, String>,
}

impl CalendarCopy {
    /// What is kept after a reading: a failure keeps the turns of before.
    #[must_use]
    pub fn after(before: Option<&Self>, reading: &CalendarReading) -> Self {
        let (read_at, problem, shifts) = match &reading.result {
            Ok(shifts) => (Some(reading.at), String::new(), shifts.clone()),
            Err(problem) => (
                before.and_then(|it| it.read_at),
                problem.clone(),
                before.map(|it| it.shifts.clone()).unwrap_or_default(),
            ),
        };
        Self {
            rotation: reading.rotation.clone(),
            read_at,
            tried_at: reading.at,
            problem,
            shifts,
        }
    }

    /// Whose turn it is, by id. Of several events at once the one that began last counts, and of those the one that
    /// ends first: whoever puts a short turn on top of a long one means the short one.
    #[must_use]
    pub fn person_at(&self, at: UnixMs) -> Option<&str> {
        let going_on = self.shifts.iter().filter(|it| it.covers(at));
        let counts = going_on.max_by_key(|it| (it.starts_at, std::cmp::Reverse(it.ends_at)));
        counts.map(|it| it.person.as_str())
    }

    /// The first instant after `at` at which it may be somebody else's turn; `None` when there is none any more.
    #[must_use]
    pub fn change_after(&self, at: UnixMs) -> Option<UnixMs> {
        let edges = self.shifts.iter().flat_map(|it| [it.starts_at, it.ends_at]);
        edges.filter(|it| *it > at).min()
    }

    /// As people see it.
    #[must_use]
    pub fn state(&self) -> CalendarState {
        CalendarState {
            read_at: self.read_at,
            tried_at: Some(self.tried_at),
            problem: self.problem.clone(),
        }
    }
}
