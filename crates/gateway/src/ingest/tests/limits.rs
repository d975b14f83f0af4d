//! Who may send, how much, and what is said when it is wrong.

use axum::body::Body;
use axum::response::IntoResponse as _;
use http::{HeaderMap, header};
use serde_json::json;

use super::super::Kind;
use super::super::source::Sources;
use super::{Door, KEY, NOW, bearer, complaint, config, product, status};
use crate::clock::Clock;
use crate::config::ProductConfig;

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
        let sources = Sources::new(&twice, &|_| Some(key.to_owned()), &clock);
        let found = sources.find(&bearer(key)).ok();
        let product = found.map(|source| source.product.0.clone());
        assert_eq!(product, usable.then(|| "chatpdd".to_owned()), "{key}");
    }
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
