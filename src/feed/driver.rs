//! The shell around [`super::connection`]: the line to the gateway, the requests, the timers, and the stores that
//! frames are applied to, once per animation frame.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use watchfloor_wire::feed::{
    ClientMessage, Cursor, Frame, PageHealth, Ping, ServerMessage, Welcome, close,
};
use watchfloor_wire::replica::{Applied, Follower, MalformedOp};
use watchfloor_wire::time::UnixMs;

use super::FeedSignals;
use super::connection::{Attempt, Connection, Effect, Event, Failure};
use super::line::{Line, LineEvent};
use super::pipeline::Pipeline;
use super::reload;
use super::seconds::Seconds;
use crate::api::{self, ApiError};
use crate::clock::{Clock, steady_ms};
use crate::diagnostics::{self, health};
use crate::store::Stores;

/// What the driver works with.
pub(crate) struct Surroundings {
    pub(crate) clock: Clock,
    pub(crate) stores: Stores,
    pub(crate) signals: FeedSignals,
    /// What this page is: `console`, `wall` or `embed`.
    pub(crate) kind: fn() -> &'static str,
    /// Called when people must sign in.
    pub(crate) ask_sign_in: Box<dyn Fn()>,
    /// Called after each snapshot.
    pub(crate) snapshot_read: Box<dyn Fn()>,
}

/// The feed of this page.
pub(crate) struct Driver {
    pub(super) around: Surroundings,
    connection: RefCell<Connection>,
    /// Where the stores stand in the feed.
    pub(super) follower: RefCell<Follower>,
    queue: RefCell<Vec<Frame>>,
    pub(super) line: RefCell<Option<Line>>,
    /// What the welcome announced, until it is known.
    pub(super) owed: Cell<Option<u64>>,
    timer: RefCell<Option<(i64, TimeoutHandle)>>,
    /// Called before each paint that follows a frame. One for the whole life of the page: a new one each
    /// time would wait for the browser's garbage collection.
    before_paint: RefCell<Option<Closure<dyn Fn()>>>,
    flush_asked: Cell<Option<Attempt>>,
    seconds: Cell<Seconds>,
}

impl Driver {
    pub(crate) fn new(around: Surroundings) -> Rc<Self> {
        let driver = Rc::new(Self {
            around,
            connection: RefCell::default(),
            follower: RefCell::default(),
            queue: RefCell::default(),
            line: RefCell::default(),
            owed: Cell::default(),
            timer: RefCell::default(),
            before_paint: RefCell::default(),
            flush_asked: Cell::default(),
            seconds: Cell::default(),
        });
        let weak = Rc::downgrade(&driver);
        let before_paint = Closure::new(move || {
            if let Some(driver) = weak.upgrade() {
                let attempt = driver.flush_asked.take();
                driver.flush(attempt);
            }
        });
        *driver.before_paint.borrow_mut() = Some(before_paint);
        driver
    }

    /// Takes an event and carries out what follows from it.
    pub(crate) fn dispatch(self: &Rc<Self>, event: Event) {
        let effects =
            self.connection
                .borrow_mut()
                .handle(event, steady_ms(), &mut js_sys::Math::random);
        for effect in effects {
            self.run(effect);
        }
        self.publish();
        self.arm();
    }

    /// A second of the page.
    pub(crate) fn second(self: &Rc<Self>) {
        let mut seconds = self.seconds.get();
        seconds.came(steady_ms(), document().hidden());
        self.seconds.set(seconds);
        self.tick();
    }

    /// Lets time act, and brings the state that people see up to date.
    fn tick(self: &Rc<Self>) {
        self.dispatch(Event::Ticked);
    }

    /// Forgets the state: somebody else may sign in next.
    pub(crate) fn forget(&self) {
        self.queue.borrow_mut().clear();
        *self.follower.borrow_mut() = Follower::default();
        self.around.stores.clear();
    }

    /// Where the copy stands, and how many frames wait to be applied.
    pub(crate) fn position(&self) -> (Option<Cursor>, usize) {
        let cursor = self.follower.borrow().cursor().cloned();
        (cursor, self.queue.borrow().len())
    }

    fn run(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::ReadSnapshot(attempt) => self.read_snapshot(attempt),
            Effect::GetTicket(attempt) => self.get_ticket(attempt),
            Effect::OpenSocket(attempt, ticket) => self.open_socket(attempt, &ticket),
            Effect::OpenEvents(attempt) => self.open_events(attempt),
            Effect::SayHello(_) => self.say_hello(),
            Effect::Close(code) => self.close(code),
            Effect::RenewConnections => api::renew_connections(),
            Effect::AskSignIn => (self.around.ask_sign_in)(),
            Effect::Reload => diagnostics::reload("A message of the feed could not be read."),
        }
    }

    fn read_snapshot(self: &Rc<Self>, attempt: Attempt) {
        let this = Rc::clone(self);
        leptos::task::spawn_local(async move {
            match api::dashboard().await {
                Ok(snapshot) if this.connection.borrow().is_current(attempt) => {
                    this.hear_time(snapshot.now, None, 0);
                    this.around.signals.build.set(snapshot.build);
                    this.queue.borrow_mut().clear();
                    this.follower.borrow_mut().restart(snapshot.cursor);
                    this.around.stores.reset(snapshot.entities, snapshot.now);
                    this.dispatch(Event::SnapshotRead(attempt));
                    (this.around.snapshot_read)();
                }
                Ok(_) => {}
                Err(error) => this.dispatch(Event::RequestFailed(attempt, failure(&error))),
            }
        });
    }

    fn get_ticket(self: &Rc<Self>, attempt: Attempt) {
        let this = Rc::clone(self);
        leptos::task::spawn_local(async move {
            this.dispatch(match api::ticket().await {
                Ok(ticket) => Event::TicketCame(attempt, ticket.ticket),
                Err(error) => Event::RequestFailed(attempt, failure(&error)),
            });
        });
    }

    fn say_hello(&self) {
        let Some(cursor) = self.follower.borrow().cursor().cloned() else {
            return;
        };
        self.send(&hello((self.around.kind)(), cursor));
    }

    pub(super) fn line_event(self: &Rc<Self>, attempt: Attempt, event: LineEvent) {
        // What an abandoned line still says must not reach the queue either.
        if !self.connection.borrow().is_current(attempt) {
            return;
        }
        match event {
            LineEvent::Opened => self.dispatch(Event::Opened(attempt)),
            LineEvent::Closed(close::MALFORMED) => {
                self.dispatch(Event::Misunderstood(attempt, reload::claim()));
            }
            LineEvent::Closed(code) => self.dispatch(Event::Closed(attempt, code)),
            LineEvent::Text(text) => match ServerMessage::decode(&text) {
                Ok(message) => self.message(attempt, message),
                Err(error) => self.unreadable(attempt, &error),
            },
        }
    }

    fn unreadable(self: &Rc<Self>, attempt: Attempt, error: &dyn std::fmt::Display) {
        leptos::logging::warn!("A message of the feed cannot be read: {error}");
        self.dispatch(Event::Unreadable(attempt, reload::claim()));
    }

    fn message(self: &Rc<Self>, attempt: Attempt, message: ServerMessage) {
        match message {
            ServerMessage::Welcome(welcome) => self.welcome(attempt, welcome),
            ServerMessage::Frame(frame) => {
                self.queue.borrow_mut().push(frame);
                self.ask_flush(attempt);
                self.dispatch(Event::Heard(attempt));
            }
            ServerMessage::Ping(ping) => self.ping(attempt, &ping),
            ServerMessage::Reset(_) => self.dispatch(Event::Discontinued(attempt)),
            ServerMessage::Bye(bye) => {
                self.flush(Some(attempt));
                self.dispatch(Event::Leaving(attempt, bye.after));
            }
            ServerMessage::Unrecognised => self.dispatch(Event::Heard(attempt)),
        }
    }

    fn welcome(self: &Rc<Self>, attempt: Attempt, welcome: Welcome) {
        self.around.signals.build.set(welcome.build);
        let same = self
            .follower
            .borrow()
            .cursor()
            .is_some_and(|cursor| cursor.e == welcome.e);
        if !same {
            self.hear_time(welcome.now, welcome.steady_ms, 0);
            return self.dispatch(Event::Discontinued(attempt));
        }
        self.dispatch(Event::Welcomed(attempt, welcome.steady_ms));
        self.heard_time(welcome.now, welcome.steady_ms);
        self.owed.set(Some(welcome.s));
        self.settle(attempt);
    }

    fn ping(self: &Rc<Self>, attempt: Attempt, ping: &Ping) {
        let pipeline = Pipeline::new(ping.age, ping.now);
        self.around.signals.pipeline.set(pipeline);
        // Also bounds the queue while the page is hidden and no animation frame comes.
        self.flush(Some(attempt));
        let s = self.follower.borrow().cursor().map_or(0, |cursor| cursor.s);
        let (n, h) = (ping.n, Some(self.health()));
        self.send(&ClientMessage::Pong { n, s, h });
        if s < ping.s {
            return self.dispatch(Event::Discontinued(attempt));
        }
        self.dispatch(Event::Pinged(attempt, ping.steady_ms));
        self.heard_time(ping.now, ping.steady_ms);
    }

    fn health(&self) -> PageHealth {
        let mut seconds = self.seconds.get();
        let late_ms = seconds.take_late_ms();
        self.seconds.set(seconds);
        PageHealth {
            program_bytes: health::program_bytes().into(),
            elements: health::elements(),
            late_ms,
        }
    }

    /// The gateway's time in a message of which the connection has just been told.
    fn heard_time(&self, now: UnixMs, steady_ms: Option<i64>) {
        let delay_ms = self.connection.borrow().delay_ms();
        self.hear_time(now, steady_ms, delay_ms);
    }

    fn hear_time(&self, now: UnixMs, steady_ms: Option<i64>, delay_ms: i64) {
        if let Some(due) = self.around.clock.heard(now, steady_ms, delay_ms) {
            self.around.stores.doubt(due, now.plus_ms(delay_ms));
        }
    }

    /// Tells the connection once everything is known that the welcome announced.
    fn settle(self: &Rc<Self>, attempt: Attempt) {
        let known = self.follower.borrow().cursor().map(|cursor| cursor.s);
        if self.owed.get().is_some_and(|owed| known >= Some(owed)) {
            self.owed.set(None);
            self.dispatch(Event::CaughtUp(attempt));
        }
    }

    fn ask_flush(&self, attempt: Attempt) {
        if self.flush_asked.replace(Some(attempt)).is_some() {
            return;
        }
        if let Some(before_paint) = self.before_paint.borrow().as_ref() {
            let asked = window().request_animation_frame(before_paint.as_ref().unchecked_ref());
            if asked.is_err() {
                // The next frame asks again, and each ping applies what waits.
                self.flush_asked.set(None);
            }
        }
    }

    /// Applies what is waiting; what came of it is told to the connection when `attempt` is given.
    pub(super) fn flush(self: &Rc<Self>, attempt: Option<Attempt>) {
        let frames = std::mem::take(&mut *self.queue.borrow_mut());
        let failed = frames.iter().find_map(|frame| self.apply(frame).err());
        let Some(attempt) = attempt else { return };
        match failed {
            None => self.settle(attempt),
            Some(NotApplied::Gap) => self.dispatch(Event::Discontinued(attempt)),
            Some(NotApplied::Unreadable(error)) => self.unreadable(attempt, &error),
        }
    }

    fn apply(&self, frame: &Frame) -> Result<(), NotApplied> {
        let applied = self.follower.borrow_mut().follow(frame);
        match applied {
            Ok(Applied::Changed(changes)) => {
                let now = self.around.clock.now_untracked();
                for change in changes {
                    self.around.stores.change(change, now);
                }
                Ok(())
            }
            Ok(Applied::Duplicate) => Ok(()),
            Ok(Applied::Gap) => Err(NotApplied::Gap),
            Err(error) => Err(NotApplied::Unreadable(error)),
        }
    }

    fn publish(&self) {
        let now = steady_ms();
        let unix_now = self.around.clock.now_untracked();
        let state = self
            .connection
            .borrow()
            .state(now, |at| UnixMs(unix_now.0 - (now - at)));
        let signal = self.around.signals.state;
        if signal.with_untracked(|old| !old.shows_the_same(&state)) {
            signal.set(state);
        }
    }

    /// Sets the timer for the next instant at which time alone changes something.
    fn arm(self: &Rc<Self>) {
        let due = self.connection.borrow().next_wake();
        let armed = self.timer.borrow().as_ref().map(|(at, _)| *at);
        // While live each frame moves the instant on; the tick of each second watches that one.
        let unchanged = due == armed || (due > armed && armed.is_some_and(|at| at > steady_ms()));
        if unchanged {
            return;
        }
        if let Some((_, handle)) = self.timer.borrow_mut().take() {
            handle.clear();
        }
        let Some(due) = due else { return };
        let wait_ms = u64::try_from(due - steady_ms()).unwrap_or(0);
        let this = Rc::clone(self);
        let handle = set_timeout_with_handle(
            move || {
                this.timer.borrow_mut().take();
                this.tick();
            },
            Duration::from_millis(wait_ms),
        );
        if let Ok(handle) = handle {
            *self.timer.borrow_mut() = Some((due, handle));
        }
    }
}

/// Why a frame was not applied.
enum NotApplied {
    /// It does not join what is known.
    Gap,
    /// It holds what cannot be read.
    Unreadable(MalformedOp),
}

fn hello(kind: &str, cursor: Cursor) -> ClientMessage {
    ClientMessage::Hello {
        v: 1,
        kind: kind.to_owned(),
        build: crate::diagnostics::build(),
        cursor,
    }
}

fn failure(error: &ApiError) -> Failure {
    match error {
        ApiError::SignedOut => Failure::SignedOut,
        ApiError::Refused(problem) if problem.status == 403 => Failure::Forbidden,
        ApiError::TimedOut => Failure::Silent,
        _ => Failure::Passing,
    }
}
