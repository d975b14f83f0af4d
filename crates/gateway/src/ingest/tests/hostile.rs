//! Secrets, and text that means harm.

use std::io::Write as _;

use axum::body::Body;
use http::header;
use proptest::prelude::*;
use serde_json::json;

use super::super::Kind;
use super::super::events::Form;
use super::super::source::Source;
use super::{Door, KEY, NOW, bearer, complaint, product};
use crate::clock::Clock;

#[tokio::test]
async fn a_complaint_does_not_carry_hostile_text_back() {
    let door = Door::open();
    let body = json!({"points": [{"name": "a", "value": 1, "unit": {"\u{1b}[2J\u{202e}": "x".repeat(5_000)}}]});
    let (_, text) = complaint(door.send(Kind::Metrics, &body).await);
    assert!(
        text.len() <= 300 && !text.contains(['\u{1b}', '\u{202e}']),
        "{text}"
    );
}

#[tokio::test]
async fn no_secret_reaches_the_disk_or_the_engine() {
    let secrets = [
        "hunter2-in-text",
        "hunter2-in-field",
        "hunter2-in-depth",
        "hunter2-in-stack",
        "hunter2-in-note",
        "hunter2-in-case",
        "p4ss-in-url",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "4111 1111 1111 1111",
        "hunter2-in-type",
        "hunter2-in-cookie",
    ];
    let door = Door::open();
    let logs = json!({"lines": [
        {"message": "password=hunter2-in-text and AKIAIOSFODNN7EXAMPLE", "service": "token=hunter2-in-type"},
        {"message": "paid 4111 1111 1111 1111", "fields": {
            "db_password": "hunter2-in-field", "inner": {"a": [{"secret": "hunter2-in-depth"}]},
            "CaseNumber": "hunter2-in-case", "url": "postgres://app:p4ss-in-url@db/x",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789": 1, "Cookie": "a=hunter2-in-cookie"}},
    ]});
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(logs.to_string().as_bytes()).unwrap();
    let mut headers = bearer(KEY);
    headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    let taken = door
        .intake
        .logs(&headers, Body::from(packed.finish().unwrap()))
        .await
        .unwrap();
    assert_eq!(taken.redacted, 10);
    let errors = json!({"errors": [{
        "error_type": "E password=hunter2-in-type", "message": "api_key: hunter2-in-text",
        "stack": ["at login (secret=\"hunter2-in-stack\")", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
        "category": "pwd=hunter2-in-text", "version": "v1 token=hunter2-in-text"}]});
    door.send(Kind::Errors, &errors).await.unwrap();
    let deploy =
        json!({"version": "v2", "note": "export API_KEY=hunter2-in-note", "commit": "abc"});
    door.send(Kind::Deploys, &deploy).await.unwrap();

    assert_eq!(door.lines().await.len(), 4);
    let observed = format!("{:?}", door.observed());
    let mut files = 0;
    for entry in std::fs::read_dir(door.directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        let text = String::from_utf8_lossy(&bytes);
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is on the disk");
            assert!(!observed.contains(secret), "{secret} was observed");
        }
    }
    assert!(files >= 2, "database and write-ahead log");
}

#[tokio::test]
async fn hostile_text_is_stored_as_what_it_is() {
    let door = Door::open();
    let body = json!({"lines": [{
        "message": "\u{1b}[31mred\u{202e}\r\u{0}", "service": "a\nforged ERROR line",
        "fields": {"k\u{200b}": "=cmd|' /C calc'!A0\u{7}"}}]});
    door.send(Kind::Logs, &body).await.unwrap();
    let line = door.lines().await.remove(0);
    assert_eq!(line.message, "\\x1b[31mred\\u{202e}\\r\\x00");
    assert_eq!(line.service, "a\\nforged ERROR line");
    assert_eq!(line.fields["k\\u{200b}"], "=cmd|' /C calc'!A0\\x07");
}

proptest! {
    #[test]
    fn no_text_makes_any_route_panic(
        json in prop_oneof![
            any::<String>(),
            r#"\{"(lines|errors|points)":\[(\{"(message|at|name|value|unit|stack|fields)":("[^"]{0,9}"|[0-9]{1,20}|null|\{\}|\[\])\},?){0,4}\]\}"#,
        ],
    ) {
        let source = Source::new(&product(), KEY, Clock::manual(NOW));
        for kind in [Kind::Logs, Kind::Errors, Kind::Metrics, Kind::Deploys] {
            for form in [Form::Document, Form::Lines] {
                let _outcome = kind.take(&source, &json, form, NOW);
            }
        }
    }
}
