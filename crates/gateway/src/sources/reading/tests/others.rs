//! Every other kind of answer.

use super::{NOW, Reader, degraded, down, http, ok, outcomes, page, read, samples, unknown};
use crate::sources::answer::{Answer, Said, SocketAnswer};
use crate::sources::tests::{probe, probe_of};

#[test]
fn plain_pages_need_status_and_text() {
    let plain = probe("http", "http://127.0.0.1/", "expect_text = \"welcome\"");
    assert_eq!(http(&plain, page(204, "you are welcome")), [ok()]);
    assert_eq!(
        http(&plain, page(200, "sorry")),
        [down("the answer does not hold `welcome`")]
    );
    let mut moved = page(302, "");
    moved.location = Some("https://login.example/".to_owned());
    assert_eq!(
        http(&plain, moved),
        [down("HTTP 302 to https://login.example/")]
    );
    let listed = probe("head", "http://127.0.0.1/", "expect_status = [401]");
    assert_eq!(http(&listed, page(401, "")), [ok()]);
    assert_eq!(http(&listed, page(200, "")), [down("HTTP 200")]);
}

#[test]
fn redirects_lead_where_they_should() {
    let oauth = probe(
        "redirect",
        "http://127.0.0.1/oauth/start",
        "expect_location = \"https://accounts.example/\"\n\
         expect_query = { redirect_uri = \"https://app.example/cb\" }",
    );
    let to = |location: Option<&str>| {
        let mut answer = page(302, "");
        answer.location = location.map(str::to_owned);
        http(&oauth, answer)
    };
    let cases = [
        (
            Some("https://accounts.example/o?redirect_uri=https%3A%2F%2Fapp.example%2Fcb&x=1"),
            ok(),
        ),
        (None, down("HTTP 302 without saying where to")),
        (
            Some("/login"),
            down("redirects to /login, not to https://accounts.example/"),
        ),
        (
            Some("https://accounts.example/o"),
            down("redirects without `redirect_uri`"),
        ),
        (
            Some("https://accounts.example/o?redirect_uri=http://localhost:3000/cb"),
            down(
                "redirects with `redirect_uri` = http://localhost:3000/cb, not https://app.example/cb",
            ),
        ),
    ];
    for (location, expected) in cases {
        assert_eq!(to(location), [expected], "{location:?}");
    }
    assert_eq!(http(&oauth, page(200, "")), [down("HTTP 200")]);
}

#[test]
fn certificates_warn_before_they_end() {
    let tls = probe("tls", "tls://127.0.0.1:443", "");
    let day = 86_400_000;
    let cases = [
        (22 * day, ok(), 22.0),
        (21 * day, degraded("the certificate ends in 21 days"), 21.0),
        (3 * day + 1, degraded("the certificate ends in 3 days"), 3.0),
        (36 * 3_600_000, down("the certificate ends in 36 h"), 1.5),
        (-2 * day, down("the certificate ended 2 days ago"), -2.0),
    ];
    for (left, expected, days) in cases {
        let seen = read(
            &tls,
            Ok(Said::Certificate {
                ends_at: NOW.plus_ms(left),
            }),
        );
        assert_eq!(seen[0].outcome, expected);
        let samples = samples(&seen);
        assert!((samples[0].1.unwrap_or(0.0) - days).abs() < 0.001);
        assert_eq!(samples[0].0, "p.c.days_left");
        assert_eq!(samples[1], ("p.c.latency_ms", Some(12.0)));
    }
}

#[test]
fn sockets_open_echo_and_refuse() {
    let open = probe("websocket", "ws://127.0.0.1:9000/", "");
    let refuse = probe(
        "websocket",
        "ws://127.0.0.1:9000/",
        "origin = \"https://evil.example\"\nexpect_refused = true",
    );
    let refused = |status| SocketAnswer::Refused { status };
    let cases = [
        (&open, SocketAnswer::Opened, ok()),
        (
            &open,
            SocketAnswer::NoEcho,
            down("connected, but the echo did not come back"),
        ),
        (
            &open,
            refused(503),
            down("the connection was answered with HTTP 503"),
        ),
        (&refuse, refused(403), ok()),
        (
            &refuse,
            refused(500),
            down("the connection was answered with HTTP 500"),
        ),
        (
            &refuse,
            SocketAnswer::Opened,
            down("accepts the origin https://evil.example, which it must refuse"),
        ),
    ];
    for (probe, answer, expected) in cases {
        assert_eq!(
            outcomes(probe, Ok(Said::Socket(answer.clone()))),
            [expected],
            "{answer:?}"
        );
    }
}

const PAGE_OF_METRICS: &str = r#"kind = "prometheus"
url = "http://127.0.0.1:9000/metrics"
[[probe.check]]
name = "api"
title = "API"
[[probe.check]]
name = "jobs"
title = "Jobs"
[[probe.metric]]
check = "api"
name = "rate"
from = "r"
rate = true
unit = "per_s"
[[probe.metric]]
check = "api"
name = "error_ratio"
from = 'r{code="500"}'
over = "r"
unit = "ratio"
[[probe.metric]]
check = "jobs"
name = "waiting"
from = "jobs_waiting"
unit = "count"
"#;

#[test]
fn pages_of_metrics_yield_values_rates_and_shares() {
    let probe = probe_of(PAGE_OF_METRICS);
    let mut reader = Reader::default();
    let mut at = |ms: i64, text: &str| {
        let answer = Answer {
            latency_ms: 3.0,
            said: Ok(Said::Http(page(200, text))),
        };
        reader.read(&probe, &answer, NOW.plus_ms(ms))
    };
    let first = at(
        0,
        "r{code=\"200\"} 10\njobs_waiting 4\nthis is } nonsense\n",
    );
    assert_eq!(
        samples(&first),
        [
            ("p.api.rate", None),
            ("p.api.error_ratio", None),
            ("p.api.latency_ms", Some(3.0)),
            ("p.jobs.waiting", Some(4.0)),
        ]
    );
    let second = at(10_000, "r{code=\"200\"} 25\nr{code=\"500\"} 5\n");
    assert_eq!(second[0].outcome, ok());
    assert_eq!(
        second[1].outcome,
        unknown("the answer does not hold `jobs_waiting`")
    );
    assert_eq!(
        samples(&second),
        [
            ("p.api.rate", Some(2.0)),
            ("p.api.error_ratio", Some(0.25)),
            ("p.api.latency_ms", Some(3.0)),
            ("p.jobs.waiting", None),
        ]
    );
    let third = at(20_000, "<html></html>");
    assert_eq!(
        third[0].outcome,
        unknown("the answer holds no metrics, and 1 lines that are none")
    );
}
