//! Taking observations in.

use std::collections::BTreeSet;

use watchfloor_wire::deploy::Deploy;
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::id::CheckId;
use watchfloor_wire::series::{Measurement, Reading};
use watchfloor_wire::time::UnixMs;

use super::check::Verdict;
use super::errors;
use super::{Evaluator, News, Output};
use crate::observation::{CheckObservation, ErrorSighting, Observation, Outcome, Sample};

impl Evaluator {
    /// Takes an observation in and draws all conclusions but the products' roll-ups, for which the caller calls
    /// [`Self::settle_products`] once a batch. What is not configured is left out.
    pub fn observe(&mut self, observation: Observation, now: UnixMs, out: &mut Output) {
        match observation {
            Observation::Check(seen) => self.observe_check(seen, now, out),
            Observation::Samples(samples) => self.observe_samples(&samples, now, out),
            Observation::Deploy(deploy) => self.observe_deploy(deploy, now, out),
            Observation::Errors(sighting) => self.observe_errors(sighting, now, out),
        }
    }

    fn observe_samples(&mut self, samples: &[Sample], now: UnixMs, out: &mut Output) {
        let touched = self.take_samples(samples, now, out);
        for check in &touched {
            self.believe_pushed(check);
        }
        self.conclude(&touched, now, out);
    }

    fn observe_check(&mut self, seen: CheckObservation, now: UnixMs, out: &mut Output) {
        let Some(spec) = self.catalogue.checks.get(&seen.check) else {
            metrics::counter!("watchfloor_observations_unknown_total").increment(1);
            return;
        };
        if spec.pushed_only && seen.outcome == Outcome::Ok && !seen.samples.is_empty() {
            // Each of its points has a time of its own.
            self.observe_samples(&seen.samples, now, out);
            return;
        }
        let observed_at = seen.observed_at.min(now);
        if let Some(state) = self.checks.get_mut(&seen.check) {
            state.verdict = Some(Verdict::from(seen.outcome));
            state.entity.observed_at = Some(observed_at);
            state.entity.valid_until = Some(observed_at.plus_ms(spec.validity_ms));
        }
        let mut touched = self.take_samples(&seen.samples, now, out);
        touched.insert(seen.check);
        self.conclude(&touched, now, out);
    }

    /// Puts samples into windows, readings and targets; the checks that they belong to are the answer.
    fn take_samples(
        &mut self,
        samples: &[Sample],
        now: UnixMs,
        out: &mut Output,
    ) -> BTreeSet<CheckId> {
        let mut touched = BTreeSet::new();
        for sample in samples {
            let (Some(spec), Some(window)) = (
                self.catalogue.series.get(&sample.series),
                self.windows.get_mut(&sample.series),
            ) else {
                metrics::counter!("watchfloor_samples_unknown_total").increment(1);
                continue;
            };
            // A source whose clock runs ahead must not keep its values valid for longer.
            let at = sample.at.min(now);
            if !window.push(at, sample.value) {
                continue;
            }
            touched.insert(spec.check.clone());
            if spec.charted {
                let reading = Reading {
                    series: sample.series.clone(),
                    observed_at: at,
                    valid_until: at.plus_ms(spec.validity_ms),
                    value: sample.value,
                };
                out.dirty.quiet(Key::new(Kind::Reading, &sample.series));
                self.readings.insert(sample.series.clone(), reading);
            }
            self.feed_targets(sample, at);
        }
        touched
    }

    fn feed_targets(&mut self, sample: &Sample, at: UnixMs) {
        let (Some(value), Some(ids)) = (sample.value, self.targets_of.get(&sample.series)) else {
            return;
        };
        for id in ids {
            if let Some(target) = self.targets.get_mut(id) {
                target.push(at, value);
            }
        }
    }

    /// A check that nothing probes is ok while each of its points that ever came is in time.
    fn believe_pushed(&mut self, check: &CheckId) {
        let pushed_only = |id| {
            self.catalogue
                .checks
                .get(id)
                .is_some_and(|it| it.pushed_only)
        };
        if !pushed_only(check) {
            return;
        }
        let points = self
            .catalogue
            .series
            .iter()
            .filter(|(_, series)| series.check == *check)
            .filter_map(|(id, series)| {
                let (at, _) = self.windows.get(id)?.newest()?;
                Some((at, at.plus_ms(series.validity_ms)))
            });
        let (observed_at, valid_until) = points.fold((None, None), |(seen, until), (at, valid)| {
            (
                seen.max(Some(at)),
                Some(until.map_or(valid, |it: UnixMs| it.min(valid))),
            )
        });
        if let Some(state) = self.checks.get_mut(check) {
            state.verdict = Some(Verdict::from(Outcome::Ok));
            state.entity.observed_at = observed_at;
            state.entity.valid_until = valid_until;
        }
    }

    /// Judges the rules of checks that were touched, brings their tiles and statuses up to date.
    fn conclude(&mut self, touched: &BTreeSet<CheckId>, now: UnixMs, out: &mut Output) {
        for check in touched {
            self.show_value(check, now);
            self.judge_check(check, now, out);
            self.settle_check(check, now, out);
            out.dirty.quiet(Key::new(Kind::Check, check));
        }
    }

    /// The value on the tile is the newest of its series while that may be believed.
    fn show_value(&mut self, check: &CheckId, now: UnixMs) {
        let Some(state) = self.checks.get_mut(check) else {
            return;
        };
        let Some((id, spec)) = state
            .entity
            .series
            .as_ref()
            .and_then(|id| Some((id, self.catalogue.series.get(id)?)))
        else {
            return;
        };
        let newest = self.windows.get(id).and_then(super::Window::newest);
        state.entity.value = newest
            .filter(|(at, _)| now.since_ms(*at) <= spec.validity_ms)
            .and_then(|(_, value)| value)
            .map(|value| Measurement {
                value,
                unit: spec.unit,
                statistic: spec.statistic,
                label: spec.label.clone(),
            });
    }

    fn observe_deploy(&mut self, mut deploy: Deploy, now: UnixMs, out: &mut Output) {
        if !self.products.contains_key(&deploy.product) {
            metrics::counter!("watchfloor_observations_unknown_total").increment(1);
            return;
        }
        deploy.at = deploy.at.min(now);
        let id = deploy.id.clone();
        out.dirty.urgent(Key::new(Kind::Deploy, &id));
        if self.deploys.insert(id.clone(), deploy).is_none() {
            out.news.push(News::Deployed(id));
        }
    }

    fn observe_errors(&mut self, mut sighting: ErrorSighting, now: UnixMs, out: &mut Output) {
        if !self.products.contains_key(&sighting.product) {
            metrics::counter!("watchfloor_observations_unknown_total").increment(1);
            return;
        }
        sighting.at = sighting.at.min(now);
        let id = sighting.group.clone();
        let group = errors::sighted(self.errors.remove(&id), sighting);
        self.errors.insert(id.clone(), group);
        out.dirty.quiet(Key::new(Kind::Error, &id));
        if self.errors.len() > errors::MAX_GROUPS {
            let oldest = self
                .errors
                .values()
                .min_by_key(|it| it.last_seen_at)
                .map(|it| it.id.clone());
            if let Some(oldest) = oldest {
                self.errors.remove(&oldest);
                out.dirty.quiet(Key::new(Kind::Error, &oldest));
            }
        }
    }
}
