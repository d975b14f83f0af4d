//! Who is on call, as people see it: a name in the bar, everybody in the panel, and somebody who takes a turn.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use thirtyfour::prelude::*;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, axe, until};

const BAR: &str = "summary.mon-on-call";
const PANEL: &str = ".mon-on-call-panel";

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_call_stands_in_the_bar_and_an_override_changes_it() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    browser.driver().goto(world.url("")).await?;
    let taken = take_a_turn(&browser).await;
    pages::witnessed(&browser, "on-call", taken).await?;
    axe::expect_none(&browser).await?;
    let ended = end_it(&browser).await;
    pages::witnessed(&browser, "on-call-ended", ended).await?;
    let left = leave_by_keyboard(&browser).await;
    pages::witnessed(&browser, "on-call-keyboard", left).await?;
    browser.show_on(Screen::PHONE).await?;
    let bar = until("who is on call", SOON, || browser.shown(BAR)).await?;
    bar.click().await?;
    let over = browser
        .script("return document.scrollingElement.scrollWidth - innerWidth;")
        .await?;
    ensure!(over == 0, "the panel is {over} pixels too wide for a phone");
    axe::expect_none(&browser).await?;
    browser.expect_no_complaint().await?;
    browser.close().await
}

async fn first(browser: &Browser) -> Result<String> {
    let row = until("the panel", SOON, || browser.shown(".mon-on-call-row p b")).await?;
    Ok(row.text().await?)
}

/// Mei Tanaka takes the turn of whoever is on call for Pourtrait.
async fn take_a_turn(browser: &Browser) -> Result<()> {
    let bar = until("who is on call", SOON, || browser.shown(BAR)).await?;
    let text = bar.text().await?;
    ensure!(text.starts_with("On call now: "), "the bar says {text:?}");
    bar.click().await?;
    let before = first(browser).await?;
    ensure!(
        text.contains(&before),
        "the bar says {text:?}, the panel {before:?}"
    );
    ensure!(
        before != "Mei Tanaka",
        "Mei Tanaka has no turn of Pourtrait"
    );
    pages::press(browser, "Take somebody's place…").await?;
    pages::press(browser, "Take the turn").await?;
    pages::reads(browser, "Choose who takes the turn.").await?;
    let person = browser.shown("#on-call-person").await?;
    let person = person.context("nobody can be chosen")?;
    person.send_keys("Mei Tanaka").await?;
    browser
        .script(
            "const e = document.getElementById('on-call-until');
             e.valueAsNumber = Math.floor(Date.now() / 60000) * 60000 + 3600000;
             e.dispatchEvent(new Event('input', { bubbles: true }));
             return true;",
        )
        .await?;
    pages::press(browser, "Take the turn").await?;
    until("the override in the bar", SOON, || async {
        let bar = browser.shown(BAR).await?;
        let text = match bar {
            Some(bar) => bar.text().await?,
            None => String::new(),
        };
        Ok(text.contains("Mei Tanaka").then_some(()))
    })
    .await?;
    pages::reads(browser, "OVR-1").await
}

async fn end_it(browser: &Browser) -> Result<()> {
    let button = browser
        .driver()
        .find(By::Css(format!("{PANEL} .mon-on-call-override button")))
        .await?;
    button.click().await?;
    until("the end of the override", SOON, || async {
        let rows = browser
            .driver()
            .find_all(By::Css(".mon-on-call-override"))
            .await?;
        Ok(rows.is_empty().then_some(()))
    })
    .await?;
    ensure!(
        first(browser).await? != "Mei Tanaka",
        "the turn did not go back"
    );
    Ok(())
}

/// What has the focus: its element and its words or id.
async fn focused(browser: &Browser) -> Result<String> {
    let focused = browser
        .script("const e = document.activeElement; return `${e.tagName} ${e.id || e.innerText}`;")
        .await?;
    Ok(focused.as_str().unwrap_or_default().to_owned())
}

/// By keyboard alone: the form begins with its first field, and Escape leads back to the word in the bar.
async fn leave_by_keyboard(browser: &Browser) -> Result<()> {
    let press = async |key: Key| {
        let focused = browser.driver().active_element().await?;
        focused.send_keys(key + "").await
    };
    // The panel is open; its word is where going on by keyboard begins.
    browser
        .script(&format!(
            "document.querySelector('{BAR}').focus(); return true;"
        ))
        .await?;
    press(Key::Tab).await?;
    let at = focused(browser).await?;
    ensure!(at.starts_with("BUTTON Take somebody's place"), "{at}");
    press(Key::Enter).await?;
    until("the form with the focus", SOON, || async {
        let at = focused(browser).await?;
        Ok((at == "SELECT on-call-rotation").then_some(()))
    })
    .await?;
    press(Key::Escape).await?;
    ensure!(
        browser.shown(PANEL).await?.is_none(),
        "the panel is still open"
    );
    let at = focused(browser).await?;
    ensure!(at.starts_with("SUMMARY On call now"), "{at}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_call_is_asked_for_again_where_its_part_could_not_be_fetched() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    browser.devtools("Network.enable", json!({})).await?;
    let without_cache = json!({ "cacheDisabled": true });
    browser
        .devtools("Network.setCacheDisabled", without_cache)
        .await?;
    let parts = json!({ "urls": ["*split_on_call*"] });
    browser.devtools("Network.setBlockedURLs", parts).await?;
    browser.driver().goto(world.url("")).await?;
    pages::live(&browser).await?;
    until("a part that was asked for", SOON, || async {
        let asked = browser
            .script("return performance.getEntriesByType('resource').some((e) => e.name.includes('split_on_call'));")
            .await?;
        Ok((asked == true).then_some(()))
    })
    .await?;
    ensure!(
        browser.shown(BAR).await?.is_none(),
        "it was there all the same"
    );
    let nothing = json!({ "urls": [] });
    browser.devtools("Network.setBlockedURLs", nothing).await?;
    let bar = until("who is on call", SOON, || browser.shown(BAR)).await?;
    let text = bar.text().await?;
    ensure!(text.starts_with("On call now: "), "the bar says {text:?}");
    browser.close().await
}
