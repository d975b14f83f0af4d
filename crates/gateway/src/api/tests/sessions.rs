//! Signing in and out over HTTP.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::{Method, StatusCode};
use watchfloor_wire::session::Role;

use super::harness::{Answer, Gateway, PAGE, request};
use crate::clock::Clock;

const SESSION: &str = "/api/monitoring/session";
const FIRST: &str = "/api/monitoring/session/first-login";
const PASSWORD: &str = "correct horse battery";

async fn post(gateway: &Gateway, path: &str, body: &serde_json::Value) -> Answer {
    let it = request(Method::POST, path, &PAGE, &body.to_string());
    gateway.send(it).await
}

async fn sign_in(gateway: &Gateway, account: &str, password: &str) -> Answer {
    let body = serde_json::json!({ "account": account, "password": password });
    post(gateway, SESSION, &body).await
}

async fn with_password(gateway: &Gateway) -> Answer {
    let link = gateway.auth.offer_first_login("operator").unwrap();
    let body = serde_json::json!({
        "token": link.reveal(), "name": "Priya Raman", "password": PASSWORD,
    });
    post(gateway, FIRST, &body).await
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_first_login_signs_in_and_signing_out_ends_it() {
    let gateway = Gateway::start();
    let answer = with_password(&gateway).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["name"], "Priya Raman");
    assert_eq!(answer.json()["role"], "operator");
    assert!(
        answer
            .header("set-cookie")
            .contains("HttpOnly; SameSite=Strict")
    );
    let cookie = cookie(&answer);
    let current = request(Method::GET, SESSION, &[("cookie", &cookie)], "");
    assert_eq!(gateway.send(current).await.json()["account"], "operator");
    let mut headers = vec![("cookie", cookie.as_str())];
    headers.extend(PAGE);
    let out = gateway
        .send(request(Method::DELETE, SESSION, &headers, ""))
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let after = request(Method::GET, SESSION, &[("cookie", &cookie)], "");
    assert_eq!(gateway.send(after).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_wrong_account_and_a_wrong_password_are_answered_alike() {
    let gateway = Gateway::start();
    with_password(&gateway).await;
    let password = sign_in(&gateway, "operator", "wrong").await;
    let account = sign_in(&gateway, "stranger", PASSWORD).await;
    assert_eq!(password.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        (password.status, &password.body),
        (account.status, &account.body)
    );
    assert_eq!(
        sign_in(&gateway, "operator", PASSWORD).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn guessing_is_slowed_down_and_told_for_how_long() {
    let gateway = Gateway::start();
    for _ in 0..5 {
        let answer = sign_in(&gateway, "operator", "wrong").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let sixth = sign_in(&gateway, "operator", "wrong").await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=30).contains(&sixth.header("retry-after").parse::<i64>().unwrap()));
}

#[tokio::test]
async fn clients_of_a_trusted_proxy_are_slowed_down_each_for_itself() {
    for (settings, stranger_is_slowed) in [
        ("products = []\ntrusted_proxies = [\"127.0.0.1\"]", false),
        ("products = []", true),
    ] {
        let gateway = Gateway::with(settings, Clock::system());
        let try_from = async |client: &str| {
            let body = r#"{"account":"operator","password":"wrong"}"#;
            let mut headers = vec![("x-forwarded-for", client)];
            headers.extend(PAGE);
            let mut it = request(Method::POST, SESSION, &headers, body);
            let proxy: SocketAddr = ([127, 0, 0, 1], 40_000).into();
            it.extensions_mut().insert(ConnectInfo(proxy));
            gateway.send(it).await.status == StatusCode::TOO_MANY_REQUESTS
        };
        for _ in 0..5 {
            assert!(!try_from("192.0.2.1").await);
        }
        assert!(try_from("192.0.2.1").await);
        assert_eq!(
            try_from("192.0.2.2").await,
            stranger_is_slowed,
            "{settings}"
        );
    }
}

#[tokio::test]
async fn a_first_login_says_what_is_wrong_with_each_field_and_keeps_the_link() {
    let gateway = Gateway::start();
    let link = gateway.auth.offer_first_login("viewer").unwrap();
    let body = serde_json::json!({ "token": link.reveal(), "name": " ", "password": "short" });
    let answer = post(&gateway, FIRST, &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let fields: Vec<_> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["name", "password"]);
    let body = serde_json::json!({ "token": link.reveal(), "name": "V", "password": PASSWORD });
    assert_eq!(post(&gateway, FIRST, &body).await.status, StatusCode::OK);
    assert_eq!(post(&gateway, FIRST, &body).await.code(), "link");
}

#[tokio::test]
async fn that_nobody_is_signed_in_is_an_answer_and_no_failure() {
    let gateway = Gateway::start();
    let answer = gateway.send(request(Method::GET, SESSION, &[], "")).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::NO_CONTENT, "")
    );
    let display = gateway.get(Role::Display, SESSION).await;
    assert_eq!(display.json()["role"], "display");
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    const CHANGE: &str = "/api/monitoring/session/password";
    let gateway = Gateway::start();
    let here = cookie(&with_password(&gateway).await);
    let elsewhere = cookie(&sign_in(&gateway, "operator", PASSWORD).await);
    let change = |current: &str, new: &str| {
        let mut headers = vec![("cookie", here.as_str())];
        headers.extend(PAGE);
        let body = serde_json::json!({ "current": current, "new": new });
        request(Method::POST, CHANGE, &headers, &body.to_string())
    };
    for (current, new, field) in [
        ("wrong", "another horse and a staple", "current"),
        (PASSWORD, "short", "new"),
        (PASSWORD, PASSWORD, "new"),
    ] {
        let answer = gateway.send(change(current, new)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["errors"][0]["field"], field, "{answer:?}");
    }
    let answer = gateway.send(change(PASSWORD, "another horse and a staple"));
    assert_eq!(answer.await.status, StatusCode::NO_CONTENT);
    for (cookie, status) in [(&here, 200), (&elsewhere, 204)] {
        let current = request(Method::GET, SESSION, &[("cookie", cookie)], "");
        assert_eq!(gateway.send(current).await.status.as_u16(), status);
    }
    let old = sign_in(&gateway, "operator", PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
}
