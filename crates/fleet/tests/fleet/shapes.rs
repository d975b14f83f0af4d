//! Each endpoint's shape, as in the product's own document.

use serde_json::Value;
use watchfloor_fleet::ports;

use crate::support::Rig;

/// Asserts that a JSON pointer leads somewhere, for each.
fn has(body: &Value, pointers: &[&str]) {
    for pointer in pointers {
        assert!(
            body.pointer(pointer).is_some(),
            "{pointer} is missing in {body:#}"
        );
    }
}

#[tokio::test]
async fn pourtrait_reports_each_service_and_its_configuration() {
    let rig = Rig::start().await;
    let body = rig.json(ports::POURTRAIT, "/api/health").await;
    assert_eq!(body["status"], "healthy");
    assert_eq!(body["timestamp"], "2025-11-21T00:00:00.000Z");
    has(
        &body,
        &[
            "/metrics/responseTime",
            "/metrics/memoryUsage",
            "/configuration/valid",
        ],
    );
    for service in ["database", "ai", "imageProcessing", "email", "storage"] {
        has(&body, &[&format!("/services/{service}/status")]);
    }
    let head = rig
        .client
        .head(rig.url(ports::POURTRAIT, "/api/health"))
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.text().await.unwrap(), "");
    let board = rig
        .json(ports::POURTRAIT, "/api/monitoring/dashboard")
        .await;
    has(
        &board,
        &[
            "/performance/throughput",
            "/errors/rate",
            "/business/wineAdditionsPerHour",
        ],
    );
    has(
        &board,
        &[
            "/webVitals/lcp",
            "/backups/lastCompletedAt",
            "/alerts",
            "/uptime",
        ],
    );
}

#[tokio::test]
async fn chatpdd_has_five_health_endpoints() {
    let rig = Rig::start().await;
    let expected: [(&str, &[&str]); 5] = [
        (
            "/api/health",
            &[
                "/metrics/error_rate_percent",
                "/services/redis",
                "/features",
            ],
        ),
        (
            "/api/collaboration/health",
            &[
                "/connections",
                "/message_delivery_latency_ms",
                "/connection_drop_rate",
                "/reconnection_success_rate",
            ],
        ),
        (
            "/api/database/health",
            &[
                "/pool/size",
                "/pool/in_use",
                "/locks/waiting",
                "/locks/deadlocks",
                "/replication/lag_ms",
            ],
        ),
        ("/api/redis/health", &["/ping_ms", "/memory_used_ratio"]),
        ("/api/websocket/health", &["/connections", "/dropped_ratio"]),
    ];
    for (path, pointers) in expected {
        let body = rig.json(ports::CHATPDD, path).await;
        assert_eq!(body["status"], "healthy", "{path}");
        has(&body, pointers);
    }
}

#[tokio::test]
async fn the_assistant_adds_its_sections_only_when_asked() {
    let rig = Rig::start().await;
    let port = ports::UNIVERSAL_ASSISTANT;
    let brief = rig.json(port, "/api/health").await;
    has(&brief, &["/status", "/services/logStore/status"]);
    assert_eq!(brief.get("security"), None);
    let detailed = rig.json(port, "/api/health?detailed=true").await;
    has(
        &detailed,
        &[
            "/security",
            "/errors/byBoundary",
            "/metrics/requests/errorRate",
        ],
    );
    has(
        &rig.json(port, "/api/monitoring/metrics").await,
        &["/requests/p95Ms", "/slowOperations"],
    );
    has(
        &rig.json(port, "/api/monitoring/logs").await,
        &["/logs/0/message"],
    );
    let post = rig.client.post(rig.url(port, "/api/health"));
    let report = post
        .json(&serde_json::json!({ "action": "generate-report" }))
        .send()
        .await
        .unwrap();
    has(
        &report.json().await.unwrap(),
        &["/generatedAt", "/health/status", "/performance/requests"],
    );
}

#[tokio::test]
async fn the_assistant_streams_its_log_lines() {
    let rig = Rig::start().await;
    let mut stream = rig
        .get(ports::UNIVERSAL_ASSISTANT, "/api/monitoring/logs/stream")
        .await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: {"));
}

#[tokio::test]
async fn deedpro_writes_instants_without_a_zone() {
    let rig = Rig::start().await;
    let body = rig.json(ports::DEEDPRO_BACKEND, "/health").await;
    assert_eq!(body["timestamp"], "2025-11-21T00:00:00.000000");
    has(
        &body,
        &[
            "/database/response_time_ms",
            "/openai/status",
            "/system/cpu_percent",
            "/system/disk_percent",
        ],
    );
}

#[tokio::test]
async fn deedpro_declares_a_histogram_and_gives_one_bare_sample() {
    let rig = Rig::start().await;
    let answer = rig.get(ports::DEEDPRO_BACKEND, "/metrics").await;
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    let text = answer.text().await.unwrap();
    assert!(text.contains(
        "# TYPE wizard_response_time_seconds histogram\nwizard_response_time_seconds 0."
    ));
    assert!(!text.contains("_bucket") && !text.contains("_sum") && !text.ends_with('\n'));
    assert!(text.contains("\nwizard_errors_total "));
}

#[tokio::test]
async fn deedpros_front_end_forbids_frames() {
    let rig = Rig::start().await;
    for path in ["/", "/health", "/api/health"] {
        let answer = rig.get(ports::DEEDPRO_FRONTEND, path).await;
        assert_eq!(answer.headers()["x-frame-options"], "DENY", "{path}");
        assert!(
            answer.headers().contains_key("content-security-policy"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn donna_checks_its_environment_and_allows_its_front_end() {
    let rig = Rig::start().await;
    let front = rig.json(ports::DONNA_FRONTEND, "/api/health").await;
    assert_eq!(front["environment"]["invalid"], serde_json::json!([]));
    let back = rig
        .client
        .get(rig.url(ports::DONNA_BACKEND, "/donna/health"));
    let back = back
        .header("origin", "https://donna.example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(
        back.headers()["access-control-allow-origin"],
        "https://donna.example.com"
    );
    has(
        &back.json().await.unwrap(),
        &["/metrics/oauth_success_ratio", "/services/email/status"],
    );
    let socket = rig.json(ports::DONNA_SOCKET, "/health").await;
    assert_eq!(socket["connections"]["max"], 1_000);
    assert_eq!(socket["config"]["connection_timeout_ms"], 30_000);
    assert_eq!(socket["config"]["cleanup_interval_ms"], 60_000);
}

#[tokio::test]
async fn donnas_oauth_begins_with_a_redirect_that_comes_back_to_production() {
    let rig = Rig::start().await;
    let answer = rig
        .get(ports::DONNA_FRONTEND, "/api/gmail/oauth/start")
        .await;
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("https://accounts.example.com/o/oauth2/v2/auth?"));
    assert!(
        location.contains(
            "redirect_uri=https%3A%2F%2Fdonna.example.com%2Fapi%2Fgmail%2Foauth%2Fcallback"
        )
    );
}
