//! The feed's socket, as the wire protocol describes it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, sleep_until};
use watchfloor_wire::feed::{
    ClientMessage, Cursor, PING_EVERY_MS, Ping, PipelineAges, Reset, SUBPROTOCOL, ServerMessage,
    Welcome,
};

use super::Shared;

/// Takes a client.
pub(super) async fn feed(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .protocols([SUBPROTOCOL])
        .on_upgrade(|socket| async move {
            // It ends when the page goes away, which is no failure.
            let _ended = serve(&shared, socket).await;
        })
}

/// `None` when the client is gone.
async fn serve(shared: &Shared, mut socket: WebSocket) -> Option<()> {
    let mut frames = greet(shared, &mut socket).await?;
    let (mut number, every) = (0, shared.clock.real(PING_EVERY_MS));
    let mut next_ping = Instant::now();
    loop {
        tokio::select! {
            biased;
            frame = frames.recv() => {
                // One that lags too far is cut off; it comes back and reads a snapshot.
                socket.send(Message::Text(frame.ok()?.to_string().into())).await.ok()?;
            }
            () = sleep_until(next_ping) => {
                next_ping = Instant::now() + every;
                number += 1;
                if frames.is_empty() {
                    ping(shared, &mut socket, number).await?;
                }
            }
            heard = socket.recv() => match heard? {
                Ok(Message::Text(text)) => match serde_json::from_str(&text).ok()? {
                    ClientMessage::Pong { .. } => {}
                    ClientMessage::Hello { .. } => return None,
                },
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// Answers hellos until one is at the head, and gives what follows after it.
async fn greet(shared: &Shared, socket: &mut WebSocket) -> Option<Receiver<Arc<str>>> {
    loop {
        let Ok(Message::Text(text)) = socket.recv().await? else {
            return None;
        };
        let ClientMessage::Hello { cursor, .. } = serde_json::from_str(&text).ok()? else {
            return None;
        };
        let (message, resumed) = answer(shared, &cursor);
        say(socket, &message).await?;
        if let Some((missed, frames)) = resumed {
            for text in missed {
                socket.send(Message::Text(text.into())).await.ok()?;
            }
            return Some(frames);
        }
    }
}

/// What a client missed, and what follows after it.
type Resumed = (Vec<String>, Receiver<Arc<str>>);

fn answer(shared: &Shared, cursor: &Cursor) -> (ServerMessage, Option<Resumed>) {
    // Held to the end: nothing is told between what was missed and what follows.
    let day = shared.day();
    let head = day.head();
    let Some(missed) = day.after(cursor) else {
        let reset = Reset {
            why: "window".to_owned(),
            e: head.e,
            s: head.s,
        };
        return (ServerMessage::Reset(reset), None);
    };
    let welcome = Welcome {
        replayed: head.s - cursor.s,
        e: head.e,
        s: head.s,
        now: shared.clock.now(),
        // Its clock is not steady: it runs many times as fast as the page's.
        steady_ms: None,
        build: day.build().to_owned(),
    };
    let resumed = (missed, shared.frames.subscribe());
    (ServerMessage::Welcome(welcome), Some(resumed))
}

async fn ping(shared: &Shared, socket: &mut WebSocket, n: u64) -> Option<()> {
    shared.told.pings.fetch_add(1, Ordering::Relaxed);
    let s = shared.day().head().s;
    let age = PipelineAges {
        probe_ms: Some(400),
        probe_late_after_ms: None,
        ingest_ms: Some(2_000),
        evaluate_ms: Some(300),
        store_ms: Some(300),
    };
    let now = shared.clock.now();
    let ping = Ping {
        n,
        s,
        now,
        steady_ms: None,
        age,
    };
    say(socket, &ServerMessage::Ping(ping)).await
}

async fn say(socket: &mut WebSocket, message: &ServerMessage) -> Option<()> {
    let text = message.encode().ok()?;
    socket.send(Message::Text(text.into())).await.ok()
}
