//! What became of a press: a test, or sending again. It is told as the gateway tells it, to the end.

use leptos::prelude::*;
use watchfloor_wire::notification::{Notification, NotificationState};

use crate::api::{self, ApiError};
use crate::clock::steady_ms;

/// For how long it is asked what became of it, in milliseconds.
const ASK_FOR_MS: i64 = 30_000;
/// How long to wait between two questions, in milliseconds.
const ASK_EVERY_MS: u32 = 600;

/// Where a press stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Pressing {
    /// Nobody pressed.
    #[default]
    Idle,
    /// On its way to the gateway.
    Busy,
    /// The gateway has it; this is how it stands.
    Told(Notification),
    /// The gateway refused it, in these words.
    Refused(String),
    /// No answer came, and the same request goes on being asked.
    Unknown,
}

/// What is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A test of this channel.
    Test(String),
    /// The notification of this id once more.
    Retry(String),
}

impl Pressing {
    pub(super) fn is_locked(&self) -> bool {
        match self {
            Self::Busy | Self::Unknown => true,
            Self::Told(it) => !it.state.is_final() && it.attempts == 0,
            Self::Idle | Self::Refused(_) => false,
        }
    }

    /// `ok`, `bad` or `busy`, for the style sheet.
    pub(super) fn slug(&self) -> &'static str {
        match self {
            Self::Told(it) if it.state == NotificationState::Delivered => "ok",
            Self::Told(it) if it.state.is_final() || !it.reason.is_empty() => "bad",
            Self::Refused(_) => "bad",
            _ => "busy",
        }
    }

    /// What people read; `None` while there is nothing to say.
    pub(super) fn words(&self) -> Option<String> {
        match self {
            Self::Idle => None,
            Self::Busy => Some("Sending…".to_owned()),
            Self::Unknown => Some("No answer yet; asking again.".to_owned()),
            Self::Refused(words) => Some(words.clone()),
            Self::Told(it) => Some(outcome(it)),
        }
    }
}

/// How a notification stands, in words.
pub(super) fn outcome(it: &Notification) -> String {
    let reason = &it.reason;
    match it.state {
        NotificationState::Delivered => match it.took_ms {
            Some(ms) => format!("Delivered after {}", took(ms)),
            None => "Delivered".to_owned(),
        },
        NotificationState::Dead if it.attempts > 1 => {
            format!("Given up after {} tries: {reason}", it.attempts)
        }
        NotificationState::Dead => format!("Given up: {reason}"),
        NotificationState::Waiting if it.attempts > 0 => {
            format!("Failed, tried again: {reason}")
        }
        state if reason.is_empty() => state.word().to_owned(),
        state => format!("{}: {reason}", state.word()),
    }
}

fn took(ms: i64) -> String {
    if ms < 1_000 {
        return format!("{ms} ms");
    }
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

/// Sends it under one key, and follows it to its end.
pub(super) fn press(what: What, state: RwSignal<Pressing>, look: Callback<()>) {
    if state.with_untracked(Pressing::is_locked) {
        return;
    }
    let Some(key) = api::idempotency_key() else {
        let words = "This browser has no source of random numbers, so nothing can be sent safely.";
        state.set(Pressing::Refused(words.to_owned()));
        return;
    };
    state.set(Pressing::Busy);
    leptos::task::spawn_local(async move {
        follow(what, &key, state).await;
        // Nobody is left to be shown anything when the page was left meanwhile.
        if state.try_get_untracked().is_some() {
            look.run(());
        }
    });
}

async fn follow(what: What, key: &str, state: RwSignal<Pressing>) {
    let until_ms = steady_ms() + ASK_FOR_MS;
    let mut told = loop {
        // The same key, so that it is done once however often it is asked.
        let answer = match &what {
            What::Test(channel) => api::test_channel(channel, key).await,
            What::Retry(id) => api::retry_notification(id, key).await,
        };
        match answer {
            Ok(answer) => break answer.notification,
            Err(ApiError::Network | ApiError::TimedOut) if steady_ms() < until_ms => {
                show(state, Pressing::Unknown);
                gloo_timers::future::TimeoutFuture::new(ASK_EVERY_MS).await;
            }
            Err(error) => return show(state, Pressing::Refused(error.words())),
        }
    };
    while !told.state.is_final() && steady_ms() < until_ms {
        show(state, Pressing::Told(told.clone()));
        gloo_timers::future::TimeoutFuture::new(ASK_EVERY_MS).await;
        // A question that is not answered is asked again.
        if let Ok(now) = api::notification(&told.id).await {
            told = now;
        }
    }
    show(state, Pressing::Told(told));
}

fn show(state: RwSignal<Pressing>, pressing: Pressing) {
    // The page may have been left.
    let _ = state.try_set(pressing);
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::notification::NotificationKind;
    use watchfloor_wire::time::UnixMs;

    fn told(state: NotificationState, attempts: u32, reason: &str) -> Notification {
        Notification {
            id: "test-1".to_owned(),
            channel: "slack".to_owned(),
            kind: NotificationKind::Test,
            state,
            incident: None,
            product: None,
            text: "Test".to_owned(),
            at: UnixMs(0),
            attempts,
            next_at: None,
            settled_at: None,
            took_ms: (state == NotificationState::Delivered).then_some(600),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_test_is_said_to_work_only_when_it_was_delivered() {
        for (it, slug, words) in [
            (told(NotificationState::Waiting, 0, ""), "busy", "Waiting"),
            (told(NotificationState::Sending, 1, ""), "busy", "Sending"),
            (
                told(NotificationState::Delivered, 1, ""),
                "ok",
                "Delivered after 600 ms",
            ),
            (
                told(NotificationState::Waiting, 1, "it answers 500"),
                "bad",
                "Failed, tried again: it answers 500",
            ),
            (
                told(NotificationState::Dead, 3, "it answers 500"),
                "bad",
                "Given up after 3 tries: it answers 500",
            ),
            (
                told(NotificationState::Muted, 0, "muted by X"),
                "bad",
                "Muted: muted by X",
            ),
        ] {
            let pressing = Pressing::Told(it);
            assert_eq!(pressing.slug(), slug, "{words}");
            assert_eq!(pressing.words().as_deref(), Some(words));
        }
    }
}
