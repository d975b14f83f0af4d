//! A page: the console's own connection machine, clock rules and replica, in a shell that does what
//! `src/feed/driver.rs` does in a browser.

use std::collections::BTreeMap;

use bytes::Bytes;
use watchfloor_console::feed::FeedState;
use watchfloor_console::feed::connection::{Attempt, Connection, Effect, Event, Failure};
use watchfloor_console::feed::transport::Transport;
use watchfloor_gateway::hub::audience::Audience;
use watchfloor_wire::check::Check;
use watchfloor_wire::entity::{Entity, Kind};
use watchfloor_wire::feed::{ClientMessage, Frame, Ping, ServerMessage, Welcome};
use watchfloor_wire::freshness;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::replica::{Applied, KeyChange};
use watchfloor_wire::time::UnixMs;

use super::device::Device;
use super::{Ask, Copy, Count, ResetWhy, Wish, hello};
use crate::chance::Chance;
use crate::link::{LinkId, Told};
use crate::mutant::Mutant;

/// The page.
#[derive(Debug)]
pub struct Console {
    /// What it knows.
    pub copy: Copy,
    /// The checks as it shows them, which the console's stores hold: results whose age nobody knows are marked.
    pub shown: BTreeMap<CheckId, Check>,
    /// Its clock.
    pub device: Device,
    /// Nobody looks at it, so nothing is painted.
    pub hidden: bool,
    connection: Connection,
    queue: Vec<Frame>,
    paint_asked: bool,
    link: Option<LinkId>,
    attempt: Attempt,
    /// What the welcome announced, until it is known.
    owed: Option<u64>,
    /// Whatever arrives is believed to be new.
    ignores_delay: bool,
}

/// The instant and the chance that an event comes with, and the wishes that follow from it.
pub struct Turn<'a> {
    /// Now, on the monotonic clock.
    pub now_ms: i64,
    /// Random numbers.
    pub chance: &'a mut Chance,
    /// What the client wants done.
    pub wishes: &'a mut Vec<Wish>,
}

impl Console {
    /// A page that has just been opened.
    #[must_use]
    pub fn new(device: Device, mutant: Option<Mutant>) -> Self {
        Self {
            copy: Copy::new(mutant == Some(Mutant::AppliedOverGap)),
            shown: BTreeMap::new(),
            device,
            hidden: false,
            connection: Connection::default(),
            queue: Vec::new(),
            paint_asked: false,
            link: None,
            attempt: 0,
            owed: None,
            ignores_delay: mutant == Some(Mutant::DelayIgnored),
        }
    }

    /// How the feed is doing, as people are told.
    #[must_use]
    pub fn feed_state(&self, now_ms: i64) -> FeedState {
        let server_now = self.device.server_now(now_ms);
        self.connection
            .state(now_ms, |at| server_now.plus_ms(at - now_ms))
    }

    /// When time alone changes something next, on the monotonic clock.
    #[must_use]
    pub fn next_wake_ms(&self) -> Option<i64> {
        self.connection.next_wake()
    }

    /// Frames that wait to be applied.
    #[must_use]
    pub fn waiting_frames(&self) -> usize {
        self.queue.len()
    }

    /// Takes an event and carries out what follows from it.
    pub fn dispatch(&mut self, event: Event, turn: &mut Turn<'_>) {
        let chance = &mut *turn.chance;
        let effects = self
            .connection
            .handle(event, turn.now_ms, &mut || chance.ratio());
        for effect in effects {
            self.carry_out(effect, turn);
        }
    }

    fn carry_out(&mut self, effect: Effect, turn: &mut Turn<'_>) {
        match effect {
            Effect::ReadSnapshot(attempt) => turn.wishes.push(Wish::Ask(Ask::Snapshot(attempt))),
            Effect::GetTicket(attempt) => turn.wishes.push(Wish::Ask(Ask::Ticket(attempt))),
            Effect::OpenSocket(attempt, ticket) => {
                self.attempt = attempt;
                turn.wishes
                    .push(Wish::Open(attempt, ticket.parse().unwrap_or(0)));
            }
            Effect::OpenEvents(attempt) => {
                self.attempt = attempt;
                if let Some(cursor) = self.copy.cursor().cloned() {
                    turn.wishes.push(Wish::OpenEvents(cursor));
                }
            }
            Effect::SayHello(_) => {
                if let Some(cursor) = self.copy.cursor().cloned() {
                    self.say(hello(cursor), turn);
                }
            }
            Effect::Close(_) => {
                self.owed = None;
                if let Some(link) = self.link.take() {
                    turn.wishes.push(Wish::Close(link));
                }
                self.flush(None, turn);
            }
            // The simulated network keeps no connections for requests.
            Effect::RenewConnections => {}
            Effect::AskSignIn => turn.wishes.push(Wish::SignIn),
            Effect::Reload => turn
                .wishes
                .push(Wish::Wrong("a message was malformed".to_owned())),
        }
    }

    /// The socket or the stream of this attempt is on its way.
    pub const fn opening(&mut self, link: LinkId) {
        self.link = Some(link);
    }

    fn say(&self, message: ClientMessage, turn: &mut Turn<'_>) {
        if let Some(link) = self.link {
            turn.wishes.push(Wish::Say(link, message));
        }
    }

    /// Somebody else may sign in: nothing of before stays.
    pub fn forget(&mut self) {
        self.queue.clear();
        self.copy.forget();
        self.shown.clear();
    }

    /// A snapshot came.
    pub fn snapshot(
        &mut self,
        attempt: Attempt,
        answer: Result<(Bytes, Audience), Failure>,
        turn: &mut Turn<'_>,
    ) {
        let event = match answer {
            Ok(_) if !self.connection.is_current(attempt) => return,
            Ok((json, audience)) => {
                self.queue.clear();
                match self.copy.take(&json, audience) {
                    Some(snapshot) => {
                        self.hear_time(snapshot.now, None, 0, turn.now_ms);
                        self.show_snapshot(&snapshot.checks, snapshot.now);
                        turn.wishes.push(Wish::Count(Count::SnapshotRead));
                        Event::SnapshotRead(attempt)
                    }
                    None => Event::RequestFailed(attempt, Failure::Passing),
                }
            }
            Err(failure) => Event::RequestFailed(attempt, failure),
        };
        self.dispatch(event, turn);
    }

    /// A ticket came.
    pub fn ticket(&mut self, attempt: Attempt, answer: Result<u64, Failure>, turn: &mut Turn<'_>) {
        self.dispatch(
            match answer {
                Ok(ticket) => Event::TicketCame(attempt, ticket.to_string()),
                Err(failure) => Event::RequestFailed(attempt, failure),
            },
            turn,
        );
    }

    /// The socket opened.
    pub fn opened(&mut self, link: LinkId, turn: &mut Turn<'_>) {
        if self.link == Some(link) {
            self.dispatch(Event::Opened(self.attempt), turn);
        }
    }

    /// The socket closed.
    pub fn closed(&mut self, link: LinkId, code: u16, turn: &mut Turn<'_>) {
        if self.link == Some(link) {
            self.dispatch(Event::Closed(self.attempt, code), turn);
        }
    }

    /// A message came.
    pub fn heard(&mut self, link: LinkId, told: &Told, turn: &mut Turn<'_>) {
        let attempt = self.attempt;
        // What an abandoned socket still says must not reach the queue either.
        if self.link != Some(link) || !self.connection.is_current(attempt) {
            return;
        }
        let text = match told {
            Told::Text(text) => text,
            Told::Close(code) => return self.dispatch(Event::Closed(attempt, *code), turn),
        };
        match ServerMessage::decode(text) {
            Ok(message) => self.message(attempt, message, turn),
            Err(error) => {
                turn.wishes
                    .push(Wish::Wrong(format!("{error} in a frame: {text}")));
            }
        }
    }

    fn message(&mut self, attempt: Attempt, message: ServerMessage, turn: &mut Turn<'_>) {
        match message {
            ServerMessage::Welcome(welcome) => self.welcome(attempt, &welcome, turn),
            ServerMessage::Frame(frame) => {
                self.queue.push(frame);
                if !self.hidden && !std::mem::replace(&mut self.paint_asked, true) {
                    turn.wishes.push(Wish::Paint(attempt));
                }
                let heard = if self.ignores_delay {
                    Event::Pinged(attempt, None)
                } else {
                    Event::Heard(attempt)
                };
                self.dispatch(heard, turn);
            }
            ServerMessage::Ping(ping) => self.ping(attempt, &ping, turn),
            ServerMessage::Reset(reset) => {
                let why = ResetWhy::of(&reset.why);
                turn.wishes.push(Wish::Count(Count::Reset(why)));
                self.dispatch(Event::Discontinued(attempt), turn);
            }
            ServerMessage::Bye(bye) => {
                self.flush(Some(attempt), turn);
                self.dispatch(Event::Leaving(attempt, bye.after), turn);
            }
            ServerMessage::Unrecognised => self.dispatch(Event::Heard(attempt), turn),
        }
    }

    fn welcome(&mut self, attempt: Attempt, welcome: &Welcome, turn: &mut Turn<'_>) {
        let same = self
            .copy
            .cursor()
            .is_some_and(|cursor| cursor.e == welcome.e);
        turn.wishes.push(Wish::Count(Count::Resumed));
        if !same {
            self.hear_time(welcome.now, welcome.steady_ms, 0, turn.now_ms);
            return self.dispatch(Event::Discontinued(attempt), turn);
        }
        let sent_ms = self.sent_ms(welcome.steady_ms);
        self.dispatch(Event::Welcomed(attempt, sent_ms), turn);
        self.heard_time(welcome.now, welcome.steady_ms, turn.now_ms);
        self.owed = Some(welcome.s);
        self.settle(attempt, turn);
        if let FeedState::Live {
            by: Transport::Events,
            ..
        } = self.feed_state(turn.now_ms)
        {
            turn.wishes.push(Wish::Count(Count::ByEvents));
        }
    }

    fn ping(&mut self, attempt: Attempt, ping: &Ping, turn: &mut Turn<'_>) {
        self.flush(Some(attempt), turn);
        let s = self.copy.seq();
        self.say(
            ClientMessage::Pong {
                n: ping.n,
                s,
                h: None,
            },
            turn,
        );
        if s < ping.s {
            return self.dispatch(Event::Discontinued(attempt), turn);
        }
        let sent_ms = self.sent_ms(ping.steady_ms);
        self.dispatch(Event::Pinged(attempt, sent_ms), turn);
        self.heard_time(ping.now, ping.steady_ms, turn.now_ms);
    }

    /// What the connection is told of when a message was sent.
    const fn sent_ms(&self, steady_ms: Option<i64>) -> Option<i64> {
        if self.ignores_delay { None } else { steady_ms }
    }

    fn heard_time(&mut self, now: UnixMs, steady_ms: Option<i64>, now_ms: i64) {
        let delay_ms = self.connection.delay_ms();
        self.hear_time(now, steady_ms, delay_ms, now_ms);
    }

    fn hear_time(&mut self, now: UnixMs, steady_ms: Option<i64>, delay_ms: i64, now_ms: i64) {
        let Some(due) = self.device.heard(now, steady_ms, delay_ms, now_ms) else {
            return;
        };
        let now = now.plus_ms(delay_ms);
        for check in self.shown.values_mut() {
            if freshness::is_doubtful(check, due, now) {
                freshness::doubt(check);
            }
        }
    }

    fn show_snapshot(&mut self, checks: &[Check], now: UnixMs) {
        let before = std::mem::take(&mut self.shown);
        for check in checks {
            let kept = freshness::received(before.get(&check.id), check.clone(), now);
            self.shown.insert(check.id.clone(), kept);
        }
    }

    fn show(&mut self, changes: &[KeyChange], now: UnixMs) {
        for change in changes {
            match change {
                KeyChange::Upserted(Entity::Check(check)) => {
                    let held = self.shown.get(&check.id);
                    let kept = freshness::received(held, check.clone(), now);
                    self.shown.insert(check.id.clone(), kept);
                }
                KeyChange::Deleted(key) if key.kind() == Some(Kind::Check) => {
                    self.shown.remove(&CheckId::from(key.id()));
                }
                KeyChange::Deleted(_) => {}
                KeyChange::Upserted(_) => {}
            }
        }
    }

    /// Tells the connection once everything is known that the welcome announced.
    fn settle(&mut self, attempt: Attempt, turn: &mut Turn<'_>) {
        let known = self.copy.cursor().map(|cursor| cursor.s);
        if self.owed.is_some_and(|owed| known >= Some(owed)) {
            self.owed = None;
            self.dispatch(Event::CaughtUp(attempt), turn);
        }
    }

    /// The browser paints: what waits is applied first.
    pub fn paint(&mut self, attempt: Attempt, turn: &mut Turn<'_>) {
        self.paint_asked = false;
        self.flush(Some(attempt), turn);
    }

    fn flush(&mut self, attempt: Option<Attempt>, turn: &mut Turn<'_>) {
        let mut whole = true;
        let now = self.device.server_now(turn.now_ms);
        for frame in std::mem::take(&mut self.queue) {
            let applied = self.copy.apply(&frame, turn.wishes);
            whole = matches!(applied, Ok(Applied::Changed(_) | Applied::Duplicate));
            if !whole {
                break;
            }
            if let Ok(Applied::Changed(changes)) = &applied {
                self.show(changes, now);
            }
        }
        match attempt {
            Some(attempt) if whole => self.settle(attempt, turn),
            Some(attempt) => self.dispatch(Event::Discontinued(attempt), turn),
            None => {}
        }
    }
}
