//! The audit as people read it: which rows are meant, what a row says, and how far the chain is proved. The rows
//! themselves are the store's ([`crate::store::audit`]).

pub mod entry;
pub mod filter;
pub mod prover;

pub use filter::AuditFilter;
pub use prover::Prover;
