//! Who is on call, over HTTP.

use http::StatusCode;
use serde_json::{Value, json};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{DAY_MS, HOUR_MS};

use super::harness::{Answer, Gateway, standing_clock};

const ON_CALL: &str = "/api/monitoring/on-call";
const OVERRIDES: &str = "/api/monitoring/on-call/overrides";
const SETTINGS: &str = r#"
products = []
[[person]]
id = "priya"
name = "Priya Raman"
contact = "priya@example.com"
[[person]]
id = "omar"
name = "Omar Haddad"
[[rotation]]
id = "primary"
name = "Primary"
people = ["priya", "omar"]
turn = "7d"
from = "2025-11-17T09:00"
[[rotation]]
id = "night"
name = "Night"
calendar_url = "https://calendar.example.com/night.ics"
"#;

/// At midnight of Friday, 21 November 2025.
fn gateway() -> Gateway {
    Gateway::with(SETTINGS, standing_clock())
}

async fn post(gateway: &Gateway, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("idempotency-key", key)];
    gateway
        .post(Role::Operator, path, &headers, &body.to_string())
        .await
}

fn names(board: &Answer) -> Vec<String> {
    let shifts = board.json()["rotations"][0]["shifts"].clone();
    let shifts = shifts.as_array().cloned().unwrap_or_default();
    let name = |it: &Value| it["name"].as_str().unwrap_or_default().to_owned();
    shifts.iter().map(name).collect()
}

#[tokio::test]
async fn the_board_says_who_is_on_call_and_until_when() {
    let gateway = gateway();
    let board = gateway.get(Role::Viewer, ON_CALL).await;
    assert_eq!(board.status, StatusCode::OK, "{}", board.body);
    assert_eq!(names(&board)[..2], ["Priya Raman", "Omar Haddad"]);
    let json = board.json();
    let monday = gateway.clock.now().0 + 3 * DAY_MS + 9 * HOUR_MS;
    assert_eq!(json["rotations"][0]["shifts"][0]["ends_at"], monday);
    assert_eq!(json["rotations"][1]["shifts"], json!([]));
    assert_eq!(json["rotations"][1]["calendar"], json!({}));
    assert_eq!(json["people"][0]["contact"], "priya@example.com");
    let display = gateway.get(Role::Display, ON_CALL).await;
    assert_eq!(display.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_rotations_the_board_is_empty() {
    let gateway = Gateway::start();
    let board = gateway.get(Role::Viewer, ON_CALL).await;
    assert_eq!(board.json()["rotations"], json!([]));
}

#[tokio::test]
async fn an_override_is_made_once_and_ended_once() {
    let gateway = gateway();
    let ends_at = gateway.clock.now().0 + HOUR_MS;
    let asked =
        json!({ "rotation": "primary", "person": "omar", "ends_at": ends_at, "reason": "dentist" });
    let first = post(&gateway, OVERRIDES, "key-make-1", &asked).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(first.json()["override"]["author_name"], "operator");
    let again = post(&gateway, OVERRIDES, "key-make-1", &asked).await;
    assert_eq!(
        (&again.body, again.header("idempotency-replayed")),
        (&first.body, "true")
    );
    let board = gateway.get(Role::Viewer, ON_CALL).await;
    assert_eq!(
        names(&board)[..3],
        ["Omar Haddad", "Priya Raman", "Omar Haddad"]
    );
    assert_eq!(board.json()["rotations"][0]["shifts"][0]["by_override"], 1);
    let path = format!("{OVERRIDES}/OVR-1/end");
    let ended = post(&gateway, &path, "key-end-1", &json!({ "note": "" })).await;
    assert_eq!(ended.json()["override"]["ended_by_name"], "operator");
    let board = gateway.get(Role::Viewer, ON_CALL).await;
    assert_eq!(names(&board)[0], "Priya Raman");
    let viewer = gateway
        .post(
            Role::Viewer,
            OVERRIDES,
            &[("idempotency-key", "key-make-2")],
            &asked.to_string(),
        )
        .await;
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_wrong_override_is_refused_with_its_fields() {
    let gateway = gateway();
    let now = gateway.clock.now().0;
    for (key, body, field, beginning) in [
        (
            "key-wrong-1",
            json!({ "rotation": "day", "person": "omar", "ends_at": now + 1 }),
            "rotation",
            "There is no rotation `day`; there are `primary`, `night`.",
        ),
        (
            "key-wrong-2",
            json!({ "rotation": "primary", "person": "zoe", "ends_at": now + 1 }),
            "person",
            "There is nobody called `zoe`; there are `priya`, `omar`.",
        ),
        (
            "key-wrong-3",
            json!({ "rotation": "primary", "person": "omar", "ends_at": now }),
            "ends_at",
            "It ends in the past.",
        ),
    ] {
        let answer = post(&gateway, OVERRIDES, key, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        let problem = &answer.json()["errors"][0];
        assert_eq!(problem["field"], field, "{}", answer.body);
        assert_eq!(problem["text"], beginning);
    }
    let unknown = post(
        &gateway,
        &format!("{OVERRIDES}/9/end"),
        "key-none-1",
        &json!({ "note": "" }),
    )
    .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
