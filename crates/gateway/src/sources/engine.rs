//! The engine as a sink.

use super::schedule::Sink;
use crate::engine::EngineHandle;
use crate::observation::Observation;

impl Sink for EngineHandle {
    fn observe(&self, observation: Observation) {
        // The handle's own method, which never blocks.
        Self::observe(self, observation);
    }
}
