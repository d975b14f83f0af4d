//! Sending what people do: locked while it is under way, done only when the gateway says so, and never guessed.

mod sender;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

pub(crate) use self::sender::{Problems, Sender};

use crate::api::{self, ApiError};
use crate::clock::steady_ms;

/// For how long it is tried to find out what became of an action, in milliseconds.
const CHECK_FOR_MS: i64 = 60_000;
/// How long to wait between two questions, in milliseconds.
const CHECK_EVERY_MS: u32 = 2_000;

/// Where the sending of a form stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sending {
    #[default]
    Idle,
    /// Under way; the form is locked.
    Busy,
    /// No answer came; it is being asked what became of it.
    Checking,
    /// Carried out.
    Done,
    /// Not carried out: the words say why, and what to do.
    Refused {
        words: String,
        /// True when somebody or something was faster.
        conflict: bool,
    },
    /// Nobody can say whether it was carried out.
    Unknown,
}

impl Sending {
    /// Refused before it was sent: without a key nothing can be sent twice safely.
    fn without_key() -> Self {
        Self::Refused {
            words: "This browser has no source of random numbers, so nothing can be sent safely."
                .to_owned(),
            conflict: false,
        }
    }

    /// Whether the form is locked.
    pub(crate) const fn is_locked(&self) -> bool {
        matches!(self, Self::Busy | Self::Checking)
    }

    /// The kind of notice, for the style sheet.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Idle | Self::Busy => "none",
            Self::Checking => "checking",
            Self::Done => "done",
            Self::Refused { conflict: true, .. } => "conflict",
            Self::Refused { .. } => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// What people read; `None` while there is nothing to say.
    pub(crate) fn words(&self) -> Option<String> {
        match self {
            Self::Idle | Self::Busy | Self::Done => None,
            Self::Checking => Some("Outcome unknown, checking.".to_owned()),
            Self::Refused { words, .. } => Some(words.clone()),
            Self::Unknown => Some(
                "No connection, so nobody can say whether this was carried out. Look at the \
                 timeline before you send it again."
                    .to_owned(),
            ),
        }
    }
}

/// What became of what was sent.
enum Outcome<T> {
    CarriedOut(Box<T>),
    Refused(ApiError),
    Open,
}

/// Sends until the outcome is known. Sending again is safe: the key stays the same.
async fn settle<T, F>(key: &str, state: RwSignal<Sending>, send: impl Fn() -> F) -> Outcome<T>
where
    T: DeserializeOwned,
    F: Future<Output = Result<T, ApiError>>,
{
    let begun = steady_ms();
    loop {
        match send().await {
            Ok(answer) => return Outcome::CarriedOut(Box::new(answer)),
            Err(error) if !error.leaves_outcome_open() => return Outcome::Refused(error),
            Err(_) => {}
        }
        let _ = state.try_set(Sending::Checking);
        match ask(key, begun).await {
            Asked::CarriedOut(answer) => return Outcome::CarriedOut(answer),
            Asked::Refused(error) => return Outcome::Refused(error),
            Asked::Never => {}
            Asked::NoAnswer => return Outcome::Open,
        }
    }
}

enum Asked<T> {
    CarriedOut(Box<T>),
    /// It came, and was refused.
    Refused(ApiError),
    /// The gateway has never heard of it.
    Never,
    NoAnswer,
}

async fn ask<T: DeserializeOwned>(key: &str, begun: i64) -> Asked<T> {
    while steady_ms() - begun < CHECK_FOR_MS {
        match api::outcome(key).await {
            Ok(Some(answer)) => return Asked::CarriedOut(Box::new(answer)),
            Ok(None) => return Asked::Never,
            // The answer of then is given again as it was.
            Err(error) if is_verdict(&error) => return Asked::Refused(error),
            Err(ApiError::SignedOut) => return Asked::NoAnswer,
            Err(_) => gloo_timers::future::TimeoutFuture::new(CHECK_EVERY_MS).await,
        }
    }
    Asked::NoAnswer
}

/// Whether this is what the gateway said about the order, and not about being asked.
fn is_verdict(error: &ApiError) -> bool {
    error
        .problem()
        .is_some_and(|it| matches!(it.status, 409 | 412 | 422))
}

/// What sending came to; empty, but there, while there is nothing to say.
#[component]
pub(crate) fn Notice(
    /// Where it stands.
    state: RwSignal<Sending>,
) -> impl IntoView {
    view! {
        <div role="status">
            {move || {
                state.with(|it| {
                    it.words().map(|words| view! {
                        <p class="mon-notice" data-kind=it.kind()>{words}</p>
                    })
                })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::problem::Problem;

    use super::*;

    fn refused(status: u16) -> ApiError {
        ApiError::Refused(Box::new(Problem {
            status,
            code: "changed".to_owned(),
            title: "Changed".to_owned(),
            detail: String::new(),
            errors: Vec::new(),
            current: None,
        }))
    }

    #[test]
    fn a_refusal_of_the_question_is_no_verdict_on_the_order() {
        assert!(is_verdict(&refused(412)));
        assert!(!is_verdict(&refused(403)));
        assert!(!is_verdict(&ApiError::SignedOut));
        assert!(!is_verdict(&ApiError::TimedOut));
    }

    #[test]
    fn only_what_is_under_way_locks_the_form() {
        assert!(Sending::Busy.is_locked() && Sending::Checking.is_locked());
        assert!(!Sending::Unknown.is_locked() && !Sending::Done.is_locked());
    }
}
