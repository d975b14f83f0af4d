//! What every answer carries, and what every route refuses.

use http::{Method, StatusCode};
use watchfloor_wire::session::Role;

use super::harness::{BASE, Gateway, PAGE, request, standing_clock};

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let gateway = Gateway::start();
    for (method, path, status) in [
        (Method::GET, BASE, 200),
        (Method::GET, "/api/health", 200),
        (Method::GET, "/nowhere", 404),
        (Method::PUT, "/api/health", 405),
        (Method::GET, "/api/monitoring/dashboard", 401),
    ] {
        let it = request(method, path, &[("accept", "text/html")], "");
        let answer = gateway.send(it).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        let csp = answer.header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"));
        assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe-inline"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn frames_are_for_the_origins_that_are_named() {
    let settings =
        "products = []\nframe_ancestors = [\"https://admin.example\"]\nhttps_only = true";
    let gateway = Gateway::with(settings, standing_clock());
    let answer = gateway
        .send(request(Method::GET, "/api/health", &[], ""))
        .await;
    let csp = answer.header("content-security-policy");
    assert!(csp.contains("frame-ancestors 'self' https://admin.example"));
    assert_eq!(answer.header("x-frame-options"), "");
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn what_is_refused_is_a_problem_in_words() {
    let gateway = Gateway::start();
    for (method, path, code) in [
        (Method::GET, "/nowhere", "not_found"),
        (Method::PUT, "/api/health", "method"),
        (Method::GET, "/api/monitoring/logs", "signed_out"),
        (Method::POST, "/api/monitoring/ingest/logs", "key"),
    ] {
        let answer = gateway.send(request(method, path, &[], "")).await;
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
        assert_eq!(answer.code(), code, "{path}");
        assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn bodies_have_a_type_and_a_size() {
    let gateway = Gateway::start();
    let path = "/api/monitoring/session";
    let large = "x".repeat(16 * 1024 + 1);
    for (content_type, body, status) in [
        ("text/plain", "{}", 415),
        ("application/json", "{", 400),
        ("application/json; charset=utf-8", "{}", 400),
        ("application/json", large.as_str(), 413),
    ] {
        let headers = [PAGE[0], PAGE[1], ("content-type", content_type)];
        let answer = gateway
            .send(request(Method::POST, path, &headers, body))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{content_type}");
    }
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let gateway = Gateway::start();
    let long = "a".repeat(17 * 1024);
    let it = request(Method::GET, "/api/health", &[("x-long", &long)], "");
    let answer = gateway.send(it).await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn a_query_that_is_wrong_says_what_is_allowed() {
    let gateway = Gateway::start();
    for (path, word) in [
        ("/api/monitoring/metrics", "series"),
        (
            "/api/monitoring/metrics?series=a&points=1",
            "from 2 to 2000",
        ),
        ("/api/monitoring/logs?level=loud", "`error`"),
        ("/api/monitoring/logs?lvel=error", "`lvel`"),
        ("/api/monitoring/logs?limit=1001", "from 1 to 1000"),
        ("/api/monitoring/incidents?open=yes", "`true`"),
        ("/api/monitoring/incidents/abc", "abc"),
    ] {
        let answer = gateway.get(Role::Viewer, path).await;
        assert!(answer.status.is_client_error(), "{path}");
        assert!(answer.body.contains(word), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_page_may_say_that_it_failed_but_not_without_end() {
    let gateway = Gateway::start();
    let path = "/api/monitoring/page-failures";
    let body = r#"{"message":"panicked\u001b[2J","unknown":1}"#;
    for expected in [204, 204, 204, 204, 204, 204, 429] {
        let answer = gateway.send(request(Method::POST, path, &[], body)).await;
        assert_eq!(answer.status.as_u16(), expected);
    }
}

#[tokio::test]
async fn the_snapshot_is_compressed_and_not_sent_twice() {
    let gateway = Gateway::with("products = []", standing_clock());
    let path = "/api/monitoring/dashboard";
    let cookie = gateway.cookie(Role::Viewer);
    let ask = |headers: &[(&str, &str)]| {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers);
        request(Method::GET, path, &all, "")
    };
    let plain = gateway.send(ask(&[])).await;
    assert!(plain.json()["epoch"].is_string());
    assert_eq!(plain.header("content-encoding"), "");
    let br = gateway
        .send(ask(&[("accept-encoding", "gzip;q=0.5, br")]))
        .await;
    assert_eq!(br.header("content-encoding"), "br");
    let etag = plain.header("etag").to_owned();
    let again = gateway.send(ask(&[("if-none-match", &etag)])).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
}

#[tokio::test]
async fn browsers_may_report_what_the_policy_refused_and_not_more_than_that() {
    let gateway = Gateway::with("products = []", standing_clock());
    let page = gateway.send(request(Method::GET, BASE, &[("accept", "text/html")], ""));
    let page = page.await;
    assert_eq!(
        page.header("reporting-endpoints"),
        "csp=\"/api/monitoring/csp-reports\""
    );
    let policy = page.header("content-security-policy");
    let ending = "; report-uri /api/monitoring/csp-reports; report-to csp";
    assert!(policy.ends_with(ending), "{policy}");
    let report = |body: &str| {
        let headers = [("content-type", "application/csp-report")];
        request(Method::POST, "/api/monitoring/csp-reports", &headers, body)
    };
    let body =
        r#"{"csp-report":{"effective-directive":"img-src","blocked-uri":"https://x.example/"}}"#;
    assert_eq!(
        gateway.send(report(body)).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(gateway.send(report("{}")).await.code(), "invalid");
    let large = "x".repeat(16 * 1024 + 1);
    assert_eq!(gateway.send(report(&large)).await.code(), "too_large");
    for _ in 2..20 {
        assert_eq!(
            gateway.send(report(body)).await.status,
            StatusCode::NO_CONTENT
        );
    }
    let refused = gateway.send(report(body)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}
