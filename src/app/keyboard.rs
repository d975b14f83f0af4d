//! Keys outside of fields. Elements say which key they answer to by `data-key`, rows of lists by `data-row`,
//! so that this knows no page.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::shortcuts::{Command, LIST, Shortcuts, next_row};
use crate::clock::steady_ms;
use crate::route::{LogFilter, Route, use_navigate};
use crate::ui::{Dialog, Kbd, Toasts, copy, use_toasts};

/// Listens to keys while it is there.
#[component]
pub fn Keyboard() -> impl IntoView {
    let help = RwSignal::new(false);
    let shortcuts = StoredValue::new(Shortcuts::default());
    let navigate = use_navigate();
    let toasts = use_toasts();
    let listener = window_event_listener(ev::keydown, move |event| {
        if is_elsewhere(&event) {
            return;
        }
        let command = shortcuts
            .try_update_value(|it| it.press(&event.key(), steady_ms()))
            .flatten();
        let Some(command) = command else { return };
        if carry_out(command, help, toasts, &navigate) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
    view! { <HelpDialog open=help/> }
}

/// The list of shortcuts.
#[component]
pub fn HelpDialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open=open title="Keyboard shortcuts">
            <dl class="mon-keys">
                {LIST
                    .into_iter()
                    .map(|(keys, words)| {
                        view! {
                            <dt>
                                {keys.split_whitespace().map(|key| view! { <Kbd key=key/> " " }).collect_view()}
                            </dt>
                            <dd>{words}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
        </Dialog>
    }
}

/// Whether the key belongs to a field, a dialog, a button that Space presses, or the browser.
fn is_elsewhere(event: &ev::KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return true;
    }
    let Some(target) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) else {
        return false;
    };
    let inside = |selector: &str| target.closest(selector).ok().flatten().is_some();
    inside("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog")
        || (event.key() == " " && inside("button, a, summary, input, [role=radio]"))
}

/// Returns whether anything was done, so that the browser need not.
fn carry_out(
    command: Command,
    help: RwSignal<bool>,
    toasts: Toasts,
    navigate: &impl Fn(Route),
) -> bool {
    match command {
        Command::Overview => navigate(Route::Overview),
        Command::Incidents => navigate(Route::all_incidents()),
        Command::Logs => navigate(Route::Logs(LogFilter::default())),
        Command::Errors => navigate(Route::Errors),
        Command::Help => help.set(true),
        Command::Row(step) => return step_row(step),
        Command::CopyLink => copy_link(toasts),
        Command::FullScreen => full_screen(),
        Command::Element(key) => return use_element(key),
    }
    true
}

fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into::<HtmlElement>().ok())
        .filter(|it| it.offset_width() > 0)
        .collect()
}

fn step_row(step: i32) -> bool {
    let rows = all("[data-row]");
    let focused: Option<Element> = document().active_element();
    let current = focused.and_then(|focused| {
        rows.iter()
            .position(|row| row.contains(Some(focused.as_ref())))
    });
    let Some(row) = next_row(current, step, rows.len()).and_then(|at| rows.get(at)) else {
        return false;
    };
    let _ = row.focus();
    true
}

/// Focuses a field, presses anything else: what is in the row that has the focus before what is elsewhere.
fn use_element(key: &str) -> bool {
    let found = all(&format!("[data-key=\"{key}\"]"));
    let row = document()
        .active_element()
        .and_then(|it| it.closest("li").ok().flatten());
    let in_row = row.and_then(|row| found.iter().find(|it| row.contains(Some(it.as_ref()))));
    let Some(element) = in_row.or(found.first()) else {
        return false;
    };
    let is_choice = element.get_attribute("type").as_deref() == Some("checkbox");
    if !is_choice && matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") {
        let _ = element.focus();
    } else {
        element.click();
    }
    true
}

fn copy_link(toasts: Toasts) {
    copy(
        &window().location().href().unwrap_or_default(),
        toasts,
        "Link copied.",
    );
}

fn full_screen() {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
    } else if let Some(root) = document().document_element() {
        // A browser that refuses says so itself.
        let _ = root.request_fullscreen();
    }
}
