//! A field of several lines.

use leptos::prelude::*;

/// Several lines of text, bound to a signal; stands in a [`super::Field`] of the same `control`.
#[component]
pub fn TextArea(
    /// The element's id.
    control: &'static str,
    /// What is written in it.
    text: RwSignal<String>,
    /// Nothing can be written while this holds.
    locked: Signal<bool>,
    /// How many lines it shows.
    #[prop(default = "3")]
    rows: &'static str,
    /// What is wrong with it; `None` when nothing is.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <textarea
            class="mon-textarea"
            id=control
            rows=rows
            aria-describedby=format!("{control}-note")
            aria-invalid=move || error.get().map(|_| "true")
            prop:value=move || text.get()
            prop:readOnly=move || locked.get()
            on:input=move |event| text.set(event_target_value(&event))
        ></textarea>
    }
}
