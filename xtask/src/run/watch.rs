//! When to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};

/// Looks out for Ctrl-C and SIGTERM. A closed terminal is left to the kernel, which then ends us and the
/// children with us; `nohup` can so do its work.
pub struct Watch {
    signalled: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to look out. A second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn new() -> Result<Self> {
        let signalled = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the second signal finds the flag that the first one set.
            signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&signalled))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&signalled)))
                .context("could not listen for signals")?;
        }
        Ok(Self { signalled })
    }

    /// Whether we are asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.signalled.load(Ordering::SeqCst)
    }
}
