//! Who may do what, and when: one table, used by the button and by the server.

use crate::incident::IncidentStatus;
use crate::session::Role;

/// What people can do to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Take it, for a lease.
    Acknowledge,
    /// Give it back.
    Release,
    /// Write into its timeline.
    Comment,
    /// Hand it to somebody else.
    Assign,
    /// Take the next escalation step now.
    Escalate,
    /// End it.
    Resolve,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 6] = [
        Self::Acknowledge,
        Self::Release,
        Self::Comment,
        Self::Assign,
        Self::Escalate,
        Self::Resolve,
    ];

    /// The last part of the action's address, and its name in the audit.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Release => "release",
            Self::Comment => "comment",
            Self::Assign => "assign",
            Self::Escalate => "escalate",
            Self::Resolve => "resolve",
        }
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
        }
    }
}

/// Whether an incident of this status admits the action.
///
/// # Errors
/// The [`Refusal`] that people read beside the disabled button, and that the server answers with 409.
pub const fn permits(status: IncidentStatus, action: Action) -> Result<(), Refusal> {
    use Action::{Acknowledge, Assign, Comment, Escalate, Release, Resolve};
    use IncidentStatus::{Acknowledged, Resolved, Triggered};
    match (status, action) {
        (_, Comment)
        | (Triggered, Acknowledge | Escalate | Resolve)
        | (Acknowledged, Release | Assign | Escalate | Resolve) => Ok(()),
        (Acknowledged, Acknowledge) => Err(Refusal::AlreadyAcknowledged),
        (Triggered, Release | Assign) => Err(Refusal::NotAcknowledged),
        (Resolved, Acknowledge | Release | Assign | Escalate | Resolve) => Err(Refusal::Resolved),
    }
}

/// Whether the role may act on incidents at all.
///
/// # Errors
/// [`Refusal::Role`], which the server answers with 403.
pub const fn role_permits(role: Role, _action: Action) -> Result<(), Refusal> {
    match role {
        Role::Operator | Role::Admin => Ok(()),
        Role::Display | Role::Viewer | Role::Ingest => Err(Refusal::Role),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolved_incident_admits_comments_only() {
        for action in Action::ALL {
            let expected = if action == Action::Comment {
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
    fn only_operators_and_admins_act() {
        for role in [Role::Display, Role::Viewer, Role::Ingest] {
            assert_eq!(role_permits(role, Action::Acknowledge), Err(Refusal::Role));
        }
        assert_eq!(role_permits(Role::Operator, Action::Resolve), Ok(()));
    }
}
