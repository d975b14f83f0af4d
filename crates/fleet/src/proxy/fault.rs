//! What can be wrong with a way through the network, and how the faults of one line work together.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A fault of the network, as it stands in requests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// Everything comes late, in order.
    Latency {
        /// How late, in milliseconds.
        latency_ms: u64,
        /// By how much more or less, in milliseconds: each piece by chance.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// Each direction of each connection carries no more than this.
    Bandwidth {
        /// Bytes a second.
        bytes_per_s: u64,
    },
    /// What is written in one go arrives in small pieces.
    Slicing {
        /// The smallest piece, in bytes.
        #[serde(default = "one")]
        from_bytes: usize,
        /// The largest piece, in bytes.
        #[serde(default = "ten")]
        to_bytes: usize,
    },
    /// Connections are accepted and nothing is carried. What waited goes on once this is over.
    Stall {},
    /// Connections are torn down with an RST, and so is each new one at its first byte.
    Reset {},
    /// One direction is dead, and neither end is told. Whatever lost a byte stays dead when this is over.
    HalfOpen {
        /// Which direction.
        #[serde(default)]
        dead: Dead,
    },
    /// Connections are torn down and new ones refused, as where nobody listens.
    Down {},
    /// A request that asks for a WebSocket gets this answer, and what was upgraded before is torn down.
    RefuseUpgrade {
        /// The status of the answer, 400 to 599.
        #[serde(default = "bad_request")]
        status: u16,
    },
}

/// The direction that is dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dead {
    /// What the server sends is lost.
    #[default]
    ToClient,
    /// What the client sends is lost.
    ToServer,
    /// Both.
    Both,
}

const fn one() -> usize {
    1
}

const fn ten() -> usize {
    10
}

const fn bad_request() -> u16 {
    400
}

/// The name of each kind of fault, with an example of the rest of its request, and what it does.
pub const KINDS: [(&str, &str, &str); 8] = [
    (
        "latency",
        "\"latency_ms\":2000,\"jitter_ms\":1000",
        "Everything comes late, in order.",
    ),
    (
        "bandwidth",
        "\"bytes_per_s\":5000",
        "Each direction carries no more than this.",
    ),
    (
        "slicing",
        "\"from_bytes\":1,\"to_bytes\":10",
        "Everything arrives in small pieces.",
    ),
    (
        "stall",
        "",
        "Connections are accepted and nothing is carried until it is over.",
    ),
    (
        "reset",
        "",
        "Connections are torn down with an RST, new ones at their first byte.",
    ),
    (
        "half-open",
        "\"dead\":\"to-client\"",
        "One direction is lost, and neither end is told; `to-server` and `both` as well.",
    ),
    (
        "down",
        "",
        "Connections are torn down and new ones refused.",
    ),
    (
        "refuse-upgrade",
        "\"status\":400",
        "No WebSocket gets through; all else does.",
    ),
];

/// The longest delay, in milliseconds.
const DELAY_MAX_MS: u64 = 120_000;

impl Fault {
    /// The kind's name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Bandwidth { .. } => "bandwidth",
            Self::Slicing { .. } => "slicing",
            Self::Stall {} => "stall",
            Self::Reset {} => "reset",
            Self::HalfOpen { .. } => "half-open",
            Self::Down {} => "down",
            Self::RefuseUpgrade { .. } => "refuse-upgrade",
        }
    }

    /// Whether the numbers make sense.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn check(&self) -> Result<(), String> {
        match *self {
            Self::Latency {
                latency_ms,
                jitter_ms,
            } if jitter_ms > latency_ms || latency_ms + jitter_ms > DELAY_MAX_MS => Err(format!(
                "`jitter_ms` is at most `latency_ms`, and both together are at most {DELAY_MAX_MS}"
            )),
            Self::Bandwidth { bytes_per_s: 0 } => {
                Err("`bytes_per_s` is at least 1; for nothing at all there is `stall`".to_owned())
            }
            Self::Slicing {
                from_bytes,
                to_bytes,
            } if from_bytes == 0 || from_bytes > to_bytes => {
                Err("`from_bytes` is at least 1 and at most `to_bytes`".to_owned())
            }
            Self::RefuseUpgrade { status } if !(400..600).contains(&status) => {
                Err("`status` is 400 to 599".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// The faults of a line that are on, by kind, each with the instant at which it ends (`None`: when told to).
/// Instants are spans since the line was opened.
#[derive(Clone, Debug, Default)]
pub struct Active {
    by_kind: BTreeMap<&'static str, (Fault, Option<Duration>)>,
}

impl Active {
    /// Turns a fault on; one of the same kind is replaced.
    pub fn insert(&mut self, fault: Fault, until: Option<Duration>) {
        self.by_kind.insert(fault.kind(), (fault, until));
    }

    /// Turns the fault of a kind off, or all with `None`; returns how many were on.
    pub fn remove(&mut self, kind: Option<&str>) -> usize {
        let before = self.by_kind.len();
        self.by_kind
            .retain(|on, _| kind.is_some_and(|kind| kind != *on));
        before - self.by_kind.len()
    }

    /// Takes out what has ended at `now`.
    pub fn expire(&mut self, now: Duration) {
        self.by_kind
            .retain(|_, (_, until)| until.is_none_or(|until| until > now));
    }

    /// When the next one ends by itself.
    #[must_use]
    pub fn next_end(&self) -> Option<Duration> {
        self.by_kind.values().filter_map(|(_, until)| *until).min()
    }

    /// The faults that are on, with their ends.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, Option<Duration>)> {
        self.by_kind.values().copied()
    }

    /// What they make of the way together.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        for (fault, _) in self.iter() {
            all.add(fault);
        }
        all
    }
}

/// How the way is. The default is a good one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// How late everything comes.
    pub latency: Duration,
    /// By how much more or less.
    pub jitter: Duration,
    /// Bytes a second in each direction; `None` for as many as come.
    pub bytes_per_s: Option<u64>,
    /// The smallest and the largest piece, in bytes; `None` for pieces as they come.
    pub slice_bytes: Option<(usize, usize)>,
    /// Whether nothing is carried.
    pub is_stalled: bool,
    /// Whether connections are torn down.
    pub is_resetting: bool,
    /// Which direction is dead.
    pub dead: Option<Dead>,
    /// Whether nobody listens.
    pub is_down: bool,
    /// How a request for a WebSocket is answered; `None` when it goes through.
    pub upgrade_refused_with: Option<u16>,
}

impl Conditions {
    fn add(&mut self, fault: Fault) {
        match fault {
            Fault::Latency {
                latency_ms,
                jitter_ms,
            } => {
                self.latency = Duration::from_millis(latency_ms);
                self.jitter = Duration::from_millis(jitter_ms);
            }
            Fault::Bandwidth { bytes_per_s } => self.bytes_per_s = Some(bytes_per_s),
            Fault::Slicing {
                from_bytes,
                to_bytes,
            } => self.slice_bytes = Some((from_bytes, to_bytes)),
            Fault::Stall {} => self.is_stalled = true,
            Fault::Reset {} => self.is_resetting = true,
            Fault::HalfOpen { dead } => self.dead = Some(dead),
            Fault::Down {} => self.is_down = true,
            Fault::RefuseUpgrade { status } => self.upgrade_refused_with = Some(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Fault, String> {
        serde_json::from_str(json).map_err(|why| why.to_string())
    }

    #[test]
    fn each_kind_is_read_from_its_example() {
        for (kind, example, sentence) in KINDS {
            let comma = if example.is_empty() { "" } else { "," };
            let fault = read(&format!("{{\"fault\":\"{kind}\"{comma}{example}}}")).unwrap();
            assert_eq!((fault.kind(), fault.check()), (kind, Ok(())));
            assert!(sentence.ends_with('.'), "{kind}");
        }
    }

    #[test]
    fn what_may_be_left_out_is_what_people_mean() {
        assert_eq!(
            read(r#"{"fault":"slicing"}"#),
            Ok(Fault::Slicing {
                from_bytes: 1,
                to_bytes: 10
            })
        );
        let half_open = Fault::HalfOpen {
            dead: Dead::ToClient,
        };
        assert_eq!(read(r#"{"fault":"half-open"}"#), Ok(half_open));
        let refused = Fault::RefuseUpgrade { status: 400 };
        assert_eq!(read(r#"{"fault":"refuse-upgrade"}"#), Ok(refused));
    }

    #[test]
    fn a_mistake_says_what_would_be_right() {
        for (json, word) in [
            (r#"{"fault":"flood"}"#, "half-open"),
            (r#"{"fault":"stall","for":3}"#, "unknown field `for`"),
            (r#"{"fault":"latency"}"#, "missing field `latency_ms`"),
        ] {
            let why = read(json).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
        for (json, word) in [
            (
                r#"{"fault":"latency","latency_ms":1,"jitter_ms":2}"#,
                "at most `latency_ms`",
            ),
            (r#"{"fault":"bandwidth","bytes_per_s":0}"#, "at least 1"),
            (
                r#"{"fault":"slicing","from_bytes":3,"to_bytes":2}"#,
                "at most `to_bytes`",
            ),
            (r#"{"fault":"refuse-upgrade","status":200}"#, "400 to 599"),
        ] {
            let why = read(json).unwrap().check().unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn a_fault_ends_at_its_instant_and_the_others_stay() {
        let mut active = Active::default();
        active.insert(Fault::Stall {}, Some(Duration::from_secs(10)));
        active.insert(Fault::Reset {}, None);
        assert_eq!(active.next_end(), Some(Duration::from_secs(10)));
        active.expire(Duration::from_millis(9_999));
        assert!(active.conditions().is_stalled);
        active.expire(Duration::from_secs(10));
        let left = active.conditions();
        assert!(!left.is_stalled && left.is_resetting);
        assert_eq!(active.next_end(), None);
    }

    #[test]
    fn faults_work_together_and_one_of_a_kind_replaces_the_other() {
        let mut active = Active::default();
        active.insert(Fault::Bandwidth { bytes_per_s: 9 }, None);
        active.insert(Fault::Bandwidth { bytes_per_s: 5_000 }, None);
        active.insert(
            Fault::Latency {
                latency_ms: 2_000,
                jitter_ms: 1_000,
            },
            None,
        );
        let both = active.conditions();
        assert_eq!(both.bytes_per_s, Some(5_000));
        assert_eq!(both.latency, Duration::from_secs(2));
        assert_eq!(active.remove(Some("stall")), 0);
        assert_eq!(active.remove(None), 2);
        assert_eq!(active.conditions(), Conditions::default());
    }
}
