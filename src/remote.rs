//! A value that somebody else has: on its way, here, or failed with the last one kept.

use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::time::UnixMs;

use crate::api::ApiError;
use crate::clock::use_clock;
use crate::ui::RegionState;

/// After this long it is said that loading takes its time.
const SLOW_AFTER: Duration = Duration::from_secs(5);

/// A value fetched from the gateway.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    /// Asked for; too recent to say anything about it.
    Loading,
    /// Asked for more than five seconds ago.
    LoadingSlowly,
    /// Here.
    Ready {
        /// The value.
        value: T,
        /// When it was fetched, by the gateway's clock.
        as_of: UnixMs,
    },
    /// Not to be had.
    Failed {
        /// Why.
        error: ApiError,
        /// The value of before; `None` when there never was one.
        last: Option<T>,
    },
}

impl<T> Remote<T> {
    /// The value, also the one from before a failure.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Ready { value, .. }
            | Self::Failed {
                last: Some(value), ..
            } => Some(value),
            Self::Loading | Self::LoadingSlowly | Self::Failed { last: None, .. } => None,
        }
    }

    /// Why the newest attempt failed.
    pub const fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The state after another attempt: a failure keeps the value of before.
    #[must_use]
    pub fn after(self, answer: Result<T, ApiError>, now: UnixMs) -> Self {
        match answer {
            Ok(value) => Self::Ready { value, as_of: now },
            Err(error) => Self::Failed {
                error,
                last: self.into_value(),
            },
        }
    }

    /// Takes the value out.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Ready { value, .. } => Some(value),
            Self::Failed { last, .. } => last,
            Self::Loading | Self::LoadingSlowly => None,
        }
    }

    /// How a region shows it.
    pub fn region(&self) -> RegionState {
        match self {
            Self::Loading => RegionState::Loading,
            Self::LoadingSlowly => RegionState::LoadingSlowly,
            Self::Ready { .. } => RegionState::Ready,
            // Trying again would be refused again.
            Self::Failed { error, last: None } if error.is_forbidden() => {
                RegionState::NoPermission {
                    words: error.words(),
                }
            }
            Self::Failed { error, last } => RegionState::Failed {
                words: error.words(),
                has_last: last.is_some(),
            },
        }
    }

    /// The same state of a part of the value.
    #[must_use]
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Remote<U> {
        match self {
            Self::Loading => Remote::Loading,
            Self::LoadingSlowly => Remote::LoadingSlowly,
            Self::Ready { value, as_of } => Remote::Ready {
                value: part(value),
                as_of,
            },
            Self::Failed { error, last } => Remote::Failed {
                error,
                last: last.map(part),
            },
        }
    }
}

/// Fetches a value now, whenever `key` changes, and whenever the returned callback is run. Only the answer
/// to the newest question counts.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
pub fn fetched<T, K, F>(
    key: impl Fn() -> K + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + 'static,
) -> (Signal<Remote<T>>, Callback<()>)
where
    T: Send + Sync + 'static,
    K: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let clock = use_clock();
    let state = RwSignal::new(Remote::Loading);
    let again = RwSignal::new(());
    let newest = StoredValue::new(0_u64);
    let key = Memo::new(move |_| key());
    Effect::new(move |_| {
        let key = key.get();
        again.track();
        let mine = newest.get_value() + 1;
        newest.set_value(mine);
        let answer = fetch(key);
        // The page may be left before the answer comes; then there is nothing to put it into.
        let is_newest = move || newest.try_get_value() == Some(mine);
        set_timeout(move || grow_impatient(state, is_newest()), SLOW_AFTER);
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            if is_newest() {
                let _ = state.try_update(|state| {
                    let before = std::mem::replace(state, Remote::Loading);
                    *state = before.after(answer, clock.now_untracked());
                });
            }
        });
    });
    (state.into(), Callback::new(move |()| again.set(())))
}

fn grow_impatient<T: Send + Sync + 'static>(state: RwSignal<Remote<T>>, is_newest: bool) {
    let waits = state.try_with_untracked(|it| matches!(it, Remote::Loading));
    if is_newest && waits == Some(true) {
        state.set(Remote::LoadingSlowly);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_the_value_of_before() {
        let first = Remote::Loading.after(Ok(7), UnixMs(1));
        let then = first.after(Err(ApiError::Network), UnixMs(2));
        assert_eq!(then.value(), Some(&7));
        assert_eq!(then.error(), Some(&ApiError::Network));
    }

    #[test]
    fn a_first_failure_has_no_value() {
        let failed: Remote<u8> = Remote::LoadingSlowly.after(Err(ApiError::TimedOut), UnixMs(1));
        assert_eq!(failed.value(), None);
    }

    #[test]
    fn what_a_role_may_not_see_is_no_failure_to_try_again() {
        let refusal = watchfloor_wire::problem::Problem {
            status: 403,
            code: "forbidden".to_owned(),
            title: "Not for this role".to_owned(),
            detail: "This needs the role viewer.".to_owned(),
            errors: Vec::new(),
            current: None,
        };
        let refused = ApiError::Refused(Box::new(refusal));
        let remote: Remote<u8> = Remote::Loading.after(Err(refused), UnixMs(1));
        assert_eq!(
            remote.region(),
            RegionState::NoPermission {
                words: "This needs the role viewer.".to_owned()
            }
        );
    }
}
