//! Telling people, as far as the engine decides it: what waits, what may be sent, and what becomes of it.

use watchfloor_wire::notification::NotificationState;

use super::*;
use crate::engine::outbox::{Ask, AskObjection, AskOutcome, AskWhat, Claimed};
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::notify::outcome::{Report, TryError};

/// The product of the other tests, with two channels.
pub(super) fn telling() -> Config {
    let product = PRODUCT
        .replace("[response.P0]", "[response.P0]\nchannels = [\"slack\"]")
        .replace(
            "name = \"Team lead\" },\n  {",
            "name = \"Team lead\", channels = [\"mail\"] },\n  {",
        );
    let mut config = config(&product);
    config.gateway = toml::from_str(
        r#"
        products = []
        [[channel]]
        id = "slack"
        name = "Slack #alerts"
        kind = "slack"
        url = "http://127.0.0.1:9150/slack"
        [[channel]]
        id = "mail"
        name = "Mail"
        kind = "email"
        server = "127.0.0.1:2525"
        from = "a@example.com"
        to = ["b@example.com"]
        "#,
    )
    .unwrap();
    config
}

impl Bench {
    pub(super) fn telling() -> Self {
        let clock = Clock::manual(UnixMs(1_000_000));
        let store = MemoryStore::new(clock.clone());
        Self::configured(&telling(), store, clock, Published::default())
    }

    /// Incident 1 is open, and nobody was told yet.
    pub(super) fn told_of() -> Self {
        let mut bench = Self::telling();
        bench.answer(Outcome::Down("HTTP 503".to_owned()));
        bench
    }

    pub(super) fn restart_telling(self) -> Self {
        Self::configured(&telling(), self.store, self.clock, self.published)
    }

    pub(super) fn rows(&self, query: &OutboxQuery) -> Vec<Notification> {
        Store::notifications(&self.store, query).unwrap()
    }

    pub(super) fn row(&self, id: &str) -> Notification {
        self.rows(&OutboxQuery::One(id.to_owned())).remove(0)
    }

    pub(super) fn waiting(&self, channel: &str) -> Vec<String> {
        let channel = channel.to_owned();
        let rows = self.rows(&OutboxQuery::Waiting { channel });
        rows.into_iter().map(|it| it.id).collect()
    }

    pub(super) fn claim(&mut self, ids: &[&str]) -> Option<Claimed> {
        let ids: Vec<String> = ids.iter().map(|it| (*it).to_owned()).collect();
        self.engine.claim(&ids).unwrap()
    }

    pub(super) fn report(&mut self, row: &Notification, result: Result<(), TryError>) {
        let report = Report {
            id: row.id.clone(),
            attempt: row.attempts,
            took_ms: 600,
            result,
            unit: 0.0,
        };
        self.engine.report(&report).unwrap();
    }

    pub(super) fn timeline(&self) -> Vec<String> {
        let entries = Store::timeline(&self.store, IncidentId(1), 50).unwrap();
        entries
            .into_iter()
            .filter(|it| it.kind == TimelineKind::Notified)
            .map(|it| it.text)
            .collect()
    }

    pub(super) fn ask(&mut self, what: AskWhat, key: &str) -> AskOutcome {
        self.engine.ask(&Ask {
            fingerprint: format!("{what:?}"),
            work: what,
            key: key.to_owned(),
            actor: Actor {
                account: "priya".to_owned(),
                name: "Priya Raman".to_owned(),
                role: Role::Operator,
            },
        })
    }
}

pub(super) const OPENED: &str = "inc-1-1-opened-slack";

pub(super) fn failure() -> Result<(), TryError> {
    Err(TryError::passing("it answers 500".to_owned()))
}

#[test]
fn what_must_be_told_is_stored_with_what_it_tells_of() {
    let bench = Bench::told_of();
    assert_eq!(bench.waiting("slack"), [OPENED]);
    let published = bench.published.0.lock().unwrap();
    let opened = published
        .iter()
        .find(|it| it.ops.iter().any(|op| op.k.as_str() == "incident/1"));
    assert!(opened.is_some());
    drop(published);
    let mut failing = Bench::telling();
    failing.store.faults().fail_commits(1);
    failing.answer(Outcome::Down("HTTP 503".to_owned()));
    assert!(failing.waiting("slack").is_empty());
    assert!(
        Store::incident(&failing.store, IncidentId(1))
            .unwrap()
            .is_none()
    );
    failing.wait(250);
    assert_eq!(failing.waiting("slack").len(), 1);
}

#[test]
fn a_delivery_is_told_in_the_timeline_and_audited() {
    let mut bench = Bench::told_of();
    let version = bench.stored().version;
    let claimed = bench.claim(&[OPENED]).unwrap();
    assert_eq!(claimed.row.attempts, 1);
    assert_eq!(bench.claim(&[OPENED]), None, "it is on its way already");
    bench.report(&claimed.row, Ok(()));
    let row = bench.row(OPENED);
    assert_eq!(
        (row.state, row.took_ms),
        (NotificationState::Delivered, Some(600))
    );
    assert_eq!(
        bench.timeline(),
        ["Slack #alerts delivered after 600 ms: Opened"]
    );
    let audit = bench.store.audit();
    assert_eq!(audit.last().unwrap().action, "notification.delivered");
    // Whoever is about to acknowledge need not look again because somebody was told.
    assert_eq!(bench.stored().version, version);
    assert!(bench.stored().notified_at.is_some());
}

#[test]
fn after_an_acknowledgement_nothing_that_asks_for_one_is_sent() {
    let mut bench = Bench::told_of();
    body(&bench.act(acknowledge(), "k"));
    assert!(bench.waiting("slack").is_empty());
    assert_eq!(bench.claim(&[OPENED]), None);
    assert_eq!(bench.row(OPENED).state, NotificationState::Withdrawn);
    assert_eq!(
        bench.timeline(),
        ["Slack #alerts not told, PRIYA acknowledged it before: Opened"]
    );
}

#[test]
fn what_was_on_its_way_when_somebody_acknowledged_is_not_tried_again() {
    let mut bench = Bench::told_of();
    let claimed = bench.claim(&[OPENED]).unwrap();
    body(&bench.act(acknowledge(), "k"));
    bench.report(&claimed.row, failure());
    let row = bench.row(OPENED);
    assert_eq!(row.state, NotificationState::Withdrawn);
    assert_eq!(row.reason, "PRIYA acknowledged it before");
}

#[test]
fn what_was_on_its_way_and_arrived_is_delivered() {
    let mut bench = Bench::told_of();
    let claimed = bench.claim(&[OPENED]).unwrap();
    body(&bench.act(acknowledge(), "k"));
    bench.report(&claimed.row, Ok(()));
    assert_eq!(bench.row(OPENED).state, NotificationState::Delivered);
}

#[test]
fn after_a_restart_what_was_on_its_way_is_sent_again_under_the_same_id() {
    let mut bench = Bench::told_of();
    let first = bench.claim(&[OPENED]).unwrap();
    let mut bench = bench.restart_telling();
    assert_eq!(bench.waiting("slack"), [OPENED]);
    let second = bench.claim(&[OPENED]).unwrap();
    assert_eq!(
        (second.row.id, second.row.attempts),
        (first.row.id.clone(), 2)
    );
    // The first process is gone; were it to speak up, its try is over.
    bench.report(&first.row, Ok(()));
    assert_eq!(bench.row(OPENED).state, NotificationState::Sending);
}

#[test]
fn what_was_acknowledged_before_a_restart_is_not_sent_after_it() {
    let mut bench = Bench::told_of();
    bench.claim(&[OPENED]).unwrap();
    body(&bench.act(acknowledge(), "k"));
    let mut bench = bench.restart_telling();
    assert_eq!(bench.claim(&[OPENED]), None);
    assert_eq!(bench.row(OPENED).state, NotificationState::Withdrawn);
}

#[test]
fn a_failure_is_tried_again_later_and_told_once() {
    let mut bench = Bench::told_of();
    let claimed = bench.claim(&[OPENED]).unwrap();
    bench.report(&claimed.row, failure());
    assert_eq!(bench.claim(&[OPENED]), None, "it is not due yet");
    bench.clock.advance_ms(2_000);
    let claimed = bench.claim(&[OPENED]).unwrap();
    bench.report(&claimed.row, failure());
    assert_eq!(
        bench.timeline(),
        ["Slack #alerts failed and is tried again, it answers 500: Opened"]
    );
    assert_eq!(bench.row(OPENED).reason, "it answers 500");
}

#[test]
fn what_would_fail_again_is_a_dead_letter_at_once_and_can_be_sent_again() {
    let mut bench = Bench::told_of();
    let claimed = bench.claim(&[OPENED]).unwrap();
    let lasting = TryError::lasting("it answers 404: no_service".to_owned());
    bench.report(&claimed.row, Err(lasting));
    assert_eq!(bench.row(OPENED).state, NotificationState::Dead);
    assert_eq!(
        bench.timeline(),
        ["Slack #alerts given up after 1 try, it answers 404: no_service: Opened"]
    );
    let retry = || AskWhat::Retry(OPENED.to_owned());
    let first = bench.ask(retry(), "key-1");
    assert!(
        matches!(
            first,
            AskOutcome::Answered {
                replayed: false,
                ..
            }
        ),
        "{first:?}"
    );
    let again = bench.ask(retry(), "key-1");
    assert!(
        matches!(again, AskOutcome::Answered { replayed: true, .. }),
        "{again:?}"
    );
    let again = bench.ask(retry(), "key-2");
    assert_eq!(again, AskOutcome::Refused(AskObjection::NotDead));
    let claimed = bench.claim(&[OPENED]).unwrap();
    bench.report(&claimed.row, Ok(()));
    assert_eq!(bench.row(OPENED).state, NotificationState::Delivered);
    let actions: Vec<String> = bench
        .store
        .audit()
        .into_iter()
        .map(|it| it.action)
        .collect();
    assert!(actions.contains(&"notification.retry".to_owned()));
}

#[test]
fn a_step_taken_by_hand_is_told_although_somebody_has_it() {
    let mut bench = Bench::told_of();
    bench.wait(250);
    body(&bench.act(acknowledge(), "k"));
    let escalate = ActionBody::Escalate(NoteRequest {
        note: "I need help".to_owned(),
    });
    body(&bench.act(escalate, "e"));
    let waiting = bench.waiting("mail");
    assert_eq!(waiting.len(), 1);
    let claimed = bench.claim(&[&waiting[0]]).unwrap();
    assert_eq!(claimed.row.facts.unwrap().note, "I need help");
}

#[test]
fn a_lapsed_lease_tells_again_and_a_resolution_tells_everybody() {
    let mut bench = Bench::told_of();
    let claimed = bench.claim(&[OPENED]).unwrap();
    bench.report(&claimed.row, Ok(()));
    body(&bench.act(acknowledge(), "k"));
    bench.wait(HOUR_MS + 1_000);
    let waiting = bench.waiting("slack");
    assert!(
        waiting.iter().any(|it| it.contains("triggered_again")),
        "{waiting:?}"
    );
    body(&bench.act(resolve(), "r"));
    let waiting = bench.waiting("slack");
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].contains("resolved"), "{waiting:?}");
    let claimed = bench.claim(&[&waiting[0]]).unwrap();
    assert_eq!(claimed.row.facts.unwrap().by_name.as_deref(), Some("PRIYA"));
}

#[test]
fn nothing_is_claimed_while_the_store_takes_nothing() {
    let mut bench = Bench::told_of();
    bench.store.faults().fail_commits(1);
    assert!(bench.engine.claim(&[OPENED.to_owned()]).is_err());
    assert_eq!(bench.row(OPENED).state, NotificationState::Waiting);
    assert!(bench.claim(&[OPENED]).is_some());
}
