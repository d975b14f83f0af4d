//! How notifications come to their ends otherwise than by being sent: in a digest, muted, too old, without a channel; and
//! the tests that people send.

use watchfloor_wire::bulk::{BulkAction, BulkItem};
use watchfloor_wire::notification::{NotificationKind, NotificationState};
use watchfloor_wire::silence::SilenceKind;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::outbox::{OPENED, failure, telling};
use super::silences::made;
use super::*;
use crate::engine::outbox::{AskObjection, AskOutcome, AskWhat};
use crate::incidents::bulk::BulkOrder;

#[test]
fn a_digest_holds_what_may_still_be_sent() {
    let mut bench = Bench::told_of();
    bench.wait(10 * MINUTE_MS);
    let team_lead = &bench.waiting("mail")[0];
    assert!(team_lead.ends_with("-escalated_2-mail"), "{team_lead}");
    // Two channels do not share a digest outside this test; the engine does not mind.
    let claimed = bench.claim(&[OPENED, team_lead]).unwrap();
    assert_eq!(claimed.row.kind, NotificationKind::Digest);
    assert_eq!(claimed.members.len(), 2);
    bench.report(&claimed.row, failure());
    assert_eq!(bench.row(OPENED).state, NotificationState::Digested);
    bench.clock.advance_ms(2_000);
    let again = bench.claim(&[&claimed.row.id]).unwrap();
    assert_eq!(again.members.len(), 2);
    bench.report(&again.row, Ok(()));
    assert_eq!(
        bench.row(&claimed.row.id).state,
        NotificationState::Delivered
    );
    assert!(bench.row(team_lead).settled_at.is_some());
    assert!(
        bench
            .timeline()
            .iter()
            .any(|it| it
                .starts_with("Slack #alerts delivered after 600 ms in a digest of 2: Opened")),
        "{:?}",
        bench.timeline()
    );
}

#[test]
fn a_digest_of_what_was_answered_meanwhile_is_withdrawn() {
    let mut bench = Bench::told_of();
    bench.wait(10 * MINUTE_MS);
    let team_lead = &bench.waiting("mail")[0];
    let claimed = bench.claim(&[OPENED, team_lead]).unwrap();
    bench.report(&claimed.row, failure());
    body(&bench.act(acknowledge(), "k"));
    bench.clock.advance_ms(2_000);
    assert_eq!(bench.claim(&[&claimed.row.id]), None);
    assert_eq!(
        bench.row(&claimed.row.id).state,
        NotificationState::Withdrawn
    );
    assert_eq!(bench.row(OPENED).state, NotificationState::Withdrawn);
}

#[test]
fn a_silence_mutes_and_says_so() {
    let mut bench = Bench::told_of();
    made(&bench.make(SilenceKind::Silence, HOUR_MS));
    assert_eq!(bench.claim(&[OPENED]), None);
    assert_eq!(bench.row(OPENED).state, NotificationState::Muted);
    assert_eq!(
        bench.timeline(),
        ["Slack #alerts not told, muted by silence SIL-1 until 01:16 UTC: Opened"]
    );
}

#[test]
fn yesterdays_notification_is_shown_and_not_sent() {
    let mut bench = Bench::told_of();
    bench.clock.advance_ms(DAY_MS + 1);
    assert_eq!(bench.claim(&[OPENED]), None);
    let row = bench.row(OPENED);
    assert_eq!(row.state, NotificationState::Dead);
    assert!(row.reason.contains("more than 24 h old"), "{}", row.reason);
}

#[test]
fn what_waits_for_a_channel_that_is_gone_is_a_dead_letter() {
    let bench = Bench::told_of();
    let mut without = telling();
    without.gateway.channels.clear();
    let (store, clock) = (bench.store.clone(), bench.clock.clone());
    let bench = Bench::configured(&without, store, clock, bench.published);
    let row = bench.row(OPENED);
    assert_eq!(row.state, NotificationState::Dead);
    assert_eq!(row.reason, "its channel is no longer configured");
}

#[test]
fn a_test_is_written_down_once_a_key() {
    let mut bench = Bench::telling();
    let test = || AskWhat::Test {
        channel: "mail".to_owned(),
        id: "test-mail-1".to_owned(),
    };
    let first = bench.ask(test(), "key-1");
    assert!(matches!(
        first,
        AskOutcome::Answered {
            replayed: false,
            ..
        }
    ));
    let again = bench.ask(test(), "key-1");
    assert!(matches!(again, AskOutcome::Answered { replayed: true, .. }));
    assert_eq!(bench.waiting("mail"), ["test-mail-1"]);
    let other = AskWhat::Test {
        channel: "pager".to_owned(),
        id: "x".to_owned(),
    };
    assert_eq!(bench.ask(other.clone(), "key-1"), AskOutcome::KeyReused);
    let missing = bench.ask(other, "key-2");
    assert_eq!(missing, AskOutcome::Refused(AskObjection::NotFound));
}

/// The channels that wait to hear that somebody took it, and what the timeline says of that.
fn taken(notify: Option<bool>) -> (Vec<String>, String) {
    let mut bench = Bench::told_of();
    let ActionBody::Acknowledge(mut request) = acknowledge() else {
        panic!("it is one")
    };
    request.notify = notify;
    body(&bench.act(ActionBody::Acknowledge(request), "k"));
    let entries = Store::timeline(&bench.store, IncidentId(1), 20).unwrap();
    let of_people = entries.into_iter().find(|it| it.actor_name.is_some());
    (bench.waiting("slack"), of_people.unwrap().text)
}

/// As [`taken`], in a request for many.
fn taken_among_many(notify: Option<bool>) -> (Vec<String>, String) {
    let mut bench = Bench::told_of();
    let ActionBody::Acknowledge(mut request) = acknowledge() else {
        panic!("it is one")
    };
    request.notify = notify;
    let items = vec![BulkItem {
        id: IncidentId(1),
        version: bench.stored().version,
    }];
    let outcome = bench.engine.act_on_many(&BulkOrder {
        items,
        action: BulkAction::Acknowledge(request),
        key: "many-1".to_owned(),
        fingerprint: "f".to_owned(),
        actor: Actor {
            account: "priya".to_owned(),
            name: "Priya Raman".to_owned(),
            role: Role::Operator,
        },
    });
    assert!(
        matches!(outcome, ActionOutcome::Answered { status: 200, .. }),
        "{outcome:?}"
    );
    let entries = Store::timeline(&bench.store, IncidentId(1), 20).unwrap();
    let of_people = entries.into_iter().find(|it| it.actor_name.is_some());
    (bench.waiting("slack"), of_people.unwrap().text)
}

#[test]
fn who_takes_it_chooses_whether_the_channels_hear_of_it() {
    let told = vec!["inc-1-2-acknowledged-slack".to_owned()];
    // The product's policy tells nobody of acknowledgements.
    assert_eq!(taken(None), (Vec::new(), "Acknowledged".to_owned()));
    assert_eq!(taken(Some(true)), (told, "Acknowledged".to_owned()));
    let quiet = "Acknowledged; the channels are not told".to_owned();
    assert_eq!(taken(Some(false)), (Vec::new(), quiet));
    for notify in [None, Some(true), Some(false)] {
        assert_eq!(taken_among_many(notify), taken(notify), "{notify:?}");
    }
}
