//! A client in another hand than ours: it keeps to the protocol, but reads several connections at once into one
//! replica, takes snapshots whenever it likes and in whatever order they come, and so sees duplicates, overlaps and
//! gaps that one connection alone never shows.

use watchfloor_gateway::hub::audience::Audience;
use watchfloor_wire::feed::{ClientMessage, Frame, Ping, STALE_AFTER_MS, ServerMessage};
use watchfloor_wire::replica::Applied;

use super::console::Turn;
use super::{Ask, Copy, Count, ResetWhy, Wish, hello};
use crate::link::{LinkId, Told};

/// Connections at once, at most.
const MAX_LINKS: usize = 3;

/// The client.
#[derive(Debug)]
pub struct Juggler {
    /// What it knows.
    pub copy: Copy,
    lines: Vec<Line>,
    asked: u64,
}

/// One of its connections.
#[derive(Debug)]
struct Line {
    link: LinkId,
    stage: Stage,
    /// When something was last heard on it, on the monotonic clock.
    heard_ms: i64,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    /// It may say hello as soon as there is a cursor.
    MayGreet,
    Greeted,
    /// Its frames are of this epoch.
    Live(String),
}

impl Juggler {
    /// A client that knows nothing yet.
    #[must_use]
    pub fn new(applies_over_gap: bool) -> Self {
        Self {
            copy: Copy::new(applies_over_gap),
            lines: Vec::new(),
            asked: 0,
        }
    }

    /// Does something that the protocol allows: another connection, one less, a snapshot nobody needed. Once it is
    /// calm, only what it must.
    pub fn juggle(&mut self, is_calm: bool, turn: &mut Turn<'_>) {
        self.close_silent(turn);
        let chance = if is_calm { 9 } else { turn.chance.place(10) };
        if self.copy.cursor().is_none() || chance == 0 {
            self.ask_snapshot(turn);
        }
        if chance == 1 && self.lines.len() > 1 {
            let place = turn.chance.place(self.lines.len());
            turn.wishes.push(Wish::Close(self.lines.remove(place).link));
        }
        if self.lines.is_empty() || (chance < 5 && self.lines.len() < MAX_LINKS) {
            self.asked += 1;
            turn.wishes.push(Wish::Ask(Ask::Ticket(self.asked)));
        }
    }

    /// A connection on which nothing is heard for 25 s is dead.
    fn close_silent(&mut self, turn: &mut Turn<'_>) {
        let wishes = &mut *turn.wishes;
        let now_ms = turn.now_ms;
        self.lines.retain(|line| {
            let stays = now_ms - line.heard_ms <= STALE_AFTER_MS;
            if !stays {
                wishes.push(Wish::Close(line.link));
            }
            stays
        });
    }

    fn ask_snapshot(&mut self, turn: &mut Turn<'_>) {
        self.asked += 1;
        turn.wishes.push(Wish::Ask(Ask::Snapshot(self.asked)));
    }

    /// Forgets everything and every connection.
    pub fn forget(&mut self, turn: &mut Turn<'_>) {
        self.copy.forget();
        for line in self.lines.drain(..) {
            turn.wishes.push(Wish::Close(line.link));
        }
    }

    /// Whether a connection is live.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.lines
            .iter()
            .any(|line| matches!(line.stage, Stage::Live(_)))
    }

    /// A socket is on its way.
    pub fn opening(&mut self, link: LinkId, now_ms: i64) {
        self.lines.push(Line {
            link,
            stage: Stage::Opening,
            heard_ms: now_ms,
        });
    }

    /// A socket opened.
    pub fn opened(&mut self, link: LinkId, turn: &mut Turn<'_>) {
        self.set(link, Stage::MayGreet);
        self.greet(turn);
    }

    /// A socket closed.
    pub fn closed(&mut self, link: LinkId) {
        self.lines.retain(|line| line.link != link);
    }

    /// A snapshot came, perhaps an old one.
    pub fn snapshot(&mut self, json: &[u8], audience: Audience, turn: &mut Turn<'_>) {
        if self.copy.take(json, audience).is_some() {
            turn.wishes.push(Wish::Count(Count::SnapshotRead));
            self.greet(turn);
        }
    }

    fn greet(&mut self, turn: &mut Turn<'_>) {
        let Some(cursor) = self.copy.cursor().cloned() else {
            return;
        };
        for line in &mut self.lines {
            if line.stage == Stage::MayGreet {
                line.stage = Stage::Greeted;
                turn.wishes
                    .push(Wish::Say(line.link, hello(cursor.clone())));
            }
        }
    }

    fn set(&mut self, link: LinkId, stage: Stage) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.link == link) {
            line.stage = stage;
        }
    }

    /// Whether frames of this connection are of the copy's history.
    fn is_of_the_copy(&self, link: LinkId) -> bool {
        let epoch = self.copy.cursor().map(|cursor| &cursor.e);
        self.lines.iter().any(|line| {
            line.link == link && matches!(&line.stage, Stage::Live(of) if Some(of) == epoch)
        })
    }

    /// A message came.
    pub fn heard(&mut self, link: LinkId, told: &Told, turn: &mut Turn<'_>) {
        let Told::Text(text) = told else {
            return self.closed(link);
        };
        let Some(line) = self.lines.iter_mut().find(|line| line.link == link) else {
            return;
        };
        line.heard_ms = turn.now_ms;
        match ServerMessage::decode(text) {
            Ok(ServerMessage::Welcome(welcome)) => {
                turn.wishes.push(Wish::Count(Count::Resumed));
                self.set(link, Stage::Live(welcome.e));
            }
            Ok(ServerMessage::Frame(frame)) => self.frame(link, &frame, turn),
            Ok(ServerMessage::Ping(ping)) => self.ping(link, &ping, turn),
            Ok(ServerMessage::Reset(reset)) => {
                let why = ResetWhy::of(&reset.why);
                turn.wishes.push(Wish::Count(Count::Reset(why)));
                self.set(link, Stage::MayGreet);
                self.copy.forget();
                self.ask_snapshot(turn);
            }
            Ok(ServerMessage::Bye(_)) => {
                turn.wishes.push(Wish::Close(link));
                self.closed(link);
            }
            Ok(ServerMessage::Unrecognised) => {}
            Err(error) => turn
                .wishes
                .push(Wish::Wrong(format!("{error} in a frame: {text}"))),
        }
    }

    fn frame(&mut self, link: LinkId, frame: &Frame, turn: &mut Turn<'_>) {
        if !self.is_of_the_copy(link) {
            return;
        }
        if !matches!(
            self.copy.apply(frame, turn.wishes),
            Ok(Applied::Changed(_) | Applied::Duplicate)
        ) {
            self.start_over(link, turn);
        }
    }

    fn ping(&mut self, link: LinkId, ping: &Ping, turn: &mut Turn<'_>) {
        let s = self.copy.seq();
        let pong = ClientMessage::Pong {
            n: ping.n,
            s,
            h: None,
        };
        turn.wishes.push(Wish::Say(link, pong));
        if s < ping.s || !self.is_of_the_copy(link) {
            self.start_over(link, turn);
        }
    }

    fn start_over(&mut self, link: LinkId, turn: &mut Turn<'_>) {
        turn.wishes.push(Wish::Close(link));
        self.closed(link);
        self.ask_snapshot(turn);
    }
}
