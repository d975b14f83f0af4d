//! A feed that never lies, as people see it: what cannot be read, networks without WebSockets, checks that stopped.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use thirtyfour::prelude::*;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

/// Stands between the page and its sockets, as a proxy would: what is switched on in `localStorage` happens to them.
const MEDDLER: &str = r#"
(() => {
  const Real = window.WebSocket;
  const refused = () => localStorage.getItem("sockets") === "refused";
  window.closedWith = [];
  window.WebSocket = class extends Real {
    constructor(url, protocols) {
      super(refused() ? `${url}/nowhere` : url, protocols);
    }
    set onmessage(handler) {
      super.onmessage = handler && ((event) => handler(this.meddle(event)));
    }
    meddle(event) {
      if (!event.data.startsWith('{"t":"ping"')) return event;
      if (window.garbles > 0) {
        window.garbles -= 1;
        return new MessageEvent("message", { data: event.data.slice(0, 40) });
      }
      if (localStorage.getItem("checks") === "stopped") {
        const ping = JSON.parse(event.data);
        Object.assign(ping.age, { probe_ms: 40000, probe_late_after_ms: 25000 });
        return new MessageEvent("message", { data: JSON.stringify(ping) });
      }
      return event;
    }
    close(code, reason) {
      window.closedWith.push(code);
      super.close(code, reason);
    }
  };
})();
"#;

/// As in a frame whose browser forbids it to remember anything.
const NO_STORAGE: &str = r#"
Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("forbidden", "SecurityError"); },
});
"#;

/// A page reloads five seconds after it could not read something.
const WOULD_HAVE_RELOADED: Duration = Duration::from_secs(8);
const NOTICE: &str = ".mon-feed-notice";

async fn open() -> Result<(World, ChromeDriver, Browser)> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    in_each_page(&browser, MEDDLER).await?;
    browser.driver().goto(world.url("")).await?;
    pages::live(&browser).await?;
    Ok((world, chromedriver, browser))
}

/// Runs a script in every page from now on, before anything of the page itself.
async fn in_each_page(browser: &Browser, source: &str) -> Result<()> {
    let devtools = browser.driver().cdp();
    devtools.send_raw("Page.enable", json!({})).await?;
    devtools
        .send_raw(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": source }),
        )
        .await?;
    Ok(())
}

/// Makes the next ping unreadable and waits until the page says so; returns its words.
async fn garble(browser: &Browser) -> Result<String> {
    browser
        .script("window.sameDocument = true; window.garbles = 1;")
        .await?;
    pages::feed_is(browser, "ended").await?;
    let notice = until("the notice", SOON, || browser.shown(NOTICE)).await?;
    Ok(notice.text().await?)
}

async fn is_same_document(browser: &Browser) -> Result<bool> {
    Ok(browser
        .script("return window.sameDocument === true;")
        .await?
        == json!(true))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_said_and_reloads_the_page_once() -> Result<()> {
    let (world, _chromedriver, browser) = open().await?;
    let done = unreadable(&world, &browser).await;
    pages::witnessed(&browser, "unreadable", done).await?;
    browser.close().await
}

async fn unreadable(world: &World, browser: &Browser) -> Result<()> {
    let words = garble(browser).await?;
    ensure!(words.contains("reloads in a moment"), "{words}");
    let closed = browser.script("return window.closedWith;").await?;
    ensure!(closed == json!([4500]), "closed with {closed}");
    // What was known stays, and does not look current.
    let stale = browser.shown(".mon-app[data-feed=stale]").await?;
    ensure!(stale.is_some(), "the board looks current");
    let card = browser.shown("[data-product=chatpdd]").await?;
    ensure!(card.is_some(), "the board is gone");
    until("a new document", SOON, || async {
        Ok((!is_same_document(browser).await?).then_some(()))
    })
    .await?;
    pages::live(browser).await?;

    let words = garble(browser).await?;
    ensure!(words.contains("Reload it"), "{words}");
    tokio::time::sleep(WOULD_HAVE_RELOADED).await;
    ensure!(is_same_document(browser).await?, "it reloaded again");
    pages::press(browser, "Reload").await?;
    pages::live(browser).await?;

    in_each_page(browser, NO_STORAGE).await?;
    browser.driver().goto(world.url("")).await?;
    pages::live(browser).await?;
    let words = garble(browser).await?;
    ensure!(words.contains("Reload it"), "{words}");
    tokio::time::sleep(WOULD_HAVE_RELOADED).await;
    ensure!(is_same_document(browser).await?, "it reloaded unremembered");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_without_websockets_is_live_by_events_and_returns_to_the_socket() -> Result<()> {
    let (world, _chromedriver, browser) = open().await?;
    let done = by_events(&world, &browser).await;
    pages::witnessed(&browser, "by-events", done).await?;
    browser.close().await
}

async fn by_events(world: &World, browser: &Browser) -> Result<()> {
    browser
        .script("localStorage.setItem('sockets', 'refused');")
        .await?;
    browser.driver().refresh().await?;
    pages::reads(browser, "by events").await?;
    pages::live(browser).await?;
    let title = "[data-feed-state=live][title*=\"no WebSocket\"]";
    until("why it is by events", SOON, || browser.shown(title)).await?;

    // Changes come, and what people do is answered and comes back by the feed.
    world.break_product("chatpdd", "process-gone").await?;
    pages::product_is(browser, "chatpdd", "down", SOON).await?;
    acknowledge(world, browser).await?;
    pages::reads(browser, "by events").await?;

    // A network that lets sockets through again: the next one that the browser tells of is tried at once.
    browser
        .script("localStorage.removeItem('sockets'); window.dispatchEvent(new Event('online'));")
        .await?;
    let by_socket = "[data-feed-state=live][title=\"Changes arrive as they happen.\"]";
    until("the socket", SOON, || browser.shown(by_socket)).await?;
    Ok(())
}

async fn acknowledge(world: &World, browser: &Browser) -> Result<()> {
    browser.driver().goto(world.url("incidents")).await?;
    let incident = until("ChatPDD's incident", SOON, || async {
        let rows = browser
            .driver()
            .find_all(By::Css("li[data-incident]"))
            .await?;
        for row in rows {
            if row.text().await?.contains("ChatPDD") {
                return Ok(row.attr("data-incident").await?);
            }
        }
        Ok(None)
    })
    .await?;
    let page = world.url(&format!("incidents/{incident}"));
    browser.driver().goto(page).await?;
    let field = "section[aria-label=\"Answer\"] textarea";
    let note = until("the field for the note", SOON, || browser.shown(field)).await?;
    note.send_keys("Looking at it").await?;
    pages::acknowledge(browser, "Acknowledged").await
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_that_stopped_are_said_on_overview_and_wall_while_the_feed_is_live() -> Result<()> {
    let (world, _chromedriver, browser) = open().await?;
    let done = stopped(&world, &browser).await;
    pages::witnessed(&browser, "checks-stopped", done).await?;
    browser.close().await
}

async fn stopped(world: &World, browser: &Browser) -> Result<()> {
    browser
        .script("localStorage.setItem('checks', 'stopped');")
        .await?;
    for page in ["", "wall"] {
        browser.driver().goto(world.url(page)).await?;
        pages::reads(browser, "checks stopped 4").await?;
        let live = browser.shown("[data-feed-state=live]").await?;
        live.with_context(|| format!("the feed of /{page} is not live"))?;
    }
    Ok(())
}
