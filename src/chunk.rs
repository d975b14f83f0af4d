//! Parts of the program that are fetched when they are first needed, so that what matters most is live before the
//! rest has travelled.
//!
//! A chunk is one WebAssembly file beside the program. What is reachable only through a function that is marked
//! with `wasm_split` is put into it by `cargo xtask console`; natively such a function is called directly. It
//! answers with the function that makes the view, so that the view is made where it stands and finds its context.

use std::pin::Pin;

use leptos::prelude::*;
use wasm_split_helpers::SplitLoaderError;

use crate::ui::{Button, ButtonKind};

/// A chunk on its way. One that is here answers at once, and one that failed is asked for again.
pub type Fetching<Make> = Pin<Box<dyn Future<Output = Result<Make, SplitLoaderError>>>>;

/// How far a chunk is.
#[derive(Clone, Copy)]
enum State<Make> {
    Fetching,
    Here(Make),
    Failed,
}

/// The view of a part whose code lies in a chunk; `show` makes it with what the chunk answered.
pub fn chunked<Make: Copy + Send + Sync + 'static>(
    fetch: fn() -> Fetching<Make>,
    show: impl Fn(Make) -> AnyView + Send + 'static,
) -> AnyView {
    let state = RwSignal::new(State::Fetching);
    let ask = move || {
        state.set(State::Fetching);
        leptos::task::spawn_local(async move {
            let next = fetch().await.map_or(State::Failed, State::Here);
            // Nobody is left to be told when the page was left meanwhile.
            let _ = state.try_set(next);
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

fn reload() {
    // A page that is being left already cannot be reloaded, and need not be.
    let _ = window().location().reload();
}

fn failed(again: Callback<()>) -> AnyView {
    view! {
        <div class="mon-failure mon-card" role="alert">
            <p>
                "This part of the console could not be fetched. Try again; if a newer version was installed meanwhile, "
                "reload the page."
            </p>
            <div class="mon-empty-next">
                <Button kind=ButtonKind::Secondary on_click=again>"Retry"</Button>
                <Button kind=ButtonKind::Secondary on_click=Callback::new(|()| reload())>"Reload"</Button>
            </div>
        </div>
    }
    .into_any()
}
