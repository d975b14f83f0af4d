//! What is open: a WebSocket, or a stream of events in its place.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::feed::ClientMessage;

use super::connection::{Attempt, Event};
use super::driver::Driver;
use super::events::Events;
use super::socket::Socket;
use crate::api;

/// What an open line says.
pub(super) enum LineEvent {
    /// It can be spoken on.
    Opened,
    /// A message came.
    Text(String),
    /// It closed, with this code.
    Closed(u16),
}

/// The one line that is open.
pub(super) enum Line {
    Socket(Socket),
    Events(Events),
}

impl Line {
    /// Sends a message; what cannot be sent is lost, which the line's end tells.
    pub(super) fn send(&self, message: &ClientMessage) {
        match self {
            Self::Socket(socket) => socket.send(message),
            Self::Events(events) => events.send(message),
        }
    }

    /// Closes it, with this code where one can be told, and hears nothing of it any more.
    pub(super) fn shut(&self, code: u16) {
        match self {
            Self::Socket(socket) => socket.shut(code),
            Self::Events(events) => events.shut(),
        }
    }
}

impl Driver {
    pub(super) fn open_socket(self: &Rc<Self>, attempt: Attempt, ticket: &str) {
        let socket = Socket::open(&api::feed_address(), ticket, self.listener(attempt));
        self.opened(attempt, socket.map(Line::Socket));
    }

    pub(super) fn open_events(self: &Rc<Self>, attempt: Attempt) {
        let cursor = self.follower.borrow().cursor().cloned();
        let events = cursor.map_or_else(
            || Err("nothing is known yet".to_owned()),
            |cursor| {
                let address = api::events_address(&cursor, (self.around.kind)());
                Events::open(&address, self.listener(attempt))
            },
        );
        self.opened(attempt, events.map(Line::Events));
    }

    fn listener(self: &Rc<Self>, attempt: Attempt) -> impl Fn(LineEvent) + Clone + use<> {
        let this = Rc::downgrade(self);
        move |event| {
            if let Some(this) = this.upgrade() {
                this.line_event(attempt, event);
            }
        }
    }

    fn opened(self: &Rc<Self>, attempt: Attempt, line: Result<Line, String>) {
        match line {
            Ok(line) => *self.line.borrow_mut() = Some(line),
            Err(reason) => {
                leptos::logging::warn!("The feed cannot be opened: {reason}");
                let this = Rc::clone(self);
                // Not at once: this effect belongs to an event that is still being handled.
                set_timeout(
                    move || this.dispatch(Event::Closed(attempt, 1006)),
                    Duration::ZERO,
                );
            }
        }
    }

    pub(super) fn close(self: &Rc<Self>, code: u16) {
        self.owed.set(None);
        let line = self.line.borrow_mut().take();
        if let Some(line) = line {
            line.shut(code);
            // This may run inside one of the line's own handlers, which must not be freed under its feet.
            set_timeout(move || drop(line), Duration::ZERO);
        }
        self.flush(None);
    }

    pub(super) fn send(&self, message: &ClientMessage) {
        if let Some(line) = self.line.borrow().as_ref() {
            line.send(message);
        }
    }
}
