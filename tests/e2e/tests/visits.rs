//! Pages that are visited again and again: whoever works with the console all day goes from one to the other hundreds of
//! times, and nothing of a page that was left may stay.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use watchfloor_e2e::measure::{Counters, OBSERVE, before_each_page, devtools};
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

/// Goes through all pages of the bar so many times, each until it is painted.
const VISIT: &str = "
    const [rounds, done] = [arguments[0], arguments[arguments.length - 1]];
    const painted = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 0)));
    (async () => {
        for (let round = 0; round < rounds; round += 1) {
            for (const link of [...document.querySelectorAll('.mon-nav a')]) {
                link.click();
                await painted();
                await painted();
            }
            document.querySelector('.mon-nav a').click();
            await painted();
            await painted();
        }
        done(document.querySelectorAll('.mon-nav a').length);
    })();";
/// What every page needs once is there after these rounds.
const FIRST_ROUNDS: u32 = 12;
const MORE_ROUNDS: u32 = 60;
/// The program's memory grows by pages of 64 KiB and never shrinks. A few of them are what else goes on meanwhile; a page
/// that left its readers behind took 4 MB in as many visits.
const GROWTH_MAX_BYTES: f64 = 24.0 * 65_536.0;
/// Of 360 visits; what a page leaves behind is hundreds each.
const NODES_MAX: f64 = 500.0;

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_visited_again_and_again_leave_nothing_behind() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    before_each_page(&browser, OBSERVE).await?;
    devtools(&browser, "Performance.enable", json!({})).await?;
    browser.driver().goto(world.url("")).await?;
    pages::live(&browser).await?;
    until("charts, which are fetched last", SOON, || {
        browser.shown(".mon-charts")
    })
    .await?;

    let before = visit(&browser, FIRST_ROUNDS).await?;
    let after = visit(&browser, MORE_ROUNDS).await?;
    let grown = after.wasm_bytes - before.wasm_bytes;
    println!(
        "{MORE_ROUNDS} rounds: the program's memory {} -> {}, nodes {} -> {}, listeners {} -> {}",
        before.wasm_bytes,
        after.wasm_bytes,
        before.nodes,
        after.nodes,
        before.listeners,
        after.listeners
    );
    ensure!(
        grown <= GROWTH_MAX_BYTES,
        "the program's memory grew by {grown} bytes"
    );
    let nodes = after.nodes - before.nodes;
    ensure!(nodes <= NODES_MAX, "{nodes} more nodes are held");
    let listeners = after.listeners - before.listeners;
    ensure!(
        listeners <= f64::from(MORE_ROUNDS),
        "{listeners} more listeners are held"
    );
    browser.close().await
}

async fn visit(browser: &Browser, rounds: u32) -> Result<Counters> {
    let visited = browser
        .driver()
        .execute_async(VISIT, vec![json!(rounds)])
        .await?;
    let links = visited.json().as_u64().context("nothing was visited")?;
    ensure!(links >= 4, "the bar leads to {links} pages only");
    pages::live(browser).await?;
    Counters::read(browser).await
}
