//! Silences, as people make them: what is muted says so on every page, stays as loud as before, and says no more when
//! the silence is ended.

use anyhow::{Context as _, Result, ensure};
use thirtyfour::prelude::*;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

const MARK: &str = ".mon-tile[data-check=\"chatpdd.api\"][data-status=\"down\"] .mon-mark";
const WALL_MARK: &str = ".mon-wall-tile[data-product=\"chatpdd\"][data-status=\"down\"] .mon-mark";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_silenced_is_marked_on_tile_and_wall_until_it_is_ended() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    world.break_product("chatpdd", "process-gone").await?;
    pages::product_is(&browser, "chatpdd", "down", SOON).await?;
    let made = silence_chatpdd(&world, &browser).await;
    pages::witnessed(&browser, "silence", made).await?;
    let marked = marks(&world, &browser, true).await;
    pages::witnessed(&browser, "silence-marks", marked).await?;
    let ended = end_it(&world, &browser).await;
    pages::witnessed(&browser, "silence-ended", ended).await?;
    let unmarked = marks(&world, &browser, false).await;
    pages::witnessed(&browser, "silence-no-marks", unmarked).await?;
    expect_only_refused_previews(&browser).await?;
    browser.close().await
}

/// What is looked up while somebody types may name what there is not, which is an answer, of which browsers complain.
async fn expect_only_refused_previews(browser: &Browser) -> Result<()> {
    let complaints = browser.complaints().await?;
    let expected = |line: &String| line.contains("/silences/preview") && line.contains(" 400 ");
    ensure!(complaints.iter().all(expected), "{complaints:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_named_on_the_form_and_only_what_has_it_is_marked() -> Result<()> {
    let (world, chromedriver) = (
        World::start_with(Build::Debug, with_label).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Light).await?;
    pages::first_login(&world, &browser).await?;
    world.break_product("chatpdd", "process-gone").await?;
    pages::product_is(&browser, "chatpdd", "down", SOON).await?;
    let made = silence_label(&world, &browser).await;
    pages::witnessed(&browser, "silence-label", made).await?;
    let marked = marked_alone(&world, &browser).await;
    pages::witnessed(&browser, "silence-label-marks", marked).await?;
    expect_only_refused_previews(&browser).await?;
    browser.close().await
}

/// That the database is lost is the data team's.
fn with_label(name: &str, text: String) -> String {
    if name == "chatpdd.toml" {
        let rule = "name = \"database-lost\"";
        text.replace(rule, &format!("labels = {{ team = \"data\" }}\n{rule}"))
    } else {
        text
    }
}

/// First by a label that no rule has, then by the one that there is.
async fn silence_label(world: &World, browser: &Browser) -> Result<()> {
    // It fires before the form asks what it hits.
    browser.driver().goto(world.url("incidents")).await?;
    until("the incident", SOON, || browser.shown("li[data-incident]")).await?;
    pages::reads(browser, "ChatPDD Database: The database takes").await?;
    browser.driver().goto(world.url("silences")).await?;
    let field = until("the field", SOON, || browser.shown(".mon-matcher select")).await?;
    field.send_keys("label").await?;
    let name = "input[aria-label=\"Name of the label\"]";
    let name = until("the name of the label", SOON, || browser.shown(name)).await?;
    name.send_keys("taem").await?;
    let value = browser.shown("input[aria-label=\"Value\"]").await?;
    let value = value.context("the condition has no value")?;
    value.send_keys("data").await?;
    pages::reads(browser, "There is no label `taem`; there are `team`.").await?;
    name.clear().await?;
    name.send_keys("team").await?;
    pages::reads(browser, "Hits 1 alert now, mutes 1 incident. Fired once").await?;
    let reason = browser.shown("#silence-reason").await?;
    let reason = reason.context("the form asks for no reason")?;
    reason.send_keys("Failing over").await?;
    submit(browser).await?;
    pages::reads(browser, "label team is data").await
}

/// The check whose alert has the label is marked, and the one that fires beside it is not.
async fn marked_alone(world: &World, browser: &Browser) -> Result<()> {
    browser.driver().goto(world.url("")).await?;
    let mark = ".mon-tile[data-check=\"chatpdd.database\"][data-status=\"down\"] .mon-mark";
    until("the mark of the database", SOON, || browser.shown(mark)).await?;
    ensure!(browser.shown(MARK).await?.is_none(), "the API is marked");
    Ok(())
}

/// From the incident to the form, which begins with its check; then everything of the product.
async fn silence_chatpdd(world: &World, browser: &Browser) -> Result<()> {
    browser.driver().goto(world.url("incidents")).await?;
    let row = until("an incident of ChatPDD", SOON, || async {
        let rows = browser
            .driver()
            .find_all(By::Css("li[data-incident]"))
            .await?;
        for row in rows {
            if row.text().await.unwrap_or_default().contains("ChatPDD") {
                return Ok(row.attr("data-incident").await.ok().flatten());
            }
        }
        Ok(None)
    })
    .await?;
    browser
        .driver()
        .goto(world.url(&format!("incidents/{row}")))
        .await?;
    // Both fire, one as the cause of the other, before the form asks what it hits.
    pages::reads(browser, "The application is down").await?;
    pages::reads(browser, "The database takes no more connections").await?;
    pages::press(browser, "Silence…").await?;
    pages::reads(browser, "Hits 1 alert now, mutes 1 incident").await?;
    let field = until("the field", SOON, || browser.shown(".mon-matcher select")).await?;
    field.send_keys("product").await?;
    let value = browser.shown(".mon-matcher input").await?;
    let value = value.context("the condition has no value")?;
    value.clear().await?;
    value.send_keys("chatpdd").await?;
    until("what all of ChatPDD hits", SOON, || async {
        let text = browser.text().await?;
        let hits = text.contains("Hits") && text.contains("mutes");
        Ok((hits && !text.contains("Hits 1 alert now")).then_some(()))
    })
    .await?;
    submit(browser).await?;
    pages::reads(browser, "Write why it is to be quiet").await?;
    let reason = browser.shown("#silence-reason").await?;
    let reason = reason.context("the form asks for no reason")?;
    reason
        .send_keys("Moving the process to another host")
        .await?;
    submit(browser).await?;
    until("the silence in its list", SOON, || {
        browser.shown("[data-silence][data-state=\"active\"]")
    })
    .await?;
    pages::reads(browser, "product is chatpdd").await
}

async fn submit(browser: &Browser) -> Result<()> {
    let button = browser
        .shown(".mon-silence-form button[type=submit]")
        .await?;
    Ok(button.context("the form has no button")?.click().await?)
}

/// The marks are there, or not, while the status is as loud as before.
async fn marks(world: &World, browser: &Browser, wanted: bool) -> Result<()> {
    for (page, css) in [("", MARK), ("wall", WALL_MARK)] {
        browser.driver().goto(world.url(page)).await?;
        let base = css.split_once(' ').map_or(css, |(tile, _)| tile);
        until("the tile that is down", SOON, || browser.shown(base)).await?;
        until(&format!("the mark of {page}, {wanted}"), SOON, || async {
            let mark = browser.shown(css).await?;
            Ok((mark.is_some() == wanted).then_some(()))
        })
        .await?;
        if wanted {
            let mark = browser.shown(css).await?.context("the mark is gone")?;
            let words = mark.text().await?;
            ensure!(words.starts_with("silenced until "), "{words}");
        }
    }
    Ok(())
}

async fn end_it(world: &World, browser: &Browser) -> Result<()> {
    browser.driver().goto(world.url("silences")).await?;
    pages::press(browser, "End now…").await?;
    let button = until("the question", SOON, || {
        browser.shown("dialog[open] button[data-kind=\"primary\"]")
    })
    .await?;
    button.click().await?;
    until("the silence among those that ended", SOON, || {
        browser.shown("[data-silence][data-state=\"ended\"]")
    })
    .await?;
    pages::reads(browser, "by Priya Raman").await
}
