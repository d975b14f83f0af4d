//! One route as an operation: its own words, and what follows from its policy.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::about::{Parameter, Place, Values};
use super::schemas::Schemas;
use crate::api::policy::{PageProof, Policy};
use crate::api::routes::Route;

/// A route's path as OpenAPI writes it: `{*path}` is no different from `{path}` there.
#[must_use]
pub fn described_path(path: &str) -> String {
    path.replace("{*", "{")
}

/// Describes a route.
pub fn describe(route: &Route, schemas: &mut Schemas) -> Value {
    let about = &route.about;
    let mut operation = json!({
        "operationId": about.operation,
        "summary": about.summary,
        "responses": responses(route, schemas),
        "security": security(route),
    });
    let Some(members) = operation.as_object_mut() else {
        return operation;
    };
    if !about.parameters.is_empty() {
        let parameters: Vec<Value> = about.parameters.iter().map(parameter).collect();
        members.insert("parameters".to_owned(), parameters.into());
    }
    if !about.bodies.is_empty() {
        let body = json!({ "required": true, "content": schemas.taken(&about.bodies) });
        members.insert("requestBody".to_owned(), body);
    }
    if let Policy::Session(roles) = route.rule.policy {
        let roles: Vec<&str> = roles.iter().map(|it| it.word()).collect();
        members.insert("x-roles".to_owned(), json!(roles));
    }
    operation
}

fn parameter(it: &Parameter) -> Value {
    let place = match it.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    let schema = match it.values {
        Values::Text { max_chars } => json!({ "type": "string", "maxLength": max_chars }),
        Values::Whole { min, max: u64::MAX } => json!({ "type": "integer", "minimum": min }),
        Values::Whole { min, max } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        Values::OneOf(words) => json!({ "type": "string", "enum": words }),
    };
    json!({
        "name": it.name, "in": place, "description": it.text, "required": it.needed, "schema": schema,
    })
}

/// Any one of these is enough. A session's cookie needs the page's proof beside it where something changes.
fn security(route: &Route) -> Value {
    match route.rule.policy {
        Policy::Public => json!([]),
        Policy::Session(_) if needs_proof(route) => {
            json!([{ "session": [], "page": [] }, { "token": [] }])
        }
        Policy::Session(_) => json!([{ "session": [] }, { "token": [] }]),
        Policy::IngestKey => json!([{ "ingestKey": [] }]),
        Policy::Ticket => json!([{ "ticket": [] }, { "token": [] }]),
    }
}

fn needs_proof(route: &Route) -> bool {
    !route.method.is_safe() && route.rule.proof == PageProof::Needed
}

fn responses(route: &Route, schemas: &mut Schemas) -> Value {
    let mut all = Map::new();
    for (status, text) in problems(route) {
        let answer = json!({ "$ref": "#/components/responses/Problem", "description": text });
        all.insert(status.to_string(), answer);
    }
    for answer in &route.about.answers {
        let mut described = json!({ "description": answer.text });
        if !answer.contents.is_empty() {
            described["content"] = schemas.given(&answer.contents);
        }
        // What is answered in a form of its own may be answered as a problem as well.
        if all.contains_key(&answer.status.to_string())
            && let Some(own) = described["content"].as_object_mut()
            && let Value::Object(problem) = schemas.problem()
        {
            own.extend(problem);
        }
        all.insert(answer.status.to_string(), described);
    }
    let other = json!({
        "$ref": "#/components/responses/Problem", "description": "Any other failure.",
    });
    all.insert("default".to_owned(), other);
    Value::Object(all)
}

/// The problems that follow from the row, then those that the route names itself, which win.
fn problems(route: &Route) -> BTreeMap<u16, String> {
    let (rule, about) = (route.rule, &route.about);
    let mut all: BTreeMap<u16, String> = BTreeMap::new();
    let mut say = |status: u16, text: &str| all.insert(status, text.to_owned());
    let in_query = |it: &Parameter| it.place == Place::Query;
    if !about.bodies.is_empty() || about.parameters.iter().any(in_query) {
        say(
            400,
            "The request cannot be understood; `errors` names the fields.",
        );
    }
    if !about.bodies.is_empty() {
        say(413, "The body is larger than this route takes.");
        say(415, "The body's type or encoding is not taken here.");
    }
    match rule.policy {
        Policy::Public => {}
        Policy::Session(_) => {
            say(401, "Nobody is signed in, or the session has ended.");
            say(
                403,
                "The role may not, or the proof of our own page is missing.",
            );
        }
        Policy::IngestKey => {
            say(401, "No product has this key.");
        }
        Policy::Ticket => {
            say(401, "The ticket is wrong, used or too old.");
            say(403, "The socket is opened from another origin.");
        }
    }
    if needs_proof(route) && rule.policy == Policy::Public {
        say(403, "The proof of our own page is missing.");
    }
    say(
        503,
        "A part of the gateway cannot answer now; `Retry-After` says when to try again.",
    );
    for (status, text) in &about.problems {
        say(*status, text);
    }
    all
}
