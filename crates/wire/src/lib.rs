//! The contract between the gateway and the console: plain serde types, the pure feed replica, and the
//! tables that say what is allowed when. No database, no user interface and no runtime lives here, so
//! that both sides, and any third client, can depend on it.
//!
//! Reading order: [`time`] and [`id`] name things, [`status`] says how they are, the entity modules
//! ([`product`], [`check`], [`alert`], [`incident`], …) describe what is watched, [`feed`] and
//! [`snapshot`] carry them, [`replica`] puts them together again, [`permits`] says who may do what.
//!
//! Compatibility: fields are only ever added, unknown fields are ignored, and an enum value from a newer
//! gateway decodes to a documented fallback. `golden/from_the_future.json` proves it.

pub mod action;
pub mod alert;
pub mod audit;
pub mod bulk;
pub mod check;
pub mod deploy;
pub mod entity;
pub mod error_group;
pub mod feed;
pub mod freshness;
pub mod health;
pub mod id;
pub mod incident;
pub mod ingest;
pub mod lease;
pub mod log;
pub mod notification;
pub mod on_call;
pub mod permits;
pub mod priority;
pub mod problem;
pub mod product;
pub mod replica;
pub mod series;
pub mod session;
pub mod silence;
pub mod snapshot;
pub mod status;
pub mod target;
pub mod time;
pub mod uptime;
