//! One WebSocket. After [`Socket::shut`] nothing of it is heard.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use watchfloor_wire::feed::{ClientMessage, SUBPROTOCOL, TICKET_PREFIX};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::line::LineEvent;

/// A socket with its handlers.
pub(super) struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn Fn()>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    /// Opens a socket; the ticket travels in the list of subprotocols, because addresses end up in logs.
    pub(super) fn open(
        address: &str,
        ticket: &str,
        heard: impl Fn(LineEvent) + Clone + 'static,
    ) -> Result<Self, String> {
        let protocols = js_sys::Array::of2(
            &JsValue::from_str(SUBPROTOCOL),
            &JsValue::from_str(&format!("{TICKET_PREFIX}{ticket}")),
        );
        let socket = WebSocket::new_with_str_sequence(address, &protocols)
            .map_err(|error| format!("{error:?}"))?;
        let opened = heard.clone();
        let on_open = Closure::<dyn Fn()>::new(move || opened(LineEvent::Opened));
        let told = heard.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            // The protocol has text frames only; anything else is decoded as an empty, malformed one.
            let text = event.data().as_string().unwrap_or_default();
            told(LineEvent::Text(text));
        });
        let on_close = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
            heard(LineEvent::Closed(event.code()));
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Self {
            socket,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        })
    }

    /// Sends a message; a socket that is not open loses it, which its close event tells.
    pub(super) fn send(&self, message: &ClientMessage) {
        if let Ok(text) = serde_json::to_string(message)
            && self.socket.ready_state() == WebSocket::OPEN
        {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Socket {
    /// Closes the socket with this code and hears nothing of it any more.
    pub(super) fn shut(&self, code: u16) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close_with_code(code);
    }
}
