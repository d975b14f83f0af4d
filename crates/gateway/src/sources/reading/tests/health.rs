//! Health pages in JSON.

use proptest::prelude::*;
use serde_json::json;

use super::{NOW, degraded, down, http, ok, outcomes, page, read, samples, unknown};
use crate::observation::Outcome;
use crate::sources::answer::{Body, Failure, HttpAnswer, Said};
use crate::sources::plan::Probe;
use crate::sources::tests::probe_of;

/// A health page with an own status, a database and its pool, in the form that DeedPro has.
fn health() -> Probe {
    probe_of(
        r#"kind = "http"
url = "http://127.0.0.1:9000/health"
expect_content_type = "application/json"
timestamp = "/timestamp"
[[probe.check]]
name = "app"
title = "App"
status = "/status"
reason = "/error"
required = ["/version"]
[[probe.check]]
name = "db"
title = "Database"
status = "/database/status"
status_words = { slow = "degraded" }
[[probe.metric]]
check = "db"
name = "pool_ratio"
from = "/database/pool_percent"
scale = 0.01
unit = "ratio"
"#,
    )
}

#[test]
fn a_healthy_page_makes_every_check_ok_with_its_numbers() {
    let body = json!({
        "status": "Healthy", "version": "1", "timestamp": "2025-11-21T11:59:59.5",
        "database": { "status": "connected", "pool_percent": "40" },
    });
    let seen = read(&health(), Ok(Said::Http(page(200, &body.to_string()))));
    assert_eq!([&seen[0].outcome, &seen[1].outcome], [&ok(), &ok()]);
    assert_eq!(
        samples(&seen),
        [
            ("p.app.latency_ms", Some(12.0)),
            ("p.db.pool_ratio", Some(0.4))
        ]
    );
    assert!(seen.iter().all(|it| it.observed_at == NOW));
}

#[test]
fn what_a_page_says_is_believed_over_its_status_200() {
    // As DeedPro's page is when its handler fails: 200, unhealthy, and everything else missing.
    let body = json!({
        "status": "unhealthy", "error": "name 'time' is not defined", "timestamp": "2025-11-21T12:00:00",
    });
    assert_eq!(
        http(&health(), page(200, &body.to_string())),
        [
            down("says unhealthy: name 'time' is not defined"),
            unknown("`/database/status` is missing in the answer"),
        ]
    );
}

#[test]
fn words_have_their_meaning_and_others_none() {
    let said = |app: serde_json::Value, db: serde_json::Value| {
        let body = json!({
            "status": app, "version": 1, "timestamp": NOW.0, "database": { "status": db }, "error": null,
        });
        http(&health(), page(200, &body.to_string()))
    };
    assert_eq!(
        said(json!("degraded"), json!("slow")),
        [degraded("says degraded"), degraded("says slow")]
    );
    assert_eq!(said(json!(true), json!(false)), [ok(), down("says false")]);
    assert_eq!(
        said(json!("fine"), json!({})),
        [
            unknown("says `fine`, which is no known status"),
            unknown("its status is an object, not a word"),
        ]
    );
    assert_eq!(
        said(json!("maintenance"), json!("UP")),
        [Outcome::Maintenance("says maintenance".to_owned()), ok()]
    );
}

#[test]
fn what_must_be_there_and_is_not_makes_unknown_but_never_better() {
    let said = |app: &str| {
        let body = json!({ "status": app, "timestamp": NOW.0, "database": { "status": "ok" } });
        http(&health(), page(200, &body.to_string()))
    };
    let missing = "`/version` is missing in the answer";
    assert_eq!(said("ok"), [unknown(missing), ok()]);
    assert_eq!(said("degraded"), [unknown(missing), ok()]);
    assert_eq!(said("down"), [down("says down"), ok()]);
}

#[test]
fn stale_answers_say_nothing() {
    let at = |timestamp: serde_json::Value| {
        let body = json!({
            "status": "ok", "version": 1, "timestamp": timestamp,
            "database": { "status": "ok", "pool_percent": 1 },
        });
        read(&health(), Ok(Said::Http(page(200, &body.to_string()))))
    };
    let cases = [
        (json!("2025-11-21T11:59:00"), ok()),
        (
            json!("2025-11-21T11:58:59"),
            unknown("the answer is 61 s old"),
        ),
        (
            json!("2025-11-21T11:00:00Z"),
            unknown("the answer is 60 min old"),
        ),
        (
            json!("2025-11-21T13:00:00Z"),
            unknown("the answer is dated 60 min ahead"),
        ),
        (json!("soon"), unknown("`/timestamp` is no time: \"soon\"")),
    ];
    for (timestamp, expected) in cases {
        let seen = at(timestamp.clone());
        assert_eq!(seen[0].outcome, expected, "{timestamp}");
        assert_eq!(seen[1].outcome, expected, "{timestamp}");
    }
    assert_eq!(
        samples(&at(json!("2025-11-21T11:00:00Z"))),
        [("p.app.latency_ms", Some(12.0))]
    );
}

#[test]
fn a_wrong_status_is_down_and_what_the_page_says_still_counts() {
    let nothing = unknown("nothing was said of it: HTTP 503");
    assert_eq!(
        http(&health(), page(503, "gateway timeout")),
        [down("HTTP 503"), nothing.clone()]
    );
    let body = json!({
        "status": "unhealthy", "error": "db", "timestamp": NOW.0, "database": { "status": "slow" },
    });
    assert_eq!(
        http(&health(), page(503, &body.to_string())),
        [down("HTTP 503, says unhealthy: db"), degraded("says slow")]
    );
    // A page that says ok with a status that does not is not ok.
    let body = json!({ "status": "ok", "version": 1, "timestamp": NOW.0 });
    assert_eq!(
        http(&health(), page(503, &body.to_string())),
        [down("HTTP 503"), nothing]
    );
}

#[test]
fn answers_that_cannot_be_understood_are_unknown() {
    let with = |change: &dyn Fn(&mut HttpAnswer)| {
        let mut answer = page(200, "{\"status\": \"ok\"}");
        change(&mut answer);
        http(&health(), answer)
    };
    let cases: [(&str, Vec<Outcome>); 5] = [
        (
            "the answer is text/html, not application/json",
            with(&|it| it.content_type = Some("text/html".to_owned())),
        ),
        (
            "the answer is no JSON: EOF while parsing a value at line 1 column 10",
            with(&|it| it.body = Body::Whole(b"{\"status\":".to_vec())),
        ),
        (
            "the answer broke off after 7 bytes",
            with(&|it| it.body = Body::BrokenOff { after_bytes: 7 }),
        ),
        (
            "the answer is larger than 64 KiB",
            with(&|it| {
                it.body = Body::TooLarge {
                    limit_bytes: 65_536,
                }
            }),
        ),
        (
            "the answer is encoded as gzip, which was not asked for",
            with(&|it| it.content_encoding = Some("gzip".to_owned())),
        ),
    ];
    for (reason, found) in cases {
        assert_eq!(found, [unknown(reason), unknown(reason)]);
    }
    let no_type = with(&|it| it.content_type = None);
    assert_eq!(
        no_type[0],
        unknown("the answer has no content type, and should be application/json")
    );
}

#[test]
fn no_answer_is_down_and_says_nothing_of_the_other_checks() {
    let cases = [
        (
            Failure::TimedOut { after_ms: 5_000 },
            "no answer within 5 s",
        ),
        (Failure::Refused, "connection refused"),
        (
            Failure::Unresolved {
                name: "x.test".to_owned(),
            },
            "the name x.test does not resolve",
        ),
        (
            Failure::Closed,
            "the connection was closed before an answer came",
        ),
        (
            Failure::Tls {
                why: "expired".to_owned(),
            },
            "TLS failed: expired",
        ),
    ];
    for (failure, reason) in cases {
        let seen = read(&health(), Err(failure));
        assert_eq!(seen[0].outcome, down(reason));
        assert_eq!(
            seen[1].outcome,
            unknown(&format!("nothing was said of it: {reason}"))
        );
        assert_eq!(samples(&seen), []);
    }
    let denied = Failure::Denied {
        why: "rule".to_owned(),
    };
    let denied = outcomes(&health(), Err(denied));
    assert_eq!(
        denied[0],
        unknown("it may not be probed: rule"),
        "nobody was asked"
    );
}

#[test]
fn secrets_in_a_reason_are_gone_before_anybody_sees_it() {
    let mut probe = health();
    probe.secrets = crate::ingest::redact::keys::SecretKeys::new(&["licence".to_owned()]);
    let body = json!({
        "status": "down", "timestamp": NOW.0,
        "error": "postgres://app:s3cr3t@db/app refused password=hunter2 licence=AB-12",
    });
    let found = format!("{:?}", http(&probe, page(200, &body.to_string())));
    for secret in ["s3cr3t", "hunter2", "AB-12"] {
        assert!(!found.contains(secret), "{found}");
    }
    assert!(found.contains("says down: postgres://"), "{found}");
}

#[test]
fn half_a_body_is_never_ok_wherever_it_is_cut() {
    let body = json!({
        "status": "ok", "version": 1, "timestamp": NOW.0, "database": { "status": "ok" },
    });
    let whole = body.to_string();
    assert_eq!(http(&health(), page(200, &whole)), [ok(), ok()]);
    for end in 0..whole.len() {
        let found = http(&health(), page(200, &whole[..end]));
        assert!(!found.contains(&ok()), "{}", &whole[..end]);
    }
}

proptest! {
    #[test]
    fn nothing_but_a_known_good_word_is_ok(word in "[ -~]{0,12}", status in 100_u16..600) {
        let good = ["healthy", "ok", "up", "connected", "operational", "true"];
        let known = good.iter().any(|it| it.eq_ignore_ascii_case(word.trim()));
        let body = json!({ "status": word, "version": 1, "timestamp": NOW.0 });
        let found = http(&health(), page(status, &body.to_string()));
        let right = (200..300).contains(&status);
        prop_assert_eq!(found[0] == ok(), known && right, "{:?}", found);
    }

    #[test]
    fn no_body_makes_reading_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut answer = page(200, "");
        answer.body = Body::Whole(body);
        let _ = http(&health(), answer);
    }
}
