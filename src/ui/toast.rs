//! Short notices at the edge of the page.

use std::time::Duration;

use leptos::prelude::*;

/// How long a notice stays.
const SHOWN_FOR: Duration = Duration::from_secs(8);
/// How many notices stand at a time; the oldest makes room.
const SHOWN_MAX: usize = 4;

/// A short notice at the edge of the page, also spoken.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<(u64, String)>>);

impl Toasts {
    /// Shows a notice for some seconds.
    pub fn say(&self, words: impl Into<String>) {
        let words = words.into();
        let mut id = 0;
        self.0.update(|all| {
            id = all.last().map_or(0, |(last, _)| last + 1);
            all.push((id, words));
            if all.len() > SHOWN_MAX {
                all.remove(0);
            }
        });
        let all = self.0;
        set_timeout(
            // The page may be gone by then, and its notices with it.
            move || {
                let _ = all.try_update(|all| all.retain(|(other, _)| *other != id));
            },
            SHOWN_FOR,
        );
    }
}

/// Hands the notices to everything below the caller.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts(RwSignal::new(Vec::new()));
    provide_context(toasts);
    toasts
}

/// The notices of this page.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_toasts() -> Toasts {
    expect_context::<Toasts>()
}

/// Where notices appear.
#[component]
pub fn ToastHost() -> impl IntoView {
    let Toasts(all) = use_toasts();
    view! {
        <div class="mon-toasts" role="status">
            <For each=move || all.get() key=|(id, _)| *id let((_, words))>
                <p class="mon-toast">{words}</p>
            </For>
        </div>
    }
}
