//! What people do to overrides: make them, end them. Pure: what is there, an order and a time give the override after
//! it, or why not.

use watchfloor_wire::on_call::{Override, OverrideId, OverrideRequest};
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::UnixMs;

use super::Roster;
use crate::change::{AuditRow, KeptAnswer};
use crate::config::check::value::listed;
use crate::order::Order;

/// How many may be there at once that are not over.
pub const MAX_OVERRIDES: usize = 200;

/// An order about an override.
pub type OverrideOrder = Order<OverrideWork>;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideWork {
    /// Make one.
    Make(OverrideRequest),
    /// End one now, also before it began.
    End {
        /// Which.
        id: OverrideId,
        /// Why; may be empty.
        note: String,
    },
}

/// An order that was carried out in thought; nothing is true before it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The override after it.
    pub after: Override,
    /// What goes into the audit; `None` when nothing changed.
    pub audit: Option<AuditRow>,
    /// The answer, for retries.
    pub answer: KeptAnswer,
}

/// Why an order is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideObjection {
    /// Fields of the request are wrong: 400.
    Invalid(Vec<FieldProblem>),
    /// There are too many already: 409.
    TooMany,
    /// There is no such override, or it was over long ago: 404.
    NotFound,
}

impl Roster {
    /// Carries an order out in thought.
    ///
    /// # Errors
    /// The [`OverrideObjection`].
    pub fn decide(&self, order: &OverrideOrder, now: UnixMs) -> Result<Decided, OverrideObjection> {
        let (before, after, action, note) = match &order.work {
            OverrideWork::Make(request) => {
                let made = self.make(request, order, now)?;
                (None, made, "override.make", "")
            }
            OverrideWork::End { id, note } => {
                let before = self.overrides.get(id).ok_or(OverrideObjection::NotFound)?;
                let after = ended(before, order, now);
                (Some(before), after, "override.end", note.trim())
            }
        };
        let is_changed = before != Some(&after);
        Ok(Decided {
            audit: is_changed.then(|| audit_row(before, &after, action, note, order, now)),
            answer: answer(&after, order, now),
            after,
        })
    }

    fn make(
        &self,
        request: &OverrideRequest,
        order: &OverrideOrder,
        now: UnixMs,
    ) -> Result<Override, OverrideObjection> {
        let mut problems = request.problems(now);
        if self.known(&request.rotation).is_none() {
            let known = listed(self.rotations.iter().map(|it| it.config.id.as_str()));
            let text = format!(
                "There is no rotation `{}`; there are {known}.",
                request.rotation
            );
            problems.push(FieldProblem::new("rotation", &text));
        }
        if self.person(&request.person).is_none() {
            let known = listed(self.people.iter().map(|it| it.id.as_str()));
            let text = format!(
                "There is nobody called `{}`; there are {known}.",
                request.person
            );
            problems.push(FieldProblem::new("person", &text));
        }
        if !problems.is_empty() {
            return Err(OverrideObjection::Invalid(problems));
        }
        let going_on = self.overrides.values().filter(|it| it.over_at() > now);
        if going_on.count() >= MAX_OVERRIDES {
            return Err(OverrideObjection::TooMany);
        }
        Ok(Override {
            id: OverrideId(self.last_override + 1),
            rotation: request.rotation.clone(),
            person: request.person.clone(),
            starts_at: request.begins_at(now),
            ends_at: request.ends_at,
            reason: request.reason.trim().to_owned(),
            author: order.actor.account.clone(),
            author_name: order.actor.name.clone(),
            created_at: now,
            ended_at: None,
            ended_by_name: None,
        })
    }
}

/// Ended now. One that is over is answered as it is.
fn ended(before: &Override, order: &OverrideOrder, now: UnixMs) -> Override {
    let mut after = before.clone();
    if before.over_at() > now {
        after.ended_at = Some(now);
        after.ended_by_name = Some(order.actor.name.clone());
    }
    after
}

fn audit_row(
    before: Option<&Override>,
    after: &Override,
    action: &str,
    note: &str,
    order: &OverrideOrder,
    now: UnixMs,
) -> AuditRow {
    let state = |it: &Override| {
        serde_json::json!({
            "rotation": it.rotation,
            "person": it.person,
            "starts_at": it.starts_at,
            "ends_at": it.ends_at,
            "ended_at": it.ended_at,
            "reason": it.reason,
        })
    };
    let detail = serde_json::json!({
        "before": before.map(state),
        "after": state(after),
        "note": note,
        "key": order.key,
    });
    AuditRow {
        at: now,
        actor: order.actor.account.clone(),
        action: action.to_owned(),
        subject: format!("override/{}", after.id.0),
        detail: detail.to_string(),
    }
}

/// The JSON of [`watchfloor_wire::on_call::OverrideAnswer`], whose sequence number the store fills in.
fn answer(after: &Override, order: &OverrideOrder, now: UnixMs) -> KeptAnswer {
    // An override is plain data and always has a JSON form; an empty object would be refused by every reader.
    let json = serde_json::to_string(after).unwrap_or_else(|_| "{}".to_owned());
    let body = format!("{{\"override\":{json},\"seq\":{{{{SEQ}}}}}}");
    order.identity().answer(200, body, now)
}
