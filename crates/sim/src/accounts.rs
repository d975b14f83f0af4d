//! Sessions and tickets as the gateway's API hands them out: who may see what, and until when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::hub::{Access, Visitor};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

/// A session's place.
pub type SessionId = usize;

/// Somebody who is signed in, or was.
#[derive(Clone, Debug)]
pub struct Session {
    /// The account.
    pub account: String,
    /// What it may do.
    pub role: Role,
    /// When it was given that role, on the monotonic clock.
    pub role_since_ms: i64,
    /// When it ends, by the gateway's clock.
    pub expires_at: UnixMs,
    /// When somebody ended it, on the monotonic clock.
    pub revoked_ms: Option<i64>,
}

/// All sessions there ever were; a clone is the same list. They are on disk, so they outlive the gateway.
#[derive(Clone, Debug, Default)]
pub struct Accounts(Arc<Mutex<Vec<Session>>>);

impl Accounts {
    /// Signs somebody in.
    pub fn sign_in(&self, account: &str, role: Role, expires_at: UnixMs) -> SessionId {
        let mut sessions = self.list();
        sessions.push(Session {
            account: account.to_owned(),
            role,
            role_since_ms: i64::MIN / 2,
            expires_at,
            revoked_ms: None,
        });
        sessions.len() - 1
    }

    /// The session as it is.
    #[must_use]
    pub fn get(&self, id: SessionId) -> Session {
        self.list()[id].clone()
    }

    /// Gives the account behind a session another role.
    pub fn set_role(&self, id: SessionId, role: Role, now_ms: i64) {
        let mut sessions = self.list();
        let session = &mut sessions[id];
        if session.role != role {
            (session.role, session.role_since_ms) = (role, now_ms);
        }
    }

    /// Ends a session.
    pub fn revoke(&self, id: SessionId, now_ms: i64) {
        self.list()[id].revoked_ms.get_or_insert(now_ms);
    }

    /// What the session is worth at `now`.
    #[must_use]
    pub fn access(&self, id: SessionId, now: UnixMs) -> Access {
        let session = self.get(id);
        if session.revoked_ms.is_some() {
            Access::Revoked
        } else if session.expires_at <= now {
            Access::Expired
        } else {
            Access::Granted(session.role)
        }
    }

    /// The session as the hub wants it.
    #[must_use]
    pub fn visitor(&self, id: SessionId) -> Visitor {
        let session = self.get(id);
        Visitor {
            account: session.account,
            address: None,
            role: session.role,
            expires_at: session.expires_at,
        }
    }

    /// The question that the hub asks of a session.
    #[must_use]
    pub fn asker(&self, id: SessionId, clock: Clock) -> Arc<dyn Fn() -> Access + Send + Sync> {
        let accounts = self.clone();
        Arc::new(move || accounts.access(id, clock.now()))
    }

    fn list(&self) -> MutexGuard<'_, Vec<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
