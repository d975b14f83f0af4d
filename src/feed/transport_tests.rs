//! Claims about how [`super::connection`] goes from one transport to the other.

use watchfloor_wire::feed::close;
use watchfloor_wire::time::UnixMs;

use super::FeedState;
use super::connection::{
    Connection, Effect, Event, Failure, HEALTHY_AFTER_MS, ORDINARY, RESTS_AFTER_MS, STEP_LIMIT_MS,
    TRIAL_LIMIT_MS, Wake,
};
use super::transport::{SOCKET_AGAIN_MS, Transport};

fn send(connection: &mut Connection, event: Event, now: i64) -> Vec<Effect> {
    connection.handle(event, now, &mut || 1.0)
}

/// Time passes until the connection does something of itself.
fn pass(it: &mut Connection, now: &mut i64) -> Vec<Effect> {
    *now = it.next_wake().expect("something is due");
    send(it, Event::Ticked, *now)
}

/// Begins an attempt and gets it to its opening; what is opened.
fn opening(it: &mut Connection, begun: &[Effect], now: i64) -> Effect {
    let mut effects = begun.to_vec();
    loop {
        let last = effects.last().cloned().expect("an effect");
        effects = match last {
            Effect::ReadSnapshot(n) => send(it, Event::SnapshotRead(n), now),
            Effect::GetTicket(n) => send(it, Event::TicketCame(n, "t".to_owned()), now),
            opens => return opens,
        };
    }
}

/// A page in a network without WebSockets that has gone over to events and is live at `now`, with its attempt.
fn live_by_events() -> (Connection, i64, u64) {
    let (mut it, mut now) = (Connection::default(), 0);
    let mut effects = send(&mut it, Event::Started, now);
    for _ in 0..3 {
        let Effect::OpenSocket(attempt, _) = opening(&mut it, &effects, now) else {
            panic!("no socket is tried");
        };
        send(&mut it, Event::Closed(attempt, 1006), now);
        effects = pass(&mut it, &mut now);
    }
    let Effect::OpenEvents(attempt) = opening(&mut it, &effects, now) else {
        panic!("no events are tried");
    };
    welcome(&mut it, attempt, now);
    assert_eq!(way(&it, now), Some(Transport::Events));
    (it, now, attempt)
}

fn welcome(it: &mut Connection, attempt: u64, now: i64) {
    send(it, Event::Opened(attempt), now);
    send(it, Event::Welcomed(attempt, None), now);
    send(it, Event::CaughtUp(attempt), now);
}

/// Pings come until then.
fn live_on(it: &mut Connection, attempt: u64, from: i64, to: i64) {
    for now in (from..=to).step_by(10_000) {
        send(it, Event::Pinged(attempt, None), now);
    }
    send(it, Event::Pinged(attempt, None), to);
}

fn way(it: &Connection, now: i64) -> Option<Transport> {
    match it.state(now, UnixMs) {
        FeedState::Live { by, .. } => Some(by),
        _ => None,
    }
}

#[test]
fn a_stream_is_opened_without_a_hello() {
    let (mut it, mut now, attempt) = live_by_events();
    send(&mut it, Event::Closed(attempt, 1006), now);
    let effects = pass(&mut it, &mut now);
    let Effect::OpenEvents(attempt) = opening(&mut it, &effects, now) else {
        panic!("no events");
    };
    assert!(send(&mut it, Event::Opened(attempt), now).is_empty());
}

#[test]
fn sockets_that_stay_silent_turn_to_events_after_two_tries() {
    let (mut it, mut now) = (Connection::default(), 0);
    let mut effects = send(&mut it, Event::Started, now);
    for _ in 0..2 {
        let opened = opening(&mut it, &effects, now);
        assert!(matches!(opened, Effect::OpenSocket(..)));
        assert_eq!(it.next_wake(), Some(now + STEP_LIMIT_MS));
        pass(&mut it, &mut now);
        effects = pass(&mut it, &mut now);
    }
    let opened = opening(&mut it, &effects, now);
    assert!(matches!(opened, Effect::OpenEvents(_)));
}

#[test]
fn a_gateway_that_is_away_or_closes_of_itself_is_no_reason_for_events() {
    for failing in [
        Event::RequestFailed(0, Failure::Passing),
        Event::Closed(0, close::GOING_AWAY),
        Event::Closed(0, close::TICKET),
    ] {
        let (mut it, mut now) = (Connection::default(), 0);
        let mut effects = send(&mut it, Event::Started, now);
        for _ in 0..10 {
            let answer = match &failing {
                Event::Closed(_, code) => match opening(&mut it, &effects, now) {
                    Effect::OpenSocket(n, _) => Event::Closed(n, *code),
                    other => panic!("{other:?}"),
                },
                _ => match effects.last() {
                    Some(Effect::ReadSnapshot(n)) => Event::RequestFailed(*n, Failure::Passing),
                    other => panic!("{other:?}"),
                },
            };
            send(&mut it, answer, now);
            effects = pass(&mut it, &mut now);
        }
    }
}

#[test]
fn after_five_minutes_the_stream_makes_way_for_a_socket_that_is_tried() {
    let (mut it, begun, attempt) = live_by_events();
    // It went over to events with the third refusal, a moment before it was live.
    live_on(&mut it, attempt, begun, begun + SOCKET_AGAIN_MS);
    let now = begun + SOCKET_AGAIN_MS;
    let effects = send(&mut it, Event::Ticked, now);
    assert_eq!(effects[0], Effect::Close(ORDINARY));
    let Effect::OpenSocket(attempt, _) = opening(&mut it, &effects, now) else {
        panic!("no socket");
    };
    welcome(&mut it, attempt, now);
    assert_eq!(way(&it, now), Some(Transport::Socket));
    // It holds, so later losses are ordinary ones.
    live_on(&mut it, attempt, now, now + HEALTHY_AFTER_MS);
    let mut now = now + HEALTHY_AFTER_MS;
    send(&mut it, Event::Closed(attempt, 1006), now);
    let effects = pass(&mut it, &mut now);
    assert!(matches!(
        opening(&mut it, &effects, now),
        Effect::OpenSocket(..)
    ));
}

#[test]
fn a_trial_that_is_not_heard_costs_eight_seconds_and_no_alarm() {
    let (mut it, begun, attempt) = live_by_events();
    live_on(&mut it, attempt, begun, begun + SOCKET_AGAIN_MS);
    let mut now = begun + SOCKET_AGAIN_MS;
    let effects = send(&mut it, Event::Ticked, now);
    opening(&mut it, &effects, now);
    assert_eq!(it.next_wake(), Some(now + TRIAL_LIMIT_MS));
    pass(&mut it, &mut now);
    let effects = pass(&mut it, &mut now);
    assert!(!it.state(now, UnixMs).is_stale());
    let Effect::OpenEvents(attempt) = opening(&mut it, &effects, now) else {
        panic!("no events");
    };
    welcome(&mut it, attempt, now);
    assert_eq!(way(&it, now), Some(Transport::Events));
}

#[test]
fn another_network_is_tried_by_socket_at_once() {
    let (mut it, now, _) = live_by_events();
    let effects = send(&mut it, Event::Woken(Wake::Slept), now);
    assert!(matches!(
        opening(&mut it, &effects, now),
        Effect::OpenSocket(..)
    ));
}

#[test]
fn a_page_that_nobody_looks_at_gives_its_stream_back_and_is_live_when_it_is_shown() {
    let (mut it, begun, attempt) = live_by_events();
    send(&mut it, Event::Hidden, begun);
    live_on(&mut it, attempt, begun, begun + RESTS_AFTER_MS - 1);
    let now = begun + RESTS_AFTER_MS - 1;
    assert!(send(&mut it, Event::Ticked, now).is_empty());
    let effects = send(&mut it, Event::Ticked, now + 1);
    assert_eq!(effects, [Effect::Close(ORDINARY)]);
    assert_eq!(it.next_wake(), None);

    let now = now + 1_000_000;
    let effects = send(&mut it, Event::Woken(Wake::Shown), now);
    assert!(matches!(effects.as_slice(), [Effect::GetTicket(_)]));
}

#[test]
fn a_hidden_page_keeps_its_socket() {
    let (mut it, now) = (Connection::default(), 0);
    let effects = send(&mut it, Event::Started, now);
    let Effect::OpenSocket(attempt, _) = opening(&mut it, &effects, now) else {
        panic!("no socket");
    };
    welcome(&mut it, attempt, now);
    send(&mut it, Event::Hidden, now);
    live_on(&mut it, attempt, now, 2 * RESTS_AFTER_MS);
    assert!(send(&mut it, Event::Ticked, 2 * RESTS_AFTER_MS).is_empty());
}
