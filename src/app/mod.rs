//! The shell: what every page needs, the bar, and the page itself.

mod account;
mod announce;
mod bar;
mod chunk;
mod cover;
mod keyboard;
mod shortcuts;
mod title;

use leptos::prelude::*;

use self::chunk::Chunk;
use crate::clock::Clock;
use crate::diagnostics;
use crate::embed;
use crate::feed::driver::Surroundings;
use crate::feed::{Feed, FeedSignals, is_stale};
use crate::health::OverviewPage;
use crate::incidents;
use crate::route::{self, AuditFilter, Link, LogFilter, Route};
use crate::session::{self, SessionHolder, SessionState};
use crate::silences;
use crate::store::Stores;
use crate::ui::{Empty, ToastHost, provide_toasts};

/// Mounts the console into the page.
pub fn start() {
    diagnostics::install_panic_hook();
    mount_to_body(App);
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
}

/// What fills the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Screen {
    FirstLogin,
    SignIn,
    Wall,
    Console,
}

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    let route = provide_everything();
    let session = session::use_session_state();
    let stores = crate::store::use_stores();
    let stale = is_stale();
    let signed_out = Memo::new(move |_| session.with(|it| *it == SessionState::SignedOut));
    let screen = Memo::new(move |_| {
        let first_login = route.with(|it| *it == Route::FirstLogin);
        let wall = route.with(|it| *it == Route::Wall);
        screen(first_login, signed_out.get() && !stores.is_loaded(), wall)
    });
    let covered = Memo::new(move |_| {
        signed_out.get() && matches!(screen.get(), Screen::Wall | Screen::Console)
    });
    let feed = move || {
        if stale.get() || signed_out.get() {
            "stale"
        } else {
            "live"
        }
    };
    if route::is_embedded() {
        embed::adopt_host_theme();
    }
    view! {
        <div class="mon-app" data-feed=feed data-embed=route::is_embedded().then_some("")>
            {move || match screen.get() {
                Screen::FirstLogin => chunk::page(Chunk::SignIn, Route::FirstLogin),
                Screen::SignIn => chunk::page(Chunk::SignIn, Route::SignIn),
                Screen::Wall => chunk::page(Chunk::Wall, Route::Wall),
                Screen::Console => view! { <Shell covered=covered/> }.into_any(),
            }}
            {move || covered.get().then(|| chunk::page(Chunk::SignIn, Route::Overview))}
            <ToastHost/>
            <announce::Announcements/>
        </div>
    }
}

const fn screen(first_login: bool, nobody: bool, wall: bool) -> Screen {
    match (first_login, nobody, wall) {
        (true, _, _) => Screen::FirstLogin,
        (_, true, _) => Screen::SignIn,
        (_, _, true) => Screen::Wall,
        _ => Screen::Console,
    }
}

/// Makes what the pages use, and connects it; returns the page being shown.
fn provide_everything() -> Signal<Route> {
    let clock = Clock::new();
    clock.start();
    provide_context(clock);
    let stores = Stores::new();
    provide_context(stores);
    let signals = FeedSignals::new();
    provide_context(signals);
    let route = route::provide_route();
    provide_toasts();
    incidents::provide_drafts();
    silences::provide_cover(clock, stores);
    let holder = session::provide_session();
    let feed = Feed::new(Surroundings {
        clock,
        stores,
        signals,
        kind: route::kind,
        ask_sign_in: Box::new(move || holder.set(SessionState::SignedOut)),
        snapshot_read: Box::new(move || holder.refresh_unless_known()),
    });
    provide_context(feed);
    crate::api::on_signed_out(move || feed.session_ended());
    title::follow();
    cover::keep_away();
    diagnostics::answer_requests(diagnostics::use_sources());
    chunk::fetch_ahead(stores);
    session::tell_of_activity(holder, feed);
    begin(&route.get_untracked(), holder, feed);
    route
}

/// Asks who is signed in before anything else: on a first visit every other request would only fail.
fn begin(route: &Route, holder: SessionHolder, feed: Feed) {
    if matches!(route, Route::FirstLogin | Route::SignIn) {
        holder.set(SessionState::SignedOut);
        return;
    }
    holder.refresh_then(move |somebody| {
        if somebody {
            feed.start();
        }
    });
}

/// The bar with the page below it.
#[component]
fn Shell(
    /// Whether something lies over it, so that nothing in it can be used.
    covered: Memo<bool>,
) -> impl IntoView {
    let main = NodeRef::<leptos::html::Main>::new();
    let skip = move |event: leptos::ev::MouseEvent| {
        // The address of a fragment would be taken relative to the base, which is another page.
        event.prevent_default();
        if let Some(main) = main.get_untracked() {
            let _ = main.focus();
        }
    };
    view! {
        <div class="mon-shell" inert=move || covered.get()>
            <a class="mon-skip" href="#main" on:click=skip>
                "Skip to the page"
            </a>
            <bar::Bar/>
            <main class="mon-main" id="main" tabindex="-1" node_ref=main>
                <Page/>
            </main>
            <keyboard::Keyboard/>
        </div>
    }
}

/// The page of the current route. It is made anew when the route changes, but not when only the filter of
/// the log page, of the list of incidents or of the audit does: that would take the focus away from who is typing it.
#[component]
fn Page() -> impl IntoView {
    let route = route::use_route();
    let page = Memo::new(move |_| match route.get() {
        Route::Logs(_) => Route::Logs(LogFilter::default()),
        Route::Incidents(_) => Route::all_incidents(),
        Route::Audit(_) => Route::Audit(AuditFilter::default()),
        other => other,
    });
    move || match page.get() {
        Route::Overview | Route::SignIn | Route::FirstLogin | Route::Wall => {
            view! { <OverviewPage/> }.into_any()
        }
        Route::NotFound => not_found(),
        other => chunk::page(Chunk::Pages, other),
    }
}

fn not_found() -> AnyView {
    view! {
        <div class="mon-page">
            <h1 class="mon-title">"Page not found"</h1>
            <Empty text="There is no page at this address.">
                <Link to=Route::Overview>"Go to the overview"</Link>
            </Empty>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{Screen, screen};

    #[test]
    fn a_lost_session_covers_the_board_but_a_first_visit_only_signs_in() {
        assert_eq!(screen(false, true, false), Screen::SignIn);
        assert_eq!(screen(false, false, false), Screen::Console);
        assert_eq!(screen(false, false, true), Screen::Wall);
    }

    #[test]
    fn the_first_login_needs_no_session() {
        assert_eq!(screen(true, true, false), Screen::FirstLogin);
    }
}
