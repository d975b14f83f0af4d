//! How much time is left to answer an incident, and in which order incidents stand. Pure.

use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::time::UnixMs;

use crate::rank::{Rank, sort_by_rank};

/// An incident's clock at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Due {
    /// Nobody has answered yet; this is left, in milliseconds.
    Left(i64),
    /// Nobody has answered, and should have for this long, in milliseconds.
    Late(i64),
    /// Somebody has it; the lease lasts for this long, in milliseconds.
    Held(i64),
    /// It is over.
    Over,
}

/// The incident's clock.
#[must_use]
pub fn due(incident: &Incident, now: UnixMs) -> Due {
    match (incident.status, &incident.lease) {
        (IncidentStatus::Resolved, _) => Due::Over,
        (IncidentStatus::Acknowledged, Some(lease)) => Due::Held(lease.until.since_ms(now).max(0)),
        (IncidentStatus::Acknowledged, None) => Due::Held(0),
        (IncidentStatus::Triggered, _) => {
            let left_ms = incident.respond_by.since_ms(now);
            if left_ms >= 0 {
                Due::Left(left_ms)
            } else {
                Due::Late(-left_ms)
            }
        }
    }
}

impl Due {
    /// The span on the clock, in milliseconds; 0 when there is none.
    #[must_use]
    pub const fn span_ms(self) -> i64 {
        match self {
            Self::Left(ms) | Self::Late(ms) | Self::Held(ms) => ms,
            Self::Over => 0,
        }
    }
}

/// How much of the time to answer is gone, 0 to 1.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "spans of days are far below 2^52 ms"
)]
pub fn elapsed_share(incident: &Incident, now: UnixMs) -> f64 {
    let whole_ms = incident.respond_by.since_ms(incident.opened_at);
    if whole_ms <= 0 {
        return 1.0;
    }
    (now.since_ms(incident.opened_at) as f64 / whole_ms as f64).clamp(0.0, 1.0)
}

/// Puts incidents in the order of [`rank`].
pub fn sort(incidents: &mut Vec<Incident>) {
    sort_by_rank(incidents, rank);
}

/// Open ones before resolved ones, those without an owner before those with one, the urgent first, then
/// those that must be answered first; of the resolved ones the newest first.
#[must_use]
pub fn rank(it: &Incident) -> Rank {
    let newest_first = -i64::try_from(it.id.0).unwrap_or(i64::MAX);
    let priority = it.priority as i64;
    Rank::of(match it.status {
        IncidentStatus::Triggered => [0, priority, it.respond_by.0, newest_first],
        IncidentStatus::Acknowledged => [1, priority, it.respond_by.0, newest_first],
        IncidentStatus::Resolved => {
            let ended_at = it.resolution.as_ref().map_or(it.opened_at, |end| end.at);
            [2, 0, -ended_at.0, newest_first]
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(super) mod tests {
    use super::*;
    use watchfloor_wire::incident::{Lease, LeaseScope, Resolution};

    /// A triggered incident that was opened at 0 and must be answered at 10 s.
    pub fn incident(number: u64, priority: &str) -> Incident {
        let json = format!(
            r#"{{"id":{number},"version":7,"product":"p","title":"Errors","priority":"{priority}",
            "severity":"high","status":"triggered","opened_at":0,"respond_by":10000}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    pub fn held(number: u64, priority: &str) -> Incident {
        Incident {
            status: IncidentStatus::Acknowledged,
            lease: Some(Lease {
                owner: "priya".to_owned(),
                owner_name: "Priya Raman".to_owned(),
                note: "On it".to_owned(),
                since: UnixMs(52_383_000),
                until: UnixMs(52_983_000),
                scope: LeaseScope::Severity,
                offer: None,
                undo: None,
            }),
            ..incident(number, priority)
        }
    }

    pub fn resolved(number: u64, at: i64) -> Incident {
        Incident {
            status: IncidentStatus::Resolved,
            resolution: Some(Resolution {
                at: UnixMs(at),
                by_name: None,
                note: String::new(),
                merged_into: None,
            }),
            ..incident(number, "P1")
        }
    }

    #[test]
    fn the_last_second_is_still_in_time() {
        assert_eq!(due(&incident(1, "P1"), UnixMs(10_000)), Due::Left(0));
        assert_eq!(due(&incident(1, "P1"), UnixMs(10_001)), Due::Late(1));
    }

    #[test]
    fn an_answered_incident_shows_its_lease() {
        assert_eq!(due(&held(1, "P1"), UnixMs(52_982_000)), Due::Held(1_000));
    }

    #[test]
    fn the_elapsed_share_stays_between_its_ends() {
        let it = incident(1, "P1");
        assert!((elapsed_share(&it, UnixMs(5_000)) - 0.5).abs() < 1e-9);
        assert!((elapsed_share(&it, UnixMs(-5)) - 0.0).abs() < 1e-9);
        assert!((elapsed_share(&it, UnixMs(99_000)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_nobody_has_stands_first_and_what_is_over_last() {
        let mut all = vec![
            resolved(1, 5),
            held(2, "P0"),
            incident(3, "P2"),
            resolved(4, 9),
            incident(5, "P1"),
        ];
        sort(&mut all);
        let order: Vec<u64> = all.iter().map(|it| it.id.0).collect();
        assert_eq!(order, [5, 3, 2, 4, 1]);
    }
}
