//! Buttons.

use leptos::prelude::*;

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do in its view.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Looks like a link.
    Quiet,
}

impl ButtonKind {
    const fn slug(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
        }
    }
}

/// A button that is locked while busy, and that says why when it is disabled (`aria-disabled`, still focusable,
/// because a control that cannot be reached cannot explain itself).
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    kind: ButtonKind,
    /// Locked and showing that work is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it cannot be pressed; `None` when it can.
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// True for the button that sends its form.
    #[prop(optional)]
    submit: bool,
    /// What pressing does.
    #[prop(optional, into)]
    on_click: Option<Callback<()>>,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let locked = move || busy.get() || disabled_reason.with(Option::is_some);
    let press = move |event: leptos::ev::MouseEvent| {
        if busy.get_untracked() || disabled_reason.with_untracked(Option::is_some) {
            event.prevent_default();
        } else if let Some(on_click) = on_click {
            on_click.run(());
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="mon-button"
            data-kind=kind.slug()
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || locked().then_some("true")
            title=move || disabled_reason.get()
            on:click=press
        >
            {children()}
        </button>
    }
}
