//! Events on `window` by which the program tells the scripts around it: the one that starts it and stays behind it
//! (`public/boot.js`), and the one that fetches its chunks (`xtask/src/console/in_time.js`).

use wasm_bindgen::JsValue;

/// Answered by `boot.js` with an overlay, a report and a reload. Its detail is the message.
pub(crate) const PANIC: &str = "watchfloor-panic";

/// Answered by `boot.js` with a report and, once the gateway answers, a reload. Its detail is the reason.
pub(crate) const RELOAD: &str = "watchfloor-reload";

/// Answered by `in_time.js`: chunks that are being fetched are given up, so that the connections that they wait on are
/// closed.
pub(crate) const RENEW: &str = "watchfloor-renew";

/// Sends an event. Nothing here may panic, and nothing more can be done when the page refuses the event.
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
