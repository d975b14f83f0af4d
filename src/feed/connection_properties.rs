//! What holds of [`super::connection`] whatever happens.

use proptest::prelude::*;
use watchfloor_wire::feed::STALE_AFTER_MS;
use watchfloor_wire::time::UnixMs;

use super::FeedState;
use super::backoff::CEILING_MS;
use super::connection::{
    Connection, Effect, Event, FINAL_RETRY_MS, Failure, HEALTHY_AFTER_MS, Wake,
};
use super::ending::Remedy;
use super::transport::{SOCKET_AGAIN_MAX_MS, Transport};

fn send(connection: &mut Connection, event: Event, now: i64) -> Vec<Effect> {
    connection.handle(event, now, &mut || 1.0)
}

fn state(connection: &Connection, now: i64) -> FeedState {
    connection.state(now, UnixMs)
}

/// An event of some attempt near the current one; which attempt it is of decides whether it counts.
fn any_event() -> impl Strategy<Value = (u64, u8, u16, u32)> {
    (
        0_u64..3,
        0_u8..20,
        prop_oneof![1000_u16..1016, 4000_u16..4012, 4500_u16..4506],
        0_u32..40_000,
    )
}

fn event_of(kind: u8, attempt: u64, code: u16) -> Event {
    match kind {
        0 => Event::Started,
        1 => Event::SnapshotRead(attempt),
        2 | 19 => Event::TicketCame(attempt, "ticket".to_owned()),
        3 => Event::Opened(attempt),
        4 => Event::Welcomed(attempt, Some(0)),
        5 => Event::Heard(attempt),
        6 => Event::Discontinued(attempt),
        7 => Event::Leaving(attempt, [u64::from(code), 90_000]),
        8 => Event::Closed(attempt, code),
        9 => Event::Woken(Wake::Online),
        10 => Event::Woken(Wake::Slept),
        11 => Event::RequestFailed(attempt, Failure::Passing),
        12 => Event::RequestFailed(attempt, Failure::SignedOut),
        13 => Event::CaughtUp(attempt),
        14 => Event::Pinged(attempt, Some(i64::from(code))),
        15 => Event::Unreadable(attempt, Remedy::Reloads),
        16 => Event::Hidden,
        17 => Event::Woken(Wake::Shown),
        _ => Event::Ticked,
    }
}

/// Lets these things happen, most of them to the attempt that is under way; returns the time after them.
fn suffer(it: &mut Connection, steps: &[(u64, u8, u16, u32)]) -> i64 {
    let mut now = 0;
    for (back, kind, code, pause) in steps {
        now += i64::from(*pause);
        let attempt = it.attempt().saturating_sub(*back);
        send(it, event_of(*kind, attempt, *code), now);
    }
    now
}

/// A network without WebSockets, until the page goes over to events.
fn refuse_sockets(it: &mut Connection) -> i64 {
    let mut now = 0;
    let mut effects = send(it, Event::Started, now);
    while !effects.iter().any(|it| matches!(it, Effect::OpenEvents(_))) {
        let answer = effects.iter().find_map(|effect| match effect {
            Effect::OpenSocket(attempt, _) => Some(Event::Closed(*attempt, 1006)),
            other => kind_answer(other),
        });
        effects = match answer {
            Some(answer) => send(it, answer, now),
            None => {
                now = it.next_wake().unwrap_or(now);
                send(it, Event::Ticked, now)
            }
        };
    }
    now
}

/// What a well-behaved gateway answers to an effect.
fn kind_answer(effect: &Effect) -> Option<Event> {
    Some(match effect {
        Effect::ReadSnapshot(attempt) => Event::SnapshotRead(*attempt),
        Effect::GetTicket(attempt) => Event::TicketCame(*attempt, "ticket".to_owned()),
        Effect::OpenSocket(attempt, _) | Effect::OpenEvents(attempt) => Event::Opened(*attempt),
        Effect::SayHello(_) | Effect::Close(_) | Effect::AskSignIn | Effect::Reload => {
            return None;
        }
    })
}

/// Answers kindly whatever is asked, until nothing more is.
fn answer_kindly(it: &mut Connection, mut effects: Vec<Effect>, now: i64) {
    while let Some(answer) = effects.iter().find_map(kind_answer) {
        effects = send(it, answer, now);
    }
    let attempt = it.attempt();
    send(it, Event::Welcomed(attempt, None), now);
    send(it, Event::CaughtUp(attempt), now);
}

/// Lets time pass and answers kindly until it is live; when that was.
fn recover(it: &mut Connection, mut now: i64) -> Option<i64> {
    send(it, Event::Woken(Wake::Shown), now);
    let mut effects = send(it, Event::Started, now);
    for _ in 0..20 {
        answer_kindly(it, effects, now);
        if matches!(state(it, now), FeedState::Live { .. }) {
            return Some(now);
        }
        now = now.max(it.next_wake()?);
        effects = send(it, Event::Ticked, now);
    }
    None
}

/// A quiet time with a kind gateway, in milliseconds, at whose end it is live.
fn live_on(it: &mut Connection, from: i64, for_ms: i64) -> i64 {
    let mut now = from;
    while now < from + for_ms {
        now += 10_000;
        let attempt = it.attempt();
        send(it, Event::Pinged(attempt, None), now);
        let effects = send(it, Event::Ticked, now);
        answer_kindly(it, effects, now);
    }
    now
}

proptest! {
    #[test]
    fn it_never_gives_up_and_never_holds_two_lines(
        steps in prop::collection::vec(any_event(), 0..60),
        without_sockets in any::<bool>(),
    ) {
        let mut it = Connection::default();
        let mut now = if without_sockets { refuse_sockets(&mut it) } else { 0 };
        let (mut newest, mut open) = (it.attempt(), i32::from(without_sockets));
        let (mut asked, mut hidden) = (!without_sockets, false);
        let (mut snapshot_read, mut sockets) = (without_sockets, 3 * i32::from(without_sockets));
        for (back, kind, code, pause) in steps {
            now += i64::from(pause);
            let attempt = newest.saturating_sub(back);
            let event = event_of(kind, attempt, code);
            hidden = match event {
                Event::Hidden => true,
                Event::Woken(Wake::Shown) => false,
                _ => hidden,
            };
            let late = event.attempt().is_some_and(|it_was| !it.is_current(it_was));
            let before = it.next_wake();
            let effects = it.handle(event, now, &mut || 0.5);
            if late {
                prop_assert!(effects.is_empty() && it.next_wake() == before, "an old attempt spoke");
            }
            for effect in effects {
                match effect {
                    Effect::ReadSnapshot(number) => {
                        prop_assert!(number > newest, "attempt {number} after {newest}");
                        (newest, asked, snapshot_read) = (number, false, false);
                    }
                    Effect::GetTicket(number) => {
                        prop_assert!(number > newest || kind == 1);
                        (newest, asked) = (number, false);
                        snapshot_read |= kind == 1;
                    }
                    Effect::OpenSocket(..) => {
                        sockets += 1;
                        open += 1;
                    }
                    Effect::OpenEvents(_) => {
                        prop_assert!(sockets >= 2, "events before the socket was tried");
                        prop_assert!(snapshot_read, "events without a snapshot");
                        open += 1;
                    }
                    Effect::SayHello(_) => prop_assert!(snapshot_read, "hello without a snapshot"),
                    Effect::Close(_) => open = 0,
                    Effect::AskSignIn => asked = true,
                    Effect::Reload => prop_assert_eq!(kind, 15),
                }
                prop_assert!(open <= 1, "two lines are open");
            }
            prop_assert!(
                asked || hidden || it.next_wake().is_some(),
                "nothing will ever happen again"
            );
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
        let now = suffer(&mut it, &steps);
        let seen = state(&it, now + silence);
        let live = matches!(seen, FeedState::Live { .. } | FeedState::Late { .. });
        prop_assert!(!live);
    }

    #[test]
    fn whatever_happened_a_kind_gateway_brings_it_back(
        steps in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut it = Connection::default();
        let begun = suffer(&mut it, &steps);
        let took = recover(&mut it, begun).map(|now| now - begun);
        prop_assert!(took.is_some_and(|ms| ms <= FINAL_RETRY_MS + 100_000), "{took:?}");
    }
}

proptest! {
    // An hour of pings each.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happened_it_is_on_the_socket_in_the_end_where_sockets_work(
        steps in prop::collection::vec(any_event(), 0..40),
    ) {
        let mut it = Connection::default();
        refuse_sockets(&mut it);
        let begun = suffer(&mut it, &steps) + 1_000_000;
        let now = recover(&mut it, begun);
        prop_assert!(now.is_some());
        let end = live_on(&mut it, now.unwrap_or(0), SOCKET_AGAIN_MAX_MS + HEALTHY_AFTER_MS);
        let seen = state(&it, end);
        let by_socket = matches!(seen, FeedState::Live { by: Transport::Socket, .. });
        prop_assert!(by_socket, "{seen:?}");
    }
}
