//! A page that could not read what it was sent reloads once: a newer console may be able to. That it did is remembered
//! for the tab and this build, because reloading again and again helps nobody.

use leptos::prelude::window;
use web_sys::Storage;

use super::ending::Remedy;
use crate::diagnostics;

const KEY: &str = "watchfloor-unreadable";

/// Whether the page may reload by itself; notes that it will.
pub(super) fn claim() -> Remedy {
    // Storage may be switched off, full, or forbidden to a page in a frame. Then nothing can be remembered.
    let storage = window().session_storage().ok().flatten();
    storage.map_or(Remedy::Somebody, |it| {
        claim_in(&it, &diagnostics::build()).unwrap_or(Remedy::Somebody)
    })
}

fn claim_in(storage: &Storage, build: &str) -> Option<Remedy> {
    let noted = storage.get_item(KEY).ok()?;
    if remedy(noted.as_deref(), build) == Remedy::Reloads {
        storage.set_item(KEY, build).ok()?;
        let kept = storage.get_item(KEY).ok()??;
        return (kept == build).then_some(Remedy::Reloads);
    }
    Some(Remedy::Somebody)
}

/// What is left to do for a page of this build when the tab has noted that one of `noted` reloaded.
fn remedy(noted: Option<&str>, build: &str) -> Remedy {
    if noted == Some(build) {
        Remedy::Somebody
    } else {
        Remedy::Reloads
    }
}

#[cfg(test)]
mod tests {
    use super::{Remedy, remedy};

    #[test]
    fn a_build_reloads_once_and_the_next_one_may_again() {
        assert_eq!(remedy(None, "b1"), Remedy::Reloads);
        assert_eq!(remedy(Some("b1"), "b1"), Remedy::Somebody);
        assert_eq!(remedy(Some("b1"), "b2"), Remedy::Reloads);
        assert_eq!(remedy(Some(""), ""), Remedy::Somebody);
    }
}
