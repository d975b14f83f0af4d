//! A whole gateway without probes: memory store, temporary records, a console of three files.

use std::borrow::Cow;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::described::hold_against_description;
use crate::api::{Api, Parts};
use crate::audit::Prover;
use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::{Config, GatewayConfig, ProductConfig};
use crate::console::Console;
use crate::engine::{self, EngineHandle};
use crate::hub::Hub;
use crate::ingest::Intake;
use crate::notify::worker;
use crate::on_call::Roster;
use crate::records::{self, Recorder};
use crate::silences::known::Known;
use crate::store::{MemoryStore, Store as _};

/// The host that requests name.
pub const HOST: &str = "mon.example";
/// The product's key for sending in.
pub const INGEST_KEY: &str = "shop-key-0123456789abcdef0123456789abcdef";
/// The base path.
pub const BASE: &str = "/admin/monitoring";

const MANIFEST: &str = r#"{"build":"b1","files":[
    {"path":"index.html","content_type":"text/html; charset=utf-8","bytes":30},
    {"path":"app-0123.js","content_type":"text/javascript; charset=utf-8","bytes":5,"br_bytes":4,"gz_bytes":6,"immutable":true},
    {"path":"robots.txt","content_type":"text/plain; charset=utf-8","bytes":5}]}"#;

const PRODUCT: &str = r#"
id = "shop"
name = "Shop"
ingest_key_env = "SHOP_KEY"

[priority]
critical = "P0"

[response.P0]
respond_within = "15m"
channels = ["shop-slack"]

[[probe]]
kind = "http"
url = "http://127.0.0.1:9/"

[[probe.check]]
name = "api"
title = "API"

[[rule]]
name = "API down"
check = "api"
status = "down"
severity = "critical"
labels = { team = "core" }
"#;

/// A gateway.
pub struct Gateway {
    pub service: Router,
    pub auth: Auth,
    pub engine: EngineHandle,
    pub hub: Hub,
    pub recorder: Recorder,
    pub clock: Clock,
    pub stopping: CancellationToken,
    _data: TempDir,
}

fn folder(path: &str) -> Option<Cow<'static, [u8]>> {
    let text = match path {
        "manifest.json" => MANIFEST,
        "index.html" => "<base href=\"{{BASE}}/\">",
        "app-0123.js" | "robots.txt" => "plain",
        "app-0123.js.br" => "br-coded",
        "app-0123.js.gz" => "gz-coded",
        _ => return None,
    };
    Some(Cow::Borrowed(text.as_bytes()))
}

impl Gateway {
    pub fn start() -> Self {
        Self::with("products = []", Clock::system())
    }

    /// The shop, watched by a gateway with these settings.
    pub fn config(settings: &str) -> Config {
        let gateway: GatewayConfig = toml::from_str(settings).unwrap();
        let product: ProductConfig = toml::from_str(PRODUCT).unwrap();
        Config {
            gateway,
            products: vec![product],
        }
    }

    pub fn with(settings: &str, clock: Clock) -> Self {
        let config = Self::config(settings);
        let data = tempfile::tempdir().unwrap();
        let limits = config.gateway.sessions.clone();
        let auth = Auth::in_memory(limits, clock.clone()).unwrap();
        let console = Console::load(folder, BASE).unwrap();
        let store = MemoryStore::new(clock.clone());
        let (head, entities) = (store.head().unwrap(), store.entities().unwrap());
        let hub = Hub::new(head, entities, console.build().to_owned(), clock.clone());
        let retention = &config.gateway.retention;
        let (recorder, records) = records::open(data.path(), retention, clock.clone()).unwrap();
        let started = engine::start(&config, store, hub.clone(), recorder.clone(), clock.clone());
        let engine = started.unwrap();
        let observer = engine.clone();
        let stopping = CancellationToken::new();
        let api = Api::new(Parts {
            config: config.gateway.clone(),
            auth: auth.clone(),
            engine: engine.clone(),
            hub: hub.clone(),
            known: Known::new(&config),
            prover: Prover::default(),
            roster: Roster::new(&config),
            records,
            intake: Intake::new(
                &config,
                &|_| Some(INGEST_KEY.to_owned()),
                move |observation| observer.observe(observation),
                recorder.clone(),
                clock.clone(),
            ),
            console,
            channels: worker::channels(&config, &|_| None),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            clock: clock.clone(),
            data_dir: data.path().to_owned(),
            stopping: stopping.clone(),
        });
        for role in [Role::Display, Role::Viewer, Role::Operator, Role::Admin] {
            auth.add_account(role.word(), role).unwrap();
        }
        Self {
            service: api.service(),
            auth,
            engine,
            hub,
            recorder,
            clock,
            stopping,
            _data: data,
        }
    }

    /// The `Cookie` of a new session of the account with this role.
    pub fn cookie(&self, role: Role) -> String {
        let account = self.auth.account(role.word()).unwrap();
        let (token, _) = self.auth.open_browser_session(&account).unwrap();
        format!("watchfloor_session={}", token.reveal())
    }

    /// The `Authorization` of a new token of the account with this role.
    pub fn bearer(&self, role: Role) -> String {
        let account = self.auth.account(role.word()).unwrap();
        let (token, _) = self.auth.open_token_session(&account, 60_000).unwrap();
        format!("Bearer {}", token.reveal())
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 24).await.unwrap();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        hold_against_description(&method, &path, &answer);
        answer
    }

    /// A `GET` in a new session of this role.
    pub async fn get(&self, role: Role, path: &str) -> Answer {
        let cookie = self.cookie(role);
        self.send(request(Method::GET, path, &[("cookie", &cookie)], ""))
            .await
    }

    /// A `POST` by our own page in a new session of this role.
    pub async fn post(&self, role: Role, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let cookie = self.cookie(role);
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(PAGE);
        headers.extend(more);
        self.send(request(Method::POST, path, &headers, body)).await
    }
}

/// What our own page sends with a mutation.
pub const PAGE: [(&str, &str); 3] = [
    ("x-watchfloor-csrf", "1"),
    ("sec-fetch-site", "same-origin"),
    ("content-type", "application/json"),
];

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The `code` of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut builder = Request::builder()
        .method(method)
        .uri(path)
        .header("host", HOST);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// A clock that stands.
pub fn standing_clock() -> Clock {
    Clock::manual(UnixMs(1_763_683_200_000))
}

/// Tries until it is so; fails after ten seconds.
pub async fn eventually<T>(mut probe: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1_000 {
        if let Some(found) = probe() {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it never came to be so");
}
