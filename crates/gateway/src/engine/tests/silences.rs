//! Silences: stored before they are answered, and nothing is hidden or stopped by them.

use watchfloor_wire::check::Check;
use watchfloor_wire::silence::request::{SilenceAnswer, SilenceRequest};
use watchfloor_wire::silence::{MatchField, MatchOperator, Matcher, Silence, SilenceKind};
use watchfloor_wire::status::Status;
use watchfloor_wire::uptime::Uptime;

use super::*;
use crate::silences::action::{SilenceOrder, SilenceWork};

const MINUTE_MS: i64 = 60_000;

fn order(work: SilenceWork, key: &str) -> SilenceOrder {
    SilenceOrder {
        fingerprint: format!("{work:?}"),
        work,
        key: key.to_owned(),
        actor: Actor {
            account: "priya".to_owned(),
            name: "Priya Raman".to_owned(),
            role: Role::Operator,
        },
    }
}

impl Bench {
    pub(super) fn make(&mut self, kind: SilenceKind, span_ms: i64) -> SilenceOutcome {
        self.make_as("make", kind, span_ms)
    }

    /// Mutes everything about the product, under this idempotency key.
    pub(super) fn make_as(&mut self, key: &str, kind: SilenceKind, span_ms: i64) -> SilenceOutcome {
        let matcher = Matcher::new(MatchField::Product, MatchOperator::Is, "shop");
        let request = SilenceRequest {
            kind,
            matchers: vec![matcher],
            starts_at: None,
            expires_at: self.clock.now().plus_ms(span_ms),
            reason: "moving {{SEQ}}".to_owned(),
            recurrence: None,
            everything: false,
        };
        self.engine.silence(&order(SilenceWork::Make(request), key))
    }

    fn texts(&self, beginning: &str) -> Vec<String> {
        let timeline = Store::timeline(&self.store, IncidentId(1), 50).unwrap();
        let texts = timeline.into_iter().map(|it| it.text);
        texts.filter(|it| it.starts_with(beginning)).collect()
    }

    fn check(&self) -> Check {
        match self.engine.entity(&Key::new(Kind::Check, &"shop.api")) {
            Some(Entity::Check(it)) => it,
            other => panic!("no check: {other:?}"),
        }
    }

    fn uptime(&self) -> Uptime {
        match self.engine.entity(&Key::new(Kind::Uptime, &"shop")) {
            Some(Entity::Uptime(it)) => it,
            other => panic!("no uptime: {other:?}"),
        }
    }
}

pub(super) fn made(outcome: &SilenceOutcome) -> Silence {
    let SilenceOutcome::Answered { body, .. } = outcome else {
        panic!("not answered: {outcome:?}")
    };
    let answer: SilenceAnswer = serde_json::from_str(body).unwrap();
    answer.silence
}

#[test]
fn a_muted_step_is_taken_and_says_by_whom_it_is_muted_until_when() {
    let mut bench = Bench::broken();
    bench.wait(250);
    let silence = made(&bench.make(SilenceKind::Silence, 15 * MINUTE_MS + 1));
    bench.wait(10 * MINUTE_MS + 500);
    // The clock of these tests began at 1970-01-01T00:16:40Z.
    assert_eq!(
        bench.texts("Escalated"),
        [
            "Escalated to Team lead (muted by silence SIL-1 until 00:31 UTC)",
            "Escalated to On-call",
        ]
    );
    bench.answer(Outcome::Down("HTTP 503".to_owned()));
    assert_eq!(bench.check().status, Status::Down);
    let incident = bench.stored();
    assert_eq!(incident.status, IncidentStatus::Triggered);
    assert_eq!(
        incident
            .escalation
            .iter()
            .filter(|it| it.taken_at.is_some())
            .count(),
        2
    );
    bench.wait(10 * MINUTE_MS);
    assert_eq!(bench.texts("Escalated")[0], "Escalated to CTO");
    assert_eq!(silence.reason, "moving {{SEQ}}");
}

#[test]
fn what_a_silence_does_stands_in_the_timeline_of_what_it_mutes() {
    let mut bench = Bench::broken();
    bench.make(SilenceKind::Silence, 20 * MINUTE_MS);
    bench.wait(25 * MINUTE_MS);
    assert_eq!(
        bench.texts("Silence"),
        [
            "Silence SIL-1 ended",
            "Silence SIL-1 ends at 00:36 UTC, and 1 alert still fires under it",
            "Silence SIL-1 by Priya Raman mutes it until 00:36 UTC: moving {{SEQ}}",
        ]
    );
}

#[test]
fn a_silence_outlives_its_process_and_a_retry_gets_the_same_bytes() {
    let mut bench = Bench::broken();
    let first = bench.make(SilenceKind::Silence, 20 * MINUTE_MS);
    let audited = bench.store.audit().len();
    let mut bench = bench.restart();
    let again = bench.make(SilenceKind::Silence, 20 * MINUTE_MS);
    let (
        SilenceOutcome::Answered { body: a, .. },
        SilenceOutcome::Answered {
            body: b, replayed, ..
        },
    ) = (&first, &again)
    else {
        panic!("not answered: {first:?} {again:?}")
    };
    assert_eq!((a, *replayed), (b, true));
    assert_eq!(bench.store.audit().len(), audited);
    bench.clock.advance_ms(10 * MINUTE_MS);
    bench.wait(500);
    assert_eq!(bench.texts("Escalated to Team lead (muted").len(), 1);
    // It is not told a second time that it began.
    assert!(bench.texts("Silence SIL-1 by").len() <= 1);
}

#[test]
fn a_silence_of_a_label_mutes_an_incident_while_each_of_its_alerts_has_it() {
    // The rules of one check share an incident. That it is down and that nothing is heard has the label, that it
    // errs has not.
    let label = |product: &str, rule: &str| {
        let name = format!("name = \"{rule}\"\n");
        product.replace(&name, &format!("{name}labels = {{ team = \"core\" }}\n"))
    };
    let product = label(&label(PRODUCT, "down"), "silent");
    let clock = Clock::manual(UnixMs(1_000_000));
    let store = MemoryStore::new(clock.clone());
    let mut bench = Bench::configured(&config(&product), store, clock, Published::default());
    bench.answer(Outcome::Down("HTTP 503".to_owned()));
    let request = SilenceRequest {
        kind: SilenceKind::Silence,
        matchers: vec![Matcher::of_label("team", MatchOperator::Is, "core")],
        starts_at: None,
        expires_at: bench.clock.now().plus_ms(HOUR_MS),
        reason: "moving".to_owned(),
        recurrence: None,
        everything: false,
    };
    made(
        &bench
            .engine
            .silence(&order(SilenceWork::Make(request), "by-team")),
    );
    bench.wait(10 * MINUTE_MS + 500);
    let muted = "Escalated to Team lead (muted by silence SIL-1 until 01:16 UTC)";
    assert_eq!(bench.texts("Escalated")[0], muted);
    let now = bench.clock.now();
    let answered = seen(now, Outcome::Down("HTTP 503".to_owned()), Some(0.02));
    bench.engine.observe(vec![answered]);
    bench.wait(10 * MINUTE_MS);
    assert!(bench.stored().alerts.len() > 1);
    assert_eq!(bench.texts("Escalated")[0], "Escalated to CTO");
}

#[test]
fn while_the_store_fails_nothing_is_muted() {
    let mut bench = Bench::broken();
    bench.wait(500);
    bench.store.faults().fail_commits(1);
    let outcome = bench.make(SilenceKind::Silence, 20 * MINUTE_MS);
    assert!(
        matches!(outcome, SilenceOutcome::StoreFailed(_)),
        "{outcome:?}"
    );
    bench.wait(10 * MINUTE_MS);
    assert_eq!(bench.texts("Escalated")[0], "Escalated to Team lead");
}

#[test]
fn announced_work_counts_as_maintenance_and_the_status_stays_what_is_seen() {
    let mut bench = Bench::broken();
    bench.wait(10_000);
    assert_eq!(bench.uptime().days[0].down_ms, 10_000);
    bench.make(SilenceKind::Maintenance, MINUTE_MS);
    bench.answer(Outcome::Down("HTTP 503".to_owned()));
    bench.wait(10_000);
    let day = bench.uptime().days[0];
    assert_eq!((day.down_ms, day.maintenance_ms), (10_000, 10_000));
    assert_eq!(bench.check().status, Status::Down);
    // A plain silence excuses nothing.
    let mut bench = Bench::broken();
    bench.make(SilenceKind::Silence, MINUTE_MS);
    bench.wait(10_000);
    assert_eq!(bench.uptime().days[0].down_ms, 10_000);
}

#[test]
fn a_product_says_until_when_its_announced_work_goes_on_and_no_longer() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok);
    let until = |bench: &Bench| {
        let product = bench.engine.entity(&Key::new(Kind::Product, &"shop"));
        let Some(Entity::Product(product)) = product else {
            panic!("there is one")
        };
        product.maintenance_until
    };
    assert_eq!(until(&bench), None);
    let silence = bench.make(SilenceKind::Silence, 20 * MINUTE_MS);
    drop(silence);
    bench.wait(250);
    assert_eq!(until(&bench), None, "a silence announces no work");
    let mut bench = Bench::new();
    bench.make(SilenceKind::Maintenance, 20 * MINUTE_MS);
    let ends_at = bench.clock.now().plus_ms(20 * MINUTE_MS);
    bench.wait(250);
    assert_eq!(until(&bench), Some(ends_at));
    let mut bench = bench.restart();
    bench.wait(250);
    assert_eq!(until(&bench), Some(ends_at));
    bench.wait(21 * MINUTE_MS);
    assert_eq!(until(&bench), None);
}
