//! The state and the history, over HTTP.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::{Query, State};
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::series::{SeriesAnswer, SeriesColumns};
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::time::{HOUR_MS, UnixMs};

use super::Shared;
use super::day::value_at;

/// How far apart readings of a history are at least.
const STEP_MS: i64 = 5_000;

/// Everything at the head.
pub(super) async fn dashboard(State(shared): State<Shared>) -> Json<Snapshot> {
    shared.told.snapshots.fetch_add(1, Ordering::Relaxed);
    Json(shared.day().snapshot(shared.clock.now()))
}

/// Series between two instants, at most so many points as are asked for.
pub(super) async fn metrics(
    State(shared): State<Shared>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Json<SeriesAnswer> {
    let now = shared.clock.now();
    let number = |name: &str| asked.get(name).and_then(|it| it.parse::<i64>().ok());
    let to = number("to").unwrap_or(now.0).min(now.0);
    let from = number("from").unwrap_or(to - HOUR_MS).min(to);
    let points = number("points").unwrap_or(300).max(2);
    let step_ms = ((to - from) / points).max(STEP_MS);
    let names = asked.get("series").map_or("", String::as_str);
    let columns = |name: &str| {
        let at: Vec<i64> = (from.div_euclid(step_ms) + 1..=to.div_euclid(step_ms))
            .map(|it| it * step_ms)
            .collect();
        SeriesColumns {
            series: SeriesId::from(name),
            step_ms,
            value: at
                .iter()
                .map(|at| Some(value_at(name, 100.0, UnixMs(*at))))
                .collect(),
            at,
            thinned: step_ms > STEP_MS,
        }
    };
    Json(SeriesAnswer {
        now,
        series: names
            .split(',')
            .filter(|it| !it.is_empty())
            .map(columns)
            .collect(),
    })
}
