//! One of a few choices in a row.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;

/// Radio buttons of one group share a name that no other group on the page has.
static GROUPS: AtomicU32 = AtomicU32::new(0);

/// One of a few choices in a row, as a native radio group: arrow keys, focus and words come with it.
#[component]
pub fn Segmented<T>(
    /// The name of the group for assistive technology.
    legend: &'static str,
    /// The choices with their words.
    options: Vec<(T, String)>,
    /// The choice.
    selected: RwSignal<T>,
    /// `choice` in forms, where the chosen one is filled.
    #[prop(optional)]
    kind: &'static str,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let group = format!("choice-{}", GROUPS.fetch_add(1, Ordering::Relaxed));
    let items = options
        .into_iter()
        .map(|(value, words)| {
            let is_chosen = Signal::derive(move || selected.get() == value);
            item(
                group.clone(),
                words,
                is_chosen,
                Callback::new(move |()| selected.set(value)),
            )
        })
        .collect_view();
    view! {
        <fieldset class="mon-segmented" data-kind=(!kind.is_empty()).then_some(kind)>
            <legend class="mon-hidden-text">{legend}</legend>
            {items}
        </fieldset>
    }
}

fn item(group: String, words: String, is_chosen: Signal<bool>, choose: Callback<()>) -> AnyView {
    view! {
        <label class="mon-segmented-item">
            <input
                type="radio"
                name=group
                prop:checked=move || is_chosen.get()
                on:change=move |_| choose.run(())
            />
            {words}
        </label>
    }
    .into_any()
}
