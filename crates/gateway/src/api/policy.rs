//! Who may use a route. Every row of the route table names one of these; there is no default.

use watchfloor_wire::session::Role;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody. The handler is told who is signed in, if somebody is, and may give them more.
    Public,
    /// Who is signed in with one of these roles.
    Session(&'static [Role]),
    /// A product with its ingest key.
    IngestKey,
    /// Who holds a ticket for the feed, or a token as bearer.
    Ticket,
}

impl Policy {
    /// Whether somebody signed in with `role` is within the policy.
    #[must_use]
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Public | Self::Ticket => true,
            Self::Session(roles) => roles.contains(&role),
            Self::IngestKey => false,
        }
    }
}

/// Everybody who looks at boards.
pub const BOARD: Policy =
    Policy::Session(&[Role::Display, Role::Viewer, Role::Operator, Role::Admin]);
/// People: they also see error texts, log lines and what was written into incidents.
pub const PEOPLE: Policy = Policy::Session(READERS);
/// Those who act on incidents.
pub const OPERATORS: Policy = Policy::Session(ACTORS);

/// Those who keep accounts: they also see what everybody did.
pub const ADMINS: Policy = Policy::Session(&[Role::Admin]);

/// The roles that see error texts and log lines.
pub const READERS: &[Role] = &[Role::Viewer, Role::Operator, Role::Admin];
/// The roles that act.
pub const ACTORS: &[Role] = &[Role::Operator, Role::Admin];

/// Whether a mutation in a browser's session must prove that it comes from our own page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageProof {
    /// It must; reading needs none.
    Needed,
    /// It need not, because the route uses nobody's authority.
    NotNeeded,
}

/// What the guard needs to know of a route.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Who may use it.
    pub policy: Policy,
    /// Whether a mutation needs the page's proof.
    pub proof: PageProof,
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
}
