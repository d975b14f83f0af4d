//! The one thread that writes `samples.db`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::{broadcast, oneshot};
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::log::LogLine;

use super::line::{NewLogLine, level_rank};
use super::retain::{self, Retained};
use crate::clock::Clock;
use crate::config::gateway::Retention;
use crate::observation::Sample;

/// After the first of a batch arrives, others may join it for this long.
const GATHER: Duration = Duration::from_millis(100);
/// A batch takes no more once it has this many rows.
const MAX_BATCH_ROWS: usize = 20_000;
/// How often the writer looks whether anything is past its time, in milliseconds.
const RETAIN_EVERY_MS: i64 = 60_000;
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
        write_samples(&transaction, &self.series, &mut numbers, &batch.samples)?;
        let ids = write_lines(&transaction, arrived_at, &batch.lines)?;
        transaction.commit()?;
        // Only what was committed may be remembered.
        self.series.extend(numbers);
        Ok(ids)
    }

    fn retain(&mut self) {
        let now_ms = self.clock.monotonic_ms();
        if now_ms < self.retain_at_ms {
            return;
        }
        let now = self.clock.now();
        let logs_before = now.plus_ms(-self.retention.logs.ms);
        let samples_before = now.plus_ms(-self.retention.samples.ms);
        match retain::step(&self.connection, logs_before, samples_before) {
            Ok(Retained::More) => {}
            Ok(Retained::Done) => self.retain_at_ms = now_ms + RETAIN_EVERY_MS,
            Err(error) => {
                tracing::warn!(%error, "old samples and log lines could not be removed");
                self.retain_at_ms = now_ms + RETAIN_EVERY_MS;
            }
        }
    }
}

fn write_samples(
    transaction: &Transaction<'_>,
    known: &HashMap<SeriesId, i64>,
    new: &mut HashMap<SeriesId, i64>,
    samples: &[Sample],
) -> Result<(), rusqlite::Error> {
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
    }
    Ok(())
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
