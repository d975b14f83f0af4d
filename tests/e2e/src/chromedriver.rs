//! The driver between tests and browsers.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::places;

const START_MAX: Duration = Duration::from_secs(30);

/// A ChromeDriver on a port of its own; it ends with this value.
pub struct ChromeDriver {
    /// Where it listens, as an address.
    pub url: String,
    _child: Child,
}

impl ChromeDriver {
    /// Starts one.
    ///
    /// # Errors
    /// When it is not installed, or does not come up.
    pub async fn start() -> Result<Self> {
        let program = places::installed("chromedriver")?;
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("could not start chromedriver")?;
        let stdout = child.stdout.take().context("chromedriver has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = timeout(START_MAX, async {
            while let Some(line) = lines.next_line().await? {
                if let Some(port) = port_in(&line) {
                    return Ok(port);
                }
            }
            bail!("chromedriver ended without naming its port")
        })
        .await
        .context("chromedriver does not come up")??;
        // Nobody reads on, and a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            _child: child,
        })
    }
}

fn port_in(line: &str) -> Option<u16> {
    let after = line.split("started successfully on port ").nth(1)?;
    after.trim_end_matches('.').trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn the_port_is_read_from_the_line_that_names_it() {
        assert_eq!(
            port_in("ChromeDriver was started successfully on port 41213."),
            Some(41213)
        );
        assert_eq!(
            port_in("Starting ChromeDriver 156.0.8078.79 on port 0"),
            None
        );
    }
}
