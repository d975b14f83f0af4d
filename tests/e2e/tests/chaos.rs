//! A page behind a bad network, without its gateway, and with its own main thread hung: it never looks current when it
//! is not. `cargo xtask chaos feed` runs the rest of the faults.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use watchfloor_e2e::chaos::campaign::Campaign;
use watchfloor_e2e::chaos::faults::{SHORT, named};
use watchfloor_e2e::chaos::{STALE_WITHIN_S, unix_s};
use watchfloor_e2e::film::{Film, Picture, colours};
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

/// A page that shows that something is well has at least this share of green.
const SOME_GREEN: f64 = 0.000_5;

/// These promises are kept within seconds, so that each test has the machine to itself: four browsers and gateways at once
/// on two cores would be a test of the machine.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn a_page_behind_a_bad_network_says_so_and_comes_back_with_everything() -> Result<()> {
    let _alone = ALONE.lock().await;
    let world = World::start(Build::Debug).await?;
    let mut campaign = Campaign::start(world, &named(&SHORT)).await?;
    let outcomes = campaign.run().await?;
    ensure!(outcomes.len() == SHORT.len(), "not every case was run");
    for outcome in outcomes {
        let figures = outcome.result.context(outcome.name)?;
        println!("{}: {figures:?}", outcome.name);
    }
    campaign.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_gateway_is_killed_says_so_and_comes_back_with_everything() -> Result<()> {
    let _alone = ALONE.lock().await;
    let world = World::start(Build::Debug).await?;
    let mut campaign = Campaign::start(world, &named(&["stall"])).await?;
    let outcome = campaign.kill_gateway(Duration::from_secs(30)).await?;
    println!("{:?}", outcome.result?);
    campaign.close().await
}

/// Hangs the page for so many milliseconds, and notes when.
const HANG: &str = "
    const span = arguments[0];
    setTimeout(() => {
        const from = performance.timeOrigin + performance.now();
        while (performance.timeOrigin + performance.now() < from + span);
        window.__hung = [from / 1000, (performance.timeOrigin + performance.now()) / 1000];
    }, 0);";
const HUNG_FOR_MS: u32 = 32_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_is_covered_while_it_hangs_and_not_after() -> Result<()> {
    let _alone = ALONE.lock().await;
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    pages::product_is(&browser, "chatpdd", "ok", SOON).await?;
    let mut film = Film::begin(&browser).await?;
    let mut before = film.take(Duration::from_secs(2)).await?;
    browser
        .driver()
        .execute(HANG, vec![json!(HUNG_FOR_MS)])
        .await?;
    let pictures = film.take(Duration::from_millis(HUNG_FOR_MS.into())).await?;
    let hung = until("the end of the hang", SOON, || async {
        let hung = browser.script("return window.__hung ?? null").await?;
        Ok(hung[0].as_f64().zip(hung[1].as_f64()))
    })
    .await?;
    pages::live(&browser).await?;
    let opacity = until("an uncovered page", SOON, || async {
        let opacity = browser
            .script("return getComputedStyle(document.getElementById('cover')).opacity")
            .await?;
        Ok((opacity == "0").then_some(opacity))
    })
    .await?;
    ensure!(opacity == "0", "the cover stays after the hang");

    let shown_before = before.pop().context("no picture before the hang")?;
    let green = colours(&browser, &shown_before).await?.green;
    ensure!(
        green > SOME_GREEN,
        "before the hang nothing was green: {green}"
    );
    expect_covered(&browser, &pictures, hung).await?;
    browser.close().await
}

/// The last picture that was shown while the page hung is the cover, and it came in time.
async fn expect_covered(browser: &Browser, pictures: &[Picture], hung: (f64, f64)) -> Result<()> {
    let (from, to) = hung;
    let during: Vec<&Picture> = pictures
        .iter()
        .filter(|it| it.at > from && it.at < to)
        .collect();
    let mut covered_after_s = None;
    for picture in during {
        let seen = colours(browser, picture).await?;
        if seen.green == 0.0 && seen.grey > 0.99 {
            covered_after_s.get_or_insert(picture.at - from);
        } else {
            covered_after_s = None;
        }
    }
    let after_s = covered_after_s.context("the page hung and went on looking current")?;
    println!("covered {after_s:.1} s after the page hung");
    // The last frame came before the page hung, so this is within the promise.
    ensure!(
        after_s <= STALE_WITHIN_S,
        "covered only {after_s:.1} s after the page hung"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn before_there_is_data_nothing_is_green() -> Result<()> {
    let _alone = ALONE.lock().await;
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    pages::product_is(&browser, "chatpdd", "ok", SOON).await?;
    browser.devtools("Network.enable", json!({})).await?;
    let blocked = |urls: &[&str]| json!({ "urls": urls });
    browser
        .devtools(
            "Network.setBlockedURLs",
            blocked(&["*/monitoring/dashboard*"]),
        )
        .await?;
    let mut film = Film::begin(&browser).await?;
    browser.driver().goto("about:blank").await?;
    film.take(Duration::from_millis(500)).await?;
    let since = unix_s();
    browser.driver().goto(world.url("")).await?;
    until("the page without data", SOON, || {
        browser.shown("[data-feed-state]")
    })
    .await?;
    let without = film.take(Duration::from_secs(4)).await?;
    browser
        .devtools("Network.setBlockedURLs", blocked(&[]))
        .await?;
    pages::product_is(&browser, "chatpdd", "ok", SOON).await?;
    let with = film.take(Duration::from_secs(2)).await?;

    let shown: Vec<&Picture> = without.iter().filter(|it| it.at > since).collect();
    ensure!(!shown.is_empty(), "no picture of the page without data");
    for picture in shown {
        let green = colours(&browser, picture).await?.green;
        ensure!(green == 0.0, "green without data: {green}");
    }
    let last = with.last().context("no picture of the page with data")?;
    let green = colours(&browser, last).await?.green;
    ensure!(green > SOME_GREEN, "with data nothing was green: {green}");
    browser.close().await
}
