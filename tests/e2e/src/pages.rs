//! What people do on more than one page.

use std::time::Duration;

use anyhow::{Context, Result};
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::wait::until;
use crate::world::World;

/// How long a page may take on a busy machine with debug builds. Not a promise to people: waiting ends as
/// soon as the condition holds.
pub const SOON: Duration = Duration::from_secs(30);
/// As [`SOON`], for what waits for a gateway that comes back: a request may be given up first, after 12 s.
const SETTLED: Duration = Duration::from_secs(60);
/// The five products, as cards name them.
pub const PRODUCTS: [&str; 5] = [
    "donna",
    "pourtrait",
    "chatpdd",
    "universal-assistant",
    "deedpro",
];
const PASSWORD: &str = "a long phrase only for tests 7";

/// Opens the one-time link, chooses a name and a password, and ends on the overview, live.
///
/// # Errors
/// When a step does not come to its end.
pub async fn first_login(world: &World, browser: &Browser) -> Result<()> {
    first_login_at(&world.first_login_link().await?, browser).await
}

/// As [`first_login`], for a gateway that is not a [`World`]'s.
///
/// # Errors
/// When a step does not come to its end.
pub async fn first_login_at(link: &str, browser: &Browser) -> Result<()> {
    first_login_as("Priya Raman", link, browser).await
}

/// As [`first_login_at`], under another name for people.
///
/// # Errors
/// When a step does not come to its end.
pub async fn first_login_as(name: &str, link: &str, browser: &Browser) -> Result<()> {
    browser.driver().goto(link).await?;
    let password = "input[type=password]";
    until("the first-login form", SOON, || browser.shown(password)).await?;
    for field in browser.driver().find_all(By::Css("form input")).await? {
        let is_password = field.attr("type").await?.as_deref() == Some("password");
        field
            .send_keys(if is_password { PASSWORD } else { name })
            .await?;
    }
    submit(browser).await?;
    live(browser).await
}

/// Signs in with the password that [`first_login`] chose.
///
/// # Errors
/// When a step does not come to its end.
pub async fn sign_in(world: &World, browser: &Browser, account: &str) -> Result<()> {
    browser.driver().goto(world.url("")).await?;
    let form = "form input[type=password]";
    let field = until("the sign-in form", SOON, || browser.shown(form)).await?;
    let name = browser
        .driver()
        .find(By::Css("form input:not([type=password])"))
        .await?;
    name.send_keys(account).await?;
    field.send_keys(PASSWORD).await?;
    submit(browser).await?;
    live(browser).await
}

/// Waits until the feed says that it is live.
///
/// # Errors
/// When it does not.
pub async fn live(browser: &Browser) -> Result<()> {
    feed_is(browser, "live").await
}

/// Waits until the feed's state is one of these words.
///
/// # Errors
/// When it does not get there.
pub async fn feed_is(browser: &Browser, state: &str) -> Result<()> {
    let css = format!("[data-feed-state=\"{state}\"]");
    until(&format!("the feed's state {state}"), SOON, || {
        browser.shown(&css)
    })
    .await?;
    Ok(())
}

/// Waits until a product's card has a status; returns the words on the card.
///
/// # Errors
/// When it does not get there.
pub async fn product_is(
    browser: &Browser,
    product: &str,
    status: &str,
    most: Duration,
) -> Result<String> {
    let css = format!("[data-product=\"{product}\"][data-status=\"{status}\"]");
    let card = until(&format!("{product} {status}"), most, || browser.shown(&css)).await?;
    Ok(card.text().await?)
}

/// Presses the button or link with these words, once it is there and can be pressed.
///
/// # Errors
/// When it does not appear.
pub async fn press(browser: &Browser, words: &str) -> Result<()> {
    until(&format!("the control “{words}”"), SOON, || async {
        let Some(control) = browser.control(words).await? else {
            return Ok(None);
        };
        if control.click().await.is_ok() {
            return Ok(Some(()));
        }
        // It may lie below the bar: people scroll it to where it can be pressed. It may move away meanwhile; then it is
        // looked for again.
        let to_the_middle = "arguments[0].scrollIntoView({ block: 'center' })";
        let control = vec![control.to_json()?];
        let _ = browser.driver().execute(to_the_middle, control).await;
        Ok(None)
    })
    .await
}

/// Presses Acknowledge as a person does, until the page shows these words: where the form says that the incident
/// changed since it was opened, or the gateway that it changed meanwhile, looks first, confirms that, and presses again.
///
/// # Errors
/// When the words do not come.
pub async fn acknowledge(browser: &Browser, words: &str) -> Result<()> {
    press(browser, "Acknowledge").await?;
    until(&format!("the words “{words}”"), SETTLED, || async {
        if browser.text().await?.contains(words) {
            return Ok(Some(()));
        }
        let looked = match browser.control("I have looked").await? {
            Some(looked) => looked.click().await.is_ok(),
            None => false,
        };
        if looked || browser.shown("[data-kind=\"conflict\"]").await?.is_some() {
            press(browser, "Acknowledge").await?;
        }
        Ok(None)
    })
    .await
}

/// Waits until the page shows `words` after the control was pressed and perhaps nobody answered. The form finds out by
/// itself what became of it; only what the gateway refused because the incident changed meanwhile is looked at and sent
/// again, as a person does.
///
/// # Errors
/// When the words do not come.
pub async fn settles(browser: &Browser, control: &str, words: &str) -> Result<()> {
    until(&format!("the words “{words}”"), SETTLED, || async {
        if browser.text().await?.contains(words) {
            return Ok(Some(()));
        }
        if let Some(looked) = browser.control("I have looked").await? {
            // It may move away in between; then it is looked for again.
            let _ = looked.click().await;
        }
        let refused = "[data-kind=\"conflict\"], [data-kind=\"failed\"]";
        if browser.shown(refused).await?.is_some()
            && let Some(again) = browser.control(control).await?
        {
            let _ = again.click().await;
        }
        Ok(None)
    })
    .await
}

/// Waits until the page shows these words.
///
/// # Errors
/// When it does not.
pub async fn reads(browser: &Browser, words: &str) -> Result<()> {
    until(&format!("the words “{words}”"), SOON, || async {
        Ok(browser.text().await?.contains(words).then_some(()))
    })
    .await
}

/// Hands a result on; when it is an error, leaves a picture of the page in `target/e2e` and says where.
///
/// # Errors
/// The one that was handed in.
pub async fn witnessed<T>(browser: &Browser, name: &str, result: Result<T>) -> Result<T> {
    let Err(error) = result else { return result };
    let folder = crate::places::root()?.join("target/e2e");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.png"));
    browser.picture(&path).await?;
    Err(error.context(format!("the page then: {}", path.display())))
}

async fn submit(browser: &Browser) -> Result<()> {
    let button = browser
        .shown("form button[type=submit], form button:not([type])")
        .await?;
    Ok(button.context("the form has no button")?.click().await?)
}
