//! The gateway's side of the socket: bytes in whatever pieces they come, and never more kept than one message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::hub::inbox::{Inbox, Message};
use watchfloor_wire::feed::{ClientMessage, MAX_CLIENT_FRAME_BYTES};

/// Everything that comes out of the bytes when they arrive `size` at a time.
fn messages(bytes: &[u8], size: usize) -> (Vec<Message>, bool) {
    let mut inbox = Inbox::default();
    let mut all = Vec::new();
    for piece in bytes.chunks(size) {
        inbox.take(piece);
        loop {
            match inbox.next_message() {
                Ok(Some(message)) => all.push(message),
                Ok(None) => break,
                Err(_) => return (all, true),
            }
        }
    }
    (all, false)
}

fuzz_target!(|bytes: &[u8]| {
    let whole = messages(bytes, bytes.len().max(1));
    for size in [1, 7] {
        assert_eq!(messages(bytes, size), whole, "in pieces of {size}");
    }
    for message in &whole.0 {
        if let Message::Text(text) = message {
            assert!(text.len() <= MAX_CLIENT_FRAME_BYTES);
            if let Ok(message) = serde_json::from_slice::<ClientMessage>(text) {
                serde_json::to_string(&message).expect("what was read can be written");
            }
        }
    }
});
