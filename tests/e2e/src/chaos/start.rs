//! A page whose program is lost on its way: the page itself came, and then the network swallows everything.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::campaign::{Campaign, Figures, Outcome};
use super::watch::{self, Judgement};
use super::{LIVE_WITHIN_S, held, unix_s};
use crate::wait::until;

/// So slow that the page and its style come within seconds, and the program within a minute.
const SLOW_BYTES_PER_S: i64 = 5_000;
/// By then the page is there and the program on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(20);
/// The network swallows everything for this long.
const LOST_FOR: Duration = Duration::from_secs(15);
/// The promise: a program that did not come within two minutes is given up, and the page loads itself again; in seconds
/// from when it was opened.
const GIVEN_UP_WITHIN_S: f64 = 130.0;

impl Campaign {
    /// Opens a page over a slow line, kills the line's connections half while the program travels, and heals it.
    ///
    /// # Errors
    /// When the proxy or the browser is gone. A broken promise is in the outcome.
    pub async fn lose_program(&mut self) -> Result<Outcome> {
        let line = self.spare_line();
        let slow = json!({"fault": "bandwidth", "bytes_per_s": SLOW_BYTES_PER_S});
        self.network.put(line, slow).await?;
        let driver = self.browser.driver();
        let window = driver.new_window().await?;
        driver.switch_to_window(window).await?;
        watch::take_notes(&self.browser).await?;
        let opened_at = unix_s();
        // Asked for by a script, because the driver would wait until everything is here.
        let address = self.page_over(line);
        let go = format!("location.href = {}", json!(address));
        self.browser.script(&go).await?;
        tokio::time::sleep(ON_ITS_WAY).await;
        let text = self
            .browser
            .script("return document.body.innerText")
            .await?;
        ensure!(
            text.as_str().is_some_and(|it| it.contains("loading")),
            "the program is not on its way: {text}"
        );
        let swallow = json!({"fault": "half-open", "dead": "both"});
        self.network.put(line, swallow).await?;
        tokio::time::sleep(LOST_FOR).await;
        self.network.heal(line).await?;
        Ok(Outcome {
            name: "half-open, at the start",
            result: self.comes_by_itself(opened_at).await,
        })
    }

    async fn comes_by_itself(&self, opened_at: f64) -> Result<Figures> {
        let limit_s = GIVEN_UP_WITHIN_S + LIVE_WITHIN_S;
        let log = until("a live page", Duration::from_secs_f64(limit_s), || async {
            // While the page loads itself again it has no notes.
            let log = watch::notes(&self.browser).await.ok();
            Ok(log.filter(watch::Log::is_live))
        })
        .await?;
        let live_at = log.shown.last().map_or(0.0, |it| it.at);
        let keys = held::equal(&self.browser, self.world.gateway()).await?;
        let judgement = Judgement {
            stale_after_s: None,
            live_after_s: live_at - opened_at,
        };
        Ok(Figures { judgement, keys })
    }
}
