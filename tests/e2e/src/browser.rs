//! A browser: one person at one screen.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use crate::chromedriver::ChromeDriver;

const SWITCHES: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A page in another window is one that somebody looks at, too.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
];

/// The size of the part of the screen that shows the page, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Whether it is a phone: touch, and the page's own viewport rules.
    pub is_phone: bool,
}

impl Screen {
    /// A desk.
    pub const DESK: Self = Self {
        width: 1440,
        height: 900,
        is_phone: false,
    };
    /// A wall.
    pub const WALL: Self = Self {
        width: 1920,
        height: 1080,
        is_phone: false,
    };
    /// A hand.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        is_phone: true,
    };
}

/// What the system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Theme {
    /// Its word in media queries and file names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// A browser with a profile of its own.
pub struct Browser {
    driver: WebDriver,
    profile: TempDir,
}

impl Browser {
    /// Opens one.
    ///
    /// # Errors
    /// When Chromium is not installed, or does not start.
    pub async fn open(chromedriver: &ChromeDriver, screen: Screen, theme: Theme) -> Result<Self> {
        // The HTTP client wants to know its TLS provider, even for plain loopback. A second call is refused,
        // which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let profile = tempfile::tempdir()?;
        let mut wanted = DesiredCapabilities::chrome();
        for switch in SWITCHES {
            wanted.add_arg(switch)?;
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::new(&chromedriver.url, wanted)
            .await
            .context("no browser")?;
        let browser = Self { driver, profile };
        browser.show_on(screen).await?;
        browser.prefer(theme).await?;
        Ok(browser)
    }

    /// The WebDriver session, for finding and clicking.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Changes the size of the page.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn show_on(&self, screen: Screen) -> Result<()> {
        let size = json!({
            "width": screen.width,
            "height": screen.height,
            "deviceScaleFactor": 1,
            "mobile": screen.is_phone,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await
    }

    /// Changes what the system prefers. Motion is off, so that pictures and measurements are still.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn prefer(&self, theme: Theme) -> Result<()> {
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": theme.word()},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", features).await
    }

    /// Cuts the network, or restores it.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn set_offline(&self, is_offline: bool) -> Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await
    }

    /// Gives the browser's developer tools an order for the current window.
    ///
    /// # Errors
    /// When they refuse it, or the browser is gone.
    pub async fn devtools(&self, method: &str, params: Value) -> Result<()> {
        self.driver
            .cdp()
            .send_raw(method, params)
            .await
            .with_context(|| method.to_owned())?;
        Ok(())
    }

    /// Everything the page or the browser complained about since the last call.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        Ok(entries
            .into_iter()
            .filter(|entry| matches!(entry.level.as_str(), "WARNING" | "SEVERE"))
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect())
    }

    /// Fails when there is any complaint.
    ///
    /// # Errors
    /// With all complaints since the last call.
    pub async fn expect_no_complaint(&self) -> Result<()> {
        let complaints = self.complaints().await?;
        if !complaints.is_empty() {
            bail!("the browser's console holds:\n{}", complaints.join("\n"));
        }
        Ok(())
    }

    /// The first element of a CSS selector that is displayed; `None` when there is none.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn shown(&self, css: &str) -> Result<Option<WebElement>> {
        for element in self.driver.find_all(By::Css(css)).await? {
            // It may be replaced between finding and asking, which is as good as not being there yet.
            if element.is_displayed().await.unwrap_or(false) {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// The first displayed button or link whose text or accessible name holds these words.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn control(&self, words: &str) -> Result<Option<WebElement>> {
        for element in self
            .driver
            .find_all(By::Css("button, a, summary, [role=button]"))
            .await?
        {
            let text = element.text().await.unwrap_or_default();
            let label = element
                .attr("aria-label")
                .await
                .ok()
                .flatten()
                .unwrap_or_default();
            if (text.contains(words) || label.contains(words))
                && element.is_displayed().await.unwrap_or(false)
                && element.is_enabled().await.unwrap_or(false)
            {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// All text of the page as a person sees it.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn text(&self) -> Result<String> {
        Ok(self.driver.find(By::Css("body")).await?.text().await?)
    }

    /// Runs a script and returns what it returns.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn script(&self, source: &str) -> Result<Value> {
        Ok(self
            .driver
            .execute(source, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Writes a PNG of the page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        std::fs::write(path, self.driver.screenshot_as_png().await?)
            .with_context(|| format!("could not write {}", path.display()))
    }

    /// The port on which its developer tools listen, beside the driver.
    ///
    /// # Errors
    /// When it did not write it down.
    pub fn devtools_port(&self) -> Result<u16> {
        let path = self.profile.path().join("DevToolsActivePort");
        let text = std::fs::read_to_string(path).context("the browser names no port")?;
        let line = text.lines().next().unwrap_or_default();
        line.parse().context("an unusual port of the browser")
    }

    /// Closes it. A browser that is only dropped ends with its ChromeDriver.
    ///
    /// # Errors
    /// When it is gone already.
    pub async fn close(self) -> Result<()> {
        Ok(self.driver.quit().await?)
    }
}
