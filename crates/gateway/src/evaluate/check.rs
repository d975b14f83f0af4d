//! A check's status: what its source says, what its alerts add, and what its age takes away.

use watchfloor_wire::check::Check;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use super::catalogue::CheckSpec;
use super::format;
use crate::observation::Outcome;

/// What a source said of its check last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// Why; empty when it is ok.
    pub reason: String,
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        let (status, reason) = match outcome {
            Outcome::Ok => (Status::Ok, String::new()),
            Outcome::Degraded(reason) => (Status::Degraded, reason),
            Outcome::Down(reason) => (Status::Down, reason),
            Outcome::Maintenance(reason) => (Status::Maintenance, reason),
            Outcome::Unknown(reason) => (Status::Unknown, reason),
        };
        Self { status, reason }
    }
}

/// A check with what evaluation remembers of it.
#[derive(Clone, Debug)]
pub struct CheckState {
    /// As people see it.
    pub entity: Check,
    /// What its source said since the gateway started; `None` before the first result.
    pub verdict: Option<Verdict>,
}

/// What the worst firing alert makes of its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised<'a> {
    /// The status that its severity gives.
    pub status: Status,
    /// What is wrong, in one sentence.
    pub summary: &'a str,
    /// True when it judged a number, which says more than a source's word for its own status.
    pub measured: bool,
}

/// What [`CheckState::settle`] changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing.
    Same,
    /// The reason only.
    Reason,
    /// The status.
    Status,
}

impl CheckState {
    /// A check that was never observed.
    #[must_use]
    pub fn new(id: &CheckId, spec: &CheckSpec, now: UnixMs) -> Self {
        let entity = Check {
            id: id.clone(),
            product: spec.product.clone(),
            name: spec.title.clone(),
            status: Status::Unknown,
            reason: "no reading yet".to_owned(),
            since: now,
            observed_at: None,
            valid_until: None,
            interval_ms: spec.interval_ms,
            value: None,
            series: spec.headline.clone(),
            last_known: None,
        };
        Self {
            entity,
            verdict: None,
        }
    }

    /// A check from before the restart, under today's configuration.
    #[must_use]
    pub fn restored(mut entity: Check, spec: &CheckSpec) -> Self {
        entity.name.clone_from(&spec.title);
        entity.interval_ms = spec.interval_ms;
        if entity.series != spec.headline {
            entity.series.clone_from(&spec.headline);
            entity.value = None;
        }
        Self {
            entity,
            verdict: None,
        }
    }

    /// Whether the newest result has passed its time.
    #[must_use]
    pub fn is_overdue(&self, now: UnixMs) -> bool {
        self.entity.valid_until.is_some_and(|until| now > until)
    }

    /// The source's own verdict at `now`, without alerts; `None` when it said nothing since the start.
    #[must_use]
    pub fn own_status(&self, now: UnixMs) -> Option<Status> {
        let verdict = self.verdict.as_ref()?;
        Some(if self.is_overdue(now) {
            Status::Unknown
        } else {
            verdict.status
        })
    }

    /// Brings the status up to date. `alert` is the worst of its firing alerts.
    pub fn settle(&mut self, alert: Option<Raised<'_>>, now: UnixMs) -> Settled {
        let Some((status, reason, since)) = self.effective(alert, now) else {
            return Settled::Same;
        };
        let check = &mut self.entity;
        if check.status == status {
            if check.reason == reason {
                return Settled::Same;
            }
            check.reason = reason;
            return Settled::Reason;
        }
        check.last_known = (status == Status::Unknown).then_some(check.status);
        check.status = status;
        check.reason = reason;
        check.since = since;
        Settled::Status
    }

    fn effective(
        &self,
        alert: Option<Raised<'_>>,
        now: UnixMs,
    ) -> Option<(Status, String, UnixMs)> {
        if let Some(valid_until) = self.entity.valid_until
            && now > valid_until
        {
            return Some((Status::Unknown, self.silence(valid_until, now), valid_until));
        }
        let own = self.verdict.as_ref()?;
        Some(match alert {
            // Work was announced: its alerts are expected.
            _ if own.status == Status::Maintenance => (own.status, own.reason.clone(), now),
            Some(it) if it.status.rank() < own.status.rank() => {
                (it.status, it.summary.to_owned(), now)
            }
            Some(it) if it.status == own.status && (it.measured || own.reason.is_empty()) => {
                (it.status, it.summary.to_owned(), now)
            }
            _ => (own.status, own.reason.clone(), now),
        })
    }

    /// Below a minute the text stands still: an age that runs belongs to the console's clock, not into the feed.
    fn silence(&self, valid_until: UnixMs, now: UnixMs) -> String {
        let observed_at = self.entity.observed_at.unwrap_or(valid_until);
        let age_ms = now.since_ms(observed_at);
        let shown_ms = if age_ms < MINUTE_MS {
            valid_until.since_ms(observed_at)
        } else {
            age_ms
        };
        format!("no reading for {}", format::span(shown_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::id::ProductId;

    fn state(outcome: Outcome) -> CheckState {
        let spec = CheckSpec {
            product: ProductId::from("p"),
            title: "API".to_owned(),
            interval_ms: 10_000,
            validity_ms: 25_000,
            headline: None,
            pushed_only: false,
        };
        let mut state = CheckState::new(&CheckId::from("p.api"), &spec, UnixMs(0));
        state.verdict = Some(outcome.into());
        state.entity.observed_at = Some(UnixMs(100));
        state.entity.valid_until = Some(UnixMs(25_100));
        state
    }

    fn down(reason: &str) -> Outcome {
        Outcome::Down(reason.to_owned())
    }

    #[test]
    fn the_worse_of_verdict_and_alert_decides_and_gives_the_reason() {
        let raised = |status, summary, measured| {
            Some(Raised {
                status,
                summary,
                measured,
            })
        };
        let alert = raised(Status::Degraded, "p95 2.40 s", true);
        let cases = [
            (Outcome::Ok, None, Status::Ok, ""),
            (Outcome::Ok, alert, Status::Degraded, "p95 2.40 s"),
            (down("HTTP 503"), alert, Status::Down, "HTTP 503"),
            (
                down("HTTP 503"),
                raised(Status::Down, "API is down", false),
                Status::Down,
                "HTTP 503",
            ),
            (
                Outcome::Degraded("says degraded".to_owned()),
                alert,
                Status::Degraded,
                "p95 2.40 s",
            ),
            (
                Outcome::Unknown("no JSON".to_owned()),
                alert,
                Status::Unknown,
                "no JSON",
            ),
            (
                Outcome::Maintenance("upgrade".to_owned()),
                raised(Status::Down, "x", true),
                Status::Maintenance,
                "upgrade",
            ),
        ];
        for (outcome, alert, status, reason) in cases {
            let mut it = state(outcome.clone());
            it.settle(alert, UnixMs(100));
            assert_eq!(
                (it.entity.status, it.entity.reason.as_str()),
                (status, reason),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn an_overdue_check_is_unknown_since_its_time_ran_out_and_says_what_it_was() {
        let mut it = state(Outcome::Ok);
        it.settle(None, UnixMs(100));
        assert_eq!(it.settle(None, UnixMs(25_100)), Settled::Same);
        assert_eq!(it.settle(None, UnixMs(25_101)), Settled::Status);
        let check = &it.entity;
        assert_eq!(check.status, Status::Unknown);
        assert_eq!(check.reason, "no reading for 25 s");
        assert_eq!(check.since, UnixMs(25_100));
        assert_eq!(check.last_known, Some(Status::Ok));
        assert_eq!(it.settle(None, UnixMs(40_000)), Settled::Same);
        assert_eq!(it.settle(None, UnixMs(60_100)), Settled::Reason);
        assert_eq!(it.entity.reason, "no reading for 1 min");
    }

    #[test]
    fn announced_maintenance_ends_when_its_source_falls_silent() {
        let mut it = state(Outcome::Maintenance("upgrade".to_owned()));
        it.settle(None, UnixMs(100));
        it.settle(None, UnixMs(25_101));
        assert_eq!(it.entity.status, Status::Unknown);
    }

    #[test]
    fn before_the_first_result_nothing_is_claimed() {
        let mut it = state(Outcome::Ok);
        it.verdict = None;
        it.entity.valid_until = None;
        assert_eq!(
            it.settle(
                Some(Raised {
                    status: Status::Down,
                    summary: "x",
                    measured: true
                }),
                UnixMs(1_000_000)
            ),
            Settled::Same
        );
        assert_eq!(it.entity.reason, "no reading yet");
    }
}
