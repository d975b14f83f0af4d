//! What is asked of the gateway while it lives: measurements that open and end incidents, and people who act on them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Result, bail};
use rand::Rng as _;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::gateway::{GATES, INGEST_KEY};
use super::{Asked, Load, http};

/// Products send in: each batch breaks some gates and mends others.
pub async fn send_in(load: Arc<Load>) {
    let key = format!("Bearer {INGEST_KEY}");
    while load.goes_on() {
        let points: Vec<Value> = (0..GATES)
            .map(|gate| {
                let depth = if rand::rng().random_ratio(3, 4) { 5 } else { 0 };
                json!({"name": format!("gate-{gate}.depth"), "value": depth, "unit": "count"})
            })
            .collect();
        let body = json!({ "points": points }).to_string();
        let path = ("POST", "/api/monitoring/ingest/metrics");
        let sent = http::ask(load.address, path, &[("Authorization", &key)], &body).await;
        if matches!(sent, Ok((200, _))) {
            load.ingested.fetch_add(1, Ordering::SeqCst);
        }
        sleep(Duration::from_millis(40)).await;
    }
}

/// One operator acts on whatever is open, as fast as it is let.
pub async fn press(load: Arc<Load>, operator: usize) {
    let mut number = 0_u64;
    while load.goes_on() {
        let pause_ms = rand::rng().random_range(1..60);
        sleep(Duration::from_millis(pause_ms)).await;
        let Some((incident, version)) = some_incident(&load).await else {
            continue;
        };
        let presses = rand::rng().random_range(1..5);
        for _ in 0..presses {
            number += 1;
            let asked = Asked {
                operator,
                key: format!("kill-{operator}-{number}"),
            };
            act(&load, asked, incident, version).await;
        }
    }
}

async fn some_incident(load: &Load) -> Option<(u64, u64)> {
    let token = format!("Bearer {}", load.viewer);
    let path = ("GET", "/api/monitoring/incidents?open=true");
    let (status, body) = http::ask(load.address, path, &[("Authorization", &token)], "")
        .await
        .ok()?;
    if status != 200 {
        return None;
    }
    let page: Value = serde_json::from_str(&body).ok()?;
    let incidents = page["incidents"].as_array()?;
    let place = rand::rng().random_range(0..incidents.len().max(1));
    let incident = incidents.get(place)?;
    Some((incident["id"].as_u64()?, incident["version"].as_u64()?))
}

async fn act(load: &Load, asked: Asked, incident: u64, version: u64) {
    let note = asked.key.as_str();
    let (action, body) = match rand::rng().random_range(0..10) {
        0..=2 => (
            "acknowledge",
            json!({"note": note, "lease_ms": 600_000, "scope": "until_resolved"}),
        ),
        3 => ("release", json!({ "note": note })),
        4 => ("escalate", json!({ "note": note })),
        5 => ("resolve", json!({ "note": note })),
        _ => ("comment", json!({ "note": note })),
    };
    let token = format!("Bearer {}", load.operators[asked.operator]);
    let (version, path) = (
        format!("\"{version}\""),
        format!("/api/monitoring/incidents/{incident}/{action}"),
    );
    let headers = [
        ("Authorization", token.as_str()),
        ("Idempotency-Key", note),
        ("If-Match", &version),
    ];
    match http::ask(load.address, ("POST", &path), &headers, &body.to_string()).await {
        Ok((200, answer)) => load.lock(&load.confirmed).push((asked, answer)),
        // It said no, and means it.
        Ok(_) => {}
        Err(_) => load.lock(&load.unanswered).push(asked),
    }
}

/// Asks what became of everything that was not answered: it was done, and the answer is there, or it was not.
///
/// # Errors
/// When the gateway answers anything else.
pub async fn ask_for_answers(load: &Load, late: &mut usize, not_done: &mut usize) -> Result<()> {
    let unanswered = std::mem::take(&mut *load.lock(&load.unanswered));
    for asked in unanswered {
        let token = format!("Bearer {}", load.operators[asked.operator]);
        let path = format!("/api/monitoring/idempotency/{}", asked.key);
        let headers = [("Authorization", token.as_str())];
        match http::ask(load.address, ("GET", &path), &headers, "").await? {
            (200, body) => {
                *late += 1;
                load.lock(&load.confirmed).push((asked, body));
            }
            (404, _) => *not_done += 1,
            (status, body) => bail!("{path} was answered {status}: {body}"),
        }
    }
    Ok(())
}
