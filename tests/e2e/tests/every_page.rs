//! What holds on every page: nobody is shut out, nothing is complained of, and a wall does not scroll.

use std::time::Duration;

use anyhow::{Result, ensure};
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, axe, until};

const PAGES: [&str; 9] = [
    "",
    "products/chatpdd",
    "incidents",
    "silences",
    "notifications",
    "audit",
    "errors",
    "logs",
    "wall",
];
/// Whether the bar's entry of the page lies beside what is seen of the bar; false also where no entry is the page's.
const CURRENT_OUT_OF_SIGHT: &str = "
    const entry = document.querySelector('.mon-nav [aria-current]');
    if (!entry) { return false; }
    const [own, all] = [entry, entry.closest('nav')].map((e) => e.getBoundingClientRect());
    return own.left < all.left || own.right > all.right + 1;";
const INCIDENT_MAX: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_and_quiet_in_both_themes() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    let mut found = Vec::new();
    browser.driver().goto(world.url("sign-in")).await?;
    until("the sign-in form", SOON, || {
        browser.shown("input[type=password]")
    })
    .await?;
    both_themes(&browser, "sign-in", &mut found).await?;
    pages::first_login(&world, &browser).await?;
    world.break_product("chatpdd", "process-gone").await?;
    pages::product_is(&browser, "chatpdd", "down", INCIDENT_MAX).await?;
    for page in PAGES {
        browser.driver().goto(world.url(page)).await?;
        live(&browser, page).await?;
        both_themes(&browser, page, &mut found).await?;
    }
    browser.driver().goto(world.url("incidents")).await?;
    let row = until("the incident", INCIDENT_MAX, || {
        browser.shown("[data-incident]")
    })
    .await?;
    let incident = row.attr("data-incident").await?.unwrap_or_default();
    browser
        .driver()
        .goto(world.url(&format!("incidents/{incident}")))
        .await?;
    live(&browser, "an incident").await?;
    both_themes(&browser, "an incident", &mut found).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_does_not_scroll() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    world.break_product("chatpdd", "process-gone").await?;
    pages::product_is(&browser, "chatpdd", "down", INCIDENT_MAX).await?;
    browser.show_on(Screen::WALL).await?;
    browser.driver().goto(world.url("wall")).await?;
    live(&browser, "wall").await?;
    let over = browser
        .script(
            "const e = document.scrollingElement;
             return [e.scrollWidth - innerWidth, e.scrollHeight - innerHeight];",
        )
        .await?;
    ensure!(
        over == serde_json::json!([0, 0]),
        "the wall is too large by {over} pixels"
    );
    browser.expect_no_complaint().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_does_not_scroll_sideways() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::PHONE, Theme::Light).await?;
    pages::first_login(&world, &browser).await?;
    for page in PAGES.iter().filter(|page| **page != "wall") {
        browser.driver().goto(world.url(page)).await?;
        live(&browser, page).await?;
        let over = browser
            .script("return document.scrollingElement.scrollWidth - innerWidth;")
            .await?;
        ensure!(over == 0, "“{page}” is {over} pixels too wide for a phone");
        let hidden = browser.script(CURRENT_OUT_OF_SIGHT).await?;
        ensure!(
            hidden == false,
            "where “{page}” is listed lies out of sight"
        );
    }
    browser.close().await
}

async fn live(browser: &Browser, page: &str) -> Result<()> {
    // A wall shows its feed in its own words; its board is there once a product is.
    let css = "[data-feed-state=\"live\"], [data-product]";
    until(&format!("“{page}” with data"), SOON, || {
        browser.shown(css)
    })
    .await?;
    Ok(())
}

/// Adds what is wrong with the page in either theme to `found`, so that one run tells all of it.
async fn both_themes(browser: &Browser, page: &str, found: &mut Vec<String>) -> Result<()> {
    for theme in [Theme::Dark, Theme::Light] {
        browser.prefer(theme).await?;
        for checked in [
            axe::expect_none(browser).await,
            browser.expect_no_complaint().await,
        ] {
            if let Err(error) = checked {
                found.push(format!("“{page}”, {}: {error:#}", theme.word()));
            }
        }
    }
    Ok(())
}
