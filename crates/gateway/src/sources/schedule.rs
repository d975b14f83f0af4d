//! Running probes: a task each, a limit on how many ask at once, and a stop that waits for all.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::asking::Asker;
use super::plan::Probe;
use super::prometheus::Malformed;
use super::reading::Reader;
use super::rhythm::Rhythm;
use crate::clock::Clock;
use crate::observation::Observation;

/// Takes what was seen. Must not block.
pub trait Sink: Send + Sync + 'static {
    /// One thing that was seen.
    fn observe(&self, observation: Observation);
}

/// Numbers from 0 to 1 by which rounds vary.
pub type Chance = Box<dyn FnMut() -> f64 + Send>;

/// What all probes share.
#[derive(Clone)]
pub struct Schedule {
    asker: Asker,
    sink: Arc<dyn Sink>,
    places: Arc<Semaphore>,
    clock: Clock,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Schedule {
    /// Nothing runs yet. At most `max_concurrent` probes ask at once.
    #[must_use]
    pub fn new(asker: Asker, sink: Arc<dyn Sink>, max_concurrent: usize, clock: Clock) -> Self {
        Self {
            asker,
            sink,
            places: Arc::new(Semaphore::new(max_concurrent.max(1))),
            clock,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Runs a probe until the schedule stops. Needs a Tokio runtime.
    pub fn run(&self, probe: Probe, chance: Chance) {
        let schedule = self.clone();
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            // A round that is under way is given up: its answer would come after the end.
            stop.run_until_cancelled(schedule.rounds(probe, chance))
                .await;
        });
    }

    /// Stops all probes and waits until they have.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn rounds(self, probe: Probe, mut chance: Chance) {
        let name = format!(
            "{} {}",
            probe.url,
            probe.checks.first().map_or("", |it| it.as_str())
        );
        let interval_ms = probe.config.interval.ms;
        let mut rhythm = Rhythm::start(&name, interval_ms, self.clock.monotonic_ms());
        let mut reader = Reader::default();
        loop {
            let wait_ms = rhythm.wait_ms(self.clock.monotonic_ms());
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            tokio::time::sleep(wait).await;
            self.round(&probe, &mut reader).await;
            let left_out = rhythm.next(self.clock.monotonic_ms(), chance());
            if left_out > 0 {
                metrics::counter!("watchfloor_probe_rounds_skipped_total")
                    .increment(u64::try_from(left_out).unwrap_or(0));
                tracing::warn!(
                    probe = name,
                    left_out,
                    "a round took longer than its interval"
                );
            }
        }
    }

    async fn round(&self, probe: &Probe, reader: &mut Reader) {
        // The semaphore is never closed, so that waiting for a place always ends with one.
        let place = self.places.acquire().await;
        let answer = self.asker.ask(probe).await;
        drop(place);
        let result = if answer.said.is_ok() {
            "answered"
        } else {
            "failed"
        };
        metrics::counter!("watchfloor_probe_rounds_total", "result" => result).increment(1);
        let before = reader.malformed().to_vec();
        for observation in reader.read(probe, &answer, self.clock.now()) {
            self.sink.observe(Observation::Check(observation));
        }
        tell_malformed(probe, &before, reader.malformed());
    }
}

/// Says once what is wrong with a page, and not again until that changes.
fn tell_malformed(probe: &Probe, before: &[Malformed], now: &[Malformed]) {
    let Some(first) = now.first().filter(|_| now != before) else {
        return;
    };
    tracing::warn!(
        probe = %probe.url,
        count = now.len(),
        line = first.line,
        family = first.family,
        why = first.why,
        "a page of metrics is malformed; what is sound of it is used"
    );
}

/// Chance from the machine's random numbers.
#[must_use]
pub fn system_chance() -> Chance {
    Box::new(|| rand::rng().random_range(0.0..=1.0))
}
