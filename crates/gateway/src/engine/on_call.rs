//! Who is on call, as the engine has it: overrides that people make, and what was read of calendars. Both count once they
//! are stored.

use watchfloor_wire::time::{DAY_MS, UnixMs};

use super::core::Core;
use super::run::Engine;
use crate::change::{AuditRow, Transaction};
use crate::incidents::log::GATEWAY;
use crate::on_call::action::{Decided, OverrideObjection, OverrideOrder};
use crate::on_call::calendar::{CalendarCopy, CalendarReading};
use crate::on_call::{OnCallChange, Roster, StoredOnCall};
use crate::store::{Store, StoreError};

/// An override that was over this long ago can no longer be ended, in milliseconds.
pub const OVER_STAYS_MS: i64 = DAY_MS;

impl Core {
    /// Takes over what was stored about who is on call.
    pub(super) fn restore_on_call(&mut self, stored: StoredOnCall) {
        let roster = std::mem::take(self.desk.roster_mut());
        *self.desk.roster_mut() = roster.with(stored);
    }

    /// Who is on call.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        self.desk.roster()
    }

    /// Carries an order out in thought; nothing changes before the transaction is stored and what was decided handed
    /// to [`Self::adopt_override`].
    ///
    /// # Errors
    /// The [`OverrideObjection`].
    pub fn decide_override(
        &self,
        order: &OverrideOrder,
        now: UnixMs,
    ) -> Result<(Decided, Transaction), OverrideObjection> {
        let decided = self.roster().decide(order, now)?;
        let change = decided
            .audit
            .is_some()
            .then(|| OnCallChange::Override(decided.after.clone()));
        let transaction = Transaction {
            on_call: change.into_iter().collect(),
            audit: decided.audit.iter().cloned().collect(),
            answers: vec![decided.answer.clone()],
            ..Transaction::default()
        };
        Ok((decided, transaction))
    }

    /// Takes over what was decided, once that is stored.
    pub fn adopt_override(&mut self, decided: Decided) {
        self.desk.roster_mut().adopt(decided.after);
    }
}

impl<S: Store> Engine<S> {
    /// Keeps what came of reading a rotation's calendar. One that is no longer configured is passed by.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was kept, and what was read before goes on counting.
    pub fn read_calendar(&mut self, reading: &CalendarReading) -> Result<(), StoreError> {
        let roster = self.core.roster();
        if !roster.is_by_calendar(&reading.rotation) {
            return Ok(());
        }
        let before = roster.calendar(&reading.rotation);
        let after = CalendarCopy::after(before, reading);
        let transaction = Transaction {
            audit: audit_row(before, &after).into_iter().collect(),
            on_call: vec![OnCallChange::Calendar(after.clone())],
            ..Transaction::default()
        };
        self.commit(&transaction)?;
        self.core.desk.roster_mut().adopt_calendar(after);
        Ok(())
    }

    /// After a start: what is kept of calendars that are no longer configured goes.
    pub(super) fn restore_on_call(&mut self) -> Result<(), StoreError> {
        let since = self.clock.now().plus_ms(-OVER_STAYS_MS);
        let stored = self.store.on_call(since)?;
        let gone = stored.calendars.iter().map(|it| &it.rotation);
        let gone = gone.filter(|it| !self.core.roster().is_by_calendar(it));
        let forget = gone.map(|it| OnCallChange::ForgetCalendar(it.clone()));
        let transaction = Transaction {
            on_call: forget.collect(),
            ..Transaction::default()
        };
        if !transaction.is_empty() {
            self.commit(&transaction)?;
        }
        self.core.restore_on_call(stored);
        Ok(())
    }
}

/// The audit hears of a calendar when its turns changed, and when it begins or ceases to be readable; each reading would
/// be noise.
fn audit_row(before: Option<&CalendarCopy>, after: &CalendarCopy) -> Option<AuditRow> {
    let told = |it: &CalendarCopy| (it.shifts.clone(), it.problem.clone());
    if before.map(told) == Some(told(after)) {
        return None;
    }
    let state = |it: &CalendarCopy| {
        serde_json::json!({
            "read_at": it.read_at,
            "problem": it.problem,
            "turns": it.shifts.len(),
            "turns_until": it.shifts.iter().map(|it| it.ends_at).max(),
        })
    };
    let detail = serde_json::json!({ "before": before.map(state), "after": state(after) });
    Some(AuditRow {
        at: after.tried_at,
        actor: GATEWAY.to_owned(),
        action: "calendar.read".to_owned(),
        subject: format!("rotation/{}", after.rotation),
        detail: detail.to_string(),
    })
}
