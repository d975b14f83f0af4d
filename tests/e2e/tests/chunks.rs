//! The parts of the program that are fetched when they are needed.

use anyhow::Result;
use serde_json::json;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

const ERRORS_PAGE: &str = "h1.mon-title";

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_be_fetched_says_so_and_comes_when_asked_again() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    let devtools = browser.driver().cdp();
    devtools.send_raw("Network.enable", json!({})).await?;
    // What the first page fetched ahead would do as well as the network.
    let caching = |is_off: bool| json!({ "cacheDisabled": is_off });
    devtools
        .send_raw("Network.setCacheDisabled", caching(true))
        .await?;
    let blocking = |urls: &[&str]| json!({ "urls": urls });
    devtools
        .send_raw("Network.setBlockedURLs", blocking(&["*split_pages*"]))
        .await?;
    browser.driver().goto(world.url("errors")).await?;
    pages::reads(&browser, "This part of the console could not be fetched").await?;
    // The rest of the page is alive meanwhile.
    pages::live(&browser).await?;

    devtools
        .send_raw("Network.setBlockedURLs", blocking(&[]))
        .await?;
    pages::press(&browser, "Retry").await?;
    until("the page of errors", SOON, || browser.shown(ERRORS_PAGE)).await?;
    browser.close().await
}
