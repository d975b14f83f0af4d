//! A fleet whose time stands still until the test moves it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use serde_json::Value;
use watchfloor_fleet::fault::Fault;
use watchfloor_fleet::product::Product;
use watchfloor_fleet::products::donna_socket::Limits;
use watchfloor_fleet::scenario::Scenario;
use watchfloor_fleet::{Fleet, Options};

/// 2025-11-21T00:00:00Z.
pub const START_MS: i64 = 1_763_683_200_000;

static NEXT_HOST: AtomicU8 = AtomicU8::new(1);

pub struct Rig {
    pub fleet: Fleet,
    pub host: IpAddr,
    pub now_ms: Arc<AtomicI64>,
    pub client: reqwest::Client,
}

pub fn options(host: IpAddr, now_ms: &Arc<AtomicI64>) -> Options {
    let now_ms = Arc::clone(now_ms);
    Options {
        host,
        gateway: None,
        ingest_key: Box::new(|_| None),
        webhook_key: Some("demo-key".to_owned()),
        seed: 11,
        scenario: Scenario::default(),
        tick: None,
        delay_ratio: 0.0,
        socket_limits: Limits::default(),
        clock: Arc::new(move || now_ms.load(Ordering::SeqCst)),
    }
}

pub fn free_host() -> IpAddr {
    let last = NEXT_HOST.fetch_add(1, Ordering::SeqCst);
    IpAddr::V4(Ipv4Addr::new(127, 0, 90, last))
}

impl Rig {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (host, now_ms) = (free_host(), Arc::new(AtomicI64::new(START_MS)));
        let mut options = options(host, &now_ms);
        change(&mut options);
        let fleet = Fleet::start(options).await.unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        Self {
            fleet,
            host,
            now_ms,
            client,
        }
    }

    pub fn url(&self, port: u16, path: &str) -> String {
        format!("http://{}:{port}{path}", self.host)
    }

    pub async fn get(&self, port: u16, path: &str) -> reqwest::Response {
        self.client.get(self.url(port, path)).send().await.unwrap()
    }

    pub async fn json(&self, port: u16, path: &str) -> Value {
        self.get(port, path).await.json().await.unwrap()
    }

    /// Breaks a product and lets two minutes pass, so that the numbers have arrived.
    pub fn break_and_wait(&self, product: Product, fault: Fault) {
        self.fleet
            .world()
            .break_product(product, fault, None)
            .unwrap();
        self.pass(120);
    }

    pub fn pass(&self, seconds: u64) {
        let ms = i64::try_from(seconds).unwrap() * 1_000;
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
        self.fleet.world().advance(seconds);
    }
}
