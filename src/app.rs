//! The shell: what every page needs, the bar, and the page itself.

use leptos::prelude::*;

use crate::clock::Clock;
use crate::diagnostics;
use crate::feed::FeedSignals;
use crate::route;
use crate::session;
use crate::store::Stores;

/// Mounts the console into the page.
pub fn start() {
    diagnostics::install_panic_hook();
    mount_to_body(App);
}

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    let clock = Clock::new();
    clock.start();
    provide_context(clock);
    provide_context(Stores::new());
    provide_context(FeedSignals::new());
    session::provide_session();
    let _route = route::provide_route();
    view! { <div class="mon-app"></div> }
}
