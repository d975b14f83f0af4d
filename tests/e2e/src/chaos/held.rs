//! What a page holds against what the gateway holds, at the same place in the feed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use watchfloor_wire::feed::Cursor;
use watchfloor_wire::snapshot::Snapshot;

use crate::browser::Browser;

/// Both are asked in turn until they stand at the same place; changes come several times a second.
const SAME_PLACE_MAX: Duration = Duration::from_secs(60);
/// As many differences are named.
const NAMED_MAX: usize = 5;

const ASK: &str = "
    const done = arguments[arguments.length - 1];
    addEventListener('watchfloor-diagnostics', (event) => done(event.detail), { once: true });
    dispatchEvent(new CustomEvent('watchfloor-diagnose'));";

/// Every entity by key, at a place in the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Where.
    pub cursor: Cursor,
    /// What.
    pub entities: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Diagnostics {
    feed: FeedPart,
    entities: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct FeedPart {
    cursor: Option<Cursor>,
}

/// What the page in the current window holds.
///
/// # Errors
/// When it does not say.
pub async fn by_page(browser: &Browser) -> Result<Held> {
    let answer = browser.driver().execute_async(ASK, Vec::new()).await?;
    let text = answer
        .json()
        .as_str()
        .context("the page gives no diagnostics")?;
    let told: Diagnostics = serde_json::from_str(text)?;
    Ok(Held {
        cursor: told.feed.cursor.context("the page has no cursor")?,
        entities: told.entities,
    })
}

/// What the gateway holds, asked with the browser's session.
///
/// # Errors
/// When it does not answer.
pub async fn by_gateway(browser: &Browser, gateway: SocketAddr) -> Result<Held> {
    let cookies = browser.driver().get_all_cookies().await?;
    let cookies: Vec<String> = cookies
        .iter()
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .get(format!("http://{gateway}/api/monitoring/dashboard"))
        .header("cookie", cookies.join("; "))
        .send()
        .await?;
    ensure!(
        answer.status().is_success(),
        "the gateway answered {}",
        answer.status()
    );
    let snapshot: Snapshot = answer.json().await?;
    let cursor = Cursor {
        e: snapshot.epoch.clone(),
        s: snapshot.seq,
    };
    let mut entities = BTreeMap::new();
    for entity in snapshot.into_entities() {
        let body = serde_json::from_str(entity.to_json()?.get())?;
        entities.insert(entity.key().to_string(), body);
    }
    Ok(Held { cursor, entities })
}

/// Compares every key once both stand at the same place; returns how many there are.
///
/// # Errors
/// With the keys that differ, or when they never stand at the same place.
pub async fn equal(browser: &Browser, gateway: SocketAddr) -> Result<usize> {
    let asked_at = Instant::now();
    let mut theirs = by_gateway(browser, gateway).await?;
    loop {
        let ours = by_page(browser).await?;
        if ours.cursor == theirs.cursor {
            return same(&ours, &theirs);
        }
        theirs = by_gateway(browser, gateway).await?;
        if ours.cursor == theirs.cursor {
            return same(&ours, &theirs);
        }
        if asked_at.elapsed() > SAME_PLACE_MAX {
            bail!(
                "the page stands at {:?}, the gateway at {:?}",
                ours.cursor,
                theirs.cursor
            );
        }
    }
}

fn same(page: &Held, gateway: &Held) -> Result<usize> {
    ensure!(!gateway.entities.is_empty(), "the gateway holds nothing");
    let keys = page.entities.keys().chain(gateway.entities.keys());
    let mut differences: Vec<String> = keys
        .filter(|key| page.entities.get(*key) != gateway.entities.get(*key))
        .map(|key| {
            let side = |held: &Held| {
                let body = held.entities.get(key);
                body.map_or_else(|| "nothing".to_owned(), Value::to_string)
            };
            format!(
                "{key}\n  page:    {}\n  gateway: {}",
                side(page),
                side(gateway)
            )
        })
        .collect();
    differences.sort();
    differences.dedup();
    let count = differences.len();
    differences.truncate(NAMED_MAX);
    ensure!(
        count == 0,
        "at {:?} {count} keys differ:\n{}",
        page.cursor,
        differences.join("\n")
    );
    Ok(gateway.entities.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn held(entities: &[(&str, Value)]) -> Held {
        Held {
            cursor: Cursor {
                e: "e".to_owned(),
                s: 1,
            },
            entities: entities
                .iter()
                .map(|(key, body)| ((*key).to_owned(), body.clone()))
                .collect(),
        }
    }

    #[test]
    fn a_key_that_is_missing_or_too_many_or_other_is_a_difference() {
        let gateway = held(&[("check/a", json!({"status": "ok"})), ("check/b", json!({}))]);
        assert_eq!(same(&gateway, &gateway).expect("same"), 2);
        for (page, key) in [
            (held(&[("check/a", json!({"status": "ok"}))]), "check/b"),
            (
                held(&[
                    ("check/a", json!({"status": "down"})),
                    ("check/b", json!({})),
                ]),
                "check/a",
            ),
            (
                held(&[
                    ("check/a", json!({"status": "ok"})),
                    ("check/b", json!({})),
                    ("check/c", json!({})),
                ]),
                "check/c",
            ),
        ] {
            let why = same(&page, &gateway).unwrap_err().to_string();
            assert!(why.contains(" 1 keys differ") && why.contains(key), "{why}");
        }
        assert!(same(&held(&[]), &held(&[])).is_err());
    }
}
