//! How many files and connections the process may have open.

/// Files that are open besides the feed's connections: databases, other requests, probes.
const OTHERS: u64 = 2_000;

/// Raises the limit as far as `connections` of the feed need and the system allows; says so when that is not enough.
#[cfg(unix)]
pub fn raise(connections: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = connections.saturating_add(OTHERS);
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let reachable = now.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = Rlimit {
        current: Some(reachable),
        maximum: now.maximum,
    };
    if setrlimit(Resource::Nofile, raised).is_err() || reachable < wanted {
        tracing::warn!(
            wanted,
            reachable,
            "fewer files may be open than the feed's connections need; raise LimitNOFILE, or lower `connections` under [feed]"
        );
    }
}

/// Other systems have no such limit, or none that this program knows.
#[cfg(not(unix))]
pub fn raise(_connections: u64) {}
