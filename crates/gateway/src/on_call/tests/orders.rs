//! What people do to overrides.

use watchfloor_wire::on_call::OverrideRequest;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::HOUR_MS;

use super::action::{Decided, MAX_OVERRIDES, OverrideObjection, OverrideOrder, OverrideWork};
use super::*;
use crate::incidents::action::Actor;

const NOW: UnixMs = UnixMs(1_770_000_000_000);

fn request(rotation: &str, person: &str) -> OverrideRequest {
    OverrideRequest {
        rotation: rotation.to_owned(),
        person: person.to_owned(),
        starts_at: None,
        ends_at: NOW.plus_ms(HOUR_MS),
        reason: " dentist ".to_owned(),
    }
}

fn order(work: OverrideWork) -> OverrideOrder {
    OverrideOrder {
        work,
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        actor: Actor {
            account: "ada".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Operator,
        },
    }
}

fn make(it: &Roster, request: OverrideRequest) -> Result<Decided, OverrideObjection> {
    it.decide(&order(OverrideWork::Make(request)), NOW)
}

#[test]
fn an_override_is_numbered_audited_and_answered() {
    let mut it = turns("7d", "2026-01-05T09:00", "");
    let decided = make(&it, request("primary", "lena")).unwrap();
    assert_eq!(decided.after.id.0, 1);
    assert_eq!(
        (decided.after.starts_at, decided.after.reason.as_str()),
        (NOW, "dentist")
    );
    let row = decided.audit.clone().unwrap();
    assert_eq!(
        (
            row.action.as_str(),
            row.subject.as_str(),
            row.actor.as_str()
        ),
        ("override.make", "override/1", "ada")
    );
    assert!(decided.answer.body.ends_with(",\"seq\":{{SEQ}}}"));
    it.adopt(decided.after);
    assert_eq!(name_at(&it, NOW), "lena");
    assert_eq!(make(&it, request("primary", "omar")).unwrap().after.id.0, 2);
}

#[test]
fn names_that_are_not_there_are_refused_with_those_that_are() {
    let it = turns("7d", "2026-01-05T09:00", "");
    let Err(OverrideObjection::Invalid(problems)) = make(&it, request("night", "zoe")) else {
        panic!("not refused")
    };
    let told: Vec<_> = problems
        .iter()
        .map(|it| (it.field.as_str(), it.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "rotation",
                "There is no rotation `night`; there are `primary`."
            ),
            (
                "person",
                "There is nobody called `zoe`; there are `priya`, `omar`, `lena`."
            ),
        ]
    );
}

#[test]
fn an_override_is_ended_once_and_one_that_is_over_is_answered_as_it_is() {
    let mut it = turns("7d", "2026-01-05T09:00", "");
    it.adopt(make(&it, request("primary", "lena")).unwrap().after);
    let end = |it: &Roster, id: u64, at: i64| {
        let note = "back early".to_owned();
        let work = OverrideWork::End {
            id: OverrideId(id),
            note,
        };
        it.decide(&order(work), NOW.plus_ms(at))
    };
    assert_eq!(end(&it, 9, 0), Err(OverrideObjection::NotFound));
    let ended = end(&it, 1, 5).unwrap();
    assert_eq!(ended.after.over_at(), NOW.plus_ms(5));
    assert!(ended.audit.unwrap().detail.contains("back early"));
    it.adopt(ended.after.clone());
    let again = end(&it, 1, 10).unwrap();
    assert_eq!((again.after, again.audit), (ended.after, None));
}

#[test]
fn there_is_an_end_to_overrides() {
    let mut it = turns("7d", "2026-01-05T09:00", "");
    for _ in 0..MAX_OVERRIDES {
        it.adopt(make(&it, request("primary", "lena")).unwrap().after);
    }
    assert_eq!(
        make(&it, request("primary", "lena")),
        Err(OverrideObjection::TooMany)
    );
}
