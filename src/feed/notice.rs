//! Says on the page itself that the feed is over, and what to do.

use leptos::prelude::*;

use super::{FeedState, use_feed};
use crate::ui::{Button, ButtonKind};

/// Why the feed is over, with a way to load the page again; nothing while it is not.
#[component]
pub fn FeedNotice() -> impl IntoView {
    let state = use_feed();
    let ending = Memo::new(move |_| {
        state.with(|it| match it {
            FeedState::Ended { ending } => Some(*ending),
            _ => None,
        })
    });
    let reload = Callback::new(|()| {
        // A page that is being left already cannot be reloaded, and need not be.
        let _ = window().location().reload();
    });
    move || {
        ending.get().map(|ending| {
            view! {
                <div class="mon-feed-notice" role="alert">
                    <p>{ending.reason()}</p>
                    <Button kind=ButtonKind::Secondary on_click=reload>"Reload"</Button>
                </div>
            }
        })
    }
}
