//! Signing in, for the first time and after.

use super::account::{self, Account};
use super::error::AuthError;
use super::secret::Secret;
use super::session::SessionKind;
use super::{Auth, Principal, lock};

/// What became of an attempt to sign in.
#[derive(Debug)]
pub enum SignIn {
    /// The token for the browser, and who it stands for.
    Done(Secret, Principal),
    /// No such account, no password yet, or a wrong one: it is not said which.
    Refused,
    /// Too many tries; wait this long, in milliseconds.
    Wait(i64),
}

/// What became of a first login.
#[derive(Debug)]
pub enum FirstLogin {
    /// The token for the browser, and who it stands for.
    Done(Secret, Principal),
    /// The link is wrong, used or past its time.
    BadLink,
    /// Too many tries; wait this long, in milliseconds.
    Wait(i64),
}

impl Auth {
    /// Signs in with a password. `address` is where the request came from, for counting tries.
    ///
    /// # Errors
    /// [`AuthError`] when the database or the machine fails.
    pub async fn sign_in(
        &self,
        name: &str,
        password: String,
        address: &str,
    ) -> Result<SignIn, AuthError> {
        let pair = format!("{name} {address}");
        if let Err(wait_ms) = lock(&self.0.throttle).attempt(&pair, self.0.clock.now()) {
            return Ok(SignIn::Wait(wait_ms));
        }
        let wanted = name.to_owned();
        let account = self
            .off_thread(move |auth| account::find(&lock(&auth.0.db), &wanted))
            .await?;
        let stored = account.as_ref().and_then(|it| it.password_hash.clone());
        let right = self.0.passwords.matches(password, stored).await?;
        let Some(account) = account.filter(|it| right && !it.disabled) else {
            return Ok(SignIn::Refused);
        };
        lock(&self.0.throttle).succeeded(&pair);
        let (token, principal) = self
            .off_thread(move |auth| auth.open_browser_session(&account))
            .await?;
        Ok(SignIn::Done(token, principal))
    }

    /// Sets an account's name and password by its link, ends its other sessions, and signs in.
    ///
    /// # Errors
    /// [`AuthError`] when the database or the machine fails.
    pub async fn first_login(
        &self,
        token: &Secret,
        display_name: String,
        password: String,
        address: &str,
    ) -> Result<FirstLogin, AuthError> {
        let (pair, now) = (format!("first-login {address}"), self.0.clock.now());
        if let Err(wait_ms) = lock(&self.0.throttle).attempt(&pair, now) {
            return Ok(FirstLogin::Wait(wait_ms));
        }
        let hash = token.hash();
        let open = self
            .off_thread(move |auth| account::first_login_is_open(&lock(&auth.0.db), hash, now))
            .await?;
        if !open {
            return Ok(FirstLogin::BadLink);
        }
        let password_hash = self.0.passwords.hash(password).await?;
        let account = self
            .off_thread(move |auth| {
                let db = &mut lock(&auth.0.db);
                account::take_first_login(db, hash, &display_name, &password_hash, now)
            })
            .await?;
        let Some(account) = account else {
            return Ok(FirstLogin::BadLink);
        };
        lock(&self.0.throttle).succeeded(&pair);
        self.welcome(account).await
    }

    async fn welcome(&self, account: Account) -> Result<FirstLogin, AuthError> {
        self.forget_account(&account.name);
        let (token, principal) = self
            .off_thread(move |auth| auth.open_browser_session(&account))
            .await?;
        Ok(FirstLogin::Done(token, principal))
    }

    /// Ends the session of the token that a request came with.
    ///
    /// # Errors
    /// [`AuthError`] when the disk refuses; the session then still stands.
    pub async fn sign_out(&self, token: &Secret, kind: SessionKind) -> Result<(), AuthError> {
        if self.recognise(token, kind, false).await.is_none() {
            return Ok(());
        }
        let hash = token.hash();
        self.off_thread(move |auth| auth.revoke(hash)).await
    }
}
