//! What opens below a word of the bar.

use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// Closes it. The word that opened it has the focus again, so that going on by keyboard begins there and not at the top.
pub fn fold(details: NodeRef<Details>) {
    let Some(details) = details.get_untracked() else {
        return;
    };
    details.set_open(false);
    let word = details.first_element_child();
    if let Some(word) = word.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A word that is gone needs no focus.
        let _ = word.focus();
    }
}
