//! The whole document.

use serde_json::{Map, Value, json};

use super::operation::{self, described_path};
use super::schemas::Schemas;
use crate::api::guard::ACTIVITY_HEADER;
use crate::api::origin::CSRF_HEADER;
use crate::api::routes::table;
use crate::auth::cookie;

const ABOUT: &str = "Everything that the console does goes through these routes, and programs may use them in the \
    same way: make a token with `watchfloor account token NAME` and send it as `Authorization: Bearer`. \
    What cannot be done is answered as `application/problem+json` (RFC 9457) with a stable `code` for programs and \
    a `detail` for people. Instants are milliseconds since 1970, UTC, by the gateway's clock. Every `GET` answers \
    `HEAD` as well. Fields are only added: pass by what is unknown. The messages of the feed's socket are in \
    docs/wire-protocol.md.";

/// The description of a gateway whose console is at `base`, for example `/admin/monitoring`.
#[must_use]
pub fn document(base: &str) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for route in table(base.trim_end_matches('/')) {
        let operation = operation::describe(&route, &mut schemas);
        let method = route.method.as_str().to_ascii_lowercase();
        let path = paths
            .entry(described_path(&route.path))
            .or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(method, operation);
        }
    }
    let problem = json!({
        "description": "What was wrong and what to do, in words that people can act on.",
        "content": schemas.problem(),
    });
    let (schemas, _) = schemas.finish();
    sorted(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Watchfloor",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The gateway that gives this description." }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": { "Problem": problem },
            "securitySchemes": security_schemes(),
        },
    }))
}

/// The document as it is written and sent.
#[must_use]
pub fn text(document: &Value) -> String {
    // JSON values can always be written.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": cookie::name(false),
            "description": format!(
                "A person's session, from `POST /api/monitoring/session`; named `{}` where the gateway is reached \
                 over https only. A request with `{ACTIVITY_HEADER}: 1` keeps it alive.",
                cookie::name(true)
            ),
        },
        "page": {
            "type": "apiKey", "in": "header", "name": CSRF_HEADER,
            "description": "`1`. With a session's cookie, whatever changes something needs this header and an \
                            `Origin` or `Sec-Fetch-Site` of our own page.",
        },
        "token": {
            "type": "http", "scheme": "bearer",
            "description": "A program's token, from `watchfloor account token NAME`.",
        },
        "ingestKey": {
            "type": "http", "scheme": "bearer",
            "description": "A product's key; its configuration names the environment variable that holds it.",
        },
        "ticket": {
            "type": "apiKey", "in": "header", "name": "Sec-WebSocket-Protocol",
            "description": "`watchfloor.feed.v1, ticket.<ticket>` with a ticket from `POST /api/monitoring/ticket`.",
        },
    })
}

/// With the members of every object in the order of their names, so that the text does not depend on how the JSON
/// crate was built.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members = members.into_iter().map(|(name, it)| (name, sorted(it)));
            Value::Object(members.collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(sorted).collect()),
        plain => plain,
    }
}
