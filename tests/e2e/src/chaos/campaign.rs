//! Cases side by side: one gateway, one browser, a window and a line of the proxy for each.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use thirtyfour::WindowHandle;

use super::faults::{Case, Expected};
use super::network::Network;
use super::watch::{self, Judgement, Log};
use super::{LIVE_WITHIN_S, STALE_WITHIN_S, held, unix_s};
use crate::browser::{Browser, Screen, Theme};
use crate::chromedriver::ChromeDriver;
use crate::pages;
use crate::wait::until;
use crate::world::World;

/// How often every page is looked after. Nothing is measured by this.
const ROUND: Duration = Duration::from_millis(500);
/// Past its promise a page is waited for this much longer, in seconds, so that the failure says how late it was.
const PATIENCE_S: f64 = 30.0;

/// What came of a case.
#[derive(Debug)]
pub struct Outcome {
    /// As the table names it.
    pub name: &'static str,
    /// The figures, or the promise that was broken.
    pub result: Result<Figures>,
}

/// The figures of a case.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// What was seen.
    pub judgement: Judgement,
    /// How many keys were compared and found equal.
    pub keys: usize,
}

impl Figures {
    fn worse(&self, other: &Self) -> Self {
        let (one, two) = (self.judgement, other.judgement);
        Self {
            judgement: Judgement {
                stale_after_s: watch::longer(one.stale_after_s, two.stale_after_s),
                live_after_s: one.live_after_s.max(two.live_after_s),
            },
            keys: self.keys.min(other.keys),
        }
    }
}

enum Step {
    /// Until the fault is over.
    Bad,
    /// Until the page is live.
    Healed {
        at: f64,
    },
    Over,
}

struct Running {
    case: Case,
    window: WindowHandle,
    broken_at: f64,
    step: Step,
    result: Option<Result<Figures>>,
}

/// A world with pages behind a network.
pub struct Campaign {
    pub(super) world: World,
    pub(super) network: Network,
    pub(super) browser: Browser,
    running: Vec<Running>,
    windows: Vec<WindowHandle>,
    _chromedriver: ChromeDriver,
}

impl Campaign {
    /// Starts everything, with a page that is live for each case.
    ///
    /// # Errors
    /// When something does not come up.
    pub async fn start(world: World, cases: &[Case]) -> Result<Self> {
        let chromedriver = ChromeDriver::start().await?;
        // One more than there are cases, over which nothing has been fetched.
        let network = Network::start(&world, cases.len() + 1).await?;
        let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
        let first = network.lines().first().context("there is no case")?;
        let link = world.first_login_link().await?;
        let link = link.replace(&world.gateway().to_string(), &first.to_string());
        // The session is a cookie, which belongs to the host whatever the port.
        pages::first_login_at(&link, &browser).await?;
        let (mut running, mut windows) = (Vec::new(), Vec::new());
        for (case, line) in cases.iter().zip(network.lines()) {
            let window = browser.driver().new_window().await?;
            browser.driver().switch_to_window(window.clone()).await?;
            watch::take_notes(&browser).await?;
            browser.driver().goto(page_over(&world, *line)).await?;
            pages::live(&browser).await?;
            windows.push(window.clone());
            running.push(Running {
                case: *case,
                window,
                broken_at: 0.0,
                step: Step::Bad,
                result: None,
            });
        }
        Ok(Self {
            world,
            network,
            browser,
            running,
            windows,
            _chromedriver: chromedriver,
        })
    }

    /// The line that no case has.
    pub(super) fn spare_line(&self) -> usize {
        self.network.lines().len() - 1
    }

    /// The address of the board over this line.
    pub(super) fn page_over(&self, line: usize) -> String {
        page_over(&self.world, self.network.lines()[line])
    }

    /// Runs all cases and says what came of each.
    ///
    /// # Errors
    /// When the proxy or the browser is gone. A broken promise is in its outcome.
    pub async fn run(&mut self) -> Result<Vec<Outcome>> {
        for (line, running) in self.running.iter_mut().enumerate() {
            self.network.put(line, running.case.order()).await?;
            running.broken_at = unix_s();
        }
        while self.running.iter().any(|it| it.result.is_none()) {
            for line in 0..self.running.len() {
                self.look_after(line).await?;
            }
            tokio::time::sleep(ROUND).await;
        }
        let outcome = |it: Running| Outcome {
            name: it.case.name,
            result: it.result.unwrap_or_else(|| bail!("it never ended")),
        };
        let all = std::mem::take(&mut self.running);
        Ok(all.into_iter().map(outcome).collect())
    }

    async fn look_after(&mut self, line: usize) -> Result<()> {
        let Some(running) = self.running.get_mut(line) else {
            return Ok(());
        };
        if matches!(running.step, Step::Over) {
            return Ok(());
        }
        let driver = self.browser.driver();
        driver.switch_to_window(running.window.clone()).await?;
        let log = watch::notes(&self.browser).await?;
        match running.step {
            Step::Bad if is_enough(running, &log) => {
                // Before the order: healing never begins later than this.
                let at = unix_s();
                self.network.heal(line).await?;
                running.step = Step::Healed { at };
            }
            Step::Healed { at } if log.is_live() => {
                running.step = Step::Over;
                let gateway = self.world.gateway();
                running.result = Some(finish(&self.browser, gateway, running, at).await);
            }
            Step::Healed { at } if unix_s() - at > LIVE_WITHIN_S + PATIENCE_S => {
                running.step = Step::Over;
                let why = anyhow::anyhow!("not live {LIVE_WITHIN_S} s after healing: {log:?}");
                running.result = Some(Err(why));
            }
            _ => {}
        }
        Ok(())
    }

    /// Kills the gateway for a while with all pages open, and judges each as for a case; the worst figures count.
    ///
    /// # Errors
    /// When the gateway does not come up again. A broken promise is in the outcome.
    pub async fn kill_gateway(&mut self, away: Duration) -> Result<Outcome> {
        let killed_at = unix_s();
        self.world.kill_gateway().await?;
        tokio::time::sleep(away).await;
        // Before it is started: healing never begins later than this.
        let healed_at = unix_s();
        self.world.start_gateway().await?;
        let result = self.after_kill(killed_at, healed_at).await;
        Ok(Outcome {
            name: "gateway killed",
            result,
        })
    }

    async fn after_kill(&self, killed_at: f64, healed_at: f64) -> Result<Figures> {
        let limit = Duration::from_secs_f64(LIVE_WITHIN_S + PATIENCE_S);
        let mut worst: Option<Figures> = None;
        for window in &self.windows {
            let driver = self.browser.driver();
            driver.switch_to_window(window.clone()).await?;
            let log = until("a live page", limit, || async {
                let log = watch::notes(&self.browser).await?;
                Ok(log.is_live().then_some(log))
            })
            .await?;
            let judgement = log.judge(Expected::Stale, killed_at, healed_at, unix_s())?;
            let keys = held::equal(&self.browser, self.world.gateway()).await?;
            let figures = Figures { judgement, keys };
            worst = Some(worst.map_or(figures, |it| it.worse(&figures)));
        }
        worst.context("there was no page")
    }

    /// Closes the browser.
    ///
    /// # Errors
    /// When it is gone already.
    pub async fn close(self) -> Result<()> {
        self.browser.close().await
    }
}

fn page_over(world: &World, line: SocketAddr) -> String {
    let gateway = world.gateway().to_string();
    world.url("").replace(&gateway, &line.to_string())
}

/// Whether the fault has been on for long enough to be judged.
fn is_enough(running: &Running, log: &Log) -> bool {
    let on_s = unix_s() - running.broken_at;
    let is_seen = running.case.expected == Expected::Honest
        || log.was_stale_since(running.broken_at)
        // By then the promise is broken, which judging says.
        || on_s > STALE_WITHIN_S + PATIENCE_S;
    on_s >= running.case.for_s && is_seen
}

async fn finish(
    browser: &Browser,
    gateway: SocketAddr,
    running: &Running,
    healed_at: f64,
) -> Result<Figures> {
    let keys = held::equal(browser, gateway).await?;
    let log = watch::notes(browser).await?;
    let judgement = log.judge(
        running.case.expected,
        running.broken_at,
        healed_at,
        unix_s(),
    )?;
    Ok(Figures { judgement, keys })
}
