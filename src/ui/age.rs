//! How old something is.

use leptos::prelude::*;
use watchfloor_wire::time::UnixMs;

use crate::clock::use_clock;

use super::format;

/// "38 s ago", rounding down. Its text changes only when the words do.
#[component]
pub fn Age(
    /// The instant.
    #[prop(into)]
    at: Signal<UnixMs>,
    /// Whether the age itself is the news: drawn bold.
    #[prop(optional, into)]
    late: Signal<bool>,
) -> impl IntoView {
    let clock = use_clock();
    let text = Memo::new(move |_| format::ago(at.get(), clock.now()));
    view! {
        <span class="mon-age" data-late=move || late.get().then_some("")>
            {move || text.get()}
        </span>
    }
}
