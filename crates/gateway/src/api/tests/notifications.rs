//! Telling people over HTTP: what became of it, tests, and dead letters.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use watchfloor_wire::id::CheckId;
use watchfloor_wire::session::Role;

use super::harness::{Gateway, eventually, standing_clock};
use crate::clock::Clock;
use crate::engine::EngineHandle;
use crate::notify::worker::{self, Workers};
use crate::observation::{CheckObservation, Observation, Outcome};
use crate::sources::asking::{Lookup, SystemLookup};
use crate::sources::schedule::system_chance;

const LIST: &str = "/api/monitoring/notifications";
const TEST: &str = "/api/monitoring/channels/shop-slack/test";
const KEY: (&str, &str) = ("idempotency-key", "0f0e0d0c-0b0a-4908-8706-050403020100");
const OTHER: (&str, &str) = ("idempotency-key", "1f0e0d0c-0b0a-4908-8706-050403020100");

/// Port 9 takes no connections.
fn settings(port: u16) -> String {
    format!(
        "products = []\nprobing = {{ allow_cidrs = [\"127.0.0.0/8\"], allow_ports = [\"1-65535\"] }}\n\
         [[channel]]\nid = \"shop-slack\"\nname = \"Slack #shop\"\nkind = \"slack\"\nurl = \"http://127.0.0.1:{port}/services/hush\"\n\
         [[channel]]\nid = \"unset\"\nname = \"Unset\"\nkind = \"discord\"\nurl_env = \"NOT_SET\"\n"
    )
}

fn work(gateway: &Gateway, port: u16) -> Workers {
    work_with(gateway, &settings(port))
}

fn work_with(gateway: &Gateway, settings: &str) -> Workers {
    let config = Gateway::config(settings);
    let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
    let sender = worker::sender(&config, None, &lookup).unwrap();
    let channels = worker::channels(&config, &|_| None);
    Workers::start(
        channels,
        &sender,
        &gateway.engine,
        &gateway.clock,
        system_chance,
    )
}

fn break_shop(engine: &EngineHandle, clock: &Clock) {
    engine.observe(Observation::Check(CheckObservation {
        check: CheckId::from("shop.api"),
        observed_at: clock.now(),
        outcome: Outcome::Down("HTTP 503".to_owned()),
        samples: Vec::new(),
    }));
}

/// Asks until the notification has come to its end.
async fn settled(gateway: &Gateway, id: &str) -> Value {
    for _ in 0..500 {
        let answer = gateway.get(Role::Viewer, &format!("{LIST}/{id}")).await;
        let json = answer.json();
        if !matches!(json["state"].as_str(), Some("waiting" | "sending") | None) {
            return json;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{id} never came to its end");
}

/// A Slack that takes everything, on a port of its own, and counts.
async fn slack() -> (u16, Arc<std::sync::Mutex<Vec<Value>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came: Arc<std::sync::Mutex<Vec<Value>>> = Arc::default();
    let keep = Arc::clone(&came);
    let take = axum::routing::post(move |axum::Json(body): axum::Json<Value>| async move {
        keep.lock().unwrap().push(body);
    });
    let routes = axum::Router::new().route("/services/hush", take);
    tokio::spawn(axum::serve(listener, routes).into_future());
    (port, came)
}

#[tokio::test]
async fn an_incident_reaches_slack_and_the_timeline_says_so() {
    let (port, came) = slack().await;
    let gateway = Gateway::with(&settings(port), Clock::system());
    let workers = work(&gateway, port);
    break_shop(&gateway.engine, &gateway.clock);
    let told = settled(&gateway, "inc-1-1-opened-shop-slack").await;
    assert_eq!(told["state"], "delivered", "{told}");
    assert!(
        came.lock().unwrap()[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("[P0] Opened: ")
    );
    let detail = gateway
        .get(Role::Viewer, "/api/monitoring/incidents/1")
        .await;
    assert!(
        detail.body.contains("Slack #shop delivered after "),
        "{}",
        detail.body
    );
    let list = gateway.get(Role::Viewer, LIST).await;
    assert_eq!(
        list.json()["channels"][0]["target"],
        format!("http://127.0.0.1:{port}/…")
    );
    assert!(!list.body.contains("hush"), "{}", list.body);
    let health = gateway
        .get(Role::Viewer, "/api/health?detailed=true")
        .await
        .json();
    assert_eq!(health["detail"]["notifications"]["waiting"], 0);
    workers.stop().await;
    assert_eq!(came.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_test_tells_the_truth_about_a_channel() {
    let (port, _came) = slack().await;
    let gateway = Gateway::with(&settings(port), Clock::system());
    let _workers = work(&gateway, port);
    let answer = gateway.post(Role::Operator, TEST, &[KEY], "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = answer.json()["notification"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(settled(&gateway, &id).await["state"], "delivered");
    let again = gateway.post(Role::Operator, TEST, &[KEY], "").await;
    assert_eq!(again.body, answer.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let unset = TEST.replace("shop-slack", "unset");
    let answer = gateway.post(Role::Operator, &unset, &[OTHER], "").await;
    let id = answer.json()["notification"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let dead = settled(&gateway, &id).await;
    assert_eq!(dead["state"], "dead");
    assert_eq!(
        dead["reason"],
        "the environment variable NOT_SET is not set"
    );
    let channels = gateway.get(Role::Viewer, LIST).await.json();
    assert_eq!(channels["channels"][1]["problem"], dead["reason"]);
    assert!(channels["channels"][0]["delivered_at"].is_number());
}

#[tokio::test]
async fn a_dead_letter_is_sent_again_when_somebody_asks() {
    let gateway = Gateway::with(&settings(9), Clock::system());
    let unset = TEST.replace("shop-slack", "unset");
    let workers = work(&gateway, 9);
    let answer = gateway.post(Role::Admin, &unset, &[KEY], "").await;
    let id = answer.json()["notification"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    settled(&gateway, &id).await;
    workers.stop().await;
    assert_eq!(
        gateway.get(Role::Viewer, LIST).await.json()["dead"][0]["id"],
        id.as_str()
    );
    let retry = format!("{LIST}/{id}/retry");
    let answer = gateway.post(Role::Operator, &retry, &[OTHER], "").await;
    assert_eq!(answer.json()["notification"]["state"], "waiting");
    let more = ("idempotency-key", "2f0e0d0c-0b0a-4908-8706-050403020100");
    let answer = gateway.post(Role::Operator, &retry, &[more], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (409, "not_dead")
    );
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_said() {
    let gateway = Gateway::with(&settings(9), standing_clock());
    for (path, headers, status) in [
        (TEST, vec![], 428),
        ("/api/monitoring/channels/none/test", vec![KEY], 404),
        ("/api/monitoring/notifications/none/retry", vec![KEY], 404),
        (TEST, vec![KEY], 200),
        ("/api/monitoring/channels/unset/test", vec![KEY], 422),
    ] {
        let answer = gateway.post(Role::Operator, path, &headers, "").await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
    }
    let answer = gateway.post(Role::Viewer, TEST, &[OTHER], "").await;
    assert_eq!(answer.status.as_u16(), 403);
    let answer = gateway.get(Role::Viewer, &format!("{LIST}/none")).await;
    assert_eq!(answer.status.as_u16(), 404);
}

#[tokio::test]
async fn a_channel_that_hangs_delays_no_other() {
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = Gateway::with(&settings(9), Clock::system());
    let _workers = work(&gateway, hanging.local_addr().unwrap().port());
    gateway.post(Role::Operator, TEST, &[KEY], "").await;
    // Its request is there, and nobody answers it.
    let _held = hanging.accept().await.unwrap();
    let unset = TEST.replace("shop-slack", "unset");
    let answer = gateway.post(Role::Operator, &unset, &[OTHER], "").await;
    let id = answer.json()["notification"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(settled(&gateway, &id).await["state"], "dead");
    let list = gateway.get(Role::Viewer, LIST).await.json();
    let states: Vec<_> = list["recent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["state"].clone())
        .collect();
    assert_eq!(states, ["dead", "sending"]);
    let open = eventually(|| Some(gateway.engine.ages().store_ms)).await;
    assert!(open.is_some());
}

/// A mail server whose offer of STARTTLS somebody takes out; it ends with what it was told.
async fn stripped() -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 mail ESMTP\r\n").await.unwrap();
        let mut told = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return told;
            }
            told.push(line.trim_end().to_owned());
            stream
                .write_all(b"250-mail\r\n250 8BITMIME\r\n")
                .await
                .unwrap();
        }
    });
    (port, serving)
}

#[tokio::test]
async fn a_mail_that_could_not_be_kept_private_says_so_where_it_stands() {
    let (port, serving) = stripped().await;
    let mail = format!(
        "{}[[channel]]\nid = \"mail\"\nname = \"Mail\"\nkind = \"email\"\nserver = \"127.0.0.1:{port}\"\n\
         from = \"floor@example.com\"\nto = [\"oncall@example.com\"]\n",
        settings(9)
    );
    let gateway = Gateway::with(&mail, Clock::system());
    let _workers = work_with(&gateway, &mail);
    let test = TEST.replace("shop-slack", "mail");
    let answer = gateway.post(Role::Operator, &test, &[KEY], "").await.json();
    let id = answer["notification"]["id"].as_str().unwrap();
    let tried = loop {
        let it = gateway
            .get(Role::Viewer, &format!("{LIST}/{id}"))
            .await
            .json();
        if it["reason"].is_string() {
            break it;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let why = "the connection cannot be made private: \
               the server does not offer STARTTLS, or somebody on the way took the offer out";
    assert_eq!(tried["reason"], why);
    assert_eq!(
        (&tried["state"], &tried["attempts"]),
        (&"waiting".into(), &1.into())
    );
    assert!(tried["next_at"].is_number(), "{tried}");
    let channels = gateway.get(Role::Viewer, LIST).await.json();
    assert_eq!(channels["channels"][2]["failure"], why);
    let told = serving.await.unwrap();
    assert!(told.iter().all(|it| it.starts_with("EHLO ")), "{told:?}");
}
