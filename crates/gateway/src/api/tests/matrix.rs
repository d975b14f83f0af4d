//! Every row of the route table against everybody who might ask.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;
use watchfloor_wire::session::Role;

use super::harness::{BASE, Gateway, HOST, PAGE, request};
use crate::api::policy::{PageProof, Policy};
use crate::api::routes::{Route, table};

const ROLES: [Role; 4] = [Role::Display, Role::Viewer, Role::Operator, Role::Admin];

fn path(route: &Route) -> String {
    route
        .path
        .replace("{id}", "7")
        .replace("{action}", "comment")
        .replace("{key}", "01234567")
        .replace("{*path}", "incidents")
}

fn ask(route: &Route, role: Option<(&Gateway, Role)>, by_page: bool) -> Request<Body> {
    let origin = format!("http://{HOST}");
    let mut headers = vec![("accept", "text/html"), ("origin", origin.as_str())];
    if by_page {
        headers.extend(PAGE);
    }
    let cookie = role.map(|(gateway, role)| gateway.cookie(role));
    if let Some(cookie) = &cookie {
        headers.push(("cookie", cookie));
    }
    request(route.method.clone(), &path(route), &headers, "{}")
}

async fn status(gateway: &Gateway, request: Request<Body>) -> StatusCode {
    // The body is left unread: that of a stream has no end.
    let response = gateway.service.clone().oneshot(request).await.unwrap();
    response.status()
}

/// What the policy alone says; `None` when it lets the request through.
fn refusal(policy: Policy, role: Option<Role>) -> Option<StatusCode> {
    match (policy, role) {
        (Policy::Public, _) => None,
        (Policy::Session(roles), Some(role)) if roles.contains(&role) => None,
        (Policy::Session(_), Some(_)) => Some(StatusCode::FORBIDDEN),
        // A session opens neither the feed nor the intake.
        (Policy::Session(_) | Policy::Ticket | Policy::IngestKey, _) => {
            Some(StatusCode::UNAUTHORIZED)
        }
    }
}

#[tokio::test]
async fn every_route_lets_in_whom_its_policy_names_and_nobody_else() {
    let gateway = Gateway::start();
    for route in table(BASE) {
        let everybody = std::iter::once(None).chain(ROLES.map(Some));
        for role in everybody {
            let it = ask(&route, role.map(|role| (&gateway, role)), true);
            let status = status(&gateway, it).await;
            let text = format!("{} {} as {role:?}: {status}", route.method, route.path);
            match refusal(route.rule.policy, role) {
                Some(expected) => assert_eq!(status, expected, "{text}"),
                None => {
                    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                    assert!(!refused.contains(&status), "{text}");
                    assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "{text}");
                }
            }
        }
    }
}

#[tokio::test]
async fn no_mutation_uses_a_cookie_without_proof_of_our_page() {
    let gateway = Gateway::start();
    for route in table(BASE).iter().filter(|it| !it.method.is_safe()) {
        if route.rule.proof == PageProof::NotNeeded {
            continue;
        }
        for role in ROLES {
            let it = ask(route, Some((&gateway, role)), false);
            let status = status(&gateway, it).await;
            assert_eq!(
                status,
                StatusCode::FORBIDDEN,
                "{} {}",
                route.method,
                route.path
            );
        }
    }
}

#[test]
fn only_routes_without_authority_do_without_proof() {
    for route in table(BASE) {
        if route.rule.proof == PageProof::NotNeeded {
            let authority = matches!(route.rule.policy, Policy::Session(_) | Policy::Ticket);
            assert!(!authority, "{}", route.path);
        }
        let known = [Method::GET, Method::POST, Method::DELETE];
        assert!(known.contains(&route.method), "{}", route.path);
    }
}

#[tokio::test]
async fn a_token_that_is_wrong_is_not_replaced_by_a_cookie() {
    let gateway = Gateway::start();
    let cookie = gateway.cookie(Role::Admin);
    let headers = [
        ("cookie", cookie.as_str()),
        ("authorization", "Bearer wrong"),
    ];
    let it = request(Method::GET, "/api/monitoring/dashboard", &headers, "");
    assert_eq!(status(&gateway, it).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_bearer_token_acts_without_proof_because_no_browser_sends_it() {
    let gateway = Gateway::start();
    let bearer = gateway.bearer(Role::Operator);
    let headers = [("authorization", bearer.as_str())];
    let body = r#"{"action":"generate-report"}"#;
    let it = request(Method::POST, "/api/health", &headers, body);
    assert_eq!(status(&gateway, it).await, StatusCode::OK);
}
