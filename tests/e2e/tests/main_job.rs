//! The main job, end to end: five products on one screen, one breaks, somebody takes it, the gateway is killed,
//! and nothing that was promised is lost.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use thirtyfour::prelude::*;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

/// ChatPDD is probed at least every 10 s, and two more are allowed for the way to the screen.
const TURN_MAX: Duration = Duration::from_secs(12);
const NOTE: &str = "Looking at the connection pool";

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_seen_taken_and_kept_through_a_killed_gateway() -> Result<()> {
    let (mut world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let priya = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &priya).await?;
    expect_five_products(&priya).await?;
    let account = account_of(&priya).await?;
    let other = Browser::open(&chromedriver, Screen::DESK, Theme::Light).await?;
    pages::sign_in(&world, &other, &account).await?;

    pages::product_is(&priya, "chatpdd", "ok", SOON).await?;
    world.break_product("chatpdd", "process-gone").await?;
    let broken_at = Instant::now();
    pages::product_is(&priya, "chatpdd", "down", TURN_MAX).await?;
    println!(
        "ChatPDD turned red after {:.1} s",
        broken_at.elapsed().as_secs_f64()
    );

    let taken = acknowledge(&world, &priya).await;
    let incident = pages::witnessed(&priya, "acknowledge", taken).await?;
    expect_taken(&world, &other, &incident).await?;
    priya.expect_no_complaint().await?;
    other.expect_no_complaint().await?;

    world.kill_gateway().await?;
    until("a page that is not live", SOON, || async {
        Ok(priya
            .shown("[data-feed-state=\"live\"]")
            .await?
            .is_none()
            .then_some(()))
    })
    .await?;
    world.start_gateway().await?;
    pages::live(&priya).await?;
    pages::reads(&priya, NOTE).await?;
    // A refused connection is what the browser had to complain about while the gateway was away.
    let complaints = priya.complaints().await?;
    assert!(
        complaints
            .iter()
            .all(|line| line.contains("ERR_CONNECTION_REFUSED")),
        "{complaints:#?}"
    );
    priya.close().await?;
    other.close().await
}

async fn expect_five_products(browser: &Browser) -> Result<()> {
    for product in pages::PRODUCTS {
        let card = format!("[data-product=\"{product}\"]");
        until(&format!("the card of {product}"), SOON, || {
            browser.shown(&card)
        })
        .await?;
    }
    Ok(())
}

/// The account's name, as the session says it.
async fn account_of(browser: &Browser) -> Result<String> {
    let ask = "const done = arguments[arguments.length - 1];
        fetch('/api/monitoring/session').then((a) => a.json()).then((s) => done(s.account), () => done(null));";
    let answer = browser.driver().execute_async(ask, Vec::new()).await?;
    answer
        .json()
        .as_str()
        .map(str::to_owned)
        .context("the session names no account")
}

/// Opens ChatPDD's incident and takes it with a note; returns its number.
async fn acknowledge(world: &World, browser: &Browser) -> Result<String> {
    browser.driver().goto(world.url("incidents")).await?;
    let incident = until("ChatPDD's incident", SOON, || {
        incident_of(browser, "ChatPDD")
    })
    .await?;
    browser
        .driver()
        .goto(world.url(&format!("incidents/{incident}")))
        .await?;
    // The page has more fields: for a comment, and for how it ended.
    let field = "section[aria-label=\"Answer\"] textarea";
    let note = until("the field for the note", SOON, || browser.shown(field)).await?;
    note.send_keys(NOTE).await?;
    pages::acknowledge(browser, "Acknowledged").await?;
    Ok(incident)
}

/// The number of the first incident whose row names the product.
async fn incident_of(browser: &Browser, product: &str) -> Result<Option<String>> {
    for row in browser
        .driver()
        .find_all(By::Css("li[data-incident]"))
        .await?
    {
        if row.text().await?.contains(product) {
            return Ok(row.attr("data-incident").await?);
        }
    }
    Ok(None)
}

async fn expect_taken(world: &World, browser: &Browser, incident: &str) -> Result<()> {
    browser
        .driver()
        .goto(world.url(&format!("incidents/{incident}")))
        .await?;
    pages::reads(browser, "Priya Raman").await?;
    pages::reads(browser, NOTE).await
}
