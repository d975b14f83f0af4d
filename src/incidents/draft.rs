//! What is being written about an incident, and whether it can be sent. Pure, but for where drafts are kept.

use std::collections::BTreeMap;

use leptos::prelude::*;
use watchfloor_wire::action::{AcknowledgeRequest, MAX_LEASE_MS, MIN_LEASE_MS};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::LeaseScope;
use watchfloor_wire::lease::LeaseSpans;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

/// How long an acknowledgement is to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// For this span, in milliseconds.
    For(i64),
    /// Until a time of the day, in UTC.
    Until,
}

/// The acknowledge form as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What was written.
    pub note: String,
    /// How long.
    pub hold: Hold,
    /// The time of the day for [`Hold::Until`], `HH:MM` in UTC.
    pub until: String,
    /// What ends it early.
    pub scope: LeaseScope,
    /// The account to which it is offered at once; empty for nobody.
    pub offer_to: String,
    /// Whether the channels are told; `None` where there are none, and nothing is chosen.
    pub notify: Option<bool>,
}

impl Draft {
    /// An untouched form, for an incident whose leases have these spans; `notify` as its product's policy says.
    #[must_use]
    pub const fn new(spans: &LeaseSpans, notify: Option<bool>) -> Self {
        Self {
            note: String::new(),
            hold: Hold::For(spans.default_ms),
            until: String::new(),
            scope: LeaseScope::Severity,
            offer_to: String::new(),
            notify,
        }
    }
}

/// When an acknowledgement that is sent at `now` would end.
///
/// # Errors
/// What is wrong with the time of day.
pub fn ends_at(draft: &Draft, now: UnixMs) -> Result<UnixMs, FieldProblem> {
    match draft.hold {
        Hold::For(span_ms) => Ok(now.plus_ms(span_ms)),
        Hold::Until => {
            let of_day_ms = time_of_day(&draft.until).ok_or_else(|| {
                FieldProblem::new(
                    "until",
                    "Enter a time of the day in UTC, for example 17:30.",
                )
            })?;
            let today = now.start_of_day().plus_ms(of_day_ms);
            // A time that has passed, or that is too close to be held until, means tomorrow's.
            Ok(if today.since_ms(now) < MIN_LEASE_MS {
                today.plus_ms(DAY_MS)
            } else {
                today
            })
        }
    }
}

/// The request that the form stands for, where the product asks for a note or does not.
///
/// # Errors
/// Everything that is wrong with it.
pub fn validate(
    draft: &Draft,
    note_required: bool,
    now: UnixMs,
) -> Result<AcknowledgeRequest, Vec<FieldProblem>> {
    let (lease_ms, mut problems) = match ends_at(draft, now) {
        Ok(end) => (end.since_ms(now).min(MAX_LEASE_MS), Vec::new()),
        // The span stands in for the one that is missing, so that the other fields are judged too.
        Err(problem) => (HOUR_MS, vec![problem]),
    };
    let request = AcknowledgeRequest {
        note: draft.note.trim().to_owned(),
        lease_ms,
        scope: draft.scope,
        offer_to: (!draft.offer_to.is_empty()).then(|| draft.offer_to.clone()),
        notify: draft.notify,
    };
    problems.extend(request.problems_for(note_required));
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

/// Milliseconds since midnight of `HH:MM`; `None` for anything else.
fn time_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() <= 2 && part.bytes().all(|it| it.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * HOUR_MS + minutes * MINUTE_MS)
}

/// Drafts of this page by incident: leaving an incident must not lose what was written.
#[derive(Clone, Copy)]
pub(super) struct Drafts(StoredValue<BTreeMap<u64, Draft>>);

/// How many drafts are kept; the one of the oldest incident goes first.
const DRAFTS_KEPT: usize = 50;

/// Hands the drafts to everything below the caller.
pub fn provide_drafts() {
    provide_context(Drafts(StoredValue::new(BTreeMap::new())));
}

impl Drafts {
    pub(super) fn take(self, id: IncidentId, untouched: impl FnOnce() -> Draft) -> Draft {
        self.0
            .with_value(|all| all.get(&id.0).cloned())
            .unwrap_or_else(untouched)
    }

    pub(super) fn keep(self, id: IncidentId, draft: Draft) {
        self.0.update_value(|all| {
            all.insert(id.0, draft);
            if all.len() > DRAFTS_KEPT {
                all.pop_first();
            }
        });
    }

    pub(super) fn forget(self, id: IncidentId) {
        self.0.update_value(|all| {
            all.remove(&id.0);
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use watchfloor_wire::lease::usual_spans;
    use watchfloor_wire::priority::Priority;

    /// 1970-01-01T14:32:08Z.
    const NOW: UnixMs = UnixMs(14 * HOUR_MS + 32 * MINUTE_MS + 8_000);

    fn draft(note: &str, hold: Hold, until: &str) -> Draft {
        Draft {
            note: note.to_owned(),
            hold,
            until: until.to_owned(),
            scope: LeaseScope::Severity,
            offer_to: String::new(),
            notify: None,
        }
    }

    #[test]
    fn an_untouched_form_lacks_only_its_note_and_only_where_one_is_asked_for() {
        for priority in [Priority::P0, Priority::P1, Priority::P2, Priority::P3] {
            let it = Draft::new(&usual_spans(priority), Some(true));
            let problems = validate(&it, true, NOW).unwrap_err();
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].field, "note");
            let request = validate(&it, false, NOW).unwrap();
            assert_eq!(request.lease_ms, priority.default_lease_ms());
            assert_eq!(request.offer_to, None);
            assert_eq!(request.notify, Some(true));
        }
    }

    #[test]
    fn a_time_that_has_passed_today_means_tomorrow() {
        let later = draft("x", Hold::Until, "17:30");
        assert_eq!(
            ends_at(&later, NOW).unwrap(),
            UnixMs(17 * HOUR_MS + 30 * MINUTE_MS)
        );
        let passed = draft("x", Hold::Until, "9:05");
        let tomorrow = DAY_MS + 9 * HOUR_MS + 5 * MINUTE_MS;
        assert_eq!(ends_at(&passed, NOW).unwrap(), UnixMs(tomorrow));
    }

    #[test]
    fn what_is_no_time_of_the_day_is_said_at_its_field() {
        for text in [
            "", "25:00", "12:60", "noon", "12", "1:2:3", "+1:00", "-1:00",
        ] {
            let problems = validate(&draft("x", Hold::Until, text), true, NOW).unwrap_err();
            assert_eq!(problems[0].field, "until", "{text}");
        }
    }

    #[test]
    fn the_note_is_sent_without_blanks_around_it() {
        let request = validate(
            &draft(" rolling back \n", Hold::For(HOUR_MS), ""),
            true,
            NOW,
        )
        .unwrap();
        assert_eq!(request.note, "rolling back");
        assert_eq!(request.lease_ms, HOUR_MS);
    }

    proptest! {
        #[test]
        fn every_request_that_is_sent_is_one_that_the_gateway_takes(
            note in ".{0,600}",
            until in "[0-9:]{0,5}",
            by_time in any::<bool>(),
            now in 0_i64..4_000_000_000_000,
            note_required in any::<bool>(),
        ) {
            let hold = if by_time { Hold::Until } else { Hold::For(HOUR_MS) };
            if let Ok(request) = validate(&draft(&note, hold, &until), note_required, UnixMs(now)) {
                prop_assert!(request.problems_for(note_required).is_empty());
            }
        }
    }
}
