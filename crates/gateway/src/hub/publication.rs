//! One value that a few threads change and ten thousand tasks follow: the change is visible before anybody is woken,
//! and who marks before looking is woken by everything that the look did not see.
//!
//! `tests/publication.rs` runs this file and the ring under loom, which tries every order of the threads.

use std::sync::PoisonError;

use super::locks::{RwLock, RwLockReadGuard, watch};

/// The value, and the number by which its followers are woken.
#[derive(Debug)]
pub struct Publication<T> {
    value: RwLock<T>,
    head: watch::Sender<u64>,
}

/// One that is woken by changes.
#[derive(Debug)]
pub struct Follower(watch::Receiver<u64>);

impl<T> Publication<T> {
    /// A value that stands at `head`.
    #[must_use]
    pub fn new(value: T, head: u64) -> Self {
        Self {
            value: RwLock::new(value),
            head: watch::Sender::new(head),
        }
    }

    /// The value as it is now.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the value without waking anybody.
    pub fn arrange<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value, then wakes every follower. `head` says where the value stands after the change; it is asked
    /// under the same lock.
    pub fn publish<R>(&self, change: impl FnOnce(&mut T) -> R, head: impl FnOnce(&T) -> u64) -> R {
        let (done, to) = self.arrange(|value| {
            let done = change(value);
            (done, head(value))
        });
        // Outside of the lock, so that those who wake do not stand in line for it at once. Of two threads that
        // publish, the first may come second here; the head never goes back.
        self.head.send_modify(|head| *head = to.max(*head));
        done
    }

    /// Wakes every follower, who look up for themselves what it is about.
    pub fn wake(&self) {
        self.head.send_modify(|_| {});
    }

    /// Where the value stands, as followers were told last.
    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// A follower that has seen nothing yet but is not woken before the next change.
    pub fn follow(&self) -> Follower {
        Follower(self.head.subscribe())
    }
}

impl Follower {
    /// To be called before each look at the value: everything that changes after this wakes the follower again.
    pub fn mark(&mut self) {
        self.0.mark_unchanged();
    }

    /// Returns once something changed after the last mark. When the publication is gone, never: the task that waits
    /// ends with it.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}
