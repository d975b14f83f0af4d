//! Who is signed in, and what they may do.

mod activity;
mod first_login;
mod sign_in;

pub(crate) use activity::tell_of_activity;
pub use first_login::FirstLoginPage;
pub use sign_in::SignIn;

use leptos::prelude::*;
use watchfloor_wire::permits::{Action, Refusal, role_permits};
use watchfloor_wire::session::Session;

use crate::api::{self, ApiError};
use crate::lasting::forget_reader;
use crate::ui::use_toasts;

/// Whether somebody is signed in.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionState {
    /// Not asked yet.
    Checking,
    /// Nobody is.
    SignedOut,
    /// Somebody is.
    SignedIn(Session),
}

#[derive(Clone, Copy)]
pub(crate) struct SessionHolder(pub(crate) RwSignal<SessionState>);

impl SessionHolder {
    pub(crate) fn set(self, state: SessionState) {
        self.0.set(state);
    }

    /// Asks the gateway who is signed in. When it cannot be reached nothing changes: the feed says so.
    pub(crate) fn refresh(self) {
        self.refresh_then(|_| ());
    }

    /// As [`Self::refresh`]; `then` gets whether somebody may be signed in.
    pub(crate) fn refresh_then(self, then: impl FnOnce(bool) + 'static) {
        leptos::task::spawn_local(async move {
            let answer = api::session().await;
            let somebody = !matches!(answer, Ok(None));
            if let Ok(session) = answer {
                let state = session.map_or(SessionState::SignedOut, SessionState::SignedIn);
                if self.0.with_untracked(|old| *old != state) {
                    self.set(state);
                }
            }
            then(somebody);
        });
    }

    /// As [`Self::refresh`], unless somebody is signed in already.
    pub(crate) fn refresh_unless_known(self) {
        if !matches!(self.0.get_untracked(), SessionState::SignedIn(_)) {
            self.refresh();
        }
    }
}

/// Whether signing out is under way, and what begins it. `then` runs when the session has ended.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
pub(crate) fn use_sign_out(
    then: impl Fn() + Clone + 'static,
) -> (ReadSignal<bool>, impl Fn() + Clone + 'static) {
    let holder = expect_context::<SessionHolder>();
    let toasts = use_toasts();
    let (busy, set_busy) = signal(false);
    let begin = move || {
        if busy.get_untracked() {
            return;
        }
        set_busy.set(true);
        let then = then.clone();
        leptos::task::spawn_local(async move {
            let answer = api::sign_out().await;
            // The menu may be gone by now.
            let _ = set_busy.try_set(false);
            match answer {
                Ok(()) | Err(ApiError::SignedOut) => {
                    holder.set(SessionState::SignedOut);
                    then();
                }
                Err(error) => toasts.say(format!("Still signed in. {}", error.words())),
            }
        });
    };
    (busy, begin)
}

/// Hands the session to everything below the caller.
pub(crate) fn provide_session() -> SessionHolder {
    let holder = SessionHolder(RwSignal::new(SessionState::Checking));
    provide_context(holder);
    holder
}

/// Whether somebody is signed in, for what lives as long as the page.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_session_state() -> Signal<SessionState> {
    expect_context::<SessionHolder>().0.into()
}

/// Who is signed in; `None` when nobody is, or while that is not known.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_session() -> Signal<Option<Session>> {
    let SessionHolder(state) = expect_context();
    Signal::derive(move || {
        forget_reader(&state);
        match state.get() {
            SessionState::SignedIn(session) => Some(session),
            SessionState::Checking | SessionState::SignedOut => None,
        }
    })
}

/// Whether who is signed in may do this to incidents at all, and why not.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn may(action: Action) -> Signal<Result<(), Refusal>> {
    let session = use_session();
    Signal::derive(move || {
        session
            .get()
            .map_or(Err(Refusal::Role), |it| role_permits(it.role, action))
    })
}
