//! One phase after the other, and what the gateway and the kernel take meanwhile.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::crowd::Crowd;
use super::gateway::{Gateway, LANES};
use super::{SLOW, STOPPED};
use crate::bench::kernel_memory::{self, KernelMemory};
use crate::bench::proc_stat;
use crate::step::note;
use crate::workspace::Workspace;

/// How long the gateway rests before and after clients attach, so that start-up is not measured.
const SETTLE: Duration = Duration::from_secs(10);
/// Frames that are delivered a second under load, to all clients together.
const FRAMES_PER_S: u64 = 20_000;
/// A console gets at most ten frames a second; with fewer clients than two thousand fewer frames are delivered.
const MAX_CHANGES_PER_S: u64 = 8;
/// Load takes no longer than this, however long clients are held.
const LOAD_S_MAX: u64 = 60;
/// How often memory is looked at while clients are held.
const SAMPLES: u64 = 20;
/// Load without and beside those who read slowly is measured in turns, so that what else the machine does falls on
/// both.
const TURNS: u64 = 3;
const TURN_S_MIN: u64 = 10;
/// After a turn the gateway gets this long to give back what those who read slowly cost.
const BETWEEN_TURNS: Duration = Duration::from_secs(3);
/// How often the gateway is killed.
const STORMS: usize = 3;
/// People acknowledge for so long before it is.
const BEFORE_STORM: Duration = Duration::from_secs(5);

/// What is measured, and on whom.
struct Bench<'a> {
    gateway: &'a mut Gateway,
    crowd: &'a mut Crowd,
    connections: usize,
    alone_bytes: u64,
    kernel_alone: KernelMemory,
    figures: Value,
}

/// Measures everything.
///
/// # Errors
/// When the gateway or the crowd ends, or clients do not come back.
pub fn measure(
    workspace: &Workspace,
    gateway: &mut Gateway,
    crowd: &mut Crowd,
    connections: usize,
    seconds: u64,
) -> Result<Value> {
    sleep(SETTLE);
    let alone_bytes = proc_stat::read(gateway.pid)?.rss_bytes;
    let mut bench = Bench {
        gateway,
        crowd,
        connections,
        alone_bytes,
        kernel_alone: kernel_memory::read()?,
        figures: json!({"connections": connections, "rss_alone_bytes": alone_bytes}),
    };
    bench.attach()?;
    bench.hold(seconds)?;
    bench.load(seconds.min(LOAD_S_MAX))?;
    bench.load_beside(seconds.min(LOAD_S_MAX))?;
    let incidents = bench.phase("incidents", &json!({"do": "incidents"}))?;
    bench.take(incidents);
    bench.storms(workspace)?;
    Ok(bench.figures)
}

impl Bench<'_> {
    fn attach(&mut self) -> Result<()> {
        let command = json!({"do": "attach", "connections": self.connections});
        let attached = self.phase("attach", &command)?;
        self.figures["attach_s"] = attached["seconds"].clone();
        sleep(SETTLE);
        Ok(())
    }

    /// Holds all connections, with heartbeats alone, and says how memory moves.
    fn hold(&mut self, seconds: u64) -> Result<()> {
        let pid = self.gateway.pid;
        let samples = std::thread::spawn(move || rss_over(pid, Duration::from_secs(seconds)));
        let command = json!({"do": "hold", "seconds": seconds});
        let (idle, cpu) = self.with_cpu("hold", &command)?;
        let rss = samples.join().unwrap_or_default();
        let (first, last) = (
            rss.first().copied().unwrap_or(0),
            rss.last().copied().unwrap_or(0),
        );
        let kernel = kernel_memory::read()?;
        let both_ends = 2 * self.connections.max(1) as u64;
        let slab = kernel
            .slab_bytes
            .saturating_sub(self.kernel_alone.slab_bytes);
        self.take(json!({
            "hold_s": seconds,
            "idle_cpu_pct": cpu.gateway_pct,
            "idle_lost": idle["lost"],
            "rss_per_connection_bytes": self.per_connection()?,
            "hold_rss_start_bytes": first,
            "hold_rss_end_bytes": last,
            "hold_rss_drift_bytes": last.cast_signed() - first.cast_signed(),
            "hold_rss_bytes": rss,
            "kernel_tcp_queues_bytes": kernel.tcp_queues_bytes,
            "kernel_slab_per_socket_bytes": slab / both_ends,
        }));
        Ok(())
    }

    /// Small changes for everybody.
    fn load(&mut self, seconds: u64) -> Result<()> {
        let command = self.load_command(seconds, 1, "plain");
        let (loaded, cpu) = self.with_cpu("load", &command)?;
        let frames = loaded["frames"].as_f64().unwrap_or(0.0).max(1.0);
        self.take(loaded);
        self.take(json!({
            "load_s": seconds,
            "load_cpu_pct": cpu.gateway_pct,
            "load_crowd_cpu_pct": cpu.crowd_pct,
            "gateway_us_per_frame": rounded(cpu.gateway_ms * 1_000.0 / frames),
            "crowd_us_per_frame": rounded(cpu.crowd_ms * 1_000.0 / frames),
            "rss_per_connection_loaded_bytes": self.per_connection()?,
        }));
        Ok(())
    }

    /// Larger changes, in turns without and beside clients that read slowly or not at all.
    fn load_beside(&mut self, seconds: u64) -> Result<()> {
        let turn_s = (seconds / TURNS).max(TURN_S_MIN);
        let (mut without, mut beside) = (Value::Null, Value::Null);
        let (mut rss_without, mut rss_beside, mut lost) = (0, 0, 0);
        for _ in 0..TURNS {
            without = self.phase(
                "larger changes",
                &self.load_command(turn_s, LANES, "without"),
            )?;
            rss_without = proc_stat::read(self.gateway.pid)?
                .rss_bytes
                .max(rss_without);
            let mut command = self.load_command(turn_s, LANES, "beside");
            command["slow"] = json!(SLOW);
            command["stopped"] = json!(STOPPED);
            beside = self.phase("larger changes beside slow clients", &command)?;
            rss_beside = proc_stat::read(self.gateway.pid)?.rss_bytes.max(rss_beside);
            lost += beside["lost"].as_u64().unwrap_or(0);
            sleep(BETWEEN_TURNS);
        }
        let p99 = |it: &Value| it["p99_ms"].as_f64().unwrap_or(0.0);
        self.take(json!({
            "slow": SLOW,
            "stopped": STOPPED,
            "without_p50_ms": without["p50_ms"],
            "without_p99_ms": without["p99_ms"],
            "beside_p50_ms": beside["p50_ms"],
            "beside_p99_ms": beside["p99_ms"],
            "beside_p99_ratio": rounded(p99(&beside) / p99(&without).max(0.1)),
            "beside_rss_without_bytes": rss_without,
            "beside_rss_bytes": rss_beside,
            "beside_lost": lost,
            "kernel_tcp_queues_beside_bytes": kernel_memory::read()?.tcp_queues_bytes,
        }));
        Ok(())
    }

    fn load_command(&self, seconds: u64, lanes: u64, series: &str) -> Value {
        let changes = FRAMES_PER_S / self.connections.max(1) as u64;
        let changes_per_s = changes.clamp(1, MAX_CHANGES_PER_S);
        json!({
            "do": "load", "seconds": seconds, "changes_per_s": changes_per_s, "lanes": lanes, "series": series,
        })
    }

    /// Kills the gateway while people acknowledge, more than once; the slowest return counts.
    fn storms(&mut self, workspace: &Workspace) -> Result<()> {
        let (mut live_s, mut down_s, mut snapshots) = (Vec::new(), Vec::new(), 0.0_f64);
        for _ in 0..STORMS {
            self.phase("acknowledge", &json!({"do": "acknowledge"}))?;
            sleep(BEFORE_STORM);
            down_s.push(self.gateway.kill_and_restart(workspace)?.as_secs_f64());
            let command = json!({"do": "storm", "connections": self.connections});
            let storm = self.phase("storm", &command)?;
            live_s.push(storm["storm_live_s"].as_f64().unwrap_or(f64::MAX));
            snapshots = snapshots.max(storm["storm_snapshot_pct"].as_f64().unwrap_or(100.0));
            self.take(storm);
            sleep(SETTLE);
        }
        let slowest = live_s.iter().copied().fold(0.0, f64::max);
        self.take(json!({
            "storms": STORMS,
            "storm_live_s": slowest,
            "storm_live_each_s": live_s,
            "storm_down_each_s": down_s,
            "storm_snapshot_pct": snapshots,
            "rss_per_connection_storm_bytes": self.per_connection()?,
        }));
        Ok(())
    }

    fn per_connection(&self) -> Result<u64> {
        let rss_bytes = proc_stat::read(self.gateway.pid)?.rss_bytes;
        Ok(rss_bytes.saturating_sub(self.alone_bytes) / self.connections.max(1) as u64)
    }

    /// Adds what a phase measured.
    fn take(&mut self, measured: Value) {
        if let (Some(figures), Value::Object(measured)) = (self.figures.as_object_mut(), measured) {
            figures.extend(measured);
        }
    }

    fn phase(&mut self, name: &str, command: &Value) -> Result<Value> {
        note(name);
        let answer = self.crowd.ask(command)?;
        note(answer.to_string());
        Ok(answer)
    }

    /// As [`Self::phase`], with what gateway and crowd took of the processors meanwhile.
    fn with_cpu(&mut self, name: &str, command: &Value) -> Result<(Value, Cpu)> {
        let read = |it: &Self| -> Result<(u64, u64)> {
            let gateway = proc_stat::read(it.gateway.pid)?.cpu_ms;
            Ok((gateway, proc_stat::read(it.crowd.pid())?.cpu_ms))
        };
        let (before, began_at) = (read(self)?, Instant::now());
        let answer = self.phase(name, command)?;
        let after = read(self)?;
        let took_ms = began_at.elapsed().as_secs_f64() * 1_000.0;
        let (gateway_ms, crowd_ms) = ((after.0 - before.0) as f64, (after.1 - before.1) as f64);
        let cpu = Cpu {
            gateway_ms,
            crowd_ms,
            gateway_pct: rounded(100.0 * gateway_ms / took_ms),
            crowd_pct: rounded(100.0 * crowd_ms / took_ms),
        };
        Ok((answer, cpu))
    }
}

/// Processor time of gateway and crowd, and how much of one core each was.
struct Cpu {
    gateway_ms: f64,
    crowd_ms: f64,
    gateway_pct: f64,
    crowd_pct: f64,
}

/// Resident memory at equal distances, with both ends.
fn rss_over(pid: u32, time: Duration) -> Vec<u64> {
    let every = time / u32::try_from(SAMPLES).unwrap_or(1);
    let mut samples = Vec::new();
    for number in 0..=SAMPLES {
        if number > 0 {
            sleep(every);
        }
        let Ok(reading) = proc_stat::read(pid) else {
            break;
        };
        samples.push(reading.rss_bytes);
    }
    samples
}

/// To two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
