//! Two people and one incident: taken on a phone, seen at a desk with its owner and the time that is left, handed over
//! and accepted, lapsed, triggered again, resolved.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde_json::json;
use thirtyfour::prelude::*;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

const NOTE: &str = "On my way to the rack";
/// A lease that ends within two minutes, and what a busy machine needs.
const LAPSES_WITHIN: Duration = Duration::from_secs(180);
const DAY_S: u64 = 86_400;
/// A fault shows on several checks, one after the other; so long after the last nothing more is to be expected.
const QUIET_FOR: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_taken_on_a_phone_handed_over_lapses_and_is_resolved() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let priya = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &priya).await?;
    let link = world.add_account("omar", "operator").await?;
    let omar = Browser::open(&chromedriver, Screen::PHONE, Theme::Light).await?;
    pages::first_login_as("Omar Haddad", &link, &omar).await?;

    pages::product_is(&priya, "chatpdd", "ok", SOON).await?;
    world.break_product("chatpdd", "process-gone").await?;
    let incident = until("ChatPDD's incident", SOON, || incident_of(&world, &omar)).await?;
    for browser in [&omar, &priya] {
        let page = world.url(&format!("incidents/{incident}"));
        browser.driver().goto(page).await?;
    }
    settled(&omar).await?;
    let taken = take(&omar).await;
    pages::witnessed(&omar, "phone-acknowledge", taken).await?;
    let seen = pages::reads(&priya, "Omar Haddad has it").await;
    pages::witnessed(&priya, "desk-owner", seen).await?;
    pages::reads(&priya, "Lease ends in").await?;

    let offered = offer(&omar).await;
    pages::witnessed(&omar, "phone-offer", offered).await?;
    pages::press(&priya, "Accept").await?;
    let accepted = pages::reads(&omar, "Priya Raman has it").await;
    pages::witnessed(&omar, "phone-accepted", accepted).await?;

    let lapsed = until("the lapsed lease", LAPSES_WITHIN, || async {
        let text = omar.text().await?;
        Ok(text
            .contains("The lease of Priya Raman lapsed")
            .then_some(()))
    })
    .await;
    pages::witnessed(&omar, "phone-lapsed", lapsed).await?;
    pages::reads(&priya, "Not acknowledged").await?;
    let note = until("the field for how it ended", SOON, || {
        priya.shown("#incident-resolve")
    })
    .await?;
    note.send_keys("The process is back").await?;
    pages::press(&priya, "Resolve").await?;
    let resolved = pages::reads(&omar, "Priya Raman resolved it").await;
    pages::witnessed(&omar, "phone-resolved", resolved).await?;
    priya.expect_no_complaint().await?;
    omar.expect_no_complaint().await?;
    priya.close().await?;
    omar.close().await
}

/// The number of ChatPDD's first incident in the list.
async fn incident_of(world: &World, browser: &Browser) -> Result<Option<String>> {
    let here = browser.driver().current_url().await?;
    if !here.path().ends_with("/incidents") {
        let list = world.url("incidents?product=chatpdd");
        browser.driver().goto(list).await?;
    }
    match browser.shown("li[data-incident]").await? {
        Some(row) => Ok(row.attr("data-incident").await?),
        None => Ok(None),
    }
}

/// Waits until nothing has joined the incident for a while: whatever happens to it after an acknowledgement ends its undo.
async fn settled(browser: &Browser) -> Result<()> {
    let entries = "return document.querySelectorAll('.mon-timeline-entry').length";
    until("an incident to which nothing happens", SOON, || async {
        let before = browser.script(entries).await?;
        tokio::time::sleep(QUIET_FOR).await;
        let after = browser.script(entries).await?;
        Ok((before == after && before != json!(0)).then_some(()))
    })
    .await
}

/// Acknowledges until a minute that is between one and two minutes away.
async fn take(browser: &Browser) -> Result<()> {
    let field = "section[aria-label=\"Answer\"] textarea";
    let note = until("the field for the note", SOON, || browser.shown(field)).await?;
    note.send_keys(NOTE).await?;
    let until_label = browser
        .driver()
        .find(By::XPath("//label[contains(., 'Until…')]"))
        .await?;
    until_label.click().await?;
    until("the field for the time", SOON, || {
        browser.shown("#acknowledge-until")
    })
    .await?;
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let minute = (now_s + 120) % DAY_S / 60;
    // What a key does in a time field depends on the browser's language.
    let script = format!(
        "const it = document.getElementById('acknowledge-until'); it.value = '{:02}:{:02}';
         it.dispatchEvent(new Event('input', {{ bubbles: true }}));",
        minute / 60,
        minute % 60
    );
    browser.script(&script).await?;
    pages::acknowledge(browser, "Omar Haddad has it").await?;
    pages::reads(browser, NOTE).await?;
    pages::reads(browser, "Undo").await
}

/// Offers it to the first account.
async fn offer(browser: &Browser) -> Result<()> {
    pages::press(browser, "Hand over").await?;
    let option = until("Priya among the operators", SOON, || {
        browser.shown("#hand-over-to option[value=admin]")
    })
    .await;
    option.context("the list of operators")?.click().await?;
    pages::press(browser, "Offer it").await?;
    pages::reads(browser, "Offered to Priya Raman").await
}
