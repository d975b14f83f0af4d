//! Why a feed is over until somebody acts, in words.

use watchfloor_wire::feed::close;

/// Why it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The page got what it cannot read.
    Unreadable(Remedy),
    /// The gateway could not read what the page sent.
    Misunderstood(Remedy),
    /// The gateway speaks another version of the protocol.
    Version,
    /// Too many pages are open.
    TooMany,
    /// The account may not see the board.
    Forbidden,
    /// The gateway gave a final code that this page does not know.
    Unknown,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The page reloads by itself.
    Reloads,
    /// That was tried, or cannot be remembered: somebody has to.
    Somebody,
}

impl Ending {
    /// What a final close code means.
    #[must_use]
    pub const fn of_code(code: u16) -> Self {
        match code {
            close::LIMIT => Self::TooMany,
            close::VERSION => Self::Version,
            close::MALFORMED => Self::Misunderstood(Remedy::Somebody),
            _ => Self::Unknown,
        }
    }

    /// Whether the page reloads by itself.
    #[must_use]
    pub const fn reloads(self) -> bool {
        matches!(
            self,
            Self::Unreadable(Remedy::Reloads) | Self::Misunderstood(Remedy::Reloads)
        )
    }

    /// Why and what to do, in a sentence or two.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unreadable(Remedy::Reloads) => {
                "This page could not read what the gateway sent. It shows what it last knew, and reloads in a moment."
            }
            Self::Unreadable(Remedy::Somebody) => {
                "This page could not read what the gateway sent. It shows what it last knew. Reload it; if that does \
                 not help, tell whoever looks after the gateway."
            }
            Self::Misunderstood(Remedy::Reloads) => {
                "The gateway could not read what this page sent. It shows what it last knew, and reloads in a moment."
            }
            Self::Misunderstood(Remedy::Somebody) => {
                "The gateway could not read what this page sent. It shows what it last knew. Reload it; if that does \
                 not help, tell whoever looks after the gateway."
            }
            Self::Version => "The gateway speaks a newer version. Reload this page.",
            Self::TooMany => {
                "Too many pages of this account are open. Close some, then reload this one."
            }
            Self::Forbidden => "This account may not see the board. Sign in with another one.",
            Self::Unknown => "The gateway ended the feed. Reload this page.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Remedy, close};

    #[test]
    fn only_a_page_that_will_do_it_says_that_it_reloads() {
        for remedy in [Remedy::Reloads, Remedy::Somebody] {
            for ending in [Ending::Unreadable(remedy), Ending::Misunderstood(remedy)] {
                let says_so = ending.reason().contains("reloads in a moment");
                assert_eq!(says_so, ending.reloads(), "{ending:?}");
                assert_eq!(ending.reason().contains("Reload it"), !says_so);
            }
        }
    }

    #[test]
    fn each_final_code_has_its_words() {
        assert_eq!(Ending::of_code(close::LIMIT), Ending::TooMany);
        assert_eq!(Ending::of_code(close::VERSION), Ending::Version);
        assert_eq!(Ending::of_code(4999), Ending::Unknown);
    }
}
