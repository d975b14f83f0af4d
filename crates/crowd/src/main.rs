//! The load generator of `cargo xtask bench feed`: many real clients of the feed in one small process.
//!
//! It is told what to do on standard input, one JSON document a line: first who to be ([`settings::Settings`]),
//! then one [`phases::Command`] after the other. Each is answered with one line of JSON on standard output. The
//! gateway's process is the caller's: this one only connects, listens, and sends what products and people send.

#![forbid(unsafe_code)]

mod client;
mod frames;
mod http;
mod phases;
mod random;
mod scan;
mod settings;
mod tally;
mod world;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::phases::Command;
use crate::settings::Settings;
use crate::world::World;

#[tokio::main]
async fn main() -> Result<()> {
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
