//! A part of a page with its own states.

use leptos::prelude::*;

use super::{Button, ButtonKind};

/// How the content of a region is to be had.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RegionState {
    /// Not here yet. Drawn as nothing for 300 ms, then in words.
    #[default]
    Loading,
    /// Not here for more than five seconds.
    LoadingSlowly,
    /// Here.
    Ready,
    /// Not to be had; what was here before stays, greyed.
    Failed {
        /// What happened, in words.
        words: String,
        /// Whether there is content from before.
        has_last: bool,
    },
    /// Not for this role; says which one it needs.
    NoPermission {
        /// One sentence.
        words: String,
    },
}

impl RegionState {
    const fn shows_content(&self) -> bool {
        matches!(self, Self::Ready | Self::Failed { has_last: true, .. })
    }
}

/// A part of a page with a heading, its own states and its own error boundary.
#[component]
pub fn Region(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// What stands beside the heading in grey.
    #[prop(optional, into)]
    aside: Signal<String>,
    /// Extra classes.
    #[prop(optional)]
    class: &'static str,
    /// How the content is to be had.
    #[prop(into)]
    state: Signal<RegionState>,
    /// Tries again; without it there is no Retry button.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
    /// What stands at the right end of the heading's line.
    #[prop(optional, into)]
    end: ViewFn,
    /// The content, made when it is ready.
    children: ChildrenFn,
) -> impl IntoView {
    let shown = Memo::new(move |_| state.with(RegionState::shows_content));
    let children = StoredValue::new(children);
    view! {
        <section
            class=format!("mon-section {class}")
            aria-label=move || title.get()
            aria-busy=move || (!shown.get()).then_some("true")
        >
            <header class="mon-section-head">
                <h2 class="mon-section-title">{move || title.get()}</h2>
                <span class="mon-section-note">{move || aside.get()}</span>
                <div class="mon-section-end">{end.run()}</div>
            </header>
            {move || notice(&state.get(), on_retry)}
            <ErrorBoundary fallback=|errors| boundary(errors)>
                {move || shown.get().then(|| children.with_value(|it| it()))}
            </ErrorBoundary>
        </section>
    }
}

fn notice(state: &RegionState, on_retry: Option<Callback<()>>) -> Option<AnyView> {
    match state {
        RegionState::Ready => None,
        RegionState::Loading => Some(loading("Loading…")),
        RegionState::LoadingSlowly => Some(loading("Still loading, more than 5 s.")),
        RegionState::Failed { words, .. } => Some(failure(words.clone(), on_retry)),
        RegionState::NoPermission { words } => {
            Some(view! { <p class="mon-empty">{words.clone()}</p> }.into_any())
        }
    }
}

fn loading(words: &'static str) -> AnyView {
    view! { <p class="mon-loading">{words}</p> }.into_any()
}

fn failure(words: String, on_retry: Option<Callback<()>>) -> AnyView {
    view! {
        <div class="mon-failure mon-card" role="alert">
            <p>{words}</p>
            {on_retry.map(|retry| view! { <Button kind=ButtonKind::Secondary on_click=retry>"Retry"</Button> })}
        </div>
    }
    .into_any()
}

fn boundary(errors: ArcRwSignal<Errors>) -> impl IntoView {
    let words = move || {
        let first = errors.with(|all| all.iter().next().map(|(_, error)| error.to_string()));
        format!("This part cannot be shown: {}", first.unwrap_or_default())
    };
    view! { <p class="mon-failure mon-card" role="alert">{words}</p> }
}
