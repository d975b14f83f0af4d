//! Overrides and calendars count once they are stored, and after a restart.

use watchfloor_wire::on_call::{OverrideAnswer, OverrideRequest};
use watchfloor_wire::time::DAY_MS;

use super::*;
use crate::on_call::action::{OverrideOrder, OverrideWork};
use crate::on_call::calendar::{CalendarReading, CalendarShift};

/// Priya alone is on call in `primary`, and a calendar says who is in `night`.
fn on_call() -> Config {
    let step = "{ after = \"0s\", name = \"On-call\" }";
    let named = "{ after = \"0s\", name = \"On-call\", on_call = \"primary\" }";
    let mut config = config(&PRODUCT.replace(step, named));
    let text = "products = []\n[[person]]\nid = \"priya\"\nname = \"Priya Raman\"\n[[person]]\nid = \"omar\"\nname = \"Omar Haddad\"\n[[rotation]]\nid = \"primary\"\nname = \"Primary\"\npeople = [\"priya\"]\nturn = \"7d\"\nfrom = \"1970-01-01T00:00\"\n[[rotation]]\nid = \"night\"\nname = \"Night\"\ncalendar_url = \"https://calendar.example.com/a.ics\"\n";
    let gateway: crate::config::GatewayConfig = toml::from_str(text).unwrap();
    config.gateway.people = gateway.people;
    config.gateway.rotations = gateway.rotations;
    config
}

fn bench(store: MemoryStore, clock: Clock) -> Bench {
    Bench::configured(&on_call(), store, clock, Published::default())
}

fn new() -> Bench {
    let clock = Clock::manual(UnixMs(1_000_000));
    bench(MemoryStore::new(clock.clone()), clock)
}

fn make(bench: &mut Bench, key: &str, hours: i64) -> OverrideOutcome {
    let request = OverrideRequest {
        rotation: "primary".to_owned(),
        person: "omar".to_owned(),
        starts_at: None,
        ends_at: bench.clock.now().plus_ms(hours * HOUR_MS),
        reason: "dentist {{SEQ}}".to_owned(),
    };
    bench.engine.change_override(&OverrideOrder {
        work: OverrideWork::Make(request),
        key: key.to_owned(),
        fingerprint: format!("{hours}"),
        actor: Actor {
            account: "ada".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Operator,
        },
    })
}

fn who(bench: &Bench, rotation: &str) -> String {
    let now = bench.clock.now();
    let person = bench.engine.core.roster().on_call(rotation, now);
    person.map_or_else(|| "nobody".to_owned(), |it| it.name.clone())
}

fn reading(bench: &Bench, result: Result<Vec<CalendarShift>, String>) -> CalendarReading {
    CalendarReading {
        rotation: "night".to_owned(),
        at: bench.clock.now(),
        result,
    }
}

fn night(bench: &Bench) -> Vec<CalendarShift> {
    vec![CalendarShift {
        person: "omar".to_owned(),
        starts_at: bench.clock.now(),
        ends_at: bench.clock.now().plus_ms(DAY_MS),
    }]
}

fn audit(bench: &Bench, action: &str) -> usize {
    let rows = bench.store.audit();
    rows.iter().filter(|it| it.action == action).count()
}

#[test]
fn an_override_is_made_once_and_decides_who_is_asked_also_after_a_restart() {
    let mut it = new();
    assert_eq!(who(&it, "primary"), "Priya Raman");
    let OrderOutcome::Answered { body, replayed, .. } = make(&mut it, "k1", 1) else {
        panic!("not made")
    };
    assert!(!replayed);
    let answer: OverrideAnswer = serde_json::from_str(&body).unwrap();
    assert_eq!(answer.changed.reason, "dentist {{SEQ}}");
    assert!(
        matches!(make(&mut it, "k1", 1), OrderOutcome::Answered { replayed: true, body: again, .. } if again == body)
    );
    assert_eq!(make(&mut it, "k1", 2), OrderOutcome::KeyReused);
    let mut it = bench(it.store, it.clock);
    assert_eq!(
        (who(&it, "primary").as_str(), audit(&it, "override.make")),
        ("Omar Haddad", 1)
    );
    it.answer(Outcome::Down("HTTP 503".to_owned()));
    it.wait(500);
    assert_eq!(it.stored().escalation[0].contact, "Omar Haddad");
    it.clock.advance_ms(HOUR_MS);
    assert_eq!(who(&it, "primary"), "Priya Raman");
}

#[test]
fn an_override_that_cannot_be_stored_was_never_made() {
    let mut it = new();
    it.store.faults().fail_commits(1);
    assert!(matches!(
        make(&mut it, "k1", 1),
        OrderOutcome::StoreFailed(_)
    ));
    assert_eq!(who(&it, "primary"), "Priya Raman");
    assert!(matches!(
        make(&mut it, "k1", 1),
        OrderOutcome::Answered {
            replayed: false,
            ..
        }
    ));
    assert_eq!(who(&it, "primary"), "Omar Haddad");
}

#[test]
fn what_was_read_of_a_calendar_counts_until_it_is_read_again_also_after_a_restart() {
    let mut it = new();
    assert_eq!(who(&it, "night"), "nobody");
    let good = reading(&it, Ok(night(&it)));
    it.engine.read_calendar(&good).unwrap();
    assert_eq!(who(&it, "night"), "Omar Haddad");
    it.clock.advance_ms(HOUR_MS);
    let bad = reading(&it, Err("it answers 500".to_owned()));
    it.engine.read_calendar(&bad).unwrap();
    it.engine.read_calendar(&bad).unwrap();
    let mut it = bench(it.store, it.clock);
    assert_eq!(who(&it, "night"), "Omar Haddad");
    let kept = it.engine.core.roster().calendar("night").unwrap().clone();
    assert_eq!((kept.read_at, kept.tried_at), (Some(good.at), bad.at));
    // The audit hears of what changed: read, not readable.
    assert_eq!(audit(&it, "calendar.read"), 2);
    let empty = reading(&it, Ok(Vec::new()));
    it.engine.read_calendar(&empty).unwrap();
    assert_eq!(
        (who(&it, "night").as_str(), audit(&it, "calendar.read")),
        ("nobody", 3)
    );
}

#[test]
fn a_calendar_that_is_no_longer_configured_is_forgotten() {
    let mut it = new();
    let good = reading(&it, Ok(night(&it)));
    it.engine.read_calendar(&good).unwrap();
    assert_eq!(
        Store::on_call(&it.store, UnixMs(0))
            .unwrap()
            .calendars
            .len(),
        1
    );
    let it = Bench::on(it.store, it.clock, Published::default());
    assert_eq!(Store::on_call(&it.store, UnixMs(0)).unwrap().calendars, []);
    let mut it = it;
    it.engine.read_calendar(&good).unwrap();
    assert_eq!(Store::on_call(&it.store, UnixMs(0)).unwrap().calendars, []);
}
