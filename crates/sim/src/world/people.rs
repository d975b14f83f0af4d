//! People: they look, press, press again when nothing is answered, and sign in again.

use anyhow::Result;
use watchfloor_console::feed::connection::{Event as FeedEvent, Wake};
use watchfloor_gateway::engine::{ActionBody, ActionRequest, Actor};
use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::entity::Entity;
use watchfloor_wire::incident::{Incident, IncidentStatus, LeaseScope};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::DAY_MS;

use super::World;
use super::event::Event;
use crate::client::{Ask, ClientId, Kind};
use crate::ledger::MAX_TRIES;
use crate::products::{self, CHECKS, Health, PROBE_EVERY_MS};

/// A try of a press that was not answered within this span is sent again, in milliseconds.
const TRY_AGAIN_MS: i64 = 3_000;

impl World {
    /// A check is probed.
    pub(super) fn probe(&mut self, check: usize) {
        self.at(PROBE_EVERY_MS, Event::Probe(check));
        let health = self.health[check];
        let error_ratio = match health {
            Health::Erring => self.chance.pick([0.02, 0.25]),
            _ => self.chance.pick([0.0, 0.0, 0.001]),
        };
        let now = self.clock.now();
        let Some(seen) = products::probe(check, health, error_ratio, now) else {
            return;
        };
        let now_ms = self.now_ms();
        if let Some(gateway) = &mut self.gateway {
            gateway.engine.observe(vec![seen]);
            if health != Health::Down {
                self.well_ms[check] = now_ms;
            }
        }
    }

    /// A product sends something in: now and then a lot.
    pub(super) fn push(&mut self) {
        let next_ms = self.chance.between(700, 4_000);
        self.at(next_ms, Event::Push);
        let is_burst = !self.is_calm && self.chance.one_in(12);
        let count = if is_burst {
            self.chance.pick([90, 600])
        } else {
            self.chance.between(1, 3)
        };
        for _ in 0..count {
            self.pushes += 1;
            let (group, events) = (self.chance.between(1, 6), self.chance.between(1, 9));
            let now = self.clock.now();
            let Some(gateway) = &mut self.gateway else {
                return;
            };
            let seen = if self.pushes.is_multiple_of(50) {
                products::deploy(self.pushes, now)
            } else {
                products::errors(group, events.unsigned_abs(), now)
            };
            gateway.engine.observe(vec![seen]);
            if is_burst {
                // One commit each, so that clients lag by frames.
                let _ = gateway.engine.flush();
            }
        }
    }

    /// Somebody looks at the board and perhaps presses something.
    pub(super) fn person(&mut self, client: ClientId) {
        let next_ms = self.chance.between(800, 7_000);
        self.at(next_ms, Event::Person(client));
        if self.clients[client].asleep_until_ms > self.now_ms() {
            return;
        }
        let incidents: Vec<Incident> = self.clients[client]
            .copy()
            .replica
            .entities()
            .filter_map(|(_, entity)| match entity {
                Entity::Incident(incident) => Some(incident.clone()),
                _ => None,
            })
            .collect();
        let Some(session) = self.clients[client].session else {
            return;
        };
        if incidents.is_empty() {
            return;
        }
        let incident = &incidents[self.chance.place(incidents.len())];
        let key = format!("key-{}", self.ledger.presses.len());
        let session = self.accounts.get(session);
        let account = session.account;
        // What gets as far as the engine is an operator's or an admin's: the route refuses everybody else.
        let role = match session.role {
            Role::Admin => Role::Admin,
            _ => Role::Operator,
        };
        let action = self.action(incident, &key);
        let request = ActionRequest {
            incident: incident.id,
            fingerprint: format!("{action:?}"),
            action,
            if_match: incident.version,
            key,
            actor: Actor {
                name: account.to_uppercase(),
                account,
                role,
            },
        };
        let press = self.ledger.press(client, request.clone());
        self.ask(client, Ask::Act(press, Box::new(request.clone())));
        if self.chance.one_in(5) {
            // A double click, or a proxy that sends twice.
            self.ask(client, Ask::Act(press, Box::new(request)));
        }
        self.at(TRY_AGAIN_MS, Event::TryAgain(press));
    }

    fn action(&mut self, incident: &Incident, key: &str) -> ActionBody {
        let note = NoteRequest {
            note: key.to_owned(),
        };
        let sensible = match incident.status {
            IncidentStatus::Triggered => 0,
            IncidentStatus::Acknowledged => 3,
            IncidentStatus::Resolved => 8,
        };
        let choice = if self.chance.one_in(3) {
            self.chance.between(0, 9)
        } else {
            sensible + self.chance.between(0, 4)
        };
        match choice {
            0..=2 => ActionBody::Acknowledge(AcknowledgeRequest {
                note: key.to_owned(),
                lease_ms: self.chance.pick([60_000, 600_000]),
                scope: self
                    .chance
                    .pick([LeaseScope::Severity, LeaseScope::UntilResolved]),
                offer_to: None,
                notify: None,
            }),
            3 => ActionBody::Release(note),
            4 => ActionBody::Assign {
                account: "user1".to_owned(),
                name: "USER1".to_owned(),
                note: key.to_owned(),
            },
            5 => ActionBody::Escalate(note),
            6 => ActionBody::Resolve(note),
            _ => ActionBody::Comment(note),
        }
    }

    /// Nobody has answered a press yet: the same request again, under the same key.
    pub(super) fn try_again(&mut self, press: usize) {
        let waiting = &mut self.ledger.presses[press];
        if waiting.is_settled && !self.chance.one_in(12) {
            return;
        }
        if waiting.tries >= MAX_TRIES {
            waiting.is_settled = true;
            return;
        }
        waiting.tries += 1;
        let (client, request) = (waiting.client, waiting.request.clone());
        self.ask(client, Ask::Act(press, Box::new(request)));
        self.at(TRY_AGAIN_MS, Event::TryAgain(press));
    }

    /// A second passes on a page: its clocks are looked at, and its feed.
    pub(super) fn second(&mut self, client: ClientId) -> Result<()> {
        let awake_ms = self.clients[client].asleep_until_ms;
        let wait_ms = (awake_ms - self.now_ms()).max(1_000);
        self.at(wait_ms, Event::Second(client));
        if awake_ms > self.now_ms() {
            return Ok(());
        }
        let signed_in = self.clients[client].session.is_some();
        self.turn(client, |console, turn| {
            if console.device.watch() {
                console.dispatch(FeedEvent::Woken(Wake::Slept), turn);
            }
            console.dispatch(FeedEvent::Ticked, turn);
            if signed_in {
                console.dispatch(FeedEvent::Started, turn);
            }
        })
    }

    /// A juggler's turn.
    pub(super) fn juggle(&mut self, client: ClientId) -> Result<()> {
        let wait_ms = self.chance.between(300, 6_000);
        self.at(wait_ms, Event::Juggle(client));
        if self.clients[client].session.is_none()
            || self.clients[client].asleep_until_ms > self.now_ms()
        {
            return Ok(());
        }
        let is_calm = self.is_calm;
        self.juggler_turn(client, |juggler, turn| juggler.juggle(is_calm, turn))
    }

    /// A page says that somebody must sign in; somebody does, after a while.
    pub(super) fn ask_to_sign_in(&mut self, client: ClientId) {
        if self.clients[client].session.take().is_some() {
            let wait_ms = self.chance.between(500, 8_000);
            self.at(wait_ms, Event::SignIn(client));
        }
    }

    pub(super) fn sign_in(&mut self, client: ClientId) -> Result<()> {
        let role = self
            .chance
            .pick([Role::Operator, Role::Viewer, Role::Display, Role::Admin]);
        let expires_at = self.clock.now().plus_ms(30 * DAY_MS);
        let account = format!("user{}", client % 4);
        let session = self.accounts.sign_in(&account, role, expires_at);
        self.clients[client].session = Some(session);
        match self.clients[client].kind {
            Kind::Console(_) => self.turn(client, |console, turn| {
                console.forget();
                console.dispatch(FeedEvent::Started, turn);
            }),
            Kind::Juggler(_) => self.juggler_turn(client, |juggler, turn| {
                juggler.forget(turn);
                juggler.juggle(true, turn);
            }),
        }
    }

    /// How a check is from now on.
    pub(super) fn ail(&mut self) -> usize {
        let check = self.chance.place(CHECKS.len());
        self.health[check] = self
            .chance
            .pick([Health::Down, Health::Erring, Health::Silent]);
        check
    }
}
