//! Sessions: who a token stands for, and until when.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{DAY_MS, UnixMs};

use super::Principal;
use super::error::AuthError;
use super::secret::SecretHash;
use crate::config::gateway::Sessions as Limits;

/// A display's session ends after this long without any request, in milliseconds.
pub const DISPLAY_IDLE_MS: i64 = 30 * DAY_MS;
/// A display's session ends after this long whatever happens, in milliseconds.
pub const DISPLAY_ABSOLUTE_MS: i64 = 365 * DAY_MS;

/// A session's name: it stands in audit rows and cannot be used to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub String);

/// How a session's token comes with a request. Neither kind is taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// In the cookie: the browser sends it by itself, so mutations need proof of their page.
    Browser,
    /// As `Authorization: Bearer`: only who knows it sends it.
    Token,
}

impl SessionKind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Token => "token",
        }
    }
}

/// A session as it lives in memory.
#[derive(Clone, Debug)]
pub struct Live {
    /// Who it stands for.
    pub principal: Principal,
    /// How its token comes.
    pub kind: SessionKind,
    /// When its person last did something.
    pub active_at: UnixMs,
    /// What was last written of `active_at`.
    pub stored_active_at: UnixMs,
}

/// What a session is worth to somebody who holds its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It stands, with this role.
    Stands(Role),
    /// Its time is up.
    Expired,
    /// Somebody ended it.
    Revoked,
}

/// What ends a session, by its role and kind, in milliseconds: (without activity, whatever happens).
#[must_use]
pub fn limits_ms(role: Role, kind: SessionKind, limits: &Limits) -> (i64, i64) {
    match (role, kind) {
        (Role::Display, _) => (DISPLAY_IDLE_MS, DISPLAY_ABSOLUTE_MS),
        (_, SessionKind::Browser) => (limits.idle.ms, limits.absolute.ms),
        // A token's life was stated when it was made; nobody sits in front of a program.
        (_, SessionKind::Token) => (i64::MAX, i64::MAX),
    }
}

impl Live {
    /// Whether the session still stands at `now`.
    #[must_use]
    pub fn stands(&self, now: UnixMs, limits: &Limits) -> bool {
        let (idle_ms, _) = limits_ms(self.principal.role, self.kind, limits);
        now < self.principal.expires_at && now.since_ms(self.active_at) < idle_ms
    }

    /// Whether an ordinary request is activity: only for displays, which nobody touches.
    #[must_use]
    pub fn lives_by_requests(&self) -> bool {
        self.principal.role == Role::Display
    }
}

/// Live sessions by what is kept of their tokens, and by their names.
#[derive(Debug, Default)]
pub struct Table {
    by_token: HashMap<SecretHash, Live>,
    tokens: HashMap<SessionId, SecretHash>,
}

impl Table {
    /// Takes a session up; one with the same token is replaced.
    pub fn insert(&mut self, token: SecretHash, live: Live) {
        self.remove(&token);
        self.tokens.insert(live.principal.session.clone(), token);
        self.by_token.insert(token, live);
    }

    /// Forgets a session.
    pub fn remove(&mut self, token: &SecretHash) {
        if let Some(live) = self.by_token.remove(token) {
            self.tokens.remove(&live.principal.session);
        }
    }

    /// Forgets the sessions that `keeps` does not want.
    pub fn retain(&mut self, keeps: impl Fn(&Live) -> bool) {
        self.by_token.retain(|_, live| keeps(live));
        let Self { by_token, tokens } = self;
        tokens.retain(|_, token| by_token.contains_key(token));
    }

    /// Whether there is a session for the token.
    #[must_use]
    pub fn contains(&self, token: &SecretHash) -> bool {
        self.by_token.contains_key(token)
    }

    /// The session of a token.
    pub fn get_mut(&mut self, token: &SecretHash) -> Option<&mut Live> {
        self.by_token.get_mut(token)
    }

    /// A session by its name, with its token.
    #[must_use]
    pub fn named(&self, session: &SessionId) -> Option<(SecretHash, &Live)> {
        let token = self.tokens.get(session)?;
        Some((*token, self.by_token.get(token)?))
    }

    /// All sessions with their tokens.
    pub fn iter(&self) -> impl Iterator<Item = (&SecretHash, &Live)> {
        self.by_token.iter()
    }
}

impl FromIterator<(SecretHash, Live)> for Table {
    fn from_iter<T: IntoIterator<Item = (SecretHash, Live)>>(sessions: T) -> Self {
        let mut table = Self::default();
        for (token, live) in sessions {
            table.insert(token, live);
        }
        table
    }
}

/// Stores a session, unless its account was disabled or removed meanwhile.
pub(super) fn insert(
    db: &Connection,
    token: SecretHash,
    live: &Live,
    now: UnixMs,
) -> Result<(), AuthError> {
    let stored = db.execute(
        "INSERT INTO session (token_hash, id, account, kind, created_at, active_at, expires_at)
         SELECT ?1, ?2, name, ?4, ?5, ?5, ?6 FROM account WHERE name = ?3 AND disabled_at IS NULL",
        params![
            token,
            live.principal.session.0,
            live.principal.account,
            live.kind.word(),
            now.0,
            live.principal.expires_at.0
        ],
    )?;
    if stored == 0 {
        return Err(AuthError::Disabled(live.principal.account.clone()));
    }
    Ok(())
}

pub(super) fn touch(db: &Connection, token: SecretHash, at: UnixMs) -> Result<(), AuthError> {
    db.execute(
        "UPDATE session SET active_at = ?2 WHERE token_hash = ?1 AND active_at < ?2",
        params![token, at.0],
    )?;
    Ok(())
}

pub(super) fn delete(db: &Connection, token: SecretHash) -> Result<(), AuthError> {
    db.execute("DELETE FROM session WHERE token_hash = ?1", params![token])?;
    Ok(())
}

const COLUMNS: &str = "SELECT s.token_hash, s.id, s.account, a.display_name, a.role, s.kind,
    s.active_at, s.expires_at FROM session s JOIN account a ON a.name = s.account";

pub(super) fn load(db: &Connection, now: UnixMs) -> Result<Table, AuthError> {
    db.execute("DELETE FROM session WHERE expires_at <= ?1", [now.0])?;
    let mut query = db.prepare(COLUMNS)?;
    let rows = query.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn find(
    db: &Connection,
    token: SecretHash,
) -> Result<Option<(SecretHash, Live)>, AuthError> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} WHERE s.token_hash = ?1"))?;
    Ok(query.query_row(params![token], read).optional()?)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(SecretHash, Live)> {
    let role: String = row.get(4)?;
    let kind: String = row.get(5)?;
    let active_at = UnixMs(row.get(6)?);
    let live = Live {
        principal: Principal {
            session: SessionId(row.get(1)?),
            account: row.get(2)?,
            name: row.get(3)?,
            role: Role::parse(&role).unwrap_or(Role::Display),
            expires_at: UnixMs(row.get(7)?),
        },
        kind: match kind.as_str() {
            "token" => SessionKind::Token,
            _ => SessionKind::Browser,
        },
        active_at,
        stored_active_at: active_at,
    };
    Ok((row.get(0)?, live))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::span::Span;

    #[test]
    fn a_session_is_found_by_its_name_as_long_as_by_its_token() {
        let mut table = Table::default();
        let named = |name: &str| {
            let mut it = live(Role::Viewer, SessionKind::Browser, 0, 10);
            it.principal.session = SessionId(name.to_owned());
            it
        };
        table.insert([1; 32], named("a"));
        table.insert([2; 32], named("b"));
        table.insert([1; 32], named("c"));
        let find = |table: &Table, name: &str| {
            table
                .named(&SessionId(name.to_owned()))
                .map(|(token, _)| token)
        };
        assert_eq!(
            (find(&table, "a"), find(&table, "c")),
            (None, Some([1; 32]))
        );
        table.remove(&[1; 32]);
        assert_eq!(find(&table, "c"), None);
        table.retain(|_| false);
        assert_eq!(find(&table, "b"), None);
    }

    fn live(role: Role, kind: SessionKind, active_at: i64, expires_at: i64) -> Live {
        Live {
            principal: Principal {
                account: "a".to_owned(),
                name: "A".to_owned(),
                role,
                session: SessionId("s".to_owned()),
                expires_at: UnixMs(expires_at),
            },
            kind,
            active_at: UnixMs(active_at),
            stored_active_at: UnixMs(active_at),
        }
    }

    #[test]
    fn a_session_ends_when_idle_and_at_its_end_whatever_happens() {
        let limits = Limits {
            idle: Span::seconds(10),
            absolute: Span::seconds(100),
        };
        let (viewer, display) = (Role::Viewer, Role::Display);
        let (browser, token) = (SessionKind::Browser, SessionKind::Token);
        for (role, kind, active_at, now, stands) in [
            (viewer, browser, 0, 9_999, true),
            (viewer, browser, 0, 10_000, false),
            (viewer, browser, 95_000, 99_999, true),
            (viewer, browser, 95_000, 100_000, false),
            (viewer, token, 0, 99_999, true),
            (display, browser, 0, 99_999, true),
            (display, token, 0, 100_000, false),
        ] {
            let it = live(role, kind, active_at, 100_000);
            let text = format!("{role:?} {kind:?} {active_at} {now}");
            assert_eq!(it.stands(UnixMs(now), &limits), stands, "{text}");
        }
    }
}
