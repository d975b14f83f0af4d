//! A day and a time.

use leptos::prelude::*;

use super::Field;

/// A day and a time in UTC, as the browser's own field writes it: empty, or what [`super::instant_of`] reads.
#[component]
pub fn Moment(
    /// The element's id.
    control: &'static str,
    /// The label.
    label: &'static str,
    /// What stands beside the label in grey, for example `UTC`.
    aside: &'static str,
    /// What is written.
    value: RwSignal<String>,
    /// What is wrong with it; `None` when nothing is.
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <Field control=control label=label aside=aside error=error>
            <input
                class="mon-input"
                id=control
                type="datetime-local"
                aria-describedby=format!("{control}-note")
                aria-invalid=move || error.get().map(|_| "true")
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </Field>
    }
}
