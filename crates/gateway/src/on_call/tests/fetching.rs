//! Asking for a calendar, of servers that are well and servers that are not.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;

use super::fetch::{Fetcher, address};
use super::*;
use crate::clock::Clock;
use crate::config::gateway::Probing;
use crate::config::on_call::RotationConfig;
use crate::sources::asking::SystemLookup;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Omar Haddad\r\nDTSTART:20260105T090000Z\r\nDTEND:20260112T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

async fn serve() -> SocketAddr {
    let huge = || async { "x".repeat(3 * 1_024 * 1_024) };
    let app = Router::new()
        .route("/good.ics", get(|| async { CALENDAR }))
        .route(
            "/elsewhere.ics",
            get(|| async { Redirect::temporary("http://169.254.169.254/") }),
        )
        .route("/huge.ics", get(huge))
        .route("/binary.ics", get(|| async { vec![0xff_u8, 0xfe] }))
        .route("/page.ics", get(|| async { "<html>Sign in</html>" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// What is said of the calendar at this address: how many turns it has, or what is wrong.
async fn said(allowed: &[&str], url: &str) -> Result<usize, String> {
    let text = format!("id = \"primary\"\nname = \"Primary\"\ncalendar_url = \"{url}\"\n");
    let rotation: RotationConfig = toml::from_str(&text).unwrap();
    let mut config = Config {
        gateway: toml::from_str(
            "products = []\n[[person]]\nid = \"omar\"\nname = \"Omar Haddad\"\n",
        )
        .unwrap(),
        products: Vec::new(),
    };
    config.gateway.probing = Probing {
        allow_cidrs: allowed.iter().map(|it| (*it).to_owned()).collect(),
        allow_ports: vec!["1-65535".to_owned()],
        ..Probing::default()
    };
    let clock = Clock::manual(instant("2026-01-07T00:00:00Z"));
    let fetcher = Fetcher::new(&config, None, Arc::new(SystemLookup), clock).unwrap();
    let address = address(&rotation, &|_| None);
    let reading = fetcher.read(&rotation, &address).await;
    assert_eq!(reading.at, instant("2026-01-07T00:00:00Z"));
    reading.result.map(|it| it.len())
}

#[tokio::test]
async fn a_calendar_is_read_and_what_is_none_is_told() {
    let server = serve().await;
    for (path, expected) in [
        ("good.ics", Ok(1)),
        (
            "elsewhere.ics",
            Err(
                "it answers 307 and sends elsewhere, which is not followed; write the last address",
            ),
        ),
        ("none.ics", Err("it answers 404")),
        (
            "huge.ics",
            Err("it is larger than 2 MiB; give the rotation a calendar of its own"),
        ),
        ("binary.ics", Err("it is no text in UTF-8")),
        (
            "page.ics",
            Err("it begins with `<html>Sign in</html>`; a calendar begins with BEGIN:VCALENDAR"),
        ),
    ] {
        let told = said(&["127.0.0.0/8"], &format!("http://{server}/{path}")).await;
        assert_eq!(told, expected.map_err(str::to_owned), "{path}");
    }
}

#[tokio::test]
async fn a_private_address_is_never_asked() {
    let server = serve().await;
    let told = said(&[], &format!("http://{server}/good.ics"))
        .await
        .unwrap_err();
    assert!(
        told.starts_with("its address may not be reached: "),
        "{told}"
    );
    let port = server.port();
    let told = said(&[], &format!("http://localhost:{port}/good.ics"))
        .await
        .unwrap_err();
    assert!(told.contains("probing.allow_cidrs"), "{told}");
}

#[tokio::test]
async fn an_address_that_is_a_secret_is_missing_until_its_variable_is_set() {
    let text = "id = \"primary\"\nname = \"Primary\"\ncalendar_url_env = \"ICS\"\n";
    let rotation: RotationConfig = toml::from_str(text).unwrap();
    let told = address(&rotation, &|_| None).map(|_| ());
    assert_eq!(
        told,
        Err("the environment variable ICS is not set".to_owned())
    );
    let found = address(&rotation, &|_| {
        Some("https://calendar.example.com/secret".to_owned())
    });
    // It is never written anywhere.
    assert!(!format!("{found:?}").contains("secret"));
}
