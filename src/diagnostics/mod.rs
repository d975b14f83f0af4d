//! What happens when the program itself fails, and what it tells about itself to whoever looks into it.

mod asked;
pub(crate) mod health;
mod report;

pub(crate) use asked::{answer_requests, gathered, use_sources};

use std::panic;

use wasm_bindgen::JsValue;

/// The event on `window` that `boot.js` answers with an overlay, a report and a reload. Its detail is the message.
const PANIC_EVENT: &str = "watchfloor-panic";

/// The event on `window` that `boot.js` answers with a report and, once the gateway answers, a reload. Its detail is
/// the reason.
const RELOAD_EVENT: &str = "watchfloor-reload";

/// Makes a panic visible. After one, every handler of the page is dead, so the page must say so and reload.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        announce(PANIC_EVENT, &JsValue::from_str(&info.to_string()));
    }));
}

/// The build of this console as its page names it; empty when it does not.
#[must_use]
pub fn build() -> String {
    let meta = leptos::prelude::document().query_selector("meta[name=watchfloor-build]");
    meta.ok()
        .flatten()
        .and_then(|it| it.get_attribute("content"))
        .unwrap_or_default()
}

/// Reports why, and loads the page again in a moment.
pub fn reload(why: &str) {
    announce(RELOAD_EVENT, &JsValue::from_str(why));
}

/// Sends an event to `window`. Nothing here may panic, and nothing more can be done when the page refuses the event.
pub(crate) fn announce(name: &str, detail: &JsValue) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let init = web_sys::CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = web_sys::CustomEvent::new_with_event_init_dict(name, &init) {
        let _ = window.dispatch_event(&event);
    }
}
