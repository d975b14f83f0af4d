#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod histories;
mod labels;

use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::session::Role;
use watchfloor_wire::silence::request::{ChangeSilenceRequest, SilenceRequest};
use watchfloor_wire::silence::{
    MatchField, MatchOperator, Matcher, Recurrence, SilenceKind, SilenceState, Weekday,
};
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::action::{Decided, SilenceObjection, SilenceOrder, SilenceWork};
use super::time::{LEAVE_AFTER_MS, SilenceNews, WARN_BEFORE_MS};
use super::*;
use crate::evaluate::tests::{PRODUCT, config};
use crate::incidents::action::Actor;

/// A Friday.
const START: UnixMs = UnixMs(1_795_780_800_000);

const WINDOW: &str = r#"
[[maintenance]]
name = "vacuum"
reason = "Vacuum"
checks = ["api", "mail"]
days = ["sun"]
at = "02:00"
for = "1h"
"#;

fn silences(product: &str, stored: Vec<Silence>, now: UnixMs) -> Silences {
    Silences::new(&config(product), stored, 0, now, &mut Vec::new())
}

fn order(work: SilenceWork, role: Role) -> SilenceOrder {
    SilenceOrder {
        work,
        key: "key-0001".to_owned(),
        fingerprint: "f".to_owned(),
        actor: Actor {
            account: "priya".to_owned(),
            name: "Priya Raman".to_owned(),
            role,
        },
    }
}

fn of(field: MatchField, operator: MatchOperator, value: &str) -> Vec<Matcher> {
    vec![Matcher::new(field, operator, value)]
}

fn request(span_ms: i64) -> SilenceRequest {
    SilenceRequest {
        kind: SilenceKind::Silence,
        matchers: of(MatchField::Check, MatchOperator::Is, "shop.api"),
        starts_at: None,
        expires_at: START.plus_ms(span_ms),
        reason: " moving ".to_owned(),
        recurrence: None,
        everything: false,
    }
}

fn decide(
    it: &mut Silences,
    work: SilenceWork,
    role: Role,
    now: UnixMs,
) -> Result<Decided, SilenceObjection> {
    let found = work.id().and_then(|id| it.get(id).cloned());
    let decided = it.decide(&order(work, role), found.as_ref(), now)?;
    it.adopt(decided.silence.clone());
    if let Some(replaced) = &decided.replaced {
        it.adopt(replaced.clone());
    }
    Ok(decided)
}

fn make(it: &mut Silences, request: SilenceRequest) -> Result<Silence, SilenceObjection> {
    decide(it, SilenceWork::Make(request), Role::Admin, START).map(|it| it.silence)
}

fn wrong_fields(result: Result<Silence, SilenceObjection>) -> Vec<(String, String)> {
    let Err(SilenceObjection::Invalid(problems)) = result else {
        panic!("not invalid: {result:?}")
    };
    let pair = |it: FieldProblem| (it.field, it.text);
    problems.into_iter().map(pair).collect()
}

#[test]
fn names_that_are_not_there_are_told_with_those_that_are() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    for (field, value, wanted) in [
        (
            MatchField::Product,
            "shpo",
            "There is no product `shpo`; there are `shop`.",
        ),
        (
            MatchField::Check,
            "api",
            "There is no check `api`; there are `shop.api`, `shop.mail`.",
        ),
        (
            MatchField::Rule,
            "x",
            "There is no rule `x`; there are `down`, `errors-critical`",
        ),
        (
            MatchField::Severity,
            "low",
            "There is no severity `low`; there are `critical`, `high`, `warning`, `info`.",
        ),
    ] {
        for operator in [MatchOperator::Is, MatchOperator::IsNot] {
            let mut asked = request(HOUR_MS);
            asked.matchers.extend(of(field, operator, value));
            let wrong = wrong_fields(make(&mut it, asked));
            assert_eq!(wrong[0].0, "matchers.1.value");
            assert!(wrong[0].1.starts_with(wanted), "{}", wrong[0].1);
        }
    }
    let mut pattern = request(HOUR_MS);
    pattern.matchers = of(
        MatchField::Product,
        MatchOperator::Matches,
        "not-there-yet*",
    );
    assert!(make(&mut it, pattern).is_ok());
}

#[test]
fn what_leaves_nothing_out_must_be_meant() {
    use MatchField::{Check, Product, Severity, Title};
    use MatchOperator::{Is, IsNot, Matches};
    let mut it = silences(PRODUCT, Vec::new(), START);
    for (matchers, everything) in [
        (Vec::new(), true),
        (of(Title, Matches, "*"), true),
        (of(Product, Matches, "sh*"), true),
        (of(Check, Matches, "shop.*"), true),
        (of(Product, Is, "shop"), false),
        (of(Check, IsNot, "shop.api"), false),
        (of(Severity, IsNot, "critical"), false),
        (of(Check, Matches, "*.api"), false),
    ] {
        let text = format!("{matchers:?}");
        let mut asked = request(HOUR_MS);
        asked.matchers = matchers;
        let unsaid = make(&mut it, asked.clone());
        if everything {
            assert_eq!(wrong_fields(unsaid)[0].0, "everything", "{text}");
            asked.everything = true;
            assert!(make(&mut it, asked).is_ok(), "{text}");
        } else {
            assert!(unsaid.is_ok(), "{text}");
        }
    }
}

#[test]
fn an_operator_silences_for_a_day_and_not_for_a_series() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    for (span_ms, role, fine) in [
        (DAY_MS, Role::Operator, true),
        (2 * DAY_MS, Role::Operator, false),
        (2 * DAY_MS, Role::Admin, true),
    ] {
        let made = decide(&mut it, SilenceWork::Make(request(span_ms)), role, START);
        assert_eq!(made.is_ok(), fine, "{span_ms} {role:?}");
        if let Err(objection) = made {
            assert!(
                matches!(objection, SilenceObjection::Role(_)),
                "{objection:?}"
            );
        }
    }
}

#[test]
fn other_matchers_end_one_silence_and_make_another() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    let first = make(&mut it, request(HOUR_MS)).unwrap();
    let now = START.plus_ms(MINUTE_MS);
    let change = |to| SilenceWork::Change {
        id: first.id,
        if_match: 1,
        to,
    };
    let same = ChangeSilenceRequest {
        matchers: Some(first.matchers.clone()),
        expires_at: Some(START.plus_ms(2 * HOUR_MS)),
        ..ChangeSilenceRequest::default()
    };
    let longer = decide(&mut it, change(same), Role::Operator, now).unwrap();
    assert_eq!((longer.silence.id, longer.silence.version), (first.id, 2));
    assert_eq!(longer.silence.expires_at, START.plus_ms(2 * HOUR_MS));
    let other = ChangeSilenceRequest {
        matchers: Some(of(MatchField::Check, MatchOperator::Is, "shop.mail")),
        ..ChangeSilenceRequest::default()
    };
    let stale = decide(&mut it, change(other.clone()), Role::Operator, now);
    assert!(
        matches!(stale, Err(SilenceObjection::Changed(_))),
        "{stale:?}"
    );
    let work = SilenceWork::Change {
        id: first.id,
        if_match: 2,
        to: other,
    };
    let decided = decide(&mut it, work, Role::Operator, now).unwrap();
    let (silence, replaced) = (decided.silence, decided.replaced.unwrap());
    assert_ne!(silence.id, first.id);
    assert_eq!((silence.starts_at, silence.version), (now, 1));
    assert_eq!(silence.expires_at, START.plus_ms(2 * HOUR_MS));
    assert_eq!(
        (replaced.id, replaced.replaced_by),
        (first.id, Some(silence.id))
    );
    assert_eq!(replaced.ended_at, Some(now));
    let actions: Vec<&str> = decided.audit.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(actions, ["silence.expire", "silence.make"]);
}

#[test]
fn ending_is_for_ever_and_ending_again_changes_nothing() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    let id = make(&mut it, request(HOUR_MS)).unwrap().id;
    let end = || SilenceWork::Expire {
        id,
        note: String::new(),
    };
    let now = START.plus_ms(MINUTE_MS);
    let ended = decide(&mut it, end(), Role::Operator, now).unwrap();
    assert_eq!(ended.silence.ended_by_name.as_deref(), Some("Priya Raman"));
    let again = decide(&mut it, end(), Role::Operator, now.plus_ms(1)).unwrap();
    assert_eq!(again.silence, ended.silence);
    assert!(again.audit.is_empty());
    let work = SilenceWork::Change {
        id,
        if_match: ended.silence.version,
        to: ChangeSilenceRequest::default(),
    };
    let late = decide(&mut it, work, Role::Admin, now);
    assert!(matches!(late, Err(SilenceObjection::Ended(_))), "{late:?}");
}

#[test]
fn there_are_never_too_many() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    for _ in 0..MAX_SILENCES {
        make(&mut it, request(HOUR_MS)).unwrap();
    }
    assert_eq!(
        make(&mut it, request(HOUR_MS)),
        Err(SilenceObjection::TooMany)
    );
}

#[test]
fn its_end_is_told_once_beforehand_while_something_fires() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    let id = make(&mut it, request(HOUR_MS)).unwrap().id;
    let short = make(&mut it, request(WARN_BEFORE_MS)).unwrap().id;
    let mut audit = Vec::new();
    let begun = it.tick(START, |_| 2, &mut audit);
    assert_eq!(begun, [SilenceNews::Began(id), SilenceNews::Began(short)]);
    let early = START.plus_ms(HOUR_MS - WARN_BEFORE_MS - 1);
    assert_eq!(
        it.tick(early, |_| 2, &mut audit),
        [SilenceNews::Ended(short)]
    );
    let due = early.plus_ms(1);
    assert_eq!(it.tick(due, |_| 0, &mut audit), []);
    assert_eq!(
        it.tick(due, |_| 2, &mut audit),
        [SilenceNews::EndsSoon(id, 2)]
    );
    assert_eq!(it.tick(due, |_| 2, &mut audit), []);
    assert_eq!(it.get(id).unwrap().warned_at, Some(due));
    let mut again = silences(PRODUCT, it.all().cloned().collect(), due);
    assert_eq!(again.tick(due, |_| 2, &mut audit), []);
    let end = START.plus_ms(HOUR_MS);
    assert_eq!(again.tick(end, |_| 2, &mut audit), [SilenceNews::Ended(id)]);
    assert_eq!(again.get(id).unwrap().ended_at, Some(end));
    assert_eq!(
        again.tick(end.plus_ms(LEAVE_AFTER_MS), |_| 2, &mut audit),
        []
    );
    assert!(again.get(id).is_some());
    again.tick(end.plus_ms(LEAVE_AFTER_MS + 1), |_| 2, &mut audit);
    assert!(again.get(id).is_none());
    assert!(again.touched().contains(&id));
}

#[test]
fn a_configured_window_keeps_its_number_comes_back_and_ends_with_its_name() {
    let with_window = format!("{PRODUCT}{WINDOW}");
    let mut it = silences(&with_window, Vec::new(), START);
    let window = it.all().next().unwrap().clone();
    assert_eq!(window.configured.as_deref(), Some("shop.vacuum"));
    let sunday = window.starts_at;
    assert!(sunday > START && sunday.since_ms(START) < 2 * DAY_MS);
    assert_eq!(it.maintained(sunday).len(), 2);
    assert!(it.maintained(sunday.plus_ms(-1)).is_empty());
    it.tick(sunday.plus_ms(HOUR_MS), |_| 0, &mut Vec::new());
    let next = it.get(window.id).unwrap().clone();
    assert_eq!(next.starts_at, sunday.plus_ms(7 * DAY_MS));
    // The same file again changes nothing; another time changes it; without its name it is over.
    let stored = vec![next.clone()];
    let same = silences(&with_window, stored.clone(), next.starts_at);
    assert_eq!(same.get(window.id), Some(&next));
    assert!(same.touched().is_empty());
    let later = with_window.replace("02:00", "03:00");
    let later = silences(&later, stored.clone(), sunday.plus_ms(HOUR_MS));
    let moved = later.get(window.id).unwrap();
    assert_eq!(moved.version, next.version + 1);
    assert_eq!(later.all().count(), 1);
    let without = silences(PRODUCT, stored, sunday);
    assert_eq!(without.get(window.id).unwrap().ended_at, Some(sunday));
}

#[test]
fn of_a_configured_window_only_the_time_that_goes_on_can_be_ended() {
    let mut it = silences(&format!("{PRODUCT}{WINDOW}"), Vec::new(), START);
    let window = it.all().next().unwrap().clone();
    let end = || SilenceWork::Expire {
        id: window.id,
        note: String::new(),
    };
    let early = decide(&mut it, end(), Role::Admin, START);
    assert!(
        matches!(early, Err(SilenceObjection::Configured(_))),
        "{early:?}"
    );
    let change = SilenceWork::Change {
        id: window.id,
        if_match: window.version,
        to: ChangeSilenceRequest::default(),
    };
    let changed = decide(&mut it, change, Role::Admin, START);
    assert!(
        matches!(changed, Err(SilenceObjection::Configured(_))),
        "{changed:?}"
    );
    let during = window.starts_at.plus_ms(1);
    let ended = decide(&mut it, end(), Role::Operator, during)
        .unwrap()
        .silence;
    assert_eq!(ended.state_at(during), SilenceState::Pending);
    assert_eq!(ended.starts_at, window.starts_at.plus_ms(7 * DAY_MS));
    it.tick(during, |_| 0, &mut Vec::new());
    assert!(it.maintained(during).is_empty());
}

#[test]
fn a_series_of_people_begins_in_its_span_and_ends_with_it() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    let mut asked = request(8 * DAY_MS);
    asked.kind = SilenceKind::Maintenance;
    asked.recurrence = Some(Recurrence {
        days: vec![Weekday::Sun],
        at: "02:00".to_owned(),
        duration_ms: HOUR_MS,
        zone: "Nowhere/Else".to_owned(),
        until: None,
    });
    assert_eq!(
        wrong_fields(make(&mut it, asked.clone()))[0].0,
        "recurrence.zone"
    );
    asked.recurrence.as_mut().unwrap().zone = "Europe/Berlin".to_owned();
    let as_operator = decide(
        &mut it,
        SilenceWork::Make(asked.clone()),
        Role::Operator,
        START,
    );
    assert!(matches!(as_operator, Err(SilenceObjection::Role(_))));
    let mut too_short = asked.clone();
    too_short.expires_at = START.plus_ms(HOUR_MS);
    assert_eq!(wrong_fields(make(&mut it, too_short))[0].0, "expires_at");
    let made = make(&mut it, asked).unwrap();
    assert_eq!(made.state_at(START), SilenceState::Pending);
    it.tick(made.expires_at, |_| 0, &mut Vec::new());
    assert_eq!(it.get(made.id).unwrap().ended_at, Some(made.expires_at));
}
