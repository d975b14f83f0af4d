//! The audit as admins read it: more rows than one page, a filter that stands in the address and survives a reload, and
//! files of exactly the rows that are meant.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

/// Each may do so many things at once, and each of them is a row.
const DONE_BY_EACH: usize = 10;
const PEOPLE: usize = 11;
const DONE: usize = DONE_BY_EACH * PEOPLE;
const OLDER: &str = ".mon-audit-foot button";
const LOOK: &str = "section[aria-label=Rows] .mon-section-end button";
/// Rows of one page.
const PAGE: usize = 100;
/// Whose name is the beginning of two others.
const WHO: &str = "operator-1";
const HOUR_MS: u128 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_stands_in_the_address_pages_follow_it_and_so_do_files() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    take_turns(&world).await?;

    let paged = pages_follow(&world, &browser).await;
    pages::witnessed(&browser, "audit-pages", paged).await?;
    let filtered = filter_survives(&browser).await;
    pages::witnessed(&browser, "audit-filter", filtered).await?;
    let filed = files_hold_the_same(&browser).await;
    pages::witnessed(&browser, "audit-files", filed).await?;
    let wrong = what_is_wrong_is_said(&browser).await;
    pages::witnessed(&browser, "audit-wrong", wrong).await?;
    browser.expect_no_complaint().await?;
    browser.close().await
}

/// Rows of a known number: each of some operators takes some turns of somebody else.
async fn take_turns(world: &World) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    for number in 1..=PEOPLE {
        let name = format!("operator-{number}");
        let token = world.add_program(&name, "operator").await?;
        for turn in 1..=DONE_BY_EACH {
            let body = json!({
                "rotation": "pourtrait",
                "person": "mei",
                "starts_at": now + HOUR_MS,
                "ends_at": now + 2 * HOUR_MS,
                "reason": format!("turn {turn}, \"quoted\" = {number}"),
            });
            let key = format!("audit-test-{number}-{turn}");
            world
                .order(&token, "on-call/overrides", &key, &body)
                .await?;
        }
    }
    Ok(())
}

/// The numbers of the rows on the page, from the top.
async fn rows(browser: &Browser) -> Result<Vec<u64>> {
    let rows = browser
        .script("return [...document.querySelectorAll('[data-audit-row]')].map((e) => +e.dataset.auditRow);")
        .await?;
    Ok(serde_json::from_value(rows)?)
}

/// Waits until the page has so many rows, which must be newest first and each once.
async fn has_rows(browser: &Browser, count: usize) -> Result<Vec<u64>> {
    let rows = until(&format!("{count} rows"), SOON, || async {
        let rows = rows(browser).await?;
        Ok((rows.len() == count).then_some(rows))
    })
    .await?;
    ensure!(rows.is_sorted_by(|one, next| one > next), "{rows:?}");
    Ok(rows)
}

async fn address(browser: &Browser) -> Result<String> {
    let address = browser.script("return location.search;").await?;
    Ok(address.as_str().unwrap_or_default().to_owned())
}

/// Presses a button or link as people do by keyboard: it gets the focus, which brings it into sight and not to below the
/// bar, and then the press.
async fn press(browser: &Browser, css: &str) -> Result<()> {
    until(css, SOON, || browser.shown(css)).await?;
    let place = browser
        .script(&format!(
            "const e = document.querySelector('{css}');
             e.focus();
             const bar = document.querySelector('.mon-bar').getBoundingClientRect().bottom;
             const place = e.getBoundingClientRect();
             return [place.top - bar, innerHeight - place.bottom];"
        ))
        .await?;
    let hidden = serde_json::from_value::<Vec<f64>>(place.clone())?;
    ensure!(
        hidden.iter().all(|it| *it >= 0.0),
        "{css} has the focus and lies out of sight by {place}"
    );
    let control = browser.shown(css).await?.context("it is gone")?;
    control.send_keys(Key::Enter + "").await?;
    Ok(())
}

async fn fill(browser: &Browser, field: &str, words: &str) -> Result<()> {
    let field = until(field, SOON, || browser.shown(field)).await?;
    field.clear().await?;
    field.send_keys(words).await?;
    Ok(())
}

async fn value(browser: &Browser, field: &str) -> Result<String> {
    let field = until(field, SOON, || browser.shown(field)).await?;
    Ok(field.prop("value").await?.unwrap_or_default())
}

/// All that was done goes over more than one page; the second follows the first without a gap or a double.
async fn pages_follow(world: &World, browser: &Browser) -> Result<()> {
    browser.driver().goto(world.url("audit")).await?;
    has_rows(browser, PAGE).await?;
    fill(browser, "#audit-action", "override").await?;
    until("the filter in the address", SOON, || async {
        let address = address(browser).await?;
        Ok((address == "?action=override").then_some(()))
    })
    .await?;
    // What was done besides is gone from the page: only then are these the rows that the filter means.
    until("rows of overrides alone", SOON, || async {
        let actions = browser
            .script(
                "return [...new Set([...document.querySelectorAll('.mon-audit-action')].map((e) => e.textContent))];",
            )
            .await?;
        Ok((actions == json!(["override make"])).then_some(()))
    })
    .await?;
    has_rows(browser, PAGE).await?;
    press(browser, OLDER).await?;
    has_rows(browser, DONE).await?;
    ensure!(
        browser.shown(OLDER).await?.is_none(),
        "there is nothing older"
    );
    // Another first page is another list.
    press(browser, LOOK).await?;
    has_rows(browser, PAGE).await?;
    Ok(())
}

/// One person's rows of one action, also after a reload, and by the address alone.
async fn filter_survives(browser: &Browser) -> Result<()> {
    fill(browser, "#audit-actor", WHO).await?;
    let before = has_rows(browser, DONE_BY_EACH).await?;
    ensure!(
        browser.shown(OLDER).await?.is_none(),
        "there is nothing older"
    );
    browser.driver().refresh().await?;
    let after = has_rows(browser, DONE_BY_EACH).await?;
    ensure!(before == after, "{before:?} and then {after:?}");
    ensure!(
        address(browser).await? == format!("?actor={WHO}&action=override"),
        "the filter left the address"
    );
    ensure!(
        value(browser, "#audit-actor").await? == WHO,
        "the field lost it"
    );
    ensure!(
        value(browser, "#audit-action").await? == "override",
        "the field lost it"
    );
    press(browser, ".mon-audit-all a").await?;
    has_rows(browser, PAGE).await?;
    ensure!(address(browser).await?.is_empty(), "the filter stayed");
    browser.driver().back().await?;
    let again = has_rows(browser, DONE_BY_EACH).await?;
    ensure!(before == again, "{before:?} and then {again:?}");
    ensure!(
        value(browser, "#audit-actor").await? == WHO,
        "the field lost it"
    );
    Ok(())
}

/// Takes both files as a person does, and compares them with what is on the page.
async fn files_hold_the_same(browser: &Browser) -> Result<()> {
    let shown = has_rows(browser, DONE_BY_EACH).await?;
    let folder = tempfile::tempdir()?;
    let allow = json!({ "behavior": "allow", "downloadPath": folder.path() });
    browser.devtools("Page.setDownloadBehavior", allow).await?;
    let file = async |link: u8, name: &str| {
        press(browser, &format!("a.mon-audit-file:nth-of-type({link})")).await?;
        let path = folder.path().join(name);
        // It has this name once all of it is there.
        until(&format!("the file {name}"), SOON, || async {
            Ok(std::fs::read_to_string(&path)
                .ok()
                .filter(|it| !it.is_empty()))
        })
        .await
    };
    let lines = file(2, "watchfloor-audit.ndjson").await?;
    let lines: Vec<Value> = lines
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let mut numbers = Vec::new();
    for line in &lines {
        ensure!(
            line["actor"] == WHO && line["action"] == "override.make",
            "{line}"
        );
        numbers.push(line["row"].as_u64().context("a line without a number")?);
    }
    numbers.reverse();
    ensure!(numbers == shown, "{numbers:?} are not {shown:?}");
    let table = file(1, "watchfloor-audit.csv").await?;
    let mut numbers = Vec::new();
    for line in table.lines().skip(1) {
        let (number, rest) = line.split_once(',').context(table.clone())?;
        ensure!(
            rest.contains(&format!(",\"{WHO}\",\"override.make\",")),
            "{line}"
        );
        numbers.push(number.parse::<u64>()?);
    }
    numbers.reverse();
    ensure!(numbers == shown, "{numbers:?} are not {shown:?}");
    Ok(())
}

/// A time that ends before it begins is said beside its field, and no rows of before stand for it.
async fn what_is_wrong_is_said(browser: &Browser) -> Result<()> {
    for (field, moment) in [("from", "2026-11-28T15:00"), ("to", "2026-11-27T15:00")] {
        browser
            .script(&format!(
                "const e = document.getElementById('audit-{field}');
                 e.value = '{moment}';
                 e.dispatchEvent(new Event('input', {{ bubbles: true }}));
                 return true;"
            ))
            .await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    pages::reads(browser, "It must be later than “From”.").await?;
    has_rows(browser, 0).await?;
    Ok(())
}
