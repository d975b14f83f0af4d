//! A label with its control.

use leptos::prelude::*;

/// A label with its control, a hint and a reserved row for what is wrong, so that nothing jumps when it comes.
///
/// The control is the child; it must have the id `control` and `aria-describedby="{control}-note"`.
#[component]
pub fn Field(
    /// The control's id.
    control: &'static str,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What stands beside the label in grey, for example `required`.
    #[prop(optional, into)]
    aside: Signal<String>,
    /// What helps to fill it in; replaced by `error`.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong; `None` when nothing is.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let is_wrong = move || error.with(Option::is_some);
    let note = move || error.get().unwrap_or_else(|| hint.get());
    view! {
        <div class="mon-field" data-invalid=move || is_wrong().then_some("")>
            <label class="mon-label" for=control>
                {move || label.get()} " " <span class="mon-label-note">{move || aside.get()}</span>
            </label>
            {children()}
            <p
                class=move || if is_wrong() { "mon-error" } else { "mon-hint" }
                id=format!("{control}-note")
            >
                {note}
            </p>
        </div>
    }
}
