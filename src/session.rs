//! Who is signed in, and what they may do.

use leptos::prelude::*;
use watchfloor_wire::permits::{Action, Refusal, role_permits};
use watchfloor_wire::session::Session;

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

/// Hands the session to everything below the caller.
pub(crate) fn provide_session() -> SessionHolder {
    let holder = SessionHolder(RwSignal::new(SessionState::Checking));
    provide_context(holder);
    holder
}

/// Whether somebody is signed in.
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
    Signal::derive(move || match state.get() {
        SessionState::SignedIn(session) => Some(session),
        SessionState::Checking | SessionState::SignedOut => None,
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
