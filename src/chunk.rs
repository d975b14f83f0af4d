//! Parts of the program that are fetched when they are first needed, so that what matters most is live before the
//! rest has travelled.
//!
//! A chunk is one WebAssembly file beside the program. What is reachable only through a function that is marked
//! with `wasm_split` is put into it by `cargo xtask console`; natively such a function is called directly. It
//! answers with the function that makes the view, so that the view is made where it stands and finds its context.

use std::pin::Pin;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_split_helpers::SplitLoaderError;

use crate::ui::{Button, ButtonKind};

/// A chunk on its way. One that is here answers at once, and one that failed is asked for again.
pub type Fetching<Make> = Pin<Box<dyn Future<Output = Result<Make, SplitLoaderError>>>>;

/// How soon a chunk that could not be fetched is asked for again, in milliseconds; twice as long each time.
const AGAIN_AFTER_MS: u32 = 2_000;
/// The longest of these pauses, in milliseconds.
const AGAIN_WITHIN_MS: u32 = 300_000;

/// Fetches a chunk, and asks for it again, less and less often, until it comes. `failed` is told of each time in vain and
/// says whether anybody still waits; `None` when nobody does.
pub(crate) async fn fetched<Make>(
    fetch: fn() -> Fetching<Make>,
    failed: impl Fn() -> bool,
) -> Option<Make> {
    let mut pause_ms = AGAIN_AFTER_MS;
    loop {
        if let Ok(make) = fetch().await {
            return Some(make);
        }
        if !failed() {
            return None;
        }
        TimeoutFuture::new(pause_ms).await;
        pause_ms = (2 * pause_ms).min(AGAIN_WITHIN_MS);
    }
}

/// How far a chunk is.
#[derive(Clone, Copy)]
enum State<Make> {
    Fetching,
    Here(Make),
    Failed,
}

/// The view of a part whose code lies in a chunk; `show` makes it with what the chunk answered. When it cannot be fetched
/// the view says so, and shows it all the same once it comes.
pub fn chunked<Make: Copy + Send + Sync + 'static>(
    fetch: fn() -> Fetching<Make>,
    show: impl Fn(Make) -> AnyView + Send + 'static,
) -> AnyView {
    let state = RwSignal::new(State::Fetching);
    let asked = StoredValue::new(0_u32);
    let ask = move || {
        let mine = asked.get_value() + 1;
        asked.set_value(mine);
        state.set(State::Fetching);
        leptos::task::spawn_local(async move {
            // Nobody is left to be told when the page was left meanwhile, or somebody asked again.
            let is_awaited = move || asked.try_get_value() == Some(mine);
            let failed = move || is_awaited() && fail(state);
            let make = fetched(fetch, failed).await;
            if let Some(make) = make.filter(|_| is_awaited()) {
                let _ = state.try_set(State::Here(make));
            }
        });
    };
    ask();
    (move || match state.get() {
        State::Fetching => view! { <p class="mon-loading">"Loading…"</p> }.into_any(),
        State::Here(make) => show(make),
        State::Failed => failed(Callback::new(move |()| ask())),
    })
    .into_any()
}

/// Notes that a chunk did not come, and says whether there still is somebody to see it. What says so already stays as it
/// is, with the focus on its button.
fn fail<Make: Copy + Send + Sync + 'static>(state: RwSignal<State<Make>>) -> bool {
    match state.try_get_untracked() {
        None => false,
        Some(State::Failed) => true,
        Some(_) => state.try_set(State::Failed).is_none(),
    }
}

fn reload() {
    // A page that is being left already cannot be reloaded, and need not be.
    let _ = window().location().reload();
}

fn failed(again: Callback<()>) -> AnyView {
    view! {
        <div class="mon-failure mon-card" role="alert">
            <p>
                "This part of the console could not be fetched and is asked for again by itself. If a newer version was "
                "installed meanwhile, reload the page."
            </p>
            <div class="mon-empty-next">
                <Button kind=ButtonKind::Secondary on_click=again>"Retry"</Button>
                <Button kind=ButtonKind::Secondary on_click=Callback::new(|()| reload())>"Reload"</Button>
            </div>
        </div>
    }
    .into_any()
}
