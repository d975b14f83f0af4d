//! The gateway: one binary that probes, scrapes and ingests, evaluates, stores, and feeds the console.
//!
//! Reading order follows the data: [`sources`] and [`ingest`] make [`observation`]s; [`engine`] runs them
//! through [`evaluate`] and [`incidents`], commits the resulting [`change`]s to the [`store`], and hands what
//! was committed to the [`hub`], which feeds every client. [`records`] keeps samples and log lines. [`audit`] says what people did. [`auth`]
//! says who somebody is, [`api`] is the only way in. [`serve`] puts them together and takes them apart again.

pub mod account_command;
pub mod api;
pub mod audit;
pub mod audit_command;
pub mod auth;
pub mod change;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod data_dir;
pub mod engine;
pub mod evaluate;
pub mod http_server;
pub mod hub;
pub mod incidents;
pub mod ingest;
pub mod instant;
pub mod local_time;
pub mod machine_clock;
pub mod notify;
pub mod observation;
pub mod on_call;
pub mod open_files;
pub mod order;
pub mod records;
pub mod serve;
pub mod silences;
pub mod sources;
pub mod store;
pub mod telemetry;
pub mod upkeep;
