//! The proxy's control address: switch faults on and off, see what is on.

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
use serde_json::{Map, Value, json};

use super::fault::{Fault, KINDS};
use super::line::Line;

/// The lines, as the routes share them.
pub(super) type Lines = Arc<[Arc<Line>]>;

/// The routes.
pub(super) fn routes(lines: Lines) -> Router {
    Router::new()
        .route("/", get(help))
        .route("/fault", get(list).post(put).delete(heal))
        .with_state(lines)
}

/// What `POST /fault` asks for beside the fault itself.
#[derive(Debug, PartialEq)]
struct PutRequest {
    port: Option<u16>,
    for_s: Option<u64>,
    fault: Fault,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HealRequest {
    #[serde(default)]
    port: Option<u16>,
    #[serde(default)]
    fault: Option<String>,
}

async fn list(State(lines): State<Lines>) -> Json<Value> {
    let lines: Vec<Value> = lines.iter().map(|line| line.report()).collect();
    Json(json!({ "lines": lines }))
}

async fn put(State(lines): State<Lines>, body: Bytes) -> Response {
    let asked = match read(&body) {
        Ok(asked) => asked,
        Err(why) => return refused(&why),
    };
    match chosen(&lines, asked.port) {
        Ok(chosen) => {
            for line in chosen {
                line.put(asked.fault, asked.for_s);
            }
            list(State(Arc::clone(&lines))).await.into_response()
        }
        Err(why) => refused(&why),
    }
}

/// Without a port and a kind everything is healed.
async fn heal(
    State(lines): State<Lines>,
    query: Result<Query<HealRequest>, QueryRejection>,
) -> Response {
    let Query(asked) = match query {
        Ok(asked) => asked,
        Err(why) => return refused(&why.body_text()),
    };
    if let Some(kind) = &asked.fault
        && KINDS.iter().all(|(known, _, _)| known != kind)
    {
        return refused(&format!(
            "there is no fault `{kind}`; there are {}",
            kinds()
        ));
    }
    match chosen(&lines, asked.port) {
        Ok(chosen) => {
            let healed: usize = chosen.map(|line| line.heal(asked.fault.as_deref())).sum();
            Json(json!({ "healed": healed })).into_response()
        }
        Err(why) => refused(&why),
    }
}

fn read(body: &[u8]) -> Result<PutRequest, String> {
    let mut fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|why| why.to_string())?;
    let request = PutRequest {
        port: number(&mut fields, "port")?,
        for_s: number(&mut fields, "for_s")?,
        fault: serde_json::from_value(Value::Object(fields)).map_err(|why| why.to_string())?,
    };
    request.fault.check()?;
    Ok(request)
}

/// Takes a number out of the fields; `None` when it is not there or null.
fn number<T: serde::de::DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>, String> {
    let value = fields.remove(name).unwrap_or(Value::Null);
    serde_json::from_value(value).map_err(|why| format!("`{name}`: {why}"))
}

/// The lines that a port names; all without one.
fn chosen(lines: &Lines, port: Option<u16>) -> Result<impl Iterator<Item = &Arc<Line>>, String> {
    let is_chosen = move |line: &&Arc<Line>| port.is_none_or(|it| it == line.address().port());
    if !lines.iter().any(|line| is_chosen(&line)) {
        let ports: Vec<String> = lines
            .iter()
            .map(|line| line.address().port().to_string())
            .collect();
        return Err(format!(
            "no line listens on port {}; there are {}",
            port.unwrap_or(0),
            ports.join(", ")
        ));
    }
    Ok(lines.iter().filter(is_chosen))
}

fn kinds() -> String {
    KINDS.map(|(kind, _, _)| kind).join(", ")
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}

async fn help() -> String {
    let mut text = String::from(
        "watchfloor-proxy: a way to the gateway that can be made bad.\n\n\
         GET    /fault    what is wrong now, line by line\n\
         POST   /fault    {\"fault\":\"latency\",\"latency_ms\":2000,\"jitter_ms\":1000,\"port\":9191,\"for_s\":60}\n\
         \u{20}                port may be left out: all lines; for_s as well: until healed\n\
         DELETE /fault    heals everything; ?port=9191&fault=latency: that\n\n",
    );
    for (kind, example, sentence) in KINDS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{kind:<16} {sentence}\n{:<16} {example}", "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_line_and_its_span_beside_the_fault() {
        let asked = read(br#"{"port":9191,"fault":"bandwidth","bytes_per_s":5000,"for_s":60}"#);
        let expected = PutRequest {
            port: Some(9_191),
            for_s: Some(60),
            fault: Fault::Bandwidth { bytes_per_s: 5_000 },
        };
        assert_eq!(asked, Ok(expected));
    }

    #[test]
    fn a_mistake_is_named() {
        for (body, word) in [
            (&br#"{"fault":"stall","port":"x"}"#[..], "`port`"),
            (br#"{"fault":"stall","for_s":-1}"#, "`for_s`"),
            (br#"{"fault":"bandwidth","bytes_per_s":0}"#, "at least 1"),
            (br#"{"port":1}"#, "missing field `fault`"),
            (br"[]", "expected a map"),
        ] {
            let why = read(body).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }
}
