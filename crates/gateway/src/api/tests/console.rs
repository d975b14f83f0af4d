//! The console's address: for browsers a page, for `curl` a board.

use http::{Method, StatusCode};
use watchfloor_wire::session::Role;

use super::harness::{Answer, BASE, Gateway, request};

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

async fn get(gateway: &Gateway, path: &str, headers: &[(&str, &str)]) -> Answer {
    gateway.send(request(Method::GET, path, headers, "")).await
}

#[tokio::test]
async fn every_page_of_the_console_begins_with_the_index() {
    let gateway = Gateway::start();
    for path in [
        BASE,
        "/admin/monitoring/",
        "/admin/monitoring/incidents/INC-7",
    ] {
        let answer = get(&gateway, path, &[BROWSER]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body, "<base href=\"/admin/monitoring/\">");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let home = get(&gateway, "/", &[BROWSER]).await;
    assert_eq!((home.status.as_u16(), home.header("location")), (307, BASE));
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_sent_as_the_client_wants() {
    let gateway = Gateway::start();
    let path = "/admin/monitoring/app-0123.js";
    for (coding, body) in [
        ("br, gzip", "br-coded"),
        ("gzip", "gz-coded"),
        ("br;q=0", "plain"),
    ] {
        let answer = get(&gateway, path, &[("accept-encoding", coding)]).await;
        assert_eq!(answer.body, body, "{coding}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
    let etag = get(&gateway, path, &[]).await.header("etag").to_owned();
    let again = get(&gateway, path, &[("if-none-match", &etag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let robots = get(&gateway, "/admin/monitoring/robots.txt", &[]).await;
    assert_eq!(robots.header("cache-control"), "public, no-cache");
}

#[tokio::test]
async fn a_file_of_an_older_build_is_missing_and_no_page() {
    let gateway = Gateway::start();
    let answer = get(
        &gateway,
        "/admin/monitoring/app-old.js",
        &[("accept", "*/*")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for path in [
        "/admin/monitoring/../main.rs",
        "/admin/monitoring/%2e%2e/main.rs",
    ] {
        let answer = get(&gateway, path, &[("accept", "*/*")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn curl_gets_the_board_once_it_says_who_it_is() {
    let gateway = Gateway::start();
    let stranger = get(&gateway, BASE, &[("accept", "*/*")]).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert!(stranger.body.contains("watchfloor account token"));
    let bearer = gateway.bearer(Role::Display);
    let known = ("authorization", bearer.as_str());
    let text = get(&gateway, BASE, &[known, ("accept", "*/*")]).await;
    assert!(text.body.starts_with("Watchfloor at "), "{}", text.body);
    let json = get(&gateway, BASE, &[known, ("accept", "application/json")]).await;
    assert!(json.json()["products"].is_array());
}
