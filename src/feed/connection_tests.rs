//! Claims about [`super::connection`].

use proptest::prelude::*;
use watchfloor_wire::feed::{STALE_AFTER_MS, close};
use watchfloor_wire::time::UnixMs;

use super::FeedState;
use super::backoff::CEILING_MS;
use super::connection::{
    Connection, Effect, Event, FINAL_RETRY_MS, Failure, HEALTHY_AFTER_MS, STEP_LIMIT_MS, Wake,
};

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
    assert!(send(&mut it, Event::Welcomed(1), now).is_empty());
    (it, 1)
}

#[test]
fn a_welcome_makes_it_live() {
    let (it, _) = live(7);
    let expected = FeedState::Live {
        last_frame_at: UnixMs(7),
    };
    assert_eq!(state(&it, 7), expected);
}

#[test]
fn twenty_five_silent_seconds_are_stale_and_no_less() {
    let (mut it, _) = live(0);
    assert!(send(&mut it, Event::Ticked, STALE_AFTER_MS - 1).is_empty());
    assert!(!state(&it, STALE_AFTER_MS).is_stale());
    let effects = send(&mut it, Event::Ticked, STALE_AFTER_MS);
    assert_eq!(effects, [Effect::CloseSocket]);
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
    assert_eq!(
        send(&mut it, Event::Discontinued(attempt), 10),
        [Effect::CloseSocket]
    );
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
    assert_eq!(effects, [Effect::CloseSocket, Effect::AskSignIn]);
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
    assert_eq!(effects, [Effect::CloseSocket, Effect::AskSignIn]);
}

#[test]
fn final_codes_end_it_with_a_reason_yet_a_wall_recovers() {
    for code in [close::VERSION, close::MALFORMED, close::LIMIT, 4999] {
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
        send(&mut it, Event::Welcomed(attempt), 500);
        let end = 500 + healthy_ms;
        send(&mut it, Event::Heard(attempt), end - 1);
        send(&mut it, Event::Closed(attempt, 1006), end);
        assert_eq!(it.next_wake(), Some(end + longest_wait));
    }
}

#[test]
fn after_sleep_the_old_socket_is_not_believed() {
    let (mut it, _) = live(0);
    let effects = send(&mut it, Event::Woken(Wake::Slept), 5);
    assert!(matches!(
        effects.as_slice(),
        [Effect::CloseSocket, Effect::GetTicket(_)]
    ));
}

#[test]
fn looking_at_a_healthy_page_changes_nothing() {
    let (mut it, _) = live(0);
    assert!(send(&mut it, Event::Woken(Wake::Shown), 5_000).is_empty());
    assert!(!send(&mut it, Event::Woken(Wake::Shown), 13_000).is_empty());
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
        [Effect::CloseSocket]
    );
}

/// An event of some attempt near the current one; which attempt it is of decides whether it counts.
fn any_event() -> impl Strategy<Value = (u64, u8, u16, u32)> {
    (
        0_u64..3,
        0_u8..14,
        prop_oneof![1000_u16..1016, 4000_u16..4012, 4500_u16..4506],
        0_u32..40_000,
    )
}

fn event_of(kind: u8, attempt: u64, code: u16) -> Event {
    match kind {
        0 => Event::Started,
        1 => Event::SnapshotRead(attempt),
        2 => Event::TicketCame(attempt, "ticket".to_owned()),
        3 => Event::Opened(attempt),
        4 => Event::Welcomed(attempt),
        5 => Event::Heard(attempt),
        6 => Event::Discontinued(attempt),
        7 => Event::Leaving(attempt, [u64::from(code), 90_000]),
        8 => Event::Closed(attempt, code),
        9 => Event::Woken(Wake::Online),
        10 => Event::Woken(Wake::Slept),
        11 => Event::RequestFailed(attempt, Failure::Passing),
        12 => Event::RequestFailed(attempt, Failure::SignedOut),
        _ => Event::Ticked,
    }
}

/// What a well-behaved gateway answers to an effect.
fn kind_answer(effect: &Effect) -> Option<Event> {
    Some(match effect {
        Effect::ReadSnapshot(attempt) => Event::SnapshotRead(*attempt),
        Effect::GetTicket(attempt) => Event::TicketCame(*attempt, "ticket".to_owned()),
        Effect::OpenSocket(attempt, _) => Event::Opened(*attempt),
        Effect::SayHello(attempt) => Event::Welcomed(*attempt),
        Effect::CloseSocket | Effect::AskSignIn => return None,
    })
}

/// Lets time pass and answers kindly until it is live; how long that took in milliseconds.
fn recover(it: &mut Connection, mut now: i64) -> Option<i64> {
    let begun = now;
    let mut effects = send(it, Event::Started, now);
    for _ in 0..20 {
        while let Some(answer) = effects.iter().find_map(kind_answer) {
            effects = send(it, answer, now);
        }
        if matches!(state(it, now), FeedState::Live { .. }) {
            return Some(now - begun);
        }
        now = now.max(it.next_wake()?);
        effects = send(it, Event::Ticked, now);
    }
    None
}

proptest! {
    #[test]
    fn it_never_gives_up_and_never_holds_two_sockets(
        steps in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut it = Connection::default();
        let (mut now, mut current, mut sockets, mut asked) = (0_i64, 0_u64, 0_i32, true);
        let mut snapshot_read = false;
        for (back, kind, code, pause) in steps {
            now += i64::from(pause);
            let attempt = current.saturating_sub(back);
            let event = event_of(kind, attempt, code);
            let late = !it.is_current(attempt) && !matches!(kind, 0 | 9 | 10 | 13);
            let before = it.next_wake();
            let effects = it.handle(event, now, &mut || 0.5);
            if late {
                prop_assert!(effects.is_empty() && it.next_wake() == before, "an old attempt spoke");
            }
            for effect in effects {
                match effect {
                    Effect::ReadSnapshot(number) => { current = number; asked = false; snapshot_read = false; }
                    Effect::GetTicket(number) => {
                        current = number;
                        asked = false;
                        snapshot_read |= kind == 1;
                    }
                    Effect::OpenSocket(..) => { sockets += 1; prop_assert_eq!(sockets, 1); }
                    Effect::SayHello(_) => prop_assert!(snapshot_read, "hello without a snapshot"),
                    Effect::CloseSocket => sockets = 0,
                    Effect::AskSignIn => asked = true,
                }
            }
            prop_assert!(asked || it.next_wake().is_some(), "nothing will ever happen again");
            let due = it.next_wake().unwrap_or(now);
            prop_assert!(due <= now + FINAL_RETRY_MS.max(60_000).max(CEILING_MS));
        }
    }

    #[test]
    fn nothing_older_than_25_s_is_ever_shown_as_live(
        steps in prop::collection::vec(any_event(), 0..60),
        silence in STALE_AFTER_MS + 1..10_000_000,
    ) {
        let mut it = Connection::default();
        let mut now = 0;
        for (back, kind, code, pause) in steps {
            now += i64::from(pause);
            let attempt = (0..200).rev().find(|n| it.is_current(*n)).unwrap_or(0);
            send(&mut it, event_of(kind, attempt.saturating_sub(back), code), now);
        }
        let seen = state(&it, now + silence);
        let live = matches!(seen, FeedState::Live { .. } | FeedState::Late { .. });
        prop_assert!(!live);
    }

    #[test]
    fn whatever_happened_a_kind_gateway_brings_it_back(
        steps in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut it = Connection::default();
        let mut now = 0;
        for (back, kind, code, pause) in steps {
            now += i64::from(pause);
            let attempt = (0..200).rev().find(|n| it.is_current(*n)).unwrap_or(0);
            send(&mut it, event_of(kind, attempt.saturating_sub(back), code), now);
        }
        let took = recover(&mut it, now);
        prop_assert!(took.is_some_and(|ms| ms <= FINAL_RETRY_MS + 100_000), "{took:?}");
    }
}
