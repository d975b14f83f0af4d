//! One stream of server-sent events. What the page says to it goes by requests. After [`Events::shut`] nothing of it
//! is heard, and in particular it does not open itself again, as a stream does that is only left alone.

use std::cell::Cell;
use std::rc::Rc;

use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use watchfloor_wire::feed::{ClientMessage, StreamPong};
use web_sys::{EventSource, MessageEvent};

use super::line::LineEvent;
use crate::api::{self, ApiError};

/// What a connection is closed with that ends without a word.
const BROKEN: u16 = 1006;

/// A stream with its handlers.
pub(super) struct Events {
    source: EventSource,
    /// The stream's number; `None` until it has said it.
    number: Rc<Cell<Option<u64>>>,
    heard: Rc<dyn Fn(LineEvent)>,
    on_event: Closure<dyn Fn(MessageEvent)>,
}

#[derive(Deserialize)]
struct Begun {
    stream: u64,
}

#[derive(Deserialize)]
struct Over {
    code: u16,
}

/// The events that a stream has, by their names; the last one is the browser's own.
const NAMES: [&str; 4] = ["stream", "message", "close", "error"];

impl Events {
    /// Opens a stream at an address that holds the cursor.
    pub(super) fn open(address: &str, heard: impl Fn(LineEvent) + 'static) -> Result<Self, String> {
        let source = EventSource::new(address).map_err(|error| format!("{error:?}"))?;
        let heard: Rc<dyn Fn(LineEvent)> = Rc::new(heard);
        let number = Rc::new(Cell::new(None));
        let (told, begun) = (Rc::clone(&heard), Rc::clone(&number));
        let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            told(match event.type_().as_str() {
                "message" => LineEvent::Text(text),
                "stream" => match serde_json::from_str::<Begun>(&text) {
                    Ok(it) => {
                        begun.set(Some(it.stream));
                        LineEvent::Opened
                    }
                    // Decoded as any other message, it is found to be none.
                    Err(_) => LineEvent::Text(text),
                },
                "close" => LineEvent::Closed(
                    serde_json::from_str(&text).map_or(BROKEN, |it: Over| it.code),
                ),
                _ => LineEvent::Closed(BROKEN),
            });
        });
        for name in NAMES {
            let handler = on_event.as_ref().unchecked_ref();
            // A browser that refuses a listener is one that never says anything, and the attempt runs out.
            let _ = source.add_event_listener_with_callback(name, handler);
        }
        Ok(Self {
            source,
            number,
            heard,
            on_event,
        })
    }

    /// Answers a ping; the hello has been said by the address.
    pub(super) fn send(&self, message: &ClientMessage) {
        let (ClientMessage::Pong { n, s, h }, Some(stream)) = (message, self.number.get()) else {
            return;
        };
        let pong = StreamPong {
            stream,
            n: *n,
            s: *s,
            h: *h,
        };
        let (heard, number) = (Rc::clone(&self.heard), Rc::clone(&self.number));
        leptos::task::spawn_local(async move {
            let answer = api::stream_pong(&pong).await;
            let is_gone = matches!(answer, Err(ApiError::Refused(it)) if it.status == 404);
            // Any other failure passes, or the gateway ends the stream for want of pongs.
            if is_gone && number.get().is_some() {
                heard(LineEvent::Closed(BROKEN));
            }
        });
    }

    /// Closes the stream and hears nothing of it any more.
    pub(super) fn shut(&self) {
        self.number.set(None);
        for name in NAMES {
            let handler = self.on_event.as_ref().unchecked_ref();
            let _ = self
                .source
                .remove_event_listener_with_callback(name, handler);
        }
        self.source.close();
    }
}
