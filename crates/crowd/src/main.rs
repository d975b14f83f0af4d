//! The load generator of `cargo xtask bench feed`: many real clients of the feed in one small process.
//!
//! It is told what to do on standard input, one JSON document a line: first who to be ([`settings::Settings`]),
//! then one [`phases::Command`] after the other. Each is answered with one line of JSON on standard output. The
//! gateway's process is the caller's: this one only connects, listens, and sends what products and people send.

#![forbid(unsafe_code)]

mod client;
mod clock;
mod frames;
mod http;
mod phases;
mod random;
mod scan;
mod settings;
mod tally;
mod world;

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::phases::Command;
use crate::settings::Settings;
use crate::world::World;

/// How long the process looks away between two rounds.
const REST: Duration = Duration::from_millis(2);

/// So many clients are served before the system is asked who else has something.
const BETWEEN_LOOKS: u32 = 512;
/// The system names so many at once.
const NAMED_AT_ONCE: usize = 4_096;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .event_interval(BETWEEN_LOOKS)
        .max_io_events_per_tick(NAMED_AT_ONCE)
        .build()?
        .block_on(serve())
}

async fn serve() -> Result<()> {
    tokio::spawn(rest());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let first = lines.next_line().await?.context("no settings came")?;
    let settings: Settings = serde_json::from_str(&first).context("the settings")?;
    let world = World::new(settings);
    let mut answers = tokio::io::stdout();
    while let Some(line) = lines.next_line().await? {
        let command: Command = serde_json::from_str(&line).context("a command")?;
        let answer = phases::run(&world, command).await?;
        answers.write_all(format!("{answer}\n").as_bytes()).await?;
        answers.flush().await?;
    }
    Ok(())
}

/// Sleeps without waiting for sockets, so that what arrives meanwhile is read in one round. A process that waits for
/// them is woken by the kernel within each of the gateway's sends, and would measure the cost of its own waking. It
/// makes every latency that is counted here up to 2 ms longer.
async fn rest() {
    loop {
        std::thread::sleep(REST);
        tokio::task::yield_now().await;
    }
}
