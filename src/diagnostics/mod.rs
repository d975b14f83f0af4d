//! What happens when the program itself fails, and what it tells about itself to whoever looks into it.

mod asked;
pub(crate) mod health;
mod report;

pub(crate) use asked::{answer_requests, gathered, use_sources};

use std::panic;

use wasm_bindgen::JsValue;

use crate::page_event;

/// Makes a panic visible. After one, every handler of the page is dead, so the page must say so and reload.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        page_event::announce(page_event::PANIC, &JsValue::from_str(&info.to_string()));
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
    page_event::announce(page_event::RELOAD, &JsValue::from_str(why));
}
