//! Reading history: from samples, or from what they were summed up to, whichever has as much as is asked for.

use rusqlite::{Connection, OptionalExtension as _};
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::series::SeriesColumns;
use watchfloor_wire::time::UnixMs;

use super::bucket::{Bucket, Tier};
use super::error::RecordsError;
use super::roll_up::{buckets, rolled_up_to, samples};
use super::thin::{self, Point};

/// What is asked of a series.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The first instant.
    pub from: UnixMs,
    /// The last instant.
    pub to: UnixMs,
    /// At most so many points.
    pub points: usize,
    /// Samples are kept from here on, minutes from there on.
    pub kept_from: KeptFrom,
}

/// From when on finer history is kept.
#[derive(Clone, Copy, Debug)]
pub struct KeptFrom {
    /// Samples.
    pub samples: UnixMs,
    /// Minutes.
    pub minutes: UnixMs,
}

/// Points that a bucket gives: its extremes.
const POINTS_A_BUCKET: i64 = 2;

impl Stretch {
    /// What history is read from: the coarsest that still gives as many points as are wanted, or the finest that reaches
    /// back far enough. `None` for samples.
    fn tier(&self) -> Option<Tier> {
        let span_ms = self.to.since_ms(self.from);
        let wanted = i64::try_from(self.points).unwrap_or(i64::MAX);
        let gives = |tier: Tier| span_ms / tier.step_ms() * POINTS_A_BUCKET >= wanted;
        if gives(Tier::Hour) || self.from < self.kept_from.minutes {
            Some(Tier::Hour)
        } else if gives(Tier::Minute) || self.from < self.kept_from.samples {
            Some(Tier::Minute)
        } else {
            None
        }
    }
}

/// The series among `ids` that are known, each with its history in the stretch, thinned to its number of points.
///
/// # Errors
/// [`RecordsError`] when the database cannot be read.
pub fn columns(
    connection: &Connection,
    ids: &[SeriesId],
    stretch: &Stretch,
) -> Result<Vec<SeriesColumns>, RecordsError> {
    let tier = stretch.tier();
    // Of one state of the database, in which nothing is between two tiers.
    let reading = connection.unchecked_transaction()?;
    let mut known = Vec::new();
    for id in ids {
        let number: Option<i64> = reading
            .prepare_cached("SELECT id FROM series WHERE name = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?;
        if let Some(number) = number {
            let stored = read(&reading, number, stretch, tier)?;
            let step_ms = tier.map_or_else(|| thin::step_ms(&stored), Tier::step_ms);
            known.push(one(
                id.clone(),
                &stored,
                stretch.points,
                step_ms,
                tier.is_some(),
            ));
        }
    }
    Ok(known)
}

/// What is summed up, and behind it what is not yet, from the coarse to the fine.
fn read(
    connection: &Connection,
    series: i64,
    stretch: &Stretch,
    tier: Option<Tier>,
) -> Result<Vec<Point>, RecordsError> {
    let (from_ms, to_ms) = (stretch.from.0, stretch.to.0.saturating_add(1));
    let mut points = Vec::new();
    let mut at_ms = from_ms;
    let coarse_first = match tier {
        None => [None, None],
        Some(Tier::Minute) => [Some(Tier::Minute), None],
        Some(Tier::Hour) => [Some(Tier::Hour), Some(Tier::Minute)],
    };
    for tier in coarse_first.into_iter().flatten() {
        let made_ms = rolled_up_to(connection, tier)?
            .unwrap_or(i64::MIN)
            .min(to_ms);
        let first_ms = tier.start_ms(at_ms);
        if made_ms <= first_ms {
            continue;
        }
        let made = buckets(connection, tier, series, first_ms, made_ms)?;
        points.extend(made.into_iter().flat_map(Bucket::points));
        at_ms = made_ms;
    }
    points.extend(samples(connection, series, at_ms, to_ms)?);
    points.retain(|point| point.0 >= from_ms && point.0 < to_ms);
    Ok(points)
}

fn one(
    series: SeriesId,
    stored: &[Point],
    points: usize,
    step_ms: i64,
    is_summed_up: bool,
) -> SeriesColumns {
    let thinned = thin::thin(stored, points, step_ms);
    let (kept, step_ms) = match &thinned {
        Some((kept, step_ms)) => (kept.as_slice(), *step_ms),
        None => (stored, step_ms),
    };
    SeriesColumns {
        series,
        step_ms,
        at: kept.iter().map(|point| point.0).collect(),
        value: kept.iter().map(|point| point.1).collect(),
        thinned: is_summed_up || thinned.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::time::{DAY_MS, HOUR_MS};

    use super::*;

    #[test]
    fn history_is_read_from_the_coarsest_that_has_as_much_as_is_asked_for() {
        const NOW: UnixMs = UnixMs(1_763_683_200_000);
        for (span_ms, points, expected) in [
            (HOUR_MS, 300, None),
            (2 * HOUR_MS, 300, None),
            (150 * 60_000, 300, Some(Tier::Minute)),
            (DAY_MS, 300, Some(Tier::Minute)),
            (7 * DAY_MS, 300, Some(Tier::Hour)),
            (7 * DAY_MS, 2_000, Some(Tier::Minute)),
            (30 * DAY_MS, 1_000, Some(Tier::Hour)),
            // Older than samples, and older than minutes.
            (49 * HOUR_MS, 2_000_000, Some(Tier::Minute)),
            (31 * DAY_MS, 2_000_000, Some(Tier::Hour)),
        ] {
            let stretch = Stretch {
                from: NOW.plus_ms(-span_ms),
                to: NOW,
                points,
                kept_from: KeptFrom {
                    samples: NOW.plus_ms(-48 * HOUR_MS),
                    minutes: NOW.plus_ms(-30 * DAY_MS),
                },
            };
            assert_eq!(stretch.tier(), expected, "{span_ms} {points}");
        }
    }
}
