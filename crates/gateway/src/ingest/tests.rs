//! The intake through its front door.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::response::IntoResponse as _;
use http::{HeaderMap, header};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;
use watchfloor_wire::deploy::DeployKind;
use watchfloor_wire::ingest::Ingested;
use watchfloor_wire::log::{Level, LogLine};
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS, UnixMs};

use super::source::Source;
use super::{Intake, Kind, Refusal};
use crate::clock::Clock;
use crate::config::gateway::Retention;
use crate::config::{Config, ProductConfig};
use crate::observation::{CheckObservation, ErrorSighting, Observation, Outcome};
use crate::records::{self, LogQuery, Recorder, Records};

const NOW: UnixMs = UnixMs(1_772_366_400_000);
const KEY: &str = "a-key-that-is-long-enough";

const PRODUCT: &str = r#"
id = "chatpdd"
name = "ChatPDD"
ingest_key_env = "CHATPDD_KEY"
redact_keys = ["case_number"]
[[probe]]
kind = "http"
url = "http://127.0.0.1:9121/"
[[probe.check]]
name = "api"
title = "API"
[[pushed]]
check = "api"
metric = "latency_ms"
unit = "ms"
every = "10s"
[[pushed]]
check = "sales"
metric = "orders"
unit = "per_s"
every = "10s"
"#;

fn product() -> ProductConfig {
    toml::from_str(PRODUCT).unwrap_or_else(|error| panic!("{error}"))
}

fn config() -> Config {
    Config {
        gateway: toml::from_str("products = []").unwrap(),
        products: vec![product()],
    }
}

struct Door {
    intake: Intake,
    observed: Arc<Mutex<Vec<Observation>>>,
    recorder: Recorder,
    records: Records,
    clock: Clock,
    directory: TempDir,
}

impl Door {
    fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW);
        let (recorder, records) =
            records::open(directory.path(), &Retention::default(), clock.clone()).unwrap();
        let observed = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&observed);
        let intake = Intake::new(
            &config(),
            &|name| (name == "CHATPDD_KEY").then(|| KEY.to_owned()),
            move |observation| sink.lock().unwrap().push(observation),
            recorder.clone(),
            clock.clone(),
        );
        Self {
            intake,
            observed,
            recorder,
            records,
            clock,
            directory,
        }
    }

    async fn send(&self, kind: Kind, body: &Value) -> Result<Ingested, Refusal> {
        let body = Body::from(body.to_string());
        self.intake.take(kind, &bearer(KEY), body).await
    }

    /// What was stored, oldest first.
    async fn lines(&self) -> Vec<LogLine> {
        self.recorder.flush().await;
        let query = LogQuery {
            limit: 1_000,
            ..LogQuery::default()
        };
        let mut lines = self.records.logs(query).await.unwrap().lines;
        lines.reverse();
        lines
    }

    fn observed(&self) -> Vec<Observation> {
        std::mem::take(&mut *self.observed.lock().unwrap())
    }
}

fn bearer(key: &str) -> HeaderMap {
    let value = format!("Bearer {key}").parse().unwrap();
    HeaderMap::from_iter([(header::AUTHORIZATION, value)])
}

fn status<T>(outcome: &Result<T, Refusal>) -> u16 {
    outcome
        .as_ref()
        .map_or_else(|it| it.problem.status, |_| 200)
}

/// The place and the text of what was wrong.
fn complaint<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> (String, String) {
    let problem = outcome.unwrap_err().problem;
    let error = problem.errors.first().unwrap();
    (error.field.clone(), error.text.clone())
}

#[tokio::test]
async fn without_the_right_key_nothing_of_the_body_is_read() {
    let door = Door::open();
    let untouchable = || {
        Body::from_stream(futures_util::stream::poll_fn(
            |_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> {
                panic!("the body was read")
            },
        ))
    };
    let basic = HeaderMap::from_iter([(
        header::AUTHORIZATION,
        format!("Basic {KEY}").parse().unwrap(),
    )]);
    for headers in [
        HeaderMap::new(),
        basic,
        bearer(""),
        bearer("another-key-of-some-length"),
    ] {
        let outcome = door.intake.logs(&headers, untouchable()).await;
        assert_eq!(status(&outcome), 401, "{headers:?}");
        let response = outcome.unwrap_err().into_response();
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }
    assert_eq!(door.intake.age_ms(), None);
}

#[test]
fn keys_that_can_be_guessed_or_are_shared_are_not_used() {
    let mut twice = config();
    twice.products.push(ProductConfig {
        id: "donna".to_owned(),
        ingest_key_env: Some("DONNA_KEY".to_owned()),
        ..product()
    });
    let clock = Clock::manual(NOW);
    for (key, usable) in [(KEY, true), ("short", false), ("", false)] {
        let sources = super::Sources::new(&twice, &|_| Some(key.to_owned()), &clock);
        let found = sources.find(&bearer(key)).ok();
        let product = found.map(|source| source.product.0.clone());
        assert_eq!(product, usable.then(|| "chatpdd".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn lines_are_stored_as_they_came() {
    let door = Door::open();
    let taken = door
        .send(
            Kind::Logs,
            &json!({"lines": [
                {"message": "plain"},
                {"at": "2026-03-01T11:59:00", "level": "WARNING", "service": "api", "message": "a\n\tb",
                 "fields": {"route": "/x", "ms": 12, "deep": {"a": [1, null]}}},
                {"at": 5, "level": "fatal", "message": "an old clock"},
            ], "future": true}),
        )
        .await
        .unwrap();
    assert_eq!((taken.accepted, taken.redacted), (3, 0));
    let lines = door.lines().await;
    let shown: Vec<_> = lines
        .iter()
        .map(|it| (it.at.since_ms(NOW), it.level, it.message.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (0, Level::Info, "plain"),
            (-MINUTE_MS, Level::Warn, "a\n\tb"),
            (0, Level::Error, "an old clock"),
        ]
    );
    assert_eq!(lines[1].fields["deep"], r#"{"a":[1,null]}"#);
    assert_eq!(lines[2].fields["source_at_ms"], "5");
    assert_eq!(door.intake.age_ms(), Some(0));
}

#[tokio::test]
async fn a_wrong_event_refuses_the_batch_and_says_where_it_is() {
    let door = Door::open();
    let cases = [
        (Kind::Logs, json!({}), "lines", "is missing"),
        (
            Kind::Logs,
            json!({"lines": 5}),
            "lines",
            "expected a sequence",
        ),
        (
            Kind::Logs,
            json!({"lines": [{"message": "ok"}, {"level": "info"}]}),
            "lines[1]",
            "missing field `message`",
        ),
        (
            Kind::Logs,
            json!({"lines": [{"message": "ok", "at": "soon"}]}),
            "lines[0].at",
            "RFC 3339",
        ),
        (
            Kind::Errors,
            json!({"errors": [{"message": "x", "at": 1.5}]}),
            "errors[0].at",
            "RFC 3339",
        ),
        (
            Kind::Metrics,
            json!({"points": [{"name": "sales.orders", "value": "1", "unit": "per_s"}]}),
            "points[0]",
            "invalid type",
        ),
        (
            Kind::Deploys,
            json!({"event": "party"}),
            "event",
            "`rollback`",
        ),
        (
            Kind::Deploys,
            json!({"status": "perhaps"}),
            "status",
            "`failed`",
        ),
        (Kind::Deploys, json!({}), "version", "name the version"),
    ];
    for (kind, body, place, text) in cases {
        let (found_place, found_text) = complaint(door.send(kind, &body).await);
        assert_eq!(found_place, place, "{body}");
        assert!(found_text.contains(text), "{body}: {found_text}");
    }
    assert!(door.lines().await.is_empty() && door.observed().is_empty());
}

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
async fn lines_and_fields_are_cut_with_a_mark() {
    let door = Door::open();
    let fields: serde_json::Map<_, _> = (0..70).map(|n| (format!("f{n:02}"), json!(n))).collect();
    let body = json!({"lines": [{"message": "x".repeat(20_000), "fields": fields}]});
    door.send(Kind::Logs, &body).await.unwrap();
    let line = door.lines().await.remove(0);
    assert_eq!(line.message.len(), 8 * 1024);
    assert!(line.message.ends_with("[cut, 20000 bytes in all]"));
    assert_eq!(
        (line.fields.len(), line.fields["fields_left_out"].as_str()),
        (65, "6")
    );
}

#[tokio::test]
async fn a_key_has_its_share_of_events_and_gets_more_with_time() {
    let door = Door::open();
    let batch = |count: usize| json!({"lines": vec![json!({"message": "x"}); count]});
    assert_eq!(status(&door.send(Kind::Logs, &batch(10_000)).await), 200);
    let refusal = door.send(Kind::Logs, &batch(1_000)).await.unwrap_err();
    assert_eq!(
        (refusal.problem.status, refusal.retry_after_s),
        (429, Some(2))
    );
    assert!(
        refusal
            .into_response()
            .headers()
            .contains_key(header::RETRY_AFTER)
    );
    door.clock.advance_ms(1_000);
    assert_eq!(status(&door.send(Kind::Logs, &batch(1_000)).await), 200);
    assert_eq!(status(&door.send(Kind::Logs, &batch(1)).await), 429);
}

#[tokio::test]
async fn requests_have_a_share_too_whatever_is_in_them() {
    let door = Door::open();
    let mut answers = Vec::new();
    for _ in 0..201 {
        let outcome = door.intake.logs(&bearer(KEY), Body::from("[")).await;
        answers.push(status(&outcome));
    }
    assert!(answers[..200].iter().all(|it| *it == 422));
    assert_eq!(answers[200], 429);
}

#[tokio::test]
async fn errors_become_groups_and_lines() {
    let door = Door::open();
    let event = |message: &str, ago_ms: i64| {
        json!({"at": NOW.0 - ago_ms, "service": "api", "error_type": "PoolTimeout", "message": message,
               "category": "database", "boundary": "page", "version": "v2"})
    };
    let body = json!({"errors": [
        event("waited 5 s", 10), event("waited 9 s", 0), event("waited 7 s", 20),
        {"message": "no type, user_7"},
    ]});
    assert_eq!(door.send(Kind::Errors, &body).await.unwrap().accepted, 4);
    let mut seen: Vec<ErrorSighting> = door
        .observed()
        .into_iter()
        .map(|it| match it {
            Observation::Errors(sighting) => sighting,
            other => panic!("{other:?}"),
        })
        .collect();
    seen.sort_by_key(|it| std::cmp::Reverse(it.count));
    let shown: Vec<_> = seen
        .iter()
        .map(|it| (it.count, it.error_type.as_str(), it.title.as_str(), it.at))
        .collect();
    assert_eq!(
        shown,
        [
            (3, "PoolTimeout", "waited <n> s", NOW),
            (1, "error", "no type, user_<n>", NOW),
        ]
    );
    let lines = door.lines().await;
    assert_eq!(lines[0].message, "PoolTimeout: waited 5 s");
    assert_eq!(lines[0].fields["error_group"], seen[0].group.0);
    assert_eq!(lines[3].message, "no type, user_7");
    assert!(lines.iter().all(|it| it.level == Level::Error));
}

#[tokio::test]
async fn points_are_taken_when_they_are_configured_in_their_unit_and_of_now() {
    let door = Door::open();
    let point = |name: &str, unit: &str, ago_ms: i64| json!({"name": name, "value": 3.5, "unit": unit, "at": NOW.0 - ago_ms});
    let body = json!({"points": [
        point("sales.orders", "per_s", 0),
        point("sales.orders", "per_s", HOUR_MS),
        point("sales.orders", "per_s", HOUR_MS + 1),
        point("sales.orders", "per_s", -5 * MINUTE_MS),
        point("sales.orders", "per_s", -5 * MINUTE_MS - 1),
        point("sales.orders", "ms", 0),
        point("sales.nothing", "ms", 0),
        point("api.latency_ms", "ms", 7),
    ]});
    let taken = door.send(Kind::Metrics, &body).await.unwrap();
    let refused: Vec<_> = taken
        .refused
        .iter()
        .map(|(why, n)| (why.as_str(), *n))
        .collect();
    assert_eq!(taken.accepted, 4);
    assert_eq!(
        refused,
        [
            ("in_the_future", 1),
            ("too_old", 1),
            ("unknown_name", 1),
            ("wrong_unit", 1)
        ]
    );
    let observed = door.observed();
    // The probe says how `api` is, so its points only add values.
    assert!(matches!(&observed[0], Observation::Samples(it)
        if it.len() == 1 && it[0].series.as_str() == "chatpdd.api.latency_ms"));
    let Observation::Check(CheckObservation {
        check,
        observed_at,
        outcome,
        samples,
    }) = &observed[1]
    else {
        panic!("{observed:?}");
    };
    assert_eq!(
        (check.as_str(), *observed_at, outcome),
        ("chatpdd.sales", NOW, &Outcome::Ok)
    );
    assert_eq!(samples.len(), 3);
    door.recorder.flush().await;
    let columns = door
        .records
        .series(
            vec!["chatpdd.sales.orders".into()],
            UnixMs(0),
            UnixMs(i64::MAX),
            100,
        )
        .await
        .unwrap();
    assert_eq!(columns[0].value, [Some(3.5); 3]);
}

#[tokio::test]
async fn a_rollback_notice_without_a_version_is_marked() {
    let door = Door::open();
    let notice = json!({"event": "rollback", "status": "completed"});
    door.send(Kind::Deploys, &notice).await.unwrap();
    let observed = door.observed();
    let [Observation::Deploy(deploy)] = &observed[..] else {
        panic!("{observed:?}");
    };
    assert_eq!((deploy.kind, deploy.at), (DeployKind::Rollback, NOW));
    door.send(Kind::Deploys, &notice).await.unwrap();
    assert_eq!(
        door.observed(),
        observed,
        "the same notice is the same deploy"
    );
    let failed = json!({"version": "v3", "status": "failed"});
    door.send(Kind::Deploys, &failed).await.unwrap();
    assert!(door.observed().is_empty());
    let last = door.lines().await.pop().unwrap();
    assert_eq!(
        (last.level, last.message.as_str()),
        (Level::Error, "Deploy of v3 failed")
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
            let _outcome = kind.take(&source, &json, NOW);
        }
    }
}
