//! The receiving ends of notifications: a Slack, a Discord, a webhook, an Alertmanager receiver and a mail server that
//! keep what they get, say what is wrong with it, and can be told to misbehave.

mod http;
mod shape;
mod smtp;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::world::Clock;

pub use http::routes;
pub use smtp::serve;

/// Things kept at most; the oldest go first.
const MAX_KEPT: usize = 500;

/// How a receiver behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// It takes what is right.
    #[default]
    Well,
    /// It answers 500.
    Error,
    /// It answers 429 and asks for two seconds of peace.
    Busy,
    /// It sends elsewhere: to where a cloud keeps its secrets.
    Redirect,
    /// It takes the request and never answers.
    Hang,
}

/// One thing that came.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// The receiver, for example `slack/assistant`.
    pub receiver: String,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// The notification's id, as the sender told it.
    pub id: String,
    /// What is wrong with it; empty when nothing is.
    pub problems: Vec<String>,
    /// What it was answered: an HTTP or SMTP status.
    pub answered: u16,
    /// The body, or the mail as text.
    pub body: Value,
}

/// All receivers; a clone is the same ones.
#[derive(Clone)]
pub struct Receivers {
    shared: Arc<Shared>,
}

struct Shared {
    kept: Mutex<VecDeque<Received>>,
    moods: Mutex<BTreeMap<String, Mood>>,
    /// Changes with each mood, so that who hangs is let go.
    changed: watch::Sender<u64>,
    webhook_key: Option<String>,
    clock: Clock,
}

impl Receivers {
    /// Nothing came yet, and everybody is well. Signatures are checked with `webhook_key`; without one, none is.
    #[must_use]
    pub fn new(webhook_key: Option<String>, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared {
                kept: Mutex::default(),
                moods: Mutex::default(),
                changed: watch::channel(0).0,
                webhook_key,
                clock,
            }),
        }
    }

    /// What came, oldest first; for one receiver only when it is named.
    #[must_use]
    pub fn received(&self, receiver: Option<&str>) -> Vec<Received> {
        let is_asked = |it: &&Received| receiver.is_none_or(|asked| it.receiver == asked);
        self.kept().iter().filter(is_asked).cloned().collect()
    }

    /// Forgets what came.
    pub fn forget(&self) {
        self.kept().clear();
    }

    /// From now on the receiver behaves like this; `*` is every receiver.
    pub fn set_mood(&self, receiver: &str, mood: Mood) {
        let moods = &self.shared.moods;
        let mut moods = moods.lock().unwrap_or_else(PoisonError::into_inner);
        if receiver == "*" {
            moods.clear();
        }
        moods.insert(receiver.to_owned(), mood);
        drop(moods);
        self.shared.changed.send_modify(|count| *count += 1);
    }

    fn mood(&self, receiver: &str) -> Mood {
        let moods = &self.shared.moods;
        let moods = moods.lock().unwrap_or_else(PoisonError::into_inner);
        let own = moods.get(receiver).or_else(|| moods.get("*"));
        own.copied().unwrap_or_default()
    }

    /// Waits until the receiver no longer hangs.
    async fn let_go(&self, receiver: &str) {
        let mut changed = self.shared.changed.subscribe();
        while self.mood(receiver) == Mood::Hang {
            // The receivers outlive their answers; were they gone, there would be nobody to answer.
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    fn keep(&self, mut received: Received) {
        received.at = (self.shared.clock)();
        let mut kept = self.kept();
        if kept.len() >= MAX_KEPT {
            kept.pop_front();
        }
        kept.push_back(received);
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.shared
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
