//! What is wrong with a request: the same sentences on the form and in the gateway's answer.

use super::request::{ChangeSilenceRequest, SilenceRequest};
use super::{Matcher, Recurrence, Silence, SilenceKind, SilenceState, minute_of_day};
use crate::action::MAX_NOTE_CHARS;
use crate::problem::FieldProblem;
use crate::session::Role;
use crate::time::{DAY_MS, MINUTE_MS, UnixMs};

/// The shortest silence, in milliseconds.
pub const MIN_SILENCE_MS: i64 = MINUTE_MS;
/// The longest silence, in milliseconds: what nobody looks at for a month is forgotten.
pub const MAX_SILENCE_MS: i64 = 30 * DAY_MS;
/// The longest that an operator may silence, in milliseconds.
pub const MAX_OPERATOR_MS: i64 = DAY_MS;
/// The longest that a series of maintenance windows may go on, in milliseconds.
pub const MAX_SERIES_MS: i64 = 366 * DAY_MS;
/// The longest that one window of a series may last, in milliseconds.
pub const MAX_WINDOW_MS: i64 = DAY_MS;
/// How far ahead a silence may begin, in milliseconds.
pub const MAX_AHEAD_MS: i64 = 90 * DAY_MS;
/// A start that is past by no more than this means "now", in milliseconds.
pub const START_MAY_BE_PAST_MS: i64 = 5 * MINUTE_MS;
/// The most conditions of a silence.
pub const MAX_MATCHERS: usize = 20;

impl SilenceRequest {
    /// When it would begin.
    #[must_use]
    pub fn begins_at(&self, now: UnixMs) -> UnixMs {
        self.starts_at.map_or(now, |at| at.max(now))
    }

    /// Everything that is wrong with it at `now`, whoever sends it; empty when it can be sent.
    #[must_use]
    pub fn problems(&self, now: UnixMs) -> Vec<FieldProblem> {
        let mut problems = matcher_problems(&self.matchers);
        problems.extend(reason_problem(&self.reason));
        let begins_at = self.begins_at(now);
        if let Some(at) = self.starts_at {
            let text = if now.since_ms(at) > START_MAY_BE_PAST_MS {
                Some("It begins in the past; leave it out to begin now.")
            } else if at.since_ms(now) > MAX_AHEAD_MS {
                Some("It begins more than 90 days ahead; make it nearer to its time.")
            } else {
                None
            };
            problems.extend(text.map(|text| FieldProblem::new("starts_at", text)));
        }
        match &self.recurrence {
            None => problems.extend(span_problem(self.expires_at, begins_at, now)),
            Some(it) => {
                problems.extend(series_problem(self.expires_at, begins_at));
                problems.extend(recurrence_problems(it));
                if self.kind != SilenceKind::Maintenance {
                    problems.push(FieldProblem::new(
                        "kind",
                        "Only maintenance comes back; a silence is for one time.",
                    ));
                }
                if it.until.is_some() {
                    problems.push(FieldProblem::new(
                        "recurrence.until",
                        "Leave it out; `expires_at` says when the series ends.",
                    ));
                }
            }
        }
        problems
    }

    /// Why the role may not, although another may; `None` when it may.
    #[must_use]
    pub fn role_problem(&self, role: Role, now: UnixMs) -> Option<&'static str> {
        if self.recurrence.is_some() && role != Role::Admin {
            return Some(
                "Windows that come back need the admin role; one time of up to 24 h does not.",
            );
        }
        role_problem(role, self.expires_at.since_ms(self.begins_at(now)))
    }
}

impl ChangeSilenceRequest {
    /// Everything that is wrong with changing `silence` so at `now`; empty when it can be sent.
    #[must_use]
    pub fn problems(&self, silence: &Silence, now: UnixMs) -> Vec<FieldProblem> {
        let mut problems = self
            .matchers
            .as_deref()
            .map(matcher_problems)
            .unwrap_or_default();
        problems.extend(self.reason.as_deref().and_then(reason_problem));
        if let Some(at) = self.expires_at {
            problems.extend(if silence.recurrence.is_some() {
                series_problem(at, now)
            } else {
                span_problem(at, silence.starts_at.max(now), now)
            });
        }
        problems
    }

    /// As [`SilenceRequest::role_problem`], for a longer time.
    #[must_use]
    pub fn role_problem(&self, silence: &Silence, role: Role, now: UnixMs) -> Option<&'static str> {
        if silence.recurrence.is_some() && role != Role::Admin {
            return Some("Windows that come back are changed by the admin role.");
        }
        let at = self.expires_at?;
        role_problem(role, at.since_ms(silence.starts_at.max(now)))
    }
}

fn role_problem(role: Role, span_ms: i64) -> Option<&'static str> {
    // The seconds that it takes to send what "24 h" meant on the form are no reason to refuse it.
    (role != Role::Admin && span_ms > MAX_OPERATOR_MS + MINUTE_MS).then_some(
        "Operators silence up to 24 h. Make it shorter, or ask somebody with the admin role.",
    )
}

/// What is wrong with a silence's conditions. Fields are named `matchers.<place>.<member>`, counted from 0.
#[must_use]
pub fn matcher_problems(matchers: &[Matcher]) -> Vec<FieldProblem> {
    if matchers.len() > MAX_MATCHERS {
        let text = format!(
            "Use at most {MAX_MATCHERS} conditions; these are {}.",
            matchers.len()
        );
        return vec![FieldProblem {
            field: "matchers".to_owned(),
            text,
        }];
    }
    let each = matchers.iter().enumerate();
    each.filter_map(|(at, it)| {
        it.problem().map(|wrong| FieldProblem {
            field: format!("matchers.{at}.{}", wrong.field),
            text: wrong.text,
        })
    })
    .collect()
}

/// What is wrong with a reason.
#[must_use]
pub fn reason_problem(reason: &str) -> Option<FieldProblem> {
    let count = reason.trim().chars().count();
    if count == 0 {
        return Some(FieldProblem::new(
            "reason",
            "Write why it is to be quiet, in a few words.",
        ));
    }
    (count > MAX_NOTE_CHARS).then(|| FieldProblem {
        field: "reason".to_owned(),
        text: format!("Shorten it to {MAX_NOTE_CHARS} characters; it has {count}."),
    })
}

fn span_problem(expires_at: UnixMs, begins_at: UnixMs, now: UnixMs) -> Option<FieldProblem> {
    let span_ms = expires_at.since_ms(begins_at);
    let text = if expires_at <= now {
        "It ends in the past."
    } else if span_ms < MIN_SILENCE_MS {
        "It ends less than a minute after it begins."
    } else if span_ms > MAX_SILENCE_MS + MINUTE_MS {
        "Silence for 30 days at most; what must be quiet for longer needs another rule."
    } else {
        return None;
    };
    Some(FieldProblem::new("expires_at", text))
}

fn series_problem(ends_at: UnixMs, begins_at: UnixMs) -> Option<FieldProblem> {
    let text = if ends_at <= begins_at {
        "The series ends before it begins."
    } else if ends_at.since_ms(begins_at) > MAX_SERIES_MS {
        "A series goes on for a year at most; put what goes on for longer into the configuration."
    } else {
        return None;
    };
    Some(FieldProblem::new("expires_at", text))
}

/// What is wrong with a recurrence, but for its time zone, which only the gateway knows.
#[must_use]
pub fn recurrence_problems(it: &Recurrence) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if it.days.is_empty() {
        problems.push(FieldProblem::new(
            "recurrence.days",
            "Choose at least one day.",
        ));
    }
    if minute_of_day(&it.at).is_none() {
        problems.push(FieldProblem::new(
            "recurrence.at",
            "Enter a time of the day, for example 02:00.",
        ));
    }
    if !(MIN_SILENCE_MS..=MAX_WINDOW_MS).contains(&it.duration_ms) {
        problems.push(FieldProblem::new(
            "recurrence.duration_ms",
            "A window lasts from one minute to 24 hours.",
        ));
    }
    problems
}

/// Whether a silence that stands so can still be changed or ended.
#[must_use]
pub fn is_over(silence: &Silence, now: UnixMs) -> bool {
    silence.state_at(now) == SilenceState::Ended
}

#[cfg(test)]
mod tests {
    use super::super::tests::silence as made;
    use super::super::{MatchField, MatchOperator, Weekday};
    use super::*;
    use crate::time::HOUR_MS;

    const NOW: UnixMs = UnixMs(1_000_000_000_000);

    fn request(span_ms: i64) -> SilenceRequest {
        SilenceRequest {
            kind: SilenceKind::Silence,
            matchers: vec![Matcher::new(MatchField::Product, MatchOperator::Is, "shop")],
            starts_at: None,
            expires_at: NOW.plus_ms(span_ms),
            reason: "moving".to_owned(),
            recurrence: None,
            everything: false,
        }
    }

    fn window() -> SilenceRequest {
        SilenceRequest {
            kind: SilenceKind::Maintenance,
            expires_at: NOW.plus_ms(90 * DAY_MS),
            recurrence: Some(Recurrence {
                days: vec![Weekday::Sun],
                at: "02:00".to_owned(),
                duration_ms: HOUR_MS,
                zone: "Europe/Berlin".to_owned(),
                until: None,
            }),
            ..request(0)
        }
    }

    fn fields(it: &SilenceRequest) -> Vec<String> {
        it.problems(NOW).into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn a_silence_always_ends_and_within_a_month() {
        for (span_ms, fine) in [
            (-1, false),
            (0, false),
            (MINUTE_MS - 1, false),
            (MINUTE_MS, true),
            (MAX_SILENCE_MS, true),
            (MAX_SILENCE_MS + MINUTE_MS + 1, false),
        ] {
            let expected: &[&str] = if fine { &[] } else { &["expires_at"] };
            assert_eq!(fields(&request(span_ms)), expected, "{span_ms}");
        }
    }

    #[test]
    fn it_begins_neither_in_the_past_nor_far_ahead() {
        for (ahead_ms, fine) in [
            (-START_MAY_BE_PAST_MS - 1, false),
            (-START_MAY_BE_PAST_MS, true),
            (MAX_AHEAD_MS, true),
            (MAX_AHEAD_MS + 1, false),
        ] {
            let mut it = request(ahead_ms + DAY_MS);
            it.starts_at = Some(NOW.plus_ms(ahead_ms));
            let expected: &[&str] = if fine { &[] } else { &["starts_at"] };
            assert_eq!(fields(&it), expected, "{ahead_ms}");
        }
    }

    #[test]
    fn operators_silence_for_a_day_and_admins_for_longer() {
        let day = request(DAY_MS);
        let longer = request(2 * DAY_MS);
        assert_eq!(day.role_problem(Role::Operator, NOW), None);
        assert!(longer.role_problem(Role::Operator, NOW).is_some());
        assert_eq!(longer.role_problem(Role::Admin, NOW), None);
        assert!(window().role_problem(Role::Operator, NOW).is_some());
        assert_eq!(window().role_problem(Role::Admin, NOW), None);
    }

    #[test]
    fn reasons_and_conditions_are_complete() {
        let mut it = request(HOUR_MS);
        it.reason = " \n".to_owned();
        it.matchers[0].value = String::new();
        it.matchers.push(Matcher::new(
            MatchField::Unrecognised,
            MatchOperator::Is,
            "x",
        ));
        it.matchers
            .push(Matcher::of_label("Team", MatchOperator::Is, "x"));
        assert_eq!(
            fields(&it),
            [
                "matchers.0.value",
                "matchers.1.field",
                "matchers.2.label",
                "reason"
            ]
        );
        it.matchers = vec![it.matchers[1].clone(); MAX_MATCHERS + 1];
        assert_eq!(fields(&it), ["matchers", "reason"]);
    }

    #[test]
    fn a_series_is_maintenance_has_days_and_ends_within_a_year() {
        assert_eq!(fields(&window()), [] as [&str; 0]);
        let mut it = window();
        it.kind = SilenceKind::Silence;
        it.expires_at = NOW.plus_ms(MAX_SERIES_MS + 1);
        if let Some(recurrence) = &mut it.recurrence {
            recurrence.days.clear();
            recurrence.at = "2".to_owned();
            recurrence.duration_ms = MAX_WINDOW_MS + 1;
            recurrence.until = Some(NOW);
        }
        assert_eq!(
            fields(&it),
            [
                "expires_at",
                "recurrence.days",
                "recurrence.at",
                "recurrence.duration_ms",
                "kind",
                "recurrence.until"
            ]
        );
    }

    #[test]
    fn a_change_is_held_to_the_same_limits() {
        let it = made(Vec::new(), NOW.0, NOW.0 + HOUR_MS);
        let until = |span_ms| ChangeSilenceRequest {
            expires_at: Some(NOW.plus_ms(span_ms)),
            ..ChangeSilenceRequest::default()
        };
        assert!(until(2 * HOUR_MS).problems(&it, NOW).is_empty());
        assert_eq!(until(-1).problems(&it, NOW).len(), 1);
        assert!(
            until(2 * DAY_MS)
                .role_problem(&it, Role::Operator, NOW)
                .is_some()
        );
        assert!(
            until(DAY_MS)
                .role_problem(&it, Role::Operator, NOW)
                .is_none()
        );
    }
}
