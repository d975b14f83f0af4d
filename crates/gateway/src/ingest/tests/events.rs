//! What becomes of events that are as they should be.

use serde_json::json;
use watchfloor_wire::deploy::DeployKind;
use watchfloor_wire::log::Level;
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS, UnixMs};

use super::super::Kind;
use super::{Door, NOW};
use crate::observation::{CheckObservation, ErrorSighting, Observation, Outcome};

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
