//! Every kind of probe over real sockets, against servers that are well and servers that are not.

mod http;
mod socket;
mod trust;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Asker, Lookup, Network, SystemLookup};
use crate::clock::Clock;
use crate::config::gateway::Probing;
use crate::sources::address::AddressRules;
use crate::sources::answer::{Failure, HttpAnswer, Said};
use crate::sources::own_listener::OwnListener;
use crate::sources::plan::Probe;
use crate::sources::tests::PATIENCE;

fn asker_with(cidrs: &[&str], lookup: Arc<dyn Lookup>) -> Asker {
    asker_beside(None, cidrs, lookup)
}

fn asker_beside(own: Option<OwnListener>, cidrs: &[&str], lookup: Arc<dyn Lookup>) -> Asker {
    let rules = AddressRules::new(&Probing {
        allow_cidrs: cidrs.iter().map(|it| (*it).to_owned()).collect(),
        allow_ports: vec!["1-65535".to_owned()],
        ..Probing::default()
    });
    Asker::new(Network::new(rules.unwrap(), own, lookup), Clock::system()).unwrap()
}

async fn ask(probe: &Probe) -> Result<Said, Failure> {
    let asker = asker_with(&["127.0.0.0/8"], Arc::new(SystemLookup));
    tokio::time::timeout(PATIENCE, asker.ask(probe))
        .await
        .unwrap()
        .said
}

async fn page(probe: &Probe) -> HttpAnswer {
    match ask(probe).await {
        Ok(Said::Http(answer)) => answer,
        other => panic!("a page was awaited, not {other:?}"),
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn serve(app: Router) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A server that takes the request and then writes exactly this, and closes.
async fn write(bytes: &'static [u8]) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    listen().await.1
}

/// A server that accepts and never says a word.
async fn silence() -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
        }
    });
    address
}
