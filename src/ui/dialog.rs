//! A modal dialog.

use leptos::prelude::*;

/// A native modal `<dialog>`: the browser keeps the focus inside, closes it on Escape and gives the focus back.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// Its content, made while it is open.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    // Opening a dialog is an act on the document, not a value, so it is an effect.
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // It fails only where the element has just left the document; then there is nothing to show.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let label = title.clone();
    view! {
        <dialog class="mon-dialog" node_ref=node aria-label=label on:close=move |_| open.set(false)>
            <div class="mon-dialog-head">
                <h2 class="mon-dialog-title">{title}</h2>
            </div>
            <div class="mon-dialog-body">{move || open.get().then(|| children())}</div>
        </dialog>
    }
}
