//! Probes from TOML for the tests of this folder, and the schedule as a whole.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use watchfloor_wire::id::CheckId;

use super::asking::SystemLookup;
use super::own_listener::OwnListener;
use super::plan::Probe;
use super::schedule::Sink;
use super::start_with;
use crate::clock::Clock;
use crate::config::load::load_from;
use crate::config::{Config, ProductConfig};
use crate::observation::{Observation, Outcome};

/// How long tests wait for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A configuration whose product `p` has these probes, in TOML.
pub fn config(probes: &str) -> Config {
    let product = format!("id = \"p\"\nname = \"P\"\n{probes}");
    let gateway = "products = [\"p.toml\"]\n[probing]\nallow_cidrs = [\"127.0.0.0/8\"]\n\
                   allow_ports = [\"1-65535\"]\n";
    let read = |file: &str| match file {
        "p.toml" => Ok(product.clone()),
        _ => Ok(gateway.to_owned()),
    };
    load_from("watchfloor.toml", &read, &|_| None).unwrap_or_else(|error| panic!("{error}"))
}

/// A probe of kind and address with one check `c`, to which `more` TOML is added.
pub fn probe(kind: &str, url: &str, more: &str) -> Probe {
    let check = "[[probe.check]]\nname = \"c\"\ntitle = \"C\"\n";
    probe_of(&format!(
        "kind = \"{kind}\"\nurl = \"{url}\"\n{more}\n{check}"
    ))
}

/// A probe from the TOML under its `[[probe]]`.
pub fn probe_of(toml: &str) -> Probe {
    let config = config(&format!("[[probe]]\n{toml}"));
    let product: &ProductConfig = &config.products[0];
    Probe::new(product, &product.probes[0]).unwrap()
}

struct Channel(mpsc::UnboundedSender<Observation>);

impl Sink for Channel {
    fn observe(&self, observation: Observation) {
        let _ = self.0.send(observation);
    }
}

#[tokio::test]
async fn probes_run_round_after_round_until_they_are_stopped() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", get(|| async { "well" }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    // Nobody listens on a port that was just given back.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone_address = gone.local_addr().unwrap();
    drop(gone);
    let config = config(&format!(
        "[[probe]]\nkind = \"http\"\nurl = \"http://{address}/\"\ninterval = \"1s\"\ntimeout = \"1s\"\n\
         [[probe.check]]\nname = \"web\"\ntitle = \"Web\"\n\
         [[probe]]\nkind = \"tcp\"\nurl = \"tcp://{gone_address}\"\ninterval = \"1s\"\ntimeout = \"1s\"\n\
         [[probe.check]]\nname = \"gone\"\ntitle = \"Gone\"\n"
    ));
    let (sender, mut seen) = mpsc::unbounded_channel();
    let sink = Arc::new(Channel(sender));
    let handle = start_with(&config, None, sink, Arc::new(SystemLookup), Clock::system()).unwrap();

    let (mut well, mut refused) = (0, 0);
    while well < 2 || refused < 2 {
        let next = tokio::time::timeout(PATIENCE, seen.recv()).await.unwrap();
        let Some(Observation::Check(observation)) = next else {
            panic!("a check's observation was awaited, not {next:?}");
        };
        match observation.outcome {
            Outcome::Ok => {
                assert_eq!(observation.check, CheckId::from("p.web"));
                assert_eq!(observation.samples[0].series.as_str(), "p.web.latency_ms");
                well += 1;
            }
            Outcome::Down(reason) => {
                assert_eq!(observation.check, CheckId::from("p.gone"));
                assert_eq!(reason, "connection refused");
                assert!(observation.samples.is_empty());
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    handle.stop().await;
    // Every task has ended, and with them the last sender.
    while seen.recv().await.is_some() {}
}

#[tokio::test]
async fn a_probe_of_the_gateway_itself_is_refused_at_the_start() {
    let own = "127.0.0.1:8080".parse().unwrap();
    for (url, refused) in [
        ("http://127.0.0.1:8080/api/health", true),
        ("http://localhost:8080/", true),
        ("http://127.0.0.1:8081/", false),
    ] {
        let config = config(&format!(
            "[[probe]]\nkind = \"http\"\nurl = \"{url}\"\n[[probe.check]]\nname = \"c\"\ntitle = \"C\"\n"
        ));
        let (sender, _seen) = mpsc::unbounded_channel();
        let sink = Arc::new(Channel(sender));
        let own = Some(OwnListener::new(own));
        let started = start_with(&config, own, sink, Arc::new(SystemLookup), Clock::system());
        match started {
            Ok(handle) => {
                handle.stop().await;
                assert!(!refused, "{url}");
            }
            Err(error) => {
                let text = error.to_string();
                assert!(refused && text.starts_with("product `p`: "), "{text}");
                assert!(
                    text.contains(url) && text.contains("127.0.0.1:8080"),
                    "{text}"
                );
            }
        }
    }
}
