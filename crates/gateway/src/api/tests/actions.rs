//! Actions over HTTP: complete or refused.

use http::StatusCode;
use watchfloor_wire::session::Role;

use super::harness::Gateway;

const ACKNOWLEDGE: &str = "/api/monitoring/incidents/INC-1/acknowledge";
const BODY: &str = r#"{"note":"looking","lease_ms":1800000,"scope":"severity"}"#;
const KEY: (&str, &str) = ("idempotency-key", "0f0e0d0c-0b0a-4908-8706-050403020100");
const VERSION: (&str, &str) = ("if-match", "\"1\"");

#[tokio::test]
async fn an_action_needs_a_key_and_the_version_that_was_seen() {
    let gateway = Gateway::start();
    for (headers, status) in [
        (vec![], 428),
        (vec![KEY], 428),
        (vec![VERSION], 428),
        (vec![KEY, ("if-match", "*")], 400),
        (vec![("idempotency-key", "short"), VERSION], 400),
        (vec![KEY, VERSION], 404),
    ] {
        let answer = gateway
            .post(Role::Operator, ACKNOWLEDGE, &headers, BODY)
            .await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{headers:?}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn an_incomplete_action_names_the_fields() {
    let gateway = Gateway::start();
    for (action, body, field) in [
        (
            "acknowledge",
            r#"{"note":" ","lease_ms":60000,"scope":"severity"}"#,
            "note",
        ),
        (
            "acknowledge",
            r#"{"note":"x","lease_ms":59999,"scope":"severity"}"#,
            "lease_ms",
        ),
        ("comment", "{}", "note"),
        ("assign", r#"{"account":"stranger"}"#, "account"),
        ("assign", r#"{"account":"viewer"}"#, "account"),
    ] {
        let path = format!("/api/monitoring/incidents/1/{action}");
        let answer = gateway
            .post(Role::Operator, &path, &[KEY, VERSION], body)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{action} {body}");
        assert_eq!(
            answer.json()["errors"][0]["field"],
            field,
            "{}",
            answer.body
        );
    }
}
