//! Samples and log lines: `samples.db`, written by one thread, read by a few others.
//!
//! Writing never blocks its caller: the queue is bounded in entries and bytes, and what does not fit is
//! dropped and counted (`watchfloor_records_dropped_total`). A line reaches live tails once it is stored.

pub mod bucket;
pub mod error;
pub mod line;
pub mod logs;
mod retain;
pub mod roll_up;
mod schema;
pub mod series;
pub mod thin;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, broadcast, oneshot};
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::log::{LogLine, LogPage};
use watchfloor_wire::series::SeriesColumns;
use watchfloor_wire::time::UnixMs;

pub use self::error::RecordsError;
pub use self::line::{LogQuery, NewLogLine};
use self::series::{KeptFrom, Stretch};
use self::writer::{Job, Writer};
use crate::clock::Clock;
use crate::config::gateway::Retention;
use crate::observation::Sample;

/// Batches that may wait to be written.
const MAX_QUEUED_JOBS: usize = 4_096;
/// Bytes that may wait to be written.
const MAX_QUEUED_BYTES: usize = 32 * 1024 * 1024;
/// Lines that a live tail may lag behind before it loses some.
const TAIL_LINES: usize = 1_024;
/// Reads that run at once; others wait.
const READERS: usize = 4;

/// Takes samples and log lines; cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    jobs: SyncSender<Job>,
    queued_bytes: Arc<AtomicUsize>,
}

/// Answers questions about samples and log lines; cheap to clone.
#[derive(Clone, Debug)]
pub struct Records {
    pool: Arc<Pool>,
    tail: broadcast::Sender<Arc<LogLine>>,
    samples_kept_ms: i64,
    minutes_kept_ms: i64,
    clock: Clock,
}

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

/// Opens `samples.db` in `data_dir`, makes it when it is missing, and starts the writer.
///
/// # Errors
/// [`RecordsError`] when the directory or the database cannot be used.
pub fn open(
    data_dir: &Path,
    retention: &Retention,
    clock: Clock,
) -> Result<(Recorder, Records), RecordsError> {
    let directory_failed = |source| RecordsError::Directory {
        path: data_dir.to_owned(),
        source,
    };
    std::fs::create_dir_all(data_dir).map_err(directory_failed)?;
    let path = data_dir.join("samples.db");
    let (jobs, received) = sync_channel(MAX_QUEUED_JOBS);
    let queued_bytes = Arc::new(AtomicUsize::new(0));
    let tail = broadcast::Sender::new(TAIL_LINES);
    let writer = Writer {
        connection: schema::open_writer(&path)?,
        jobs: received,
        queued_bytes: Arc::clone(&queued_bytes),
        tail: tail.clone(),
        retention: retention.clone(),
        clock: clock.clone(),
        series: HashMap::new(),
        retain_at_ms: 0,
        roll_up_at_ms: 0,
    };
    std::thread::Builder::new()
        .name("records".to_owned())
        .spawn(move || writer.run())
        .map_err(directory_failed)?;
    let pool = Arc::new(Pool {
        path,
        idle: Mutex::default(),
        permits: Arc::new(Semaphore::new(READERS)),
    });
    let records = Records {
        pool,
        tail,
        samples_kept_ms: retention.samples.ms,
        minutes_kept_ms: retention.minutes.ms,
        clock,
    };
    Ok((Recorder { jobs, queued_bytes }, records))
}

impl Recorder {
    /// Stores samples. A sample of the same series and instant replaces the one before.
    pub fn samples(&self, samples: Vec<Sample>) {
        let count = samples.len();
        if count > 0 && !self.enqueue(Job::Samples(samples)) {
            count_dropped("samples", count);
        }
    }

    /// Stores lines, which must be redacted and sanitised; false when the queue is full and they were dropped.
    pub fn logs(&self, lines: Vec<NewLogLine>) -> bool {
        let count = lines.len();
        let taken = count == 0 || self.enqueue(Job::Logs(lines));
        if !taken {
            count_dropped("logs", count);
        }
        taken
    }

    /// Returns once everything that was handed in before is stored. For shutdown.
    pub async fn flush(&self) {
        let (done, waiting) = oneshot::channel();
        let jobs = self.jobs.clone();
        // The queue may be full, and waiting for room in it blocks.
        let _sent = tokio::task::spawn_blocking(move || jobs.send(Job::Flush(done))).await;
        // A writer that is gone has nothing left to store.
        let _stored = waiting.await;
    }

    fn enqueue(&self, job: Job) -> bool {
        let bytes = job.weight_bytes();
        let queued = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if queued <= MAX_QUEUED_BYTES && self.jobs.try_send(job).is_ok() {
            return true;
        }
        self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        false
    }
}

impl Records {
    /// The history of each series in `ids` that is known, in their order, between `from` and `to` inclusive.
    /// More than `points` samples are thinned: each stretch keeps its first, smallest, largest and last one. Long spans,
    /// and what is older than samples are kept, come from minutes or hours with their extremes.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub async fn series(
        &self,
        ids: Vec<SeriesId>,
        from: UnixMs,
        to: UnixMs,
        points: usize,
    ) -> Result<Vec<SeriesColumns>, RecordsError> {
        let now = self.clock.now();
        let stretch = Stretch {
            from,
            to,
            points,
            kept_from: KeptFrom {
                samples: now.plus_ms(-self.samples_kept_ms),
                minutes: now.plus_ms(-self.minutes_kept_ms),
            },
        };
        self.read(move |connection| series::columns(connection, &ids, &stretch))
            .await
    }

    /// A page of log lines, newest first. Its work is bounded: see [`logs::MAX_SCANNED_LINES`] and
    /// [`logs::MAX_COUNTED_LINES`].
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub async fn logs(&self, query: LogQuery) -> Result<LogPage, RecordsError> {
        self.read(move |connection| logs::page(connection, &query))
            .await
    }

    /// Lines from now on, as they are stored. Who lags more than 1,024 lines loses the oldest, and is told.
    #[must_use]
    pub fn subscribe_logs(&self) -> broadcast::Receiver<Arc<LogLine>> {
        self.tail.subscribe()
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, RecordsError> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let pool = Arc::clone(&self.pool);
        let permit = Arc::clone(&pool.permits)
            .acquire_owned()
            .await
            .map_err(|_| RecordsError::Stopped)?;
        let reading = tokio::task::spawn_blocking(move || {
            // Held until the reading is over, even when nobody waits for it any more.
            let _permit = permit;
            pool.ask(question)
        });
        reading.await.map_err(|_| RecordsError::Stopped)?
    }
}

impl Pool {
    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open_reader(&self.path)?,
        };
        let answer = question(&connection)?;
        self.idle().push(connection);
        Ok(answer)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_dropped(kind: &'static str, count: usize) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    metrics::counter!("watchfloor_records_dropped_total", "kind" => kind).increment(count);
}
