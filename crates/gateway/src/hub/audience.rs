//! Classes of roles that may see the same things, so that each frame is written once for all of them.

use watchfloor_wire::entity::Key;
use watchfloor_wire::feed::Op;
use watchfloor_wire::session::Role;

/// Who a frame or snapshot is prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// People with an account: viewers, operators, admins.
    Everything,
    /// Boards that everyone who walks past can read.
    Display,
}

impl Audience {
    /// All audiences, in the order of [`Self::index`].
    pub const ALL: [Self; 2] = [Self::Everything, Self::Display];

    /// The audience of a role; `None` for a role that sees nothing.
    #[must_use]
    pub const fn of(role: Role) -> Option<Self> {
        match role {
            Role::Viewer | Role::Operator | Role::Admin => Some(Self::Everything),
            Role::Display => Some(Self::Display),
            Role::Ingest => None,
        }
    }

    /// The place of what is prepared for this audience.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Everything => 0,
            Self::Display => 1,
        }
    }

    /// The epoch as this audience is told it. What an audience may not see is not in its copy, so the copy of
    /// one is not a beginning of the other's: a cursor is good for its own audience alone. A client whose role
    /// changed while it was away is found out by it.
    #[must_use]
    pub fn epoch(self, epoch: &str) -> String {
        match self {
            Self::Everything => epoch.to_owned(),
            Self::Display => format!("{epoch}-display"),
        }
    }

    /// Whether `told` is what some audience is told of `epoch`.
    #[must_use]
    pub fn is_told(told: &str, epoch: &str) -> bool {
        Self::ALL.into_iter().any(|it| it.epoch(epoch) == told)
    }

    /// Whether this audience may see the entity under `key`. Keys of unknown kinds are hidden, because
    /// nobody has said who may see them.
    #[must_use]
    pub fn sees(self, key: &Key) -> bool {
        let role = match self {
            Self::Everything => Role::Viewer,
            Self::Display => Role::Display,
        };
        key.kind().is_some_and(|kind| kind.visible_to(role))
    }

    /// Whether this audience may see an operation.
    #[must_use]
    pub fn sees_op(self, op: &Op) -> bool {
        self.sees(&op.k)
    }
}

#[cfg(test)]
mod tests {
    use super::Audience;
    use watchfloor_wire::entity::{Key, Kind};
    use watchfloor_wire::session::Role;

    #[test]
    fn a_role_sees_exactly_what_its_audience_sees() {
        for role in [
            Role::Viewer,
            Role::Operator,
            Role::Admin,
            Role::Display,
            Role::Ingest,
        ] {
            for kind in Kind::ALL {
                let key = Key::new(kind, &"x");
                let seen = Audience::of(role).is_some_and(|audience| audience.sees(&key));
                assert_eq!(seen, kind.visible_to(role), "{role:?} {kind:?}");
            }
        }
    }

    #[test]
    fn a_kind_from_the_future_is_hidden() {
        let key = Key::from_wire("secret/1".to_owned());
        for audience in Audience::ALL {
            assert!(!audience.sees(&key));
        }
    }
}
