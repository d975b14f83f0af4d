//! Looking back over HTTP: pages, filters, the proof, and files.

use serde_json::Value;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::harness::Gateway;
use crate::change::AuditRow;

const AUDIT: &str = "/api/monitoring/audit";
const EXPORT: &str = "/api/monitoring/audit/export";

async fn note(gateway: &Gateway, actor: &str, action: &str, subject: &str, at: i64) {
    let row = AuditRow {
        at: UnixMs(at),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: r#"{"status":["triggered","acknowledged"],"note":"=1+1\n<b>"}"#.to_owned(),
    };
    gateway.engine.audit(row).await;
}

/// Seven rows, an instant apart each.
async fn audited() -> Gateway {
    let gateway = Gateway::start();
    for (at, actor, action, subject) in [
        (10, "ines", "incident.acknowledge", "incident/12"),
        (20, "jonas", "incident.comment", "incident/12"),
        (30, "ines", "silence.make", "silence/3"),
        (40, "gateway", "incident.resolve", "incident/12"),
        (50, "ines", "incident.open", "incident/120"),
        (60, "ines", "session.open", "account/ines"),
        (70, "jonas", "session.open", "account/jonas"),
    ] {
        note(&gateway, actor, action, subject, at).await;
    }
    gateway
}

fn rows(page: &Value) -> Vec<u64> {
    let entries = page["entries"].as_array().unwrap().iter();
    entries.map(|it| it["row"].as_u64().unwrap()).collect()
}

async fn page(gateway: &Gateway, query: &str) -> Value {
    let answer = gateway.get(Role::Admin, &format!("{AUDIT}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_row_says_from_what_to_what_and_stands_in_the_chain() {
    let gateway = audited().await;
    let page = page(&gateway, "limit=1&actor=ines&action=incident.acknowledge").await;
    let entry = &page["entries"][0];
    assert_eq!(entry["subject"], "incident/12");
    assert_eq!(entry["changes"][0]["field"], "status");
    assert_eq!(entry["changes"][0]["before"], "triggered");
    assert_eq!(entry["changes"][0]["after"], "acknowledged");
    assert_eq!(entry["facts"][0]["name"], "note");
    assert_eq!(entry["hash"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_double() {
    let gateway = audited().await;
    let (mut query, mut seen) = ("limit=3".to_owned(), Vec::new());
    loop {
        let page = page(&gateway, &query).await;
        seen.extend(rows(&page));
        assert_eq!(page["newest"], 7);
        match page["next_before"].as_u64() {
            Some(before) => query = format!("limit=3&before={before}"),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn filters_narrow_and_come_together() {
    let gateway = audited().await;
    for (query, expected) in [
        ("actor=ines", vec![6, 5, 3, 1]),
        ("action=incident", vec![5, 4, 2, 1]),
        ("subject=INC-12", vec![4, 2, 1]),
        ("subject=incident", vec![5, 4, 2, 1]),
        ("from=30&to=60", vec![5, 4, 3]),
        ("actor=ines&subject=INC-12", vec![1]),
        ("actor=nobody", vec![]),
    ] {
        assert_eq!(rows(&page(&gateway, query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn the_page_says_how_far_the_chain_is_proved() {
    let gateway = audited().await;
    let first = page(&gateway, "").await;
    assert_eq!(first["proof"]["verified_to"], 7);
    assert!(first["proof"]["verified_at"].is_number());
    assert!(first["proof"].get("broken").is_none());
    note(&gateway, "ines", "incident.comment", "incident/12", 80).await;
    assert_eq!(page(&gateway, "").await["proof"]["verified_to"], 8);
}

#[tokio::test]
async fn a_wrong_filter_is_refused_with_its_name() {
    let gateway = Gateway::start();
    for (query, field) in [
        ("from=yesterday", "from"),
        ("from=5&to=5", "to"),
        ("limit=501", "limit"),
        ("who=ines", "who"),
        (&format!("actor={}", "a".repeat(201)), "actor"),
    ] {
        for place in [AUDIT, EXPORT] {
            let answer = gateway.get(Role::Admin, &format!("{place}?{query}")).await;
            assert_eq!(answer.status, 400, "{place}?{query}");
            let named = answer.json()["errors"][0]["field"].clone();
            assert!(
                named == field || named == "limit",
                "{place}?{query}: {named}"
            );
        }
    }
}

#[tokio::test]
async fn an_export_is_every_row_that_is_meant_oldest_first() {
    let gateway = audited().await;
    let answer = gateway.get(Role::Admin, EXPORT).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(
        answer
            .header("content-disposition")
            .contains("watchfloor-audit.ndjson")
    );
    let rows: Vec<Value> = answer
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let numbers: Vec<u64> = rows.iter().map(|it| it["row"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
    let some = gateway
        .get(Role::Admin, &format!("{EXPORT}?subject=INC-12"))
        .await;
    assert_eq!(some.body.lines().count(), 3);
}

#[tokio::test]
async fn a_table_runs_nothing_in_a_spreadsheet() {
    let gateway = audited().await;
    note(
        &gateway,
        "=cmd|' /C calc'!A0",
        "incident.comment",
        "incident/12",
        90,
    )
    .await;
    let answer = gateway
        .get(Role::Admin, &format!("{EXPORT}?format=csv"))
        .await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(answer.body.starts_with("row,at,actor,"), "{}", answer.body);
    assert!(answer.body.contains("\"'=cmd|"), "{}", answer.body);
    assert!(answer.body.contains("status: triggered → acknowledged"));
}

#[tokio::test]
async fn an_export_of_nothing_is_a_head_without_rows() {
    let gateway = Gateway::start();
    let answer = gateway
        .get(Role::Admin, &format!("{EXPORT}?format=csv"))
        .await;
    assert_eq!(answer.body.lines().count(), 1);
    assert_eq!(gateway.get(Role::Admin, EXPORT).await.body, "");
}

#[tokio::test]
async fn an_export_is_longer_than_one_stretch() {
    let gateway = Gateway::start();
    for at in 0..1_005 {
        note(&gateway, "ines", "incident.comment", "incident/12", at).await;
    }
    let answer = gateway
        .get(Role::Admin, &format!("{EXPORT}?format=csv"))
        .await;
    // A note of two lines is one cell of two lines.
    let rows = answer.body.split("\r\n").filter(|line| !line.is_empty());
    assert_eq!(rows.count(), 1_006);
}
