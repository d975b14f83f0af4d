//! Secrets in, `[Filtered]` out; and what is no secret stays.

use proptest::prelude::*;
use serde_json::json;

use super::{FILTERED, Redactions, SecretKeys, field, text};

fn clean(raw: &str) -> String {
    text(raw, &SecretKeys::default(), &mut Redactions::default())
}

#[test]
fn secrets_go_and_what_stands_around_them_stays() {
    let cases = [
        ("password=hunter2 user=ann", "password=[Filtered] user=ann"),
        (
            "login failed, pwd: hunter2",
            "login failed, pwd: [Filtered]",
        ),
        (
            r#"{"user":"ann","apiKey":"a\"b c","n":1}"#,
            r#"{"user":"ann","apiKey":"[Filtered]","n":1}"#,
        ),
        (
            r#"body "{\"token\":\"abc def\",\"n\":1}""#,
            r#"body "{\"token\":\"[Filtered]\",\"n\":1}""#,
        ),
        (
            "cut off: {\"password\":\"hunt",
            "cut off: {\"password\":\"[Filtered]",
        ),
        (
            "GET /cb?code=1&access_token=abc&x=2",
            "GET /cb?code=1&access_token=[Filtered]&x=2",
        ),
        ("token%3Dabc%20def", "token%3D[Filtered]"),
        (
            "Authorization: Bearer abc.def\nHost: x",
            "Authorization: [Filtered]\nHost: x",
        ),
        ("Cookie: a=1; b=2", "Cookie: [Filtered]"),
        (
            "x-auth-token: Bearer q1w2e3 tail",
            "x-auth-token: [Filtered] tail",
        ),
        (
            "secret='with spaces, and marks' next",
            "secret='[Filtered]' next",
        ),
        (
            "connect postgres://app:p%40ss@db:5432/x failed",
            "connect postgres://[Filtered]@db:5432/x failed",
        ),
        ("redis://:pa@ss@cache/0", "redis://[Filtered]@cache/0"),
        (
            "sent Bearer q1w2e3r4t5 to it",
            "sent Bearer [Filtered] to it",
        ),
        ("Basic dXNlcjpwYXNz", "Basic [Filtered]"),
        ("jwt eyJhbGciOi.eyJzdWIiOi.c2ln ok", "jwt [Filtered] ok"),
        ("key AKIAIOSFODNN7EXAMPLE.", "key [Filtered]."),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[Filtered]"),
        (
            "paid with 4111 1111 1111 1111 today",
            "paid with [Filtered] today",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest",
            "[Filtered]\nrest",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE, cut", "[Filtered]"),
        (
            "https://hooks.slack.com/services/T0/B0/xyz",
            "https://hooks.slack.com/services/[Filtered]",
        ),
    ];
    for (raw, expected) in cases {
        assert_eq!(clean(raw), expected, "{raw}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    for raw in [
        "GET /api/health 200 in 12 ms",
        "session: started for user 12",
        "token: expired",
        "basic authentication failed",
        "author=ann memory_footprint=512",
        "at 1763683200123 took 4000000000000000 ns",
        "http://127.0.0.1:9101/path?x=1",
        "2026-03-01T12:00:00Z id 3f2b8c1e-1b2c-4d5e-8f90-abcdef012345",
        "mail ann@example.com about https://example.com/a:b",
        "password:",
        "",
    ] {
        assert_eq!(clean(raw), raw);
    }
}

#[test]
fn fields_are_hidden_by_name_at_any_depth() {
    let value = json!({
        "user": {"password": "x", "name": "ann", "ids": [{"apiKey": 5}]},
        "session_count": 7,
        "session": "abc",
        "empty_token": "",
        "url": "https://a:b@host/",
        "card": 4_111_111_111_111_111_u64,
    });
    let mut redactions = Redactions::default();
    let clean = field("extra", &value, &SecretKeys::default(), &mut redactions);
    let expected = json!({
        "user": {"password": FILTERED, "name": "ann", "ids": [{"apiKey": FILTERED}]},
        "session_count": 7,
        "session": FILTERED,
        "empty_token": "",
        "url": "https://[Filtered]@host/",
        "card": FILTERED,
    });
    assert_eq!(clean, expected);
    let counted: Vec<_> = redactions.by_rule().collect();
    assert_eq!(
        counted,
        [("card_number", 1), ("key", 3), ("url_credentials", 1)]
    );
}

#[test]
fn a_products_own_names_count_in_text_and_fields() {
    let keys = SecretKeys::new(&["case_number".to_owned()]);
    let mut redactions = Redactions::default();
    assert_eq!(
        text("caseNumber=77-1 ok", &keys, &mut redactions),
        "caseNumber=[Filtered] ok"
    );
    let hidden = field("CASE-NUMBER", &json!(771), &keys, &mut redactions);
    assert_eq!((hidden, redactions.total()), (json!(FILTERED), 2));
}

proptest! {
    #[test]
    fn no_text_panics_and_redacting_twice_changes_nothing(raw in r#"(?s)([a-zé"'\\:= &\n]|token|password|Bearer |eyJ|://|@){0,40}"#) {
        let once = clean(&raw);
        prop_assert_eq!(clean(&once), once.clone(), "{}", raw);
    }

    #[test]
    fn a_password_never_survives_however_it_is_written(
        secret in "[A-Za-z0-9!#$%*+,./:;?@^_~-]{6,30}",
        frame in prop::sample::select(vec![
            "password=§", "password: §", "\"password\":\"§\"", "{'password': '§'}", "?password=§&a=b",
            "{\\\"password\\\":\\\"§\\\"}", "DB_PASSWORD=§ next", "password => §", "--password=§",
        ]),
    ) {
        let raw = frame.replace('§', &secret);
        let cleaned = clean(&raw);
        prop_assert!(!cleaned.contains(&secret), "{} became {}", raw, cleaned);
        prop_assert!(cleaned.contains(FILTERED));
    }
}
