//! The way from a product to whoever asked: it takes time, and some faults mangle what goes over it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use futures_util::{StreamExt, stream};

use crate::fault::Fault;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

/// The largest body that is held to be cut in half, in bytes.
const MAX_BODY_BYTES: usize = 1 << 20;
/// Answers never take longer than this, so that slowness shows as slowness and not as a time-out.
const MAX_DELAY_MS: f64 = 3_500.0;
/// Between the half that is sent and the break, so that the half is on its way.
const BEFORE_BREAK: Duration = Duration::from_millis(30);

/// How answers of a product are delivered.
#[derive(Clone)]
pub struct Delivery {
    /// Where the faults are looked up.
    pub world: Arc<World>,
    /// Whose answers.
    pub product: Product,
    /// How much of the simulated response time answers really take, 0 (tests) to 1.
    pub delay_ratio: f64,
}

/// `routes` with delivery around them.
pub fn delivered(routes: Router, delivery: Delivery) -> Router {
    routes.layer(middleware::from_fn_with_state(delivery, deliver))
}

async fn deliver(State(delivery): State<Delivery>, request: Request, next: Next) -> Response {
    let scene = delivery.world.truth(delivery.product);
    tokio::time::sleep(delay(&scene, delivery.delay_ratio)).await;
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    if scene.has(Fault::WrongContentType) {
        return Html("<!doctype html><title>Welcome</title><p>It works.").into_response();
    }
    if scene.has(Fault::HalfBody) {
        return halved(response).await;
    }
    response
}

fn delay(scene: &Scene, ratio: f64) -> Duration {
    let ms = scene.get(Signal::LatencyAvg).clamp(0.0, MAX_DELAY_MS) * ratio;
    Duration::from_secs_f64(ms / 1_000.0)
}

/// Promises the whole body, sends half of it and breaks the connection.
async fn halved(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts
        .headers
        .insert(header::CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let broken =
        stream::once(async move { Ok::<Bytes, std::io::Error>(half) }).chain(stream::once(async {
            tokio::time::sleep(BEFORE_BREAK).await;
            Err(std::io::Error::other("the connection broke"))
        }));
    Response::from_parts(parts, Body::from_stream(broken))
}
