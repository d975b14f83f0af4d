//! Who may do what, and when: one table, used by the button and by the server.

use crate::incident::{Incident, IncidentStatus};
use crate::session::Role;
use crate::time::UnixMs;

/// What people can do to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Take it, for a lease.
    Acknowledge,
    /// Take an acknowledgement back as if it had not happened, within ten seconds.
    Undo,
    /// Hold it for longer.
    Renew,
    /// Give it back.
    Release,
    /// Offer it to somebody else, who has it once they accept.
    HandOver,
    /// Take what was offered.
    Accept,
    /// Leave what was offered with its owner.
    Decline,
    /// Take an offer back.
    Withdraw,
    /// Write into its timeline.
    Comment,
    /// Move it to somebody else, asked or not.
    Assign,
    /// Take the next escalation step now.
    Escalate,
    /// End it.
    Resolve,
    /// Let it go on in another incident, because both are the same.
    Merge,
    /// Say that another incident has to do with it.
    Link,
    /// Write down what was learned, once it is over.
    Review,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 15] = [
        Self::Acknowledge,
        Self::Undo,
        Self::Renew,
        Self::Release,
        Self::HandOver,
        Self::Accept,
        Self::Decline,
        Self::Withdraw,
        Self::Comment,
        Self::Assign,
        Self::Escalate,
        Self::Resolve,
        Self::Merge,
        Self::Link,
        Self::Review,
    ];

    /// The last part of the action's address, and its name in the audit.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Undo => "undo",
            Self::Renew => "renew",
            Self::Release => "release",
            Self::HandOver => "hand-over",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Withdraw => "withdraw",
            Self::Comment => "comment",
            Self::Assign => "assign",
            Self::Escalate => "escalate",
            Self::Resolve => "resolve",
            Self::Merge => "merge",
            Self::Link => "link",
            Self::Review => "review",
        }
    }

    /// Whether it only adds to an incident, so that it holds whatever version the person saw.
    #[must_use]
    pub const fn holds_for_any_version(self) -> bool {
        matches!(self, Self::Comment | Self::Link | Self::Review)
    }
}

/// Why an action is refused, in the words that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role may not.
    Role,
    /// Somebody has it already; the first owner is never overwritten.
    AlreadyAcknowledged,
    /// It is over, and stays so.
    Resolved,
    /// Nobody has it, so it cannot be given back or handed on.
    NotAcknowledged,
    /// It is not over yet.
    NotResolved,
    /// Moving it to somebody who was not asked needs the admin role.
    Admin,
    /// Only who has it can do this.
    NotOwner,
    /// Nothing is offered, or to somebody else, or the offer's time is over.
    NotOffered,
    /// The seconds are over, or something else happened since.
    UndoOver,
    /// Both are the same incident, or of different products.
    NotMergeable,
    /// It has as many links as it can have.
    LinksFull,
}

impl Refusal {
    /// The code in problem answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::AlreadyAcknowledged => "already_acknowledged",
            Self::Resolved => "resolved",
            Self::NotAcknowledged => "not_acknowledged",
            Self::NotResolved => "not_resolved",
            Self::Admin => "role",
            Self::NotOwner => "not_owner",
            Self::NotOffered => "not_offered",
            Self::UndoOver => "undo_over",
            Self::NotMergeable => "not_mergeable",
            Self::LinksFull => "links_full",
        }
    }

    /// One sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Role => "You can read this. Changing it needs the operator role.",
            Self::AlreadyAcknowledged => "Somebody already has this incident.",
            Self::Resolved => "This incident is resolved. A new problem opens a new incident.",
            Self::NotAcknowledged => "Nobody has this incident.",
            Self::NotResolved => "This incident is not over yet. Comment on it until it is.",
            Self::Admin => {
                "Moving an incident to somebody needs the admin role. Its owner can hand it over."
            }
            Self::NotOwner => "Only its owner can do this.",
            Self::NotOffered => "There is no offer to you, or its time is over.",
            Self::UndoOver => "It is too late to undo this. Release gives it back.",
            Self::NotMergeable => {
                "Merge into another open incident of the same product. Others can be linked."
            }
            Self::LinksFull => {
                "It has 20 links already. Link the other incidents among themselves."
            }
        }
    }
}

/// Whether an incident of this status admits the action.
///
/// # Errors
/// The [`Refusal`] that people read beside the disabled button, and that the server answers with 409.
pub const fn permits(status: IncidentStatus, action: Action) -> Result<(), Refusal> {
    use Action::{
        Accept, Acknowledge, Assign, Comment, Decline, Escalate, HandOver, Link, Merge, Release,
        Renew, Resolve, Review, Undo, Withdraw,
    };
    use IncidentStatus::{Acknowledged, Resolved, Triggered};
    match (status, action) {
        (_, Comment | Link)
        | (Resolved, Review)
        | (Triggered, Acknowledge | Escalate | Resolve | Merge)
        | (
            Acknowledged,
            Undo | Renew | Release | HandOver | Accept | Decline | Withdraw | Assign | Escalate
            | Resolve | Merge,
        ) => Ok(()),
        (Acknowledged, Acknowledge) => Err(Refusal::AlreadyAcknowledged),
        (Triggered | Acknowledged, Review) => Err(Refusal::NotResolved),
        (Triggered, Undo | Renew | Release | HandOver | Accept | Decline | Withdraw | Assign) => {
            Err(Refusal::NotAcknowledged)
        }
        (
            Resolved,
            Acknowledge | Undo | Renew | Release | HandOver | Accept | Decline | Withdraw | Assign
            | Escalate | Resolve | Merge,
        ) => Err(Refusal::Resolved),
    }
}

/// Whether this account may take the action on an incident as it stands at `now`: some are its owner's alone, and an
/// offer is for one person. To be asked once [`permits`] has said yes.
///
/// # Errors
/// [`Refusal::NotOwner`], which the server answers with 403; [`Refusal::NotOffered`] and [`Refusal::UndoOver`] with
/// 409.
pub fn permits_person(
    incident: &Incident,
    action: Action,
    account: &str,
    now: UnixMs,
) -> Result<(), Refusal> {
    let Some(lease) = &incident.lease else {
        return Ok(());
    };
    let is_owner = lease.owner == account;
    let check = |fine: bool, refusal: Refusal| if fine { Ok(()) } else { Err(refusal) };
    match action {
        Action::Renew | Action::HandOver => check(is_owner, Refusal::NotOwner),
        Action::Withdraw => {
            check(is_owner, Refusal::NotOwner)?;
            check(lease.offer.is_some(), Refusal::NotOffered)
        }
        Action::Accept | Action::Decline => {
            let offer = lease.standing_offer(now);
            let to_them = offer.is_some_and(|it| it.account == account);
            check(to_them, Refusal::NotOffered)
        }
        Action::Undo => {
            check(is_owner, Refusal::NotOwner)?;
            let undo = lease.undo.as_ref();
            let open = undo.is_some_and(|it| it.is_open(incident.version, now));
            check(open, Refusal::UndoOver)
        }
        _ => Ok(()),
    }
}

/// Whether the role may take this action at all.
///
/// # Errors
/// [`Refusal::Role`] or [`Refusal::Admin`], which the server answers with 403.
pub const fn role_permits(role: Role, action: Action) -> Result<(), Refusal> {
    match (role, action) {
        (Role::Admin, _) => Ok(()),
        (Role::Operator, Action::Assign) => Err(Refusal::Admin),
        (Role::Operator, _) => Ok(()),
        _ => Err(Refusal::Role),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_resolved_incident_admits_what_only_adds_to_it() {
        for action in Action::ALL {
            let expected = if action.holds_for_any_version() {
                Ok(())
            } else {
                Err(Refusal::Resolved)
            };
            assert_eq!(
                permits(IncidentStatus::Resolved, action),
                expected,
                "{action:?}"
            );
        }
    }

    #[test]
    fn the_first_owner_is_never_overwritten() {
        assert_eq!(
            permits(IncidentStatus::Acknowledged, Action::Acknowledge),
            Err(Refusal::AlreadyAcknowledged)
        );
    }

    #[test]
    fn only_operators_and_admins_act_and_only_admins_move_what_somebody_has() {
        for role in [Role::Display, Role::Viewer, Role::Ingest] {
            assert_eq!(role_permits(role, Action::Acknowledge), Err(Refusal::Role));
            assert_eq!(role_permits(role, Action::Assign), Err(Refusal::Role));
        }
        assert_eq!(role_permits(Role::Operator, Action::Resolve), Ok(()));
        assert_eq!(
            role_permits(Role::Operator, Action::Assign),
            Err(Refusal::Admin)
        );
        assert_eq!(role_permits(Role::Admin, Action::Assign), Ok(()));
    }

    /// Version 5, acknowledged by priya at 0 and offered to omar until 60 s.
    fn held() -> Incident {
        serde_json::from_str(
            r#"{"id":1,"version":5,"product":"p","title":"t","priority":"P1","severity":"high",
            "status":"acknowledged","opened_at":0,"respond_by":0,
            "lease":{"owner":"priya","owner_name":"Priya","note":"n","since":0,"until":90000,"scope":"severity",
            "offer":{"account":"omar","name":"Omar","at":0,"until":60000},
            "undo":{"until":10000,"version":5,"first_answer":true}}}"#,
        )
        .unwrap()
    }

    #[test]
    fn what_is_an_owners_alone_is_refused_to_others_and_an_offer_is_for_one_person() {
        use Action::{Accept, Decline, HandOver, Release, Renew, Undo, Withdraw};
        let mut it = held();
        for action in [Undo, Renew, HandOver, Withdraw] {
            assert_eq!(permits_person(&it, action, "priya", UnixMs(1)), Ok(()));
            assert_eq!(
                permits_person(&it, action, "omar", UnixMs(1)),
                Err(Refusal::NotOwner),
                "{action:?}"
            );
        }
        for action in [Accept, Decline] {
            assert_eq!(permits_person(&it, action, "omar", UnixMs(59_999)), Ok(()));
            for (who, at) in [("omar", 60_000), ("priya", 1), ("mara", 1)] {
                assert_eq!(
                    permits_person(&it, action, who, UnixMs(at)),
                    Err(Refusal::NotOffered),
                    "{who} at {at}"
                );
            }
        }
        assert_eq!(permits_person(&it, Release, "mara", UnixMs(1)), Ok(()));
        assert_eq!(permits_person(&it, Undo, "priya", UnixMs(9_999)), Ok(()));
        let late = permits_person(&it, Undo, "priya", UnixMs(10_000));
        assert_eq!(late, Err(Refusal::UndoOver));
        it.version += 1;
        let after_something = permits_person(&it, Undo, "priya", UnixMs(1));
        assert_eq!(after_something, Err(Refusal::UndoOver));
    }
}
