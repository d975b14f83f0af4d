//! Says when the gateway still talks but no longer looks.

use leptos::prelude::*;
use watchfloor_wire::feed::PipelineAges;
use watchfloor_wire::time::{SECOND_MS, UnixMs};

use super::FeedSignals;
use crate::clock::use_clock;
use crate::lasting::{forget_reader, lasting};
use crate::ui::format;

/// Without a finished check for this long, in milliseconds, the checks have stopped, where the gateway does not say
/// how often it looks.
const PROBE_LATE_MS: i64 = 60 * SECOND_MS;
/// Without an evaluation for this long, in milliseconds, the rules have stopped.
const EVALUATE_LATE_MS: i64 = 20 * SECOND_MS;

/// How the gateway's pipeline was when its newest ping was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pipeline {
    ages: PipelineAges,
    at: UnixMs,
}

/// A stage that has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stopped {
    what: &'static str,
    /// For how long, in milliseconds.
    age_ms: i64,
}

impl Pipeline {
    pub(crate) const fn new(ages: PipelineAges, at: UnixMs) -> Self {
        Self { ages, at }
    }

    /// The ages, as the ping told them.
    pub(crate) const fn ages(&self) -> PipelineAges {
        self.ages
    }

    /// The stage that stopped, as it stands at `now`: its age goes on while the next ping is awaited.
    fn stopped(&self, now: UnixMs) -> Option<Stopped> {
        let passed_ms = now.since_ms(self.at).max(0);
        let late = |what, age_ms: Option<i64>, limit_ms| {
            // Between two pings, work that is done is not heard of; so it is late only if it was in the ping.
            age_ms
                .filter(|age_ms| *age_ms > limit_ms)
                .map(|age_ms| Stopped {
                    what,
                    age_ms: age_ms.saturating_add(passed_ms),
                })
        };
        let probe_limit_ms = self.ages.probe_late_after_ms.unwrap_or(PROBE_LATE_MS);
        late("checks stopped", self.ages.probe_ms, probe_limit_ms)
            .or_else(|| late("rules stopped", self.ages.evaluate_ms, EVALUATE_LATE_MS))
    }
}

/// How the gateway's pipeline was by the newest ping.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub(crate) fn use_pipeline() -> Signal<Pipeline> {
    lasting(expect_context::<FeedSignals>().pipeline)
}

/// Whether the gateway no longer checks or evaluates, though it talks; changes only when the answer does.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn is_pipeline_late() -> Signal<bool> {
    let pipeline = expect_context::<FeedSignals>().pipeline;
    Memo::new(move |_| {
        forget_reader(&pipeline);
        pipeline.with(|it| it.stopped(it.at).is_some())
    })
    .into()
}

/// What has stopped and for how long, while something has.
#[component]
pub fn PipelineNote() -> impl IntoView {
    let pipeline = expect_context::<FeedSignals>().pipeline;
    let clock = use_clock();
    let what = Memo::new(move |_| pipeline.with(|it| it.stopped(it.at).map(|it| it.what)));
    let age = Memo::new(move |_| {
        let now = clock.now();
        let stopped = pipeline.with(|it| it.stopped(now));
        stopped.map(|it| format!(" {} ago", format::span(it.age_ms)))
    });
    move || {
        // The age is no part of the alert: it would be read aloud with each second.
        what.get().map(|what| {
            view! {
                <span class="mon-pipeline">
                    <span role="alert">{what}</span>
                    <span>{move || age.get()}</span>
                </span>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(age_ms: Option<i64>, limit_ms: Option<i64>, evaluate_ms: i64) -> Pipeline {
        let ages = PipelineAges {
            probe_ms: age_ms,
            probe_late_after_ms: limit_ms,
            evaluate_ms: Some(evaluate_ms),
            ..PipelineAges::default()
        };
        Pipeline::new(ages, UnixMs(1_000))
    }

    fn words(pipeline: &Pipeline, now: i64) -> Option<(&'static str, i64)> {
        let stopped = pipeline.stopped(UnixMs(now));
        stopped.map(|it| (it.what, it.age_ms))
    }

    #[test]
    fn a_stage_that_has_nothing_to_do_is_not_late() {
        assert_eq!(Pipeline::default().stopped(UnixMs(i64::MAX)), None);
    }

    #[test]
    fn stopped_checks_are_said_even_while_frames_arrive() {
        for (age_ms, limit_ms, said) in [
            (60_000, None, None),
            (60_001, None, Some(("checks stopped", 60_001))),
            (20_001, Some(20_000), Some(("checks stopped", 20_001))),
            (90_000, Some(600_000), None),
        ] {
            assert_eq!(words(&at(Some(age_ms), limit_ms, 0), 1_000), said);
        }
        let rules = words(&at(Some(0), None, 20_001), 1_000);
        assert_eq!(rules, Some(("rules stopped", 20_001)));
    }

    #[test]
    fn the_age_goes_on_between_two_pings_but_does_not_begin_there() {
        let stopped = at(Some(70_000), None, 0);
        assert_eq!(words(&stopped, 9_000), Some(("checks stopped", 78_000)));
        assert_eq!(words(&stopped, 0), Some(("checks stopped", 70_000)));
        assert_eq!(words(&at(Some(59_000), None, 0), 9_000), None);
    }
}
