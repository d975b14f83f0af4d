//! Small things that stand in a line: a priority, a key, an empty region's sentence.

use leptos::prelude::*;
use watchfloor_wire::priority::Priority;

/// `P1` in its box.
#[component]
pub fn PriorityBadge(
    /// The priority.
    #[prop(into)]
    priority: Signal<Priority>,
    /// Filled: P0 or P1, and nobody has answered.
    #[prop(optional, into)]
    loud: Signal<bool>,
    /// `title` beside a page's title.
    #[prop(optional)]
    size: &'static str,
) -> impl IntoView {
    let is_loud = move || loud.get() && priority.get() <= Priority::P1;
    view! {
        <span
            class="mon-badge"
            data-priority=move || priority.get().to_string()
            data-loud=move || is_loud().then_some("")
            data-size=(!size.is_empty()).then_some(size)
        >
            {move || priority.get().to_string()}
        </span>
    }
}

/// What stands in an empty region: one sentence, and what can be done next.
#[component]
pub fn Empty(
    /// The sentence.
    #[prop(into)]
    text: Signal<String>,
    /// The next step, for example a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="mon-empty">
            <p>{move || text.get()}</p>
            {children.map(|it| view! { <div class="mon-empty-next">{it()}</div> })}
        </div>
    }
}

/// A key as it stands on the keyboard.
#[component]
pub fn Kbd(
    /// The key, for example `A`.
    #[prop(into)]
    key: String,
) -> impl IntoView {
    view! { <kbd class="mon-kbd" aria-hidden="true">{key}</kbd> }
}
