//! Sessions of [`Auth`]: opened, recognised, kept alive, revoked; and the tickets bound to them.

use tokio::sync::watch;
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use super::account::Account;
use super::error::AuthError;
use super::secret::{Secret, SecretHash, random_id};
use super::session::{self, Live, SessionId, SessionKind, Standing, limits_ms};
use super::ticket::{Bound, TICKET_LIFE_MS};
use super::{Auth, Principal, lock};

/// Activity is written to the disk at most this often, in milliseconds; a crash forgets less than that.
const STORE_ACTIVITY_EVERY_MS: i64 = MINUTE_MS;
/// Ended sessions are remembered for this long, in milliseconds, so that sockets can tell "ended" from "revoked".
const SWEEP_AFTER_MS: i64 = 5 * MINUTE_MS;
/// More live sessions than this are not opened for one account; the quietest one goes.
const MAX_SESSIONS_PER_ACCOUNT: usize = 50;

impl Auth {
    /// Opens a session for a browser.
    ///
    /// # Errors
    /// [`AuthError`] when it cannot be stored.
    pub fn open_browser_session(
        &self,
        account: &Account,
    ) -> Result<(Secret, Principal), AuthError> {
        let (_, absolute_ms) = limits_ms(account.role, SessionKind::Browser, &self.0.limits);
        self.open_session(account, SessionKind::Browser, absolute_ms)
    }

    /// Opens a session for a program, which sends its token as `Authorization: Bearer`.
    ///
    /// # Errors
    /// [`AuthError`] when it cannot be stored.
    pub fn open_token_session(
        &self,
        account: &Account,
        life_ms: i64,
    ) -> Result<(Secret, Principal), AuthError> {
        self.open_session(account, SessionKind::Token, life_ms)
    }

    fn open_session(
        &self,
        account: &Account,
        kind: SessionKind,
        life_ms: i64,
    ) -> Result<(Secret, Principal), AuthError> {
        let (now, token) = (self.0.clock.now(), Secret::random()?);
        let live = Live {
            principal: Principal {
                account: account.name.clone(),
                name: account.display_name.clone(),
                role: account.role,
                session: SessionId(random_id()?),
                expires_at: now.plus_ms(life_ms),
            },
            kind,
            active_at: now,
            stored_active_at: now,
        };
        session::insert(&lock(&self.0.db), token.hash(), &live, now)?;
        let principal = live.principal.clone();
        lock(&self.0.sessions).insert(token.hash(), live);
        self.limit_sessions(&account.name)?;
        Ok((token, principal))
    }

    fn limit_sessions(&self, account: &str) -> Result<(), AuthError> {
        let quietest = {
            let table = lock(&self.0.sessions);
            let of_account = || {
                table
                    .iter()
                    .filter(|(_, it)| it.principal.account == account)
            };
            if of_account().count() <= MAX_SESSIONS_PER_ACCOUNT {
                return Ok(());
            }
            of_account()
                .min_by_key(|(_, it)| it.active_at)
                .map(|(token, _)| *token)
        };
        quietest.map_or(Ok(()), |token| self.revoke(token))
    }

    /// Who the token stands for; `None` when it is wrong, of the other kind, ended or revoked.
    /// `is_activity` keeps the session alive (see the module's text).
    pub async fn recognise(
        &self,
        token: &Secret,
        kind: SessionKind,
        is_activity: bool,
    ) -> Option<Principal> {
        let hash = token.hash();
        if !lock(&self.0.sessions).contains(&hash) && kind == SessionKind::Token {
            self.adopt(hash).await;
        }
        self.recognise_live(hash, Some(kind), is_activity)
    }

    /// Takes up a token that the command line made while this gateway was running.
    async fn adopt(&self, hash: SecretHash) {
        let found = self.off_thread(move |auth| {
            // Held until the session is in memory, so that nobody ends it in between unnoticed.
            let db = lock(&auth.0.db);
            if let Some((hash, live)) = session::find(&db, hash)? {
                let mut table = lock(&auth.0.sessions);
                if !table.contains(&hash) {
                    table.insert(hash, live);
                }
            }
            Ok(())
        });
        if let Err(error) = found.await {
            tracing::warn!(%error, "a token could not be looked up");
        }
    }

    fn recognise_live(
        &self,
        hash: SecretHash,
        kind: Option<SessionKind>,
        is_activity: bool,
    ) -> Option<Principal> {
        let now = self.0.clock.now();
        let mut table = lock(&self.0.sessions);
        let live = table.get_mut(&hash)?;
        if kind.is_some_and(|kind| kind != live.kind) {
            return None;
        }
        if !live.stands(now, &self.0.limits) {
            return None;
        }
        if is_activity || live.lives_by_requests() {
            live.active_at = live.active_at.max(now);
            self.store_activity(hash, live, now);
        }
        Some(live.principal.clone())
    }

    fn store_activity(&self, hash: SecretHash, live: &mut Live, now: UnixMs) {
        if now.since_ms(live.stored_active_at) < STORE_ACTIVITY_EVERY_MS {
            return;
        }
        live.stored_active_at = now;
        let auth = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = session::touch(&lock(&auth.0.db), hash, now) {
                tracing::warn!(%error, "a session's activity could not be stored");
            }
        });
    }

    /// Ends a session, on the disk first, then for everyone who watches it.
    ///
    /// # Errors
    /// [`AuthError`] when the disk refuses; the session then still stands.
    pub fn revoke(&self, token: SecretHash) -> Result<(), AuthError> {
        session::delete(&lock(&self.0.db), token)?;
        lock(&self.0.sessions).remove(&token);
        self.say_revoked();
        Ok(())
    }

    /// Ends the live sessions of an account whose stored ones are gone already.
    pub(super) fn forget_account(&self, account: &str) {
        self.forget_sessions(|it| it.account == account);
    }

    /// The same for single sessions.
    pub(super) fn forget_sessions(&self, ended: impl Fn(&Principal) -> bool) {
        lock(&self.0.sessions).retain(|live| !ended(&live.principal));
        self.say_revoked();
    }

    pub(super) fn say_revoked(&self) {
        self.0.revocations.send_modify(|count| *count += 1);
    }

    /// Changes whenever any session was ended by somebody; who holds a session's name then asks
    /// [`Self::standing`].
    #[must_use]
    pub fn revocations(&self) -> watch::Receiver<u64> {
        self.0.revocations.subscribe()
    }

    /// What a session is worth now. Asking is no activity.
    #[must_use]
    pub fn standing(&self, session: &SessionId) -> Standing {
        let now = self.0.clock.now();
        let table = lock(&self.0.sessions);
        match table.named(session) {
            None => Standing::Revoked,
            Some((_, live)) if live.stands(now, &self.0.limits) => {
                Standing::Stands(live.principal.role)
            }
            Some(_) => Standing::Expired,
        }
    }

    /// Forgets sessions whose time has been up for a while, so that memory does not grow; called now and then.
    pub fn sweep(&self) {
        let then = self.0.clock.now().plus_ms(-SWEEP_AFTER_MS);
        lock(&self.0.sessions).retain(|live| live.stands(then, &self.0.limits));
    }

    /// A ticket for one socket of this session, opened from this origin.
    ///
    /// # Errors
    /// [`AuthError`] without randomness, or when the session has just ended.
    pub fn issue_ticket(&self, principal: &Principal, origin: &str) -> Result<Secret, AuthError> {
        let (now, ticket) = (self.0.clock.now(), Secret::random()?);
        let token = lock(&self.0.sessions)
            .named(&principal.session)
            .map(|(token, _)| token);
        let bound = Bound {
            session: principal.session.clone(),
            token: token.ok_or(AuthError::Stopping)?,
            origin: origin.to_owned(),
            expires_at: now.plus_ms(TICKET_LIFE_MS),
        };
        lock(&self.0.tickets).issue(&ticket, bound, now);
        Ok(ticket)
    }

    /// Uses a ticket up; `None` when it is wrong, used, late, from another origin, or its session ended.
    #[must_use]
    pub fn redeem_ticket(&self, ticket: &Secret, origin: &str) -> Option<Principal> {
        let now = self.0.clock.now();
        let bound = lock(&self.0.tickets).redeem(ticket, origin, now)?;
        self.recognise_live(bound.token, None, false)
    }
}
