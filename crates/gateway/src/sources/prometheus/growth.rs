//! What counters grew by between two pages.

use std::collections::HashMap;

use watchfloor_wire::time::UnixMs;

use super::page::Page;
use super::selector::Selector;

/// The newest counts of one probe, so that the next page can be compared with them.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    newest: HashMap<Selector, Count>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    value: f64,
    at: UnixMs,
}

/// A counter's growth since the page before.
#[derive(Clone, Copy, Debug)]
struct Grown {
    by: f64,
    within_ms: i64,
}

impl Growth {
    /// Growth a second since the page before; `None` when there is nothing to compare with.
    #[must_use]
    pub fn per_second(&self, counter: &Selector, page: &Page, now: UnixMs) -> Option<f64> {
        let grown = self.grown(counter, page, now)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "the milliseconds between two pages are far below 2^52"
        )]
        let seconds = grown.within_ms as f64 / 1_000.0;
        Some(grown.by / seconds)
    }

    /// The growth of one counter over that of another; `None` when there is nothing to compare with, or the
    /// other one did not grow: of no requests no share failed, and none succeeded.
    #[must_use]
    pub fn ratio(
        &self,
        counter: &Selector,
        over: &Selector,
        page: &Page,
        now: UnixMs,
    ) -> Option<f64> {
        let part = self.grown(counter, page, now)?.by;
        let whole = self.grown(over, page, now)?.by;
        (whole > 0.0).then(|| part / whole)
    }

    /// Keeps this page's counts. Counters that are not on it are forgotten, so that what they grew by in
    /// between is not taken for sudden growth.
    pub fn keep<'a>(
        &mut self,
        counters: impl Iterator<Item = &'a Selector>,
        page: &Page,
        now: UnixMs,
    ) {
        let counted =
            |counter: &Selector| counter.count(page).map(|value| Count { value, at: now });
        self.newest = counters
            .filter_map(|counter| Some((counter.clone(), counted(counter)?)))
            .collect();
    }

    fn grown(&self, counter: &Selector, page: &Page, now: UnixMs) -> Option<Grown> {
        let before = self.newest.get(counter)?;
        let value = counter.count(page)?;
        let within_ms = now.since_ms(before.at);
        // A counter that fell began anew at 0 when its process did.
        let by = if value < before.value {
            value
        } else {
            value - before.value
        };
        (within_ms > 0).then_some(Grown { by, within_ms })
    }
}
