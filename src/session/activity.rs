//! Keeping the session alive while somebody uses the page, and only then.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;

use super::SessionHolder;
use crate::api;
use crate::feed::Feed;

/// Somebody who only looks makes no requests; at most this often the gateway is told that they are there.
const TELL_EVERY: Duration = Duration::from_secs(240);

/// Watches for keys and pointers as long as the page lives.
pub(crate) fn tell_of_activity(holder: SessionHolder, feed: Feed) {
    // The handles would only remove the listeners, which live as long as the page.
    let _ = window_event_listener(ev::pointerdown, |_| api::somebody_acted());
    let _ = window_event_listener(ev::keydown, |_| api::somebody_acted());
    set_interval(
        move || {
            if api::has_somebody_acted() {
                holder.refresh_then(move |somebody| {
                    if !somebody {
                        feed.session_ended();
                    }
                });
            }
        },
        TELL_EVERY,
    );
}
