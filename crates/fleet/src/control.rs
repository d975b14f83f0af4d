//! The control port: break a product, mend it, see what is broken.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::{Fault, TABLE};
use crate::product::Product;
use crate::world::World;

/// The routes.
pub fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/", get(help))
        .route("/faults", get(kinds))
        .route("/fault", get(list).post(break_one).delete(mend))
        .with_state(world)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakRequest {
    product: Product,
    fault: Fault,
    #[serde(default)]
    for_s: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MendRequest {
    #[serde(default)]
    product: Option<Product>,
    #[serde(default)]
    fault: Option<Fault>,
}

async fn list(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "active": world.active() }))
}

async fn break_one(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let asked: BreakRequest = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(why) => return refused(&why.to_string()),
    };
    match world.break_product(asked.product, asked.fault, asked.for_s) {
        Ok(()) => list(State(world)).await.into_response(),
        Err(why) => refused(&why.to_string()),
    }
}

/// Takes its selection from a JSON body or from the address; without one everything is mended.
async fn mend(
    State(world): State<Arc<World>>,
    query: Result<Query<MendRequest>, QueryRejection>,
    body: Bytes,
) -> Response {
    let asked = if body.is_empty() {
        query
            .map(|Query(asked)| asked)
            .map_err(|why| why.body_text())
    } else {
        serde_json::from_slice(&body).map_err(|why| why.to_string())
    };
    match asked {
        Ok(asked) => {
            let mended = world.mend(asked.product, asked.fault);
            Json(json!({ "mended": mended, "active": world.active() })).into_response()
        }
        Err(why) => refused(&why),
    }
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}

async fn kinds() -> Json<Value> {
    let kinds: Vec<Value> = TABLE
        .iter()
        .map(|row| json!({ "fault": row.slug, "products": row.products, "what": row.sentence }))
        .collect();
    Json(json!({ "faults": kinds }))
}

async fn help() -> String {
    let mut text = String::from(
        "watchfloor-fleet: five products, ready to be broken.\n\n\
         GET    /faults   the kinds of faults, as JSON\n\
         GET    /fault    what is broken now\n\
         POST   /fault    {\"product\":\"chatpdd\",\"fault\":\"slow-database\",\"for_s\":600}\n\
         \u{20}                for_s may be left out: until mended\n\
         DELETE /fault    mends everything; ?product=chatpdd&fault=slow-database or the same as JSON: that\n\n",
    );
    for row in &TABLE {
        let names: Vec<&str> = row.products.iter().map(|product| product.slug()).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<22} {}\n{:<22} {}",
            row.slug,
            row.sentence,
            "",
            names.join(", ")
        );
    }
    text
}
