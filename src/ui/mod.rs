//! Components that know no domain.
//!
//! Signatures that the pages of every domain rely on; the bodies belong to this folder.

use leptos::prelude::*;
use watchfloor_wire::priority::Priority;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

/// The shape of a status, hidden from assistive technology because [`StatusWord`] stands beside it.
#[component]
pub fn StatusIcon(
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
    /// Width and height in CSS pixels.
    #[prop(default = 16)]
    size: u32,
) -> impl IntoView {
    view! { <span class="mon-status-icon" data-status=move || status.get().slug() data-size=size aria-hidden="true"></span> }
}

/// The word of a status.
#[component]
pub fn StatusWord(
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
) -> impl IntoView {
    view! { <span class="mon-status-word" data-status=move || status.get().slug()>{move || status.get().word()}</span> }
}

/// `P1` in its box.
#[component]
pub fn PriorityBadge(
    /// The priority.
    #[prop(into)]
    priority: Signal<Priority>,
) -> impl IntoView {
    view! { <span class="mon-priority" data-priority=move || priority.get().to_string()>{move || priority.get().to_string()}</span> }
}

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

/// A button that is locked while busy, and that says why when it is disabled (`aria-disabled`, still focusable).
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
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="mon-button"
            data-kind=kind.slug()
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || locked().then_some("true")
            title=move || disabled_reason.get()
            on:click=move |event| {
                if locked() {
                    event.prevent_default();
                } else if let Some(on_click) = on_click {
                    on_click.run(());
                }
            }
        >
            {children()}
        </button>
    }
}

/// A label with its control, a hint and a reserved row for what is wrong.
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
    view! {
        <div class="mon-field" data-invalid=move || error.with(Option::is_some).to_string()>
            <label class="mon-field-label" for=control>
                {move || label.get()} " " <span class="mon-field-aside">{move || aside.get()}</span>
            </label>
            {children()}
            <p class="mon-field-note" id=format!("{control}-note")>
                {move || error.get().unwrap_or_else(|| hint.get())}
            </p>
        </div>
    }
}

/// "38 s ago", rounding down.
#[component]
pub fn Age(
    /// The instant.
    #[prop(into)]
    at: Signal<UnixMs>,
) -> impl IntoView {
    let clock = crate::clock::use_clock();
    let text =
        Memo::new(move |_| format!("{} s ago", clock.now().since_ms(at.get()).max(0) / 1_000));
    view! { <span class="mon-age">{move || text.get()}</span> }
}

/// A clock in `mm:ss` under one hour, else "1 h 26 min"; its box keeps its width.
#[component]
pub fn ClockFace(
    /// How much time it shows, in milliseconds; never negative.
    #[prop(into)]
    span_ms: Signal<i64>,
) -> impl IntoView {
    let text = Memo::new(move |_| format!("{} s", span_ms.get() / 1_000));
    view! { <span class="mon-clock-face">{move || text.get()}</span> }
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
    view! { <div class="mon-empty"><p>{move || text.get()}</p>{children.map(|it| it())}</div> }
}

/// How the content of a region is to be had.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RegionState {
    /// Not here yet. Drawn as nothing for 500 ms, then as a skeleton.
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
    /// The content, made when it is ready.
    children: ChildrenFn,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        state.with(|it| {
            matches!(
                it,
                RegionState::Ready | RegionState::Failed { has_last: true, .. }
            )
        })
    });
    view! {
        <section class=format!("mon-region {class}") aria-busy=move || (!shown.get()).then_some("true")>
            <header class="mon-region-head">
                <h2 class="mon-region-title">{move || title.get()}</h2>
                <span class="mon-region-aside">{move || aside.get()}</span>
            </header>
            {move || match state.get() {
                RegionState::Failed { words, .. } => Some(view! {
                    <p class="mon-region-error" role="alert">{words}</p>
                    {on_retry.map(|retry| view! { <Button on_click=retry>"Retry"</Button> })}
                }.into_any()),
                RegionState::NoPermission { words } => Some(view! { <p class="mon-region-error">{words}</p> }.into_any()),
                _ => None,
            }}
            {move || shown.get().then(|| children())}
        </section>
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

/// One of a few choices in a row, as a radio group.
#[component]
pub fn Segmented<T>(
    /// The name of the group for assistive technology.
    legend: &'static str,
    /// The choices with their words.
    options: Vec<(T, String)>,
    /// The choice.
    selected: RwSignal<T>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    view! {
        <div class="mon-segmented" role="radiogroup" aria-label=legend>
            {options.into_iter().map(|(value, words)| view! {
                <button
                    type="button"
                    role="radio"
                    aria-checked=move || (selected.get() == value).to_string()
                    on:click=move |_| selected.set(value)
                >{words}</button>
            }).collect_view()}
        </div>
    }
}

/// A native modal `<dialog>`; opens and closes with `open`, and gives focus back to its opener.
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
    let label = title.clone();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="mon-dialog" node_ref=node aria-label=label on:close=move |_| open.set(false)>
            <h2 class="mon-dialog-title">{title}</h2>
            {move || open.get().then(|| children())}
        </dialog>
    }
}

/// A short notice at the edge of the page, also spoken.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<(u64, String)>>);

impl Toasts {
    /// Shows a notice for some seconds.
    pub fn say(&self, words: impl Into<String>) {
        let words = words.into();
        self.0.update(|all| {
            let next = all.last().map_or(0, |(id, _)| id + 1);
            all.push((next, words));
        });
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
