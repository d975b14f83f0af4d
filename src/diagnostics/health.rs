//! How the page is doing, in figures that the page can have of itself.

use leptos::prelude::document;
use wasm_bindgen::JsCast;

/// The program's memory, in bytes; it never shrinks. 0 where the browser does not tell.
pub(crate) fn program_bytes() -> u32 {
    let buffer = wasm_bindgen::memory()
        .dyn_into::<js_sys::WebAssembly::Memory>()
        .map(|memory| memory.buffer());
    buffer
        .ok()
        .and_then(|it| it.dyn_into::<js_sys::ArrayBuffer>().ok())
        .map_or(0, |it| it.byte_length())
}

/// Elements in the document.
pub(crate) fn elements() -> u32 {
    document().get_elements_by_tag_name("*").length()
}
