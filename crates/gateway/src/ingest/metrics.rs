//! Measurements: only configured ones, in their unit, of about now.

use std::collections::BTreeMap;

use watchfloor_wire::id::CheckId;
use watchfloor_wire::ingest::MetricPoint;
use watchfloor_wire::time::UnixMs;

use super::events::{Batch, Form, Unfit};
use super::refusal::Refusal;
use super::source::{Pushed, Source};
use super::{Taken, events, when};
use crate::observation::{CheckObservation, Observation, Outcome, Sample};

/// Takes `{"points": […]}`, or one of these a line. Points that cannot be used are counted by reason; the others are taken.
///
/// # Errors
/// [`Refusal`] for the whole batch.
pub fn take(source: &Source, text: &str, form: Form, now: UnixMs) -> Result<Taken, Refusal> {
    let batch: Batch<MetricPoint> = Batch::read(text, form, "points")?;
    source.admit_events(batch.count())?;
    let mut taken = Taken::default();
    let mut by_check: BTreeMap<(CheckId, bool), Vec<Sample>> = BTreeMap::new();
    taken.refused = batch.each(|point, place| {
        let at = events::instant(point.at.as_ref(), now, place)?;
        let pushed = judge(source, point, at, now).map_err(Unfit::Unusable)?;
        let sample = Sample {
            series: pushed.series.clone(),
            at,
            value: Some(point.value),
        };
        let check = (pushed.check.clone(), pushed.probed);
        by_check.entry(check).or_default().push(sample.clone());
        taken.samples.push(sample);
        Ok(())
    })?;
    taken.accepted = taken.samples.len();
    taken.observations = by_check
        .into_iter()
        .map(|((check, probed), samples)| observe(check, probed, samples, now))
        .collect();
    Ok(taken)
}

/// The configured metric of a point, or why it cannot be used.
fn judge<'a>(
    source: &'a Source,
    point: &MetricPoint,
    at: UnixMs,
    now: UnixMs,
) -> Result<&'a Pushed, &'static str> {
    let pushed = source.pushed.get(&point.name).ok_or("unknown_name")?;
    if pushed.unit != point.unit {
        return Err("wrong_unit");
    }
    if !point.value.is_finite() {
        return Err("not_finite");
    }
    if at.since_ms(now) > when::MAX_AHEAD_MS {
        return Err("in_the_future");
    }
    if now.since_ms(at) > when::MAX_METRIC_AGE_MS {
        return Err("too_old");
    }
    Ok(pushed)
}

/// A check that only the product reports on is as it should be when it reports; rules judge the values. Where a
/// probe says how the check is, points only add their values.
fn observe(check: CheckId, probed: bool, samples: Vec<Sample>, now: UnixMs) -> Observation {
    if probed {
        return Observation::Samples(samples);
    }
    let newest = samples.iter().map(|sample| sample.at).max().unwrap_or(now);
    Observation::Check(CheckObservation {
        check,
        // A source whose clock is ahead must not make its reading last longer.
        observed_at: newest.min(now),
        outcome: Outcome::Ok,
        samples,
    })
}
