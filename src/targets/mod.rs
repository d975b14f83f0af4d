//! Targets (SLOs).
