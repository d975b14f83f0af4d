//! Living inside another page: no chrome of its own, the host's colours as far as they can be read.
//!
//! The host sets custom properties (`--mon-accent`, `--mon-canvas`, …) on the frame's element; a frame of the same
//! origin may read them. What would make words unreadable, or look like a status, is not taken over.

mod colour;
mod host;
mod math;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use host::{Adopted, TAKEN, adopt};

/// Takes over what the host page set, once, when the console starts inside another page.
pub fn adopt_host_theme() {
    let root = document()
        .document_element()
        .and_then(|it| it.dyn_into::<HtmlElement>().ok());
    // A host of another origin keeps its element to itself; then the own theme stays.
    let (Some(frame), Some(root)) = (window().frame_element().ok().flatten(), root) else {
        return;
    };
    let Some(style) = window().get_computed_style(&frame).ok().flatten() else {
        return;
    };
    let set = |name: &str| {
        style
            .get_property_value(name)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let asked: Vec<(&'static str, String)> = TAKEN
        .iter()
        .map(|name| (*name, set(name)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    if asked.is_empty() {
        return;
    }
    let Adopted { theme, properties } = adopt(&asked);
    if let Some(theme) = theme {
        // An attribute of that name cannot be refused.
        let _ = root.set_attribute("data-theme", theme);
    }
    for (name, value) in properties {
        // A value that the browser does not understand leaves the own one in force.
        let _ = root.style().set_property(name, &value);
    }
}
