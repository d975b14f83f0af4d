//! Claims about the API as a whole, over its router, and over a real socket where the feed is concerned.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod actions;
mod audit;
mod boundaries;
mod bulk;
mod console;
mod described;
mod description;
mod feed;
mod feed_stream;
mod hand_over;
mod harness;
mod health;
mod ingest;
mod logs;
mod matrix;
mod notifications;
mod on_call;
mod sessions;
mod silences;
