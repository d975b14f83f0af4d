//! Requests over HTTP: either way can be lost, and so can the answer to what was carried out.

use anyhow::Result;
use watchfloor_console::feed::connection::Failure;
use watchfloor_gateway::change::{Change, Transaction};
use watchfloor_gateway::engine::{ActionBody, ActionOutcome, ActionRequest};
use watchfloor_gateway::hub::Access;
use watchfloor_gateway::hub::audience::Audience;
use watchfloor_gateway::store::Store as _;
use watchfloor_wire::action::ActionAnswer;
use watchfloor_wire::entity::Entity;
use watchfloor_wire::incident::IncidentStatus;

use super::World;
use super::event::{Entry, Event};
use crate::client::{Answer, Ask, ClientId, Kind};
use crate::mutant::Mutant;

impl World {
    /// A client sends a request.
    pub(super) fn ask(&mut self, client: ClientId, ask: Ask) {
        if self.is_cut_off(client) || (!self.is_calm && self.chance.one_in(25)) {
            return;
        }
        let latency_ms = self.latency_ms();
        self.at(latency_ms, Event::Ask(client, ask));
    }

    /// A request reaches the gateway, or the place where it should be.
    pub(super) fn asked(&mut self, client: ClientId, ask: Ask) {
        let answer = match ask {
            Ask::Snapshot(attempt) => Answer::Snapshot(attempt, self.snapshot(client)),
            Ask::Ticket(attempt) => Answer::Ticket(attempt, self.ticket(client)),
            Ask::Act(press, request) => {
                let outcome = self.act(client, &request);
                if self.disk.has_crashed() {
                    // Whoever asked hears nothing.
                    return;
                }
                Answer::Act(press, outcome.map(Box::new))
            }
        };
        if self.is_cut_off(client) || (!self.is_calm && self.chance.one_in(15)) {
            return;
        }
        let latency_ms = self.latency_ms();
        self.at(latency_ms, Event::Answer(client, answer));
    }

    /// Whether the session stands, as every request is checked.
    pub(super) fn admitted(
        &self,
        client: ClientId,
    ) -> Result<watchfloor_wire::session::Role, Failure> {
        if self.gateway.is_none() {
            return Err(Failure::Passing);
        }
        let session = self.clients[client].session.ok_or(Failure::SignedOut)?;
        match self.accounts.access(session, self.clock.now()) {
            Access::Granted(role) => Ok(role),
            Access::Expired | Access::Revoked => Err(Failure::SignedOut),
        }
    }

    fn snapshot(&self, client: ClientId) -> Result<(bytes::Bytes, Audience), Failure> {
        let role = self.admitted(client)?;
        let audience = Audience::of(role).ok_or(Failure::Forbidden)?;
        let gateway = self.gateway.as_ref().ok_or(Failure::Passing)?;
        Ok((gateway.hub.snapshot(role).json.clone(), audience))
    }

    fn ticket(&mut self, client: ClientId) -> Result<u64, Failure> {
        self.admitted(client)?;
        let session = self.clients[client].session.ok_or(Failure::SignedOut)?;
        let ticket = self.chance.number();
        let gateway = self.gateway.as_mut().ok_or(Failure::Passing)?;
        gateway.give_ticket(ticket, session);
        Ok(ticket)
    }

    fn act(&mut self, client: ClientId, request: &ActionRequest) -> Option<ActionOutcome> {
        let role = self.admitted(client).ok()?;
        let mut request = request.clone();
        request.actor.role = role;
        if self.mutant == Some(Mutant::ResolvedComesBack) {
            self.bring_back(&request);
        }
        let outcome = self.gateway.as_mut()?.engine.act(&request);
        if self.mutant == Some(Mutant::AnswerBeforeCommit)
            && let ActionOutcome::StoreFailed(_) = &outcome
        {
            return self.promised(&request).or(Some(outcome));
        }
        Some(outcome)
    }

    /// What [`Mutant::AnswerBeforeCommit`] answers.
    fn promised(&self, request: &ActionRequest) -> Option<ActionOutcome> {
        let disk = self.disk.content();
        let incident = disk_incident(&disk, request)?;
        let seq = disk.head().ok()?.seq + 1;
        let body = serde_json::to_string(&ActionAnswer { incident, seq }).ok()?;
        Some(ActionOutcome::Answered {
            status: 200,
            body,
            replayed: false,
        })
    }

    /// What [`Mutant::ResolvedComesBack`] does.
    fn bring_back(&mut self, request: &ActionRequest) {
        let mut disk = self.disk.content();
        let Some(mut incident) = disk_incident(&disk, request) else {
            return;
        };
        if incident.status == IncidentStatus::Resolved
            && matches!(request.action, ActionBody::Acknowledge(_))
        {
            incident.status = IncidentStatus::Acknowledged;
            incident.version += 1;
            let transaction = Transaction {
                changes: vec![Change::Upsert(Entity::Incident(incident))],
                ..Transaction::default()
            };
            // A disk that takes nothing brings nothing back.
            let _ = disk.commit(&transaction);
        }
    }

    /// An answer reaches the client.
    pub(super) fn answered(&mut self, client: ClientId, answer: Answer) -> Result<()> {
        let awake_ms = self.clients[client].asleep_until_ms;
        if awake_ms > self.now_ms() {
            self.at(awake_ms - self.now_ms(), Event::Answer(client, answer));
            return Ok(());
        }
        match (answer, &self.clients[client].kind) {
            (Answer::Act(press, outcome), _) => self.ledger.answer(press, outcome.as_deref()),
            (Answer::Snapshot(attempt, answer), Kind::Console(_)) => {
                self.turn(client, |it, turn| it.snapshot(attempt, answer, turn))
            }
            (Answer::Ticket(attempt, answer), Kind::Console(_)) => {
                self.turn(client, |it, turn| it.ticket(attempt, answer, turn))
            }
            (Answer::Snapshot(_, Ok((json, audience))), Kind::Juggler(_)) => {
                self.juggler_turn(client, |it, turn| it.snapshot(&json, audience, turn))
            }
            (Answer::Ticket(_, Ok(ticket)), Kind::Juggler(_)) => {
                self.open_line(client, Entry::Ticket(ticket));
                Ok(())
            }
            (_, Kind::Juggler(_)) => {
                if self.admitted(client) == Err(Failure::SignedOut) {
                    self.ask_to_sign_in(client);
                }
                Ok(())
            }
        }
    }
}

fn disk_incident(
    disk: &watchfloor_gateway::store::MemoryStore,
    request: &ActionRequest,
) -> Option<watchfloor_wire::incident::Incident> {
    watchfloor_gateway::store::Store::incident(disk, request.incident).ok()?
}
