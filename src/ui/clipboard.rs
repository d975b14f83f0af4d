//! The clipboard.

use leptos::prelude::*;

use super::Toasts;

/// Puts a text on the clipboard and says `done`, or why it could not be done.
pub fn copy(text: &str, toasts: Toasts, done: &'static str) {
    // Without a secure origin there is no clipboard.
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    if !clipboard.is_ok_and(|it| it.is_object()) {
        toasts.say("This browser gives no access to the clipboard here.");
        return;
    }
    let written = window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(written).await {
            Ok(_) => toasts.say(done),
            Err(_) => toasts.say("The browser did not allow copying."),
        }
    });
}
