//! The browser console of Watchfloor: Rust compiled to WebAssembly, rendered on the client.
//!
//! Reading order: [`route`] names the pages, [`clock`] and [`store`] hold what is known, [`feed`] and [`api`]
//! bring it in, [`app`] puts the pages together. It is a library so that its pure parts are tested natively.

pub mod alerts;
pub mod api;
pub mod app;
pub mod audit;
pub mod charts;
pub mod chunk;
pub mod clock;
pub mod diagnostics;
pub mod embed;
pub mod errors;
pub mod feed;
pub mod health;
pub mod incidents;
pub mod lasting;
pub mod logs;
pub mod notifications;
pub mod on_call;
pub mod order;
mod page_event;
pub mod rank;
pub mod remote;
pub mod route;
pub(crate) mod sending;
pub mod session;
pub mod silences;
pub mod store;
pub mod targets;
pub mod ui;
pub mod wall;
