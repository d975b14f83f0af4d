//! A field for a text that is searched for.

use std::time::Duration;

use leptos::prelude::*;

use super::{Glyph, GlyphShape};

/// A text is taken when nothing was typed for this long.
const TYPING_PAUSE: Duration = Duration::from_millis(250);

/// A field for a text that is searched for, reached with `/`. What is typed is taken after a moment, so that nothing is
/// sought for each letter.
#[component]
pub fn SearchBox(
    /// The name of the field for assistive technology.
    label: &'static str,
    /// What can be written, while it is empty.
    placeholder: &'static str,
    /// What is searched for. It may change without the field, by the browser's Back or a link.
    #[prop(into)]
    text: Signal<String>,
    /// Runs with what was typed, without blanks around it, when that is another text.
    on_text: Callback<String>,
) -> impl IntoView {
    let written = RwSignal::new(text.get_untracked());
    Effect::new(move |_| {
        let wanted = text.get();
        if written.with_untracked(|it| it.trim() != wanted) {
            written.set(wanted);
        }
    });
    let typed = StoredValue::new(0_u64);
    let take = move |number: u64| {
        if typed.try_get_value() != Some(number) {
            return;
        }
        let next = written.with_untracked(|it| it.trim().to_owned());
        if text.with_untracked(|it| *it != next) {
            on_text.run(next);
        }
    };
    let on_input = move |event| {
        written.set(event_target_value(&event));
        typed.update_value(|it| *it += 1);
        let number = typed.get_value();
        set_timeout(move || take(number), TYPING_PAUSE);
    };
    view! {
        <div class="mon-search">
            <Glyph shape=GlyphShape::Search/>
            <input
                class="mon-input"
                type="search"
                maxlength="200"
                aria-label=label
                placeholder=placeholder
                data-key="/"
                prop:value=move || written.get()
                on:input=on_input
            />
        </div>
    }
}
