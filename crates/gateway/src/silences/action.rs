//! What people do to silences: make, change, end. Pure: what is there, an order and a time give the silence after
//! it, or why not.

use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::silence::check::is_over;
use watchfloor_wire::silence::request::{ChangeSilenceRequest, SilenceRequest};
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use super::known::zone_problem;
use super::record::{answer, audit_row};
use super::{MAX_SILENCES, Silences, recurrence};
use crate::change::{AuditRow, KeptAnswer};
use crate::incidents::action::Actor;
use crate::order::Order;

/// An order about a silence.
pub type SilenceOrder = Order<SilenceWork>;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SilenceWork {
    /// Make one.
    Make(SilenceRequest),
    /// Change one.
    Change {
        /// Which.
        id: SilenceId,
        /// The version that the person saw.
        if_match: u64,
        /// To what.
        to: ChangeSilenceRequest,
    },
    /// End one now. Whatever its version is: that people hear of things again is safe.
    Expire {
        /// Which.
        id: SilenceId,
        /// Why; may be empty.
        note: String,
    },
}

impl SilenceWork {
    /// Which silence it is about; `None` for a new one.
    #[must_use]
    pub const fn id(&self) -> Option<SilenceId> {
        match self {
            Self::Make(_) => None,
            Self::Change { id, .. } | Self::Expire { id, .. } => Some(*id),
        }
    }
}

/// An order that was carried out in thought; nothing is true before it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The silence after it.
    pub silence: Silence,
    /// The one whose place it took, ended.
    pub replaced: Option<Silence>,
    /// What goes into the audit; empty when nothing changed.
    pub audit: Vec<AuditRow>,
    /// The answer, for retries.
    pub answer: KeptAnswer,
}

/// Why an order is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum SilenceObjection {
    /// Fields of the request are wrong: 400.
    Invalid(Vec<FieldProblem>),
    /// Another role may: 403.
    Role(&'static str),
    /// It is over, and stays so: 409.
    Ended(Box<Silence>),
    /// It stands in a product's file, where it must be changed: 409.
    Configured(Box<Silence>),
    /// There are too many already: 409.
    TooMany,
    /// It is not as the person saw it: 412.
    Changed(Box<Silence>),
    /// There is no such silence: 404.
    NotFound,
}

type Decision = Result<(Silence, Option<Silence>, &'static str), SilenceObjection>;

impl Silences {
    /// Carries an order out in thought. `found` is the silence that it is about, also one that has left the feed.
    ///
    /// # Errors
    /// The [`SilenceObjection`].
    pub fn decide(
        &self,
        order: &SilenceOrder,
        found: Option<&Silence>,
        now: UnixMs,
    ) -> Result<Decided, SilenceObjection> {
        let (silence, replaced, action) = match (&order.work, found) {
            (SilenceWork::Make(request), _) => self.make(request, &order.actor, now)?,
            (_, None) => return Err(SilenceObjection::NotFound),
            (SilenceWork::Change { if_match, to, .. }, Some(before)) => {
                self.change(before, *if_match, to, &order.actor, now)?
            }
            (SilenceWork::Expire { .. }, Some(before)) => expire(before, &order.actor, now)?,
        };
        let note = match &order.work {
            SilenceWork::Expire { note, .. } => note.trim(),
            _ => "",
        };
        let account = order.actor.account.as_str();
        let mut audit = Vec::new();
        let ended = replaced.as_ref().zip(found);
        if let Some((ended, before)) = ended {
            audit.push(audit_row(
                ended,
                Some(before),
                account,
                "silence.expire",
                note,
                now,
            ));
        }
        let before = found.filter(|_| replaced.is_none());
        if before != Some(&silence) {
            audit.push(audit_row(&silence, before, account, action, note, now));
        }
        Ok(Decided {
            answer: answer(&silence, replaced.as_ref(), order, now),
            silence,
            replaced,
            audit,
        })
    }

    fn make(&self, request: &SilenceRequest, actor: &Actor, now: UnixMs) -> Decision {
        let mut problems = request.problems(now);
        problems.extend(self.known.problems(&request.matchers));
        problems.extend(request.recurrence.as_ref().and_then(zone_problem));
        problems.extend(self.everything_problem(&request.matchers, request.everything));
        let recurrence = request.recurrence.clone().map(|mut it| {
            it.until = Some(request.expires_at);
            it
        });
        let begins_at = request.begins_at(now);
        let times = match &recurrence {
            Some(it) => recurrence::window(it, begins_at),
            None => Some((begins_at, request.expires_at)),
        };
        if problems.is_empty() && times.is_none() {
            let text = "No window begins before the series ends; make it end later.";
            problems.push(FieldProblem::new("expires_at", text));
        }
        let (Some((starts_at, expires_at)), true) = (times, problems.is_empty()) else {
            return Err(SilenceObjection::Invalid(problems));
        };
        if let Some(text) = request.role_problem(actor.role, now) {
            return Err(SilenceObjection::Role(text));
        }
        let going_on = self.all.values().filter(|it| !is_over(it, now)).count();
        if going_on >= MAX_SILENCES {
            return Err(SilenceObjection::TooMany);
        }
        let silence = Silence {
            id: self.next_id(),
            version: 1,
            kind: request.kind,
            matchers: request.matchers.clone(),
            // A window that goes on already mutes from now on, not from before it was made.
            starts_at: starts_at.max(begins_at),
            expires_at,
            reason: request.reason.trim().to_owned(),
            author: actor.account.clone(),
            author_name: actor.name.clone(),
            created_at: now,
            recurrence,
            configured: None,
            ended_at: None,
            ended_by_name: None,
            replaced_by: None,
            warned_at: None,
        };
        Ok((silence, None, "silence.make"))
    }

    fn change(
        &self,
        before: &Silence,
        if_match: u64,
        to: &ChangeSilenceRequest,
        actor: &Actor,
        now: UnixMs,
    ) -> Decision {
        if is_over(before, now) {
            return Err(SilenceObjection::Ended(Box::new(before.clone())));
        }
        if before.configured.is_some() {
            return Err(SilenceObjection::Configured(Box::new(before.clone())));
        }
        if if_match != before.version {
            return Err(SilenceObjection::Changed(Box::new(before.clone())));
        }
        let mut problems = to.problems(before, now);
        if let Some(matchers) = &to.matchers {
            problems.extend(self.known.problems(matchers));
            problems.extend(self.everything_problem(matchers, to.everything));
        }
        if !problems.is_empty() {
            return Err(SilenceObjection::Invalid(problems));
        }
        if let Some(text) = to.role_problem(before, actor.role, now) {
            return Err(SilenceObjection::Role(text));
        }
        let mut silence = changed(before, to, now)?;
        let other_matchers = to.matchers.as_ref().filter(|it| **it != before.matchers);
        let Some(matchers) = other_matchers else {
            silence.version += 1;
            return Ok((silence, None, "silence.change"));
        };
        silence.id = self.next_id();
        silence.version = 1;
        silence.matchers.clone_from(matchers);
        silence.starts_at = silence.starts_at.max(now);
        silence.author.clone_from(&actor.account);
        silence.author_name.clone_from(&actor.name);
        silence.created_at = now;
        silence.warned_at = None;
        let mut ended = end(before, actor, now);
        ended.replaced_by = Some(silence.id);
        Ok((silence, Some(ended), "silence.make"))
    }

    fn everything_problem(
        &self,
        matchers: &[watchfloor_wire::silence::Matcher],
        meant: bool,
    ) -> Option<FieldProblem> {
        let unsaid = !meant && self.known.is_everything(matchers);
        unsaid.then(|| {
            FieldProblem::new(
                "everything",
                "This mutes everything. Add a condition that narrows it, or send `everything: true`.",
            )
        })
    }
}

/// With another end or reason.
fn changed(
    before: &Silence,
    to: &ChangeSilenceRequest,
    now: UnixMs,
) -> Result<Silence, SilenceObjection> {
    let mut silence = before.clone();
    if let Some(reason) = &to.reason {
        reason.trim().clone_into(&mut silence.reason);
    }
    let Some(at) = to.expires_at else {
        return Ok(silence);
    };
    silence.warned_at = None;
    let Some(recurrence) = &mut silence.recurrence else {
        silence.expires_at = at;
        return Ok(silence);
    };
    recurrence.until = Some(at);
    let Some((starts_at, expires_at)) = recurrence::window(recurrence, now) else {
        let text = "No window begins before the series ends; end it now instead.";
        let problem = FieldProblem::new("expires_at", text);
        return Err(SilenceObjection::Invalid(vec![problem]));
    };
    silence.starts_at = starts_at.max(before.starts_at);
    silence.expires_at = expires_at;
    Ok(silence)
}

/// Ends it now. One that is over is answered as it is. Of a window in a product's file this time is ended; the next
/// one comes.
fn expire(before: &Silence, actor: &Actor, now: UnixMs) -> Decision {
    const ACTION: &str = "silence.expire";
    if is_over(before, now) {
        return Ok((before.clone(), None, ACTION));
    }
    if before.configured.is_none() {
        return Ok((end(before, actor, now), None, ACTION));
    }
    let next = before
        .recurrence
        .as_ref()
        .filter(|_| before.is_active(now))
        .and_then(|it| recurrence::window(it, before.expires_at));
    let Some((starts_at, expires_at)) = next else {
        return Err(SilenceObjection::Configured(Box::new(before.clone())));
    };
    let mut silence = before.clone();
    silence.version += 1;
    (silence.starts_at, silence.expires_at) = (starts_at, expires_at);
    silence.warned_at = None;
    Ok((silence, None, "silence.end_window"))
}

fn end(before: &Silence, actor: &Actor, now: UnixMs) -> Silence {
    let mut silence = before.clone();
    silence.version += 1;
    silence.ended_at = Some(now);
    silence.ended_by_name = Some(actor.name.clone());
    silence
}
