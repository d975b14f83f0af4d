//! What reaches the gateway, read with the contract's own types.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use watchfloor_fleet::fault::Fault;
use watchfloor_fleet::product::Product;
use watchfloor_fleet::push::Push;
use watchfloor_fleet::world::World;
use watchfloor_wire::ingest::{DeployEvent, ErrorBatch, LogBatch, MetricBatch};

use crate::support::{Rig, START_MS};

fn said(world: &World, seconds: u32) -> Vec<Push> {
    (0..seconds).flat_map(|_| world.tick()).collect()
}

fn bodies<T: serde::de::DeserializeOwned>(
    pushes: &[Push],
    product: Product,
    route: &str,
) -> Vec<T> {
    pushes
        .iter()
        .filter(|push| push.product == product && push.route == route)
        .map(|push| serde_json::from_value(push.body.clone()).unwrap())
        .collect()
}

#[test]
fn each_product_logs_about_a_line_a_second_in_the_contracts_shape() {
    let world = World::new(3, Arc::new(|| START_MS));
    let pushes = said(&world, 60);
    for product in Product::ALL {
        let lines: usize = bodies::<LogBatch>(&pushes, product, "logs")
            .iter()
            .map(|it| it.lines.len())
            .sum();
        assert_eq!(lines, 60, "{product}");
    }
    let secrets = pushes
        .iter()
        .filter(|push| push.body.to_string().contains("Bearer "));
    assert!(secrets.count() > 0, "redaction needs something to do");
}

#[test]
fn each_product_deploys_once_soon_after_the_start() {
    let world = World::new(3, Arc::new(|| START_MS));
    let pushes = said(&world, 120);
    for product in Product::ALL {
        let deploys: Vec<DeployEvent> = bodies(&pushes, product, "deploys");
        assert_eq!(deploys.len(), 1, "{product}");
        assert!(deploys[0].version.as_deref().unwrap().starts_with('v'));
    }
}

#[test]
fn a_fault_brings_errors_of_its_kind_and_the_deploy_before_it() {
    let world = World::new(3, Arc::new(|| START_MS));
    said(&world, 120);
    world
        .break_product(Product::Chatpdd, Fault::SlowDatabase, None)
        .unwrap();
    let pushes = said(&world, 60);
    assert_eq!(
        bodies::<DeployEvent>(&pushes, Product::Chatpdd, "deploys").len(),
        1
    );
    let errors: Vec<_> = bodies::<ErrorBatch>(&pushes, Product::Chatpdd, "errors")
        .into_iter()
        .flat_map(|batch| batch.errors)
        .collect();
    let timeouts: Vec<_> = errors
        .iter()
        .filter(|it| it.error_type == "PoolTimeout")
        .collect();
    assert!(timeouts.len() > 60, "{}", timeouts.len());
    assert_eq!(
        (timeouts[0].category.as_str(), timeouts[0].boundary.as_str()),
        ("database", "critical")
    );
    assert!(!timeouts[0].stack.is_empty());

    world.mend(Some(Product::Chatpdd), None);
    let back = bodies::<DeployEvent>(&said(&world, 2), Product::Chatpdd, "deploys");
    assert_eq!(back[0].event.as_deref(), Some("rollback"));
}

#[test]
fn the_assistant_sends_the_bare_notice_of_its_rollback_script() {
    let world = World::new(3, Arc::new(|| START_MS));
    world
        .break_product(Product::UniversalAssistant, Fault::ErrorBurst, None)
        .unwrap();
    said(&world, 2);
    world.mend(None, None);
    let pushes = said(&world, 1);
    let notice = pushes.iter().find(|push| push.route == "deploys").unwrap();
    assert_eq!(
        notice.body,
        serde_json::json!({ "event": "rollback", "status": "completed" })
    );
}

#[test]
fn metrics_are_finite_and_carry_their_units() {
    let world = World::new(3, Arc::new(|| START_MS));
    let pushes = said(&world, 30);
    let batches: Vec<MetricBatch> = bodies(&pushes, Product::Donna, "metrics");
    assert_eq!(batches.len(), 4, "at the first second and every ten");
    let points: Vec<_> = batches.iter().flat_map(|batch| &batch.points).collect();
    assert!(points.iter().all(|point| point.value.is_finite()));
    assert!(
        points
            .iter()
            .any(|point| point.name == "email.delivered_ratio")
    );
}

#[test]
fn a_product_that_is_gone_says_nothing() {
    let world = World::new(3, Arc::new(|| START_MS));
    world
        .break_product(Product::Donna, Fault::ProcessGone, None)
        .unwrap();
    assert!(
        said(&world, 30)
            .iter()
            .all(|push| push.product != Product::Donna)
    );
}

/// A gateway that is not ready for its first two requests.
#[derive(Default)]
struct Gateway {
    asked: AtomicU32,
    taken: Mutex<Vec<(String, String, Value)>>,
}

async fn take(
    State(gateway): State<Arc<Gateway>>,
    Path(route): Path<String>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> StatusCode {
    if gateway.asked.fetch_add(1, Ordering::SeqCst) < 2 {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let key = headers["authorization"].to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&body).unwrap();
    gateway.taken.lock().unwrap().push((route, key, body));
    StatusCode::OK
}

#[tokio::test]
async fn nothing_is_lost_while_the_gateway_is_not_ready() {
    let gateway = Arc::new(Gateway::default());
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = port.local_addr().unwrap();
    let routes = axum::Router::new()
        .route("/api/monitoring/ingest/{route}", post(take))
        .with_state(Arc::clone(&gateway));
    tokio::spawn(axum::serve(port, routes).into_future());
    let rig = Rig::with(|options| {
        options.gateway = Some(format!("http://{address}/"));
        options.ingest_key =
            Box::new(|product| (product == Product::Donna).then(|| "k-1".to_owned()));
        options.tick = Some(Duration::from_millis(5));
    })
    .await;
    let waiting = async {
        while gateway.taken.lock().unwrap().len() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap();
    rig.fleet.stop().await;
    let taken = gateway.taken.lock().unwrap();
    assert!(taken.iter().all(|(_, key, _)| key == "Bearer k-1"));
    assert_eq!(
        taken[0].0, "metrics",
        "the first request came first, after its retries"
    );
    assert_eq!(taken[1].0, "logs");
}
