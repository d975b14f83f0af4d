//! Claims about [`super::connection`].

use watchfloor_wire::feed::{STALE_AFTER_MS, close};
use watchfloor_wire::time::UnixMs;

use super::FeedState;
use super::connection::{
    Connection, Effect, Event, FINAL_RETRY_MS, Failure, HEALTHY_AFTER_MS, ORDINARY, STEP_LIMIT_MS,
    Wake,
};
use super::ending::{Ending, Remedy};
use super::transport::Transport;

const CLOSE: Effect = Effect::Close(ORDINARY);

/// Random numbers that are always the largest: the longest wait each time.
fn longest() -> f64 {
    1.0
}

fn send(connection: &mut Connection, event: Event, now: i64) -> Vec<Effect> {
    connection.handle(event, now, &mut longest)
}

fn state(connection: &Connection, now: i64) -> FeedState {
    connection.state(now, UnixMs)
}

/// A connection that went live at `now`, and the number of its attempt.
fn live(now: i64) -> (Connection, u64) {
    let mut it = Connection::default();
    assert_eq!(
        send(&mut it, Event::Started, now),
        [Effect::ReadSnapshot(1)]
    );
    assert_eq!(
        send(&mut it, Event::SnapshotRead(1), now),
        [Effect::GetTicket(1)]
    );
    let opened = send(&mut it, Event::TicketCame(1, "t".to_owned()), now);
    assert_eq!(opened, [Effect::OpenSocket(1, "t".to_owned())]);
    assert_eq!(send(&mut it, Event::Opened(1), now), [Effect::SayHello(1)]);
    assert!(send(&mut it, Event::Welcomed(1, None), now).is_empty());
    assert!(send(&mut it, Event::CaughtUp(1), now).is_empty());
    (it, 1)
}

#[test]
fn a_welcome_makes_it_live() {
    let (it, _) = live(7);
    let expected = FeedState::Live {
        last_frame_at: UnixMs(7),
        by: Transport::Socket,
    };
    assert_eq!(state(&it, 7), expected);
}

#[test]
fn twenty_five_silent_seconds_are_stale_and_no_less() {
    let (mut it, _) = live(0);
    assert!(send(&mut it, Event::Ticked, STALE_AFTER_MS - 1).is_empty());
    assert!(!state(&it, STALE_AFTER_MS).is_stale());
    let effects = send(&mut it, Event::Ticked, STALE_AFTER_MS);
    assert_eq!(effects, [CLOSE, Effect::RenewConnections]);
    assert!(state(&it, STALE_AFTER_MS + 1).is_stale());
}

#[test]
fn a_lost_socket_resumes_without_a_new_snapshot() {
    let (mut it, attempt) = live(0);
    send(&mut it, Event::Closed(attempt, 1006), 10);
    let effects = send(&mut it, Event::Ticked, 10 + 500);
    assert!(matches!(effects.as_slice(), [Effect::GetTicket(_)]));
}

#[test]
fn a_gap_reads_a_new_snapshot() {
    let (mut it, attempt) = live(0);
    assert_eq!(send(&mut it, Event::Discontinued(attempt), 10), [CLOSE]);
    let effects = send(&mut it, Event::Ticked, 1_000);
    assert!(matches!(effects.as_slice(), [Effect::ReadSnapshot(_)]));
}

#[test]
fn a_bye_is_waited_out_as_the_server_wishes() {
    let (mut it, attempt) = live(0);
    send(&mut it, Event::Leaving(attempt, [1_000, 20_000]), 0);
    assert_eq!(it.next_wake(), Some(20_000));
    assert!(send(&mut it, Event::Closed(attempt, close::GOING_AWAY), 5).is_empty());
}

#[test]
fn a_nonsensical_bye_does_not_silence_the_page() {
    let (mut it, attempt) = live(0);
    send(&mut it, Event::Leaving(attempt, [0, u64::MAX]), 0);
    assert_eq!(it.next_wake(), Some(60_000));
}

#[test]
fn the_revoked_are_asked_to_sign_in_and_start_from_nothing() {
    let (mut it, attempt) = live(0);
    let effects = send(&mut it, Event::Closed(attempt, close::REVOKED), 10);
    assert_eq!(effects, [CLOSE, Effect::AskSignIn]);
    assert!(state(&it, 10).is_stale());
    assert_eq!(it.next_wake(), None);
    let effects = send(&mut it, Event::Started, 20);
    assert!(matches!(effects.as_slice(), [Effect::ReadSnapshot(_)]));
}

#[test]
fn a_ticket_that_is_refused_for_want_of_a_session_asks_to_sign_in() {
    let mut it = Connection::default();
    send(&mut it, Event::Started, 0);
    send(&mut it, Event::SnapshotRead(1), 0);
    let effects = send(&mut it, Event::RequestFailed(1, Failure::SignedOut), 0);
    assert_eq!(effects, [CLOSE, Effect::AskSignIn]);
}

#[test]
fn final_codes_end_it_with_a_reason_yet_a_wall_recovers() {
    for code in [close::VERSION, close::LIMIT, 4999] {
        let (mut it, attempt) = live(0);
        send(&mut it, Event::Closed(attempt, code), 10);
        assert!(matches!(state(&it, 10), FeedState::Ended { .. }), "{code}");
        let effects = send(&mut it, Event::Ticked, 10 + FINAL_RETRY_MS);
        assert!(matches!(effects.as_slice(), [Effect::ReadSnapshot(_)]));
    }
}

#[test]
fn waits_shorten_again_only_after_thirty_healthy_seconds() {
    for (healthy_ms, longest_wait) in [(HEALTHY_AFTER_MS - 1, 1_000), (HEALTHY_AFTER_MS, 500)] {
        let mut it = Connection::default();
        send(&mut it, Event::Started, 0);
        send(&mut it, Event::RequestFailed(1, Failure::Passing), 0);
        send(&mut it, Event::Ticked, 500);
        let attempt = 3;
        send(&mut it, Event::SnapshotRead(attempt), 500);
        send(&mut it, Event::TicketCame(attempt, String::new()), 500);
        send(&mut it, Event::Opened(attempt), 500);
        send(&mut it, Event::Welcomed(attempt, None), 500);
        let end = 500 + healthy_ms;
        send(&mut it, Event::Pinged(attempt, None), end - 1);
        send(&mut it, Event::Closed(attempt, 1006), end);
        assert_eq!(it.next_wake(), Some(end + longest_wait));
    }
}

#[test]
fn after_sleep_the_old_socket_is_not_believed() {
    let (mut it, _) = live(0);
    let effects = send(&mut it, Event::Woken(Wake::Slept), 5);
    assert!(matches!(effects.as_slice(), [CLOSE, Effect::GetTicket(_)]));
}

#[test]
fn looking_at_a_healthy_page_changes_nothing() {
    let (mut it, _) = live(0);
    assert!(send(&mut it, Event::Woken(Wake::Shown), 5_000).is_empty());
    assert!(!send(&mut it, Event::Woken(Wake::Shown), 13_000).is_empty());
}

#[test]
fn attempts_into_a_black_hole_begin_thirty_seconds_apart_and_no_more() {
    let (mut it, _) = live(0);
    let mut began_at = Vec::new();
    while began_at.len() < 12 {
        let now = it.next_wake().unwrap();
        let effects = send(&mut it, Event::Ticked, now);
        if matches!(effects[..], [Effect::GetTicket(_)]) {
            began_at.push(now);
        }
    }
    for pair in began_at.windows(2) {
        let apart_ms = pair[1] - pair[0];
        assert!((STEP_LIMIT_MS..=30_000).contains(&apart_ms), "{apart_ms}");
    }
}

#[test]
fn requests_that_are_not_answered_make_the_browser_renew_its_connections() {
    for (failure, renews) in [(Failure::Silent, true), (Failure::Passing, false)] {
        let (mut it, attempt) = live(0);
        send(&mut it, Event::Closed(attempt, 1006), 0);
        let began_at = it.next_wake().unwrap();
        send(&mut it, Event::Ticked, began_at);
        let event = Event::RequestFailed(it.attempt(), failure);
        let effects = send(&mut it, event, began_at + 12_000);
        assert_eq!(effects.contains(&Effect::RenewConnections), renews);
    }
}

#[test]
fn whoever_is_welcome_again_after_a_silence_renews_the_connections_once() {
    for silent in [true, false] {
        let (mut it, attempt) = live(0);
        let ended_at = STALE_AFTER_MS;
        if silent {
            send(&mut it, Event::Ticked, ended_at);
        } else {
            send(&mut it, Event::Closed(attempt, 1006), ended_at);
        }
        let mut renewed = Vec::new();
        for _ in 0..2 {
            let now = it.next_wake().unwrap();
            send(&mut it, Event::Ticked, now);
            let attempt = it.attempt();
            send(&mut it, Event::TicketCame(attempt, "t".to_owned()), now);
            send(&mut it, Event::Opened(attempt), now);
            let effects = send(&mut it, Event::Welcomed(attempt, None), now);
            renewed.push(effects.contains(&Effect::RenewConnections));
            send(&mut it, Event::Closed(attempt, 1006), now);
        }
        assert_eq!(renewed, [silent, false]);
    }
}

#[test]
fn coming_back_online_shortens_the_wait() {
    let (mut it, attempt) = live(0);
    send(&mut it, Event::Leaving(attempt, [60_000, 60_000]), 0);
    send(&mut it, Event::Woken(Wake::Online), 100);
    assert_eq!(it.next_wake(), Some(600));
}

#[test]
fn a_step_that_hangs_is_given_up() {
    let mut it = Connection::default();
    send(&mut it, Event::Started, 0);
    assert!(send(&mut it, Event::Ticked, STEP_LIMIT_MS - 1).is_empty());
    assert_eq!(
        send(&mut it, Event::Ticked, STEP_LIMIT_MS),
        [CLOSE, Effect::RenewConnections]
    );
}

#[test]
fn what_cannot_be_read_closes_with_its_code_and_reloads_only_when_that_is_remembered() {
    for (remedy, effects) in [
        (
            Remedy::Reloads,
            &[Effect::Close(close::MALFORMED), Effect::Reload][..],
        ),
        (Remedy::Somebody, &[Effect::Close(close::MALFORMED)]),
    ] {
        let unreadable = (Event::Unreadable(1, remedy), Ending::Unreadable(remedy));
        let misunderstood = (
            Event::Misunderstood(1, remedy),
            Ending::Misunderstood(remedy),
        );
        for (event, ending) in [unreadable, misunderstood] {
            let (mut it, _) = live(0);
            assert_eq!(send(&mut it, event, 10), effects);
            assert_eq!(state(&it, 10), FeedState::Ended { ending });
            assert!(state(&it, 10).is_stale());
            let effects = send(&mut it, Event::Ticked, 10 + FINAL_RETRY_MS);
            assert!(matches!(effects.as_slice(), [Effect::ReadSnapshot(_)]));
        }
    }
}

#[test]
fn messages_that_take_long_make_the_page_late_and_then_stale_though_they_keep_coming() {
    let (mut it, attempt) = live(0);
    send(&mut it, Event::Pinged(attempt, Some(1_000)), 1_000);
    send(&mut it, Event::Pinged(attempt, Some(11_000)), 24_000);
    assert_eq!(it.delay_ms(), 12_977);
    let late = FeedState::Late {
        last_frame_at: UnixMs(11_023),
    };
    assert_eq!(state(&it, 24_000), late);
    send(&mut it, Event::Heard(attempt), 36_000);
    assert!(!state(&it, 36_023).is_stale());
    assert!(state(&it, 36_024).is_stale());
    // A connection that only brings what is old is given up.
    assert_eq!(
        send(&mut it, Event::Ticked, 36_023),
        [CLOSE, Effect::RenewConnections]
    );
}

#[test]
fn a_page_that_comes_back_is_live_only_once_it_has_what_it_missed() {
    let (mut it, attempt) = live(0);
    send(&mut it, Event::Closed(attempt, 1006), 10);
    send(&mut it, Event::Ticked, 60_000);
    let attempt = attempt + 2;
    send(&mut it, Event::TicketCame(attempt, String::new()), 60_000);
    send(&mut it, Event::Opened(attempt), 60_000);
    send(&mut it, Event::Welcomed(attempt, None), 60_000);
    send(&mut it, Event::Heard(attempt), 60_001);
    assert!(state(&it, 60_001).is_stale());
    assert!(send(&mut it, Event::Ticked, 60_001).is_empty());
    send(&mut it, Event::CaughtUp(attempt), 60_002);
    assert!(matches!(state(&it, 60_002), FeedState::Live { .. }));
}
