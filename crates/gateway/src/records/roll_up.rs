//! Summing samples up, minute by minute and hour by hour, in steps that do not hold up writing.
//!
//! A tier is rolled up to an instant that is on the disk with what was made, so that nothing is summed up twice or
//! left out, whenever the gateway dies. What comes later than that for an earlier minute has its minute and its hour made
//! anew.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

use super::bucket::{self, Bucket, Extreme, Tier, Values};
use super::thin::Point;

/// A bucket is made when it has been over for this long, in milliseconds: what comes a little late needs no second making.
const SETTLED_AFTER_MS: i64 = 2 * MINUTE_MS;

/// One step makes buckets of at most this span, in milliseconds: ten minutes, or a day of hours.
const fn step_span_ms(tier: Tier) -> i64 {
    match tier {
        Tier::Minute => 10 * MINUTE_MS,
        Tier::Hour => DAY_MS,
    }
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolledUp {
    /// There may be more to sum up.
    More,
    /// Everything that is settled is summed up.
    Done,
}

/// A minute of a series, as its number and the minute's beginning in milliseconds since 1970.
pub type Minute = (i64, i64);

/// Up to where each tier is complete, in milliseconds since 1970; `None` when nothing was ever summed up.
///
/// # Errors
/// What SQLite said.
pub fn rolled_up_to(connection: &Connection, tier: Tier) -> Result<Option<i64>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT up_to FROM rolled_up WHERE tier = ?1")?
        .query_row([tier.number()], |row| row.get(0))
        .optional()
}

/// Makes the next buckets of a tier, if any are settled at `now`.
///
/// # Errors
/// What SQLite said; nothing of the step was made then.
pub fn step(
    connection: &mut Connection,
    tier: Tier,
    now: UnixMs,
) -> Result<RolledUp, rusqlite::Error> {
    let transaction = connection.transaction()?;
    let settled_ms = match tier {
        Tier::Minute => now.0 - SETTLED_AFTER_MS,
        // Hours are made of minutes, so no further than those are there.
        Tier::Hour => match rolled_up_to(&transaction, Tier::Minute)? {
            Some(up_to_ms) => up_to_ms,
            None => return Ok(RolledUp::Done),
        },
    };
    let end_ms = tier.start_ms(settled_ms);
    let made_ms = rolled_up_to(&transaction, tier)?.unwrap_or(i64::MIN);
    if end_ms <= made_ms {
        // Nothing is settled, or the clock was set back: what comes now is late for what was made already.
        return Ok(RolledUp::Done);
    }
    // Past what is silent: the gateway may have been away for weeks.
    let from_ms = match oldest_ms(&transaction, tier, made_ms)? {
        Some(oldest_ms) => tier.start_ms(oldest_ms).min(end_ms),
        None => end_ms,
    };
    let to_ms = end_ms.min(from_ms + step_span_ms(tier));
    for series in all_series(&transaction)? {
        make(&transaction, tier, series, from_ms, to_ms)?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO rolled_up (tier, up_to) VALUES (?1, ?2)
             ON CONFLICT (tier) DO UPDATE SET up_to = excluded.up_to",
        )?
        .execute([tier.number(), to_ms])?;
    transaction.commit()?;
    Ok(if to_ms < end_ms {
        RolledUp::More
    } else {
        RolledUp::Done
    })
}

/// Makes these minutes anew, and their hours, as far as they had been made.
///
/// # Errors
/// What SQLite said; the caller's transaction is then not to be committed.
pub fn again(connection: &Connection, minutes: &BTreeSet<Minute>) -> Result<(), rusqlite::Error> {
    let mut hours = BTreeSet::new();
    for (series, from_ms) in minutes {
        make(
            connection,
            Tier::Minute,
            *series,
            *from_ms,
            from_ms + MINUTE_MS,
        )?;
        hours.insert((*series, Tier::Hour.start_ms(*from_ms)));
    }
    let made_ms = rolled_up_to(connection, Tier::Hour)?.unwrap_or(i64::MIN);
    for (series, from_ms) in hours.into_iter().filter(|(_, from_ms)| *from_ms < made_ms) {
        make(connection, Tier::Hour, series, from_ms, from_ms + HOUR_MS)?;
    }
    Ok(())
}

/// The buckets of a series that begin in `[from_ms, to_ms)`.
///
/// # Errors
/// What SQLite said.
pub fn buckets(
    connection: &Connection,
    tier: Tier,
    series: i64,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Bucket>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT start, low, low_after, high, high_after, sum, count FROM bucket
             WHERE tier = ?1 AND series = ?2 AND start >= ?3 AND start < ?4 ORDER BY start",
        )?
        .query_map([tier.number(), series, from_ms, to_ms], read)?
        .collect()
}

/// The samples of a series in `[from_ms, to_ms)`.
///
/// # Errors
/// What SQLite said.
pub fn samples(
    connection: &Connection,
    series: i64,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Point>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT at, value FROM sample WHERE series = ?1 AND at >= ?2 AND at < ?3 ORDER BY at",
        )?
        .query_map([series, from_ms, to_ms], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}

fn make(
    connection: &Connection,
    tier: Tier,
    series: i64,
    from_ms: i64,
    to_ms: i64,
) -> Result<(), rusqlite::Error> {
    let made = match tier {
        Tier::Minute => bucket::of_points(tier, &samples(connection, series, from_ms, to_ms)?),
        Tier::Hour => {
            let minutes = buckets(connection, Tier::Minute, series, from_ms, to_ms)?;
            bucket::of_buckets(tier, &minutes)
        }
    };
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO bucket (tier, series, start, low, low_after, high, high_after, sum, count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for Bucket { start_ms, values } in made {
        let number = tier.number();
        match values {
            Some(Values {
                low,
                high,
                sum,
                count,
            }) => insert.execute(params![
                number,
                series,
                start_ms,
                low.value,
                low.at_ms - start_ms,
                high.value,
                high.at_ms - start_ms,
                sum,
                count,
            ])?,
            None => insert.execute(params![
                number,
                series,
                start_ms,
                None::<f64>,
                0,
                None::<f64>,
                0,
                0.0,
                0
            ])?,
        };
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Bucket, rusqlite::Error> {
    let start_ms: i64 = row.get(0)?;
    let extreme = |value, after| -> Result<Option<Extreme>, rusqlite::Error> {
        let (value, after_ms): (Option<f64>, i64) = (row.get(value)?, row.get(after)?);
        let at_ms = start_ms + after_ms;
        Ok(value.map(|value| Extreme { at_ms, value }))
    };
    let (sum, count) = (row.get(5)?, row.get(6)?);
    let ends = extreme(1, 2)?.zip(extreme(3, 4)?);
    Ok(Bucket {
        start_ms,
        values: ends.map(|(low, high)| Values {
            low,
            high,
            sum,
            count,
        }),
    })
}

fn all_series(connection: &Connection) -> Result<Vec<i64>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT id FROM series")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// The first instant from `since_ms` on of what a tier is made of. Series by series, because samples are kept by series
/// first.
fn oldest_ms(
    connection: &Connection,
    tier: Tier,
    since_ms: i64,
) -> Result<Option<i64>, rusqlite::Error> {
    let mut oldest = connection.prepare_cached(match tier {
        Tier::Minute => "SELECT min(at) FROM sample WHERE series = ?1 AND at >= ?2",
        Tier::Hour => {
            "SELECT min(start) FROM bucket WHERE tier = 1 AND series = ?1 AND start >= ?2"
        }
    })?;
    let mut found: Option<i64> = None;
    for series in all_series(connection)? {
        let of_it: Option<i64> = oldest.query_row([series, since_ms], |row| row.get(0))?;
        found = found.into_iter().chain(of_it).min();
    }
    Ok(found)
}
