//! The one thread that writes `samples.db`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::{broadcast, oneshot};
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::log::LogLine;

use super::bucket::Tier;
use super::line::{NewLogLine, level_rank};
use super::retain::{self, Kept, Retained};
use super::roll_up::{self, Minute, RolledUp};
use crate::clock::Clock;
use crate::config::gateway::Retention;
use crate::observation::Sample;

/// After the first of a batch arrives, others may join it for this long.
const GATHER: Duration = Duration::from_millis(100);
/// A batch takes no more once it has this many rows.
const MAX_BATCH_ROWS: usize = 20_000;
/// How often the writer looks whether anything is past its time, in milliseconds.
const RETAIN_EVERY_MS: i64 = 60_000;
/// How often the writer looks whether a minute is over, in milliseconds.
const ROLL_UP_EVERY_MS: i64 = 15_000;
/// How often a batch that the disk refuses is tried.
const ATTEMPTS: u32 = 3;

/// What the thread is asked to do.
pub enum Job {
    /// Store these.
    Samples(Vec<Sample>),
    /// Store these.
    Logs(Vec<NewLogLine>),
    /// Answer once everything before is stored.
    Flush(oneshot::Sender<()>),
}

impl Job {
    /// Roughly how many bytes it takes while it waits.
    pub fn weight_bytes(&self) -> usize {
        match self {
            Self::Samples(samples) => samples.iter().map(|it| 64 + it.series.0.len()).sum(),
            Self::Logs(lines) => lines.iter().map(NewLogLine::weight_bytes).sum(),
            Self::Flush(_) => 0,
        }
    }
}

/// The thread's belongings.
pub struct Writer {
    pub connection: Connection,
    pub jobs: Receiver<Job>,
    pub queued_bytes: Arc<AtomicUsize>,
    pub tail: broadcast::Sender<Arc<LogLine>>,
    pub retention: Retention,
    pub clock: Clock,
    pub series: HashMap<SeriesId, i64>,
    pub retain_at_ms: i64,
    pub roll_up_at_ms: i64,
}

#[derive(Default)]
struct Batch {
    samples: Vec<Sample>,
    lines: Vec<NewLogLine>,
    flushes: Vec<oneshot::Sender<()>>,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.samples.len() + self.lines.len() >= MAX_BATCH_ROWS || !self.flushes.is_empty()
    }
}

impl Writer {
    /// Writes until every [`Recorder`](super::Recorder) is gone and everything that they sent is stored.
    pub fn run(mut self) {
        loop {
            match self.jobs.recv_timeout(Duration::from_secs(1)) {
                Ok(job) => {
                    let batch = self.gather(job);
                    self.store(batch);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // What is kept no longer is summed up first.
            self.roll_up();
            self.retain();
        }
    }

    fn gather(&self, first: Job) -> Batch {
        let mut batch = Batch::default();
        self.add(&mut batch, first);
        if !batch.is_full() {
            std::thread::sleep(GATHER);
        }
        while !batch.is_full()
            && let Ok(job) = self.jobs.try_recv()
        {
            self.add(&mut batch, job);
        }
        batch
    }

    fn add(&self, batch: &mut Batch, job: Job) {
        self.queued_bytes
            .fetch_sub(job.weight_bytes(), Ordering::Relaxed);
        match job {
            Job::Samples(samples) => batch.samples.extend(samples),
            Job::Logs(lines) => batch.lines.extend(lines),
            Job::Flush(done) => batch.flushes.push(done),
        }
    }

    fn store(&mut self, batch: Batch) {
        let mut outcome = Ok(Vec::new());
        for attempt in 0..ATTEMPTS {
            outcome = self.write(&batch);
            let Err(error) = &outcome else { break };
            tracing::warn!(%error, attempt, "samples.db refused a batch");
            std::thread::sleep(GATHER * 2_u32.pow(attempt));
        }
        match outcome {
            Ok(ids) => {
                for (id, line) in ids.into_iter().zip(batch.lines) {
                    // Nobody listening is no failure.
                    let _listeners = self.tail.send(Arc::new(line.placed(id)));
                }
            }
            Err(error) => {
                super::count_dropped("samples", batch.samples.len());
                super::count_dropped("logs", batch.lines.len());
                tracing::error!(%error, "a batch of samples and log lines was lost");
            }
        }
        for flush in batch.flushes {
            let _waiting = flush.send(());
        }
    }

    /// Writes all of it or nothing; the ids of the lines, in order.
    fn write(&mut self, batch: &Batch) -> Result<Vec<u64>, rusqlite::Error> {
        if batch.samples.is_empty() && batch.lines.is_empty() {
            return Ok(Vec::new());
        }
        let arrived_at = self.clock.now().0;
        let transaction = self.connection.transaction()?;
        let mut numbers = HashMap::new();
        let made_ms = roll_up::rolled_up_to(&transaction, Tier::Minute)?.unwrap_or(i64::MIN);
        let late = write_samples(
            &transaction,
            &self.series,
            &mut numbers,
            &batch.samples,
            made_ms,
        )?;
        // A minute whose samples were partly removed cannot be made anew.
        let whole_ms = arrived_at - self.retention.samples.ms;
        let late = late.into_iter().filter(|(_, minute)| *minute >= whole_ms);
        roll_up::again(&transaction, &late.collect())?;
        let ids = write_lines(&transaction, arrived_at, &batch.lines)?;
        transaction.commit()?;
        // Only what was committed may be remembered.
        self.series.extend(numbers);
        Ok(ids)
    }

    fn roll_up(&mut self) {
        let now_ms = self.clock.monotonic_ms();
        if now_ms < self.roll_up_at_ms {
            return;
        }
        let now = self.clock.now();
        for tier in Tier::ALL {
            match roll_up::step(&mut self.connection, tier, now) {
                Ok(RolledUp::More) => return,
                Ok(RolledUp::Done) => {}
                Err(error) => {
                    tracing::warn!(%error, ?tier, "samples could not be summed up");
                    break;
                }
            }
        }
        self.roll_up_at_ms = now_ms + ROLL_UP_EVERY_MS;
    }

    fn retain(&mut self) {
        let now_ms = self.clock.monotonic_ms();
        if now_ms < self.retain_at_ms {
            return;
        }
        let now = self.clock.now();
        let kept = Kept {
            logs: now.plus_ms(-self.retention.logs.ms),
            samples: now.plus_ms(-self.retention.samples.ms),
            minutes: now.plus_ms(-self.retention.minutes.ms),
            hours: now.plus_ms(-self.retention.hours.ms),
        };
        match retain::step(&self.connection, &kept) {
            Ok(Retained::More) => {}
            Ok(Retained::Done) => self.retain_at_ms = now_ms + RETAIN_EVERY_MS,
            Err(error) => {
                tracing::warn!(%error, "old samples and log lines could not be removed");
                self.retain_at_ms = now_ms + RETAIN_EVERY_MS;
            }
        }
    }
}

/// Stores samples; the minutes before `made_ms` that they change.
fn write_samples(
    transaction: &Transaction<'_>,
    known: &HashMap<SeriesId, i64>,
    new: &mut HashMap<SeriesId, i64>,
    samples: &[Sample],
    made_ms: i64,
) -> Result<BTreeSet<Minute>, rusqlite::Error> {
    let mut late = BTreeSet::new();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO sample (series, at, value) VALUES (?1, ?2, ?3)
         ON CONFLICT (series, at) DO UPDATE SET value = excluded.value",
    )?;
    for sample in samples {
        let number = match known
            .get(&sample.series)
            .or_else(|| new.get(&sample.series))
        {
            Some(number) => *number,
            None => {
                let number = series_number(transaction, &sample.series)?;
                new.insert(sample.series.clone(), number);
                number
            }
        };
        // A value that is no number is a gap, not a zero.
        let value = sample.value.filter(|value| value.is_finite());
        insert.execute(params![number, sample.at.0, value])?;
        if sample.at.0 < made_ms {
            late.insert((number, Tier::Minute.start_ms(sample.at.0)));
        }
    }
    Ok(late)
}

fn series_number(transaction: &Transaction<'_>, series: &SeriesId) -> Result<i64, rusqlite::Error> {
    transaction.execute(
        "INSERT INTO series (name) VALUES (?1) ON CONFLICT (name) DO NOTHING",
        [series.as_str()],
    )?;
    transaction.query_row(
        "SELECT id FROM series WHERE name = ?1",
        [series.as_str()],
        |row| row.get(0),
    )
}

fn write_lines(
    transaction: &Transaction<'_>,
    arrived_at: i64,
    lines: &[NewLogLine],
) -> Result<Vec<u64>, rusqlite::Error> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO log (arrived_at, at, product, service, level, message, fields)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    lines
        .iter()
        .map(|line| {
            // A map of strings can always be written as JSON.
            let fields = serde_json::to_string(&line.fields).unwrap_or_default();
            let id = insert.insert(params![
                arrived_at,
                line.at.0,
                line.product.as_str(),
                line.service,
                level_rank(line.level),
                line.message,
                fields,
            ])?;
            Ok(id.unsigned_abs())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::mpsc::sync_channel;

    use proptest::prelude::*;
    use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

    use super::*;
    use crate::records::bucket;
    use crate::records::schema;

    const NOW: i64 = 1_763_683_200_000;

    #[derive(Clone, Debug)]
    enum Event {
        /// A sample of this long ago, with this value.
        Sample(i64, Option<i32>),
        /// Time passes, or the clock is set back.
        Clock(i64),
        /// The writer looks after what is summed up, so many times.
        Passes(u8),
    }

    fn event() -> impl Strategy<Value = Event> {
        let age_ms = prop_oneof![0..MINUTE_MS, 0..10 * MINUTE_MS, 0..5 * HOUR_MS];
        let value = prop::option::weighted(0.9, -99..99_i32);
        prop_oneof![
            6 => (age_ms, value).prop_map(|(age_ms, value)| Event::Sample(age_ms, value)),
            2 => (-5 * MINUTE_MS..2 * HOUR_MS).prop_map(Event::Clock),
            2 => (1..12_u8).prop_map(Event::Passes),
        ]
    }

    fn writer(folder: &tempfile::TempDir, clock: &Clock) -> Writer {
        Writer {
            connection: schema::open_writer(&folder.path().join("samples.db")).unwrap(),
            jobs: sync_channel(1).1,
            queued_bytes: Arc::default(),
            tail: broadcast::Sender::new(1),
            retention: Retention {
                // Longer than any history here, so that everything can be compared in the end.
                samples: crate::config::span::Span::seconds(365 * 86_400),
                ..Retention::default()
            },
            clock: clock.clone(),
            series: HashMap::new(),
            retain_at_ms: 0,
            roll_up_at_ms: 0,
        }
    }

    fn pass(writer: &mut Writer) {
        writer.roll_up_at_ms = i64::MIN;
        writer.roll_up();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn in_whatever_order_samples_come_minutes_and_hours_are_theirs(
            events in prop::collection::vec(event(), 1..40),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::manual(UnixMs(NOW));
            let mut writer = writer(&folder, &clock);
            let mut all = BTreeMap::new();
            for event in events {
                match event {
                    Event::Sample(age_ms, value) => {
                        let (at, value) = (clock.now().plus_ms(-age_ms), value.map(f64::from));
                        all.insert(at.0, value);
                        let sample = Sample { series: "a.b.c".into(), at, value };
                        let samples = vec![sample];
                        writer.store(Batch { samples, ..Batch::default() });
                    }
                    Event::Clock(by_ms) => clock.set_forward_ms(by_ms),
                    Event::Passes(times) => (0..times).for_each(|_| pass(&mut writer)),
                }
            }
            // Until everything is settled, and more often than any of it needs.
            clock.advance_ms(DAY_MS);
            (0..400).for_each(|_| pass(&mut writer));
            let points: Vec<_> = all.into_iter().collect();
            for tier in Tier::ALL {
                let made = roll_up::buckets(&writer.connection, tier, 1, i64::MIN, i64::MAX).unwrap();
                prop_assert_eq!(made, bucket::of_points(tier, &points));
            }
        }
    }
}
