//! A value that somebody else has: on its way, here, or failed with the last one kept.

use watchfloor_wire::time::UnixMs;

use crate::api::ApiError;

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
}
