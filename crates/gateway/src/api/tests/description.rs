//! The API's description: complete, true, and the one that is committed.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use watchfloor_wire::session::Role;

use super::described::hold_against_schema;
use super::harness::{BASE, Gateway};
use crate::api::openapi::about::Place;
use crate::api::openapi::schemas::Schemas;
use crate::api::openapi::{document, text};
use crate::api::policy::Policy;
use crate::api::routes::table;

#[test]
fn the_committed_description_is_the_one_that_the_code_makes() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = std::fs::read_to_string(place).unwrap_or_default();
    assert!(
        committed == text(&document("/admin/monitoring")),
        "docs/openapi.json is not what the route table says. Write it again:\n    \
         cargo run -p watchfloor-gateway -- openapi --to docs/openapi.json"
    );
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let described: BTreeSet<String> = document(BASE)["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_ascii_uppercase()))
        })
        .collect();
    let routed: BTreeSet<String> = table(BASE)
        .iter()
        .map(|it| format!("{} {}", it.method, it.path.replace("{*", "{")))
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn every_route_says_what_it_is_for_under_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for route in table(BASE) {
        let about = &route.about;
        assert!(names.insert(about.operation), "{} twice", about.operation);
        assert!(about.summary.ends_with('.'), "{}", about.operation);
        assert!(!about.answers.is_empty(), "{}", about.operation);
        let in_path: BTreeSet<&str> = route
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| name.trim_start_matches('*'))
            .collect();
        let parameters = about.parameters.iter();
        let named: BTreeSet<&str> = parameters
            .filter(|it| it.place == Place::Path)
            .map(|it| it.name)
            .collect();
        assert_eq!(in_path, named, "{}", route.path);
    }
}

#[test]
fn a_policy_is_described_as_what_it_asks_for() {
    let document = document(BASE);
    for route in table(BASE) {
        let path = &document["paths"][route.path.replace("{*", "{")];
        let operation = &path[route.method.as_str().to_ascii_lowercase()];
        let security = operation["security"].as_array().unwrap();
        let roles = operation["x-roles"].as_array().map_or(0, Vec::len);
        match route.rule.policy {
            Policy::Public => assert!(security.is_empty(), "{}", route.path),
            Policy::Session(allowed) => {
                assert_eq!(roles, allowed.len(), "{}", route.path);
                let page = security[0].get("page").is_some();
                assert_eq!(page, !route.method.is_safe(), "{}", route.path);
            }
            Policy::IngestKey => assert!(security[0].get("ingestKey").is_some()),
            Policy::Ticket => assert!(security[0].get("ticket").is_some()),
        }
    }
}

#[test]
fn a_name_means_the_same_in_requests_and_answers() {
    let mut schemas = Schemas::new();
    for route in table(BASE) {
        schemas.taken(&route.about.bodies);
        for answer in &route.about.answers {
            schemas.given(&answer.contents);
        }
    }
    let (_, unlike) = schemas.finish();
    assert_eq!(unlike, Vec::<String>::new());
}

#[test]
fn every_pointer_leads_somewhere() {
    fn pointers(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if name == "$ref" => {
                            found.insert(text.clone());
                        }
                        other => pointers(other, found),
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|it| pointers(it, found)),
            _ => {}
        }
    }
    let document = document(BASE);
    let mut found = BTreeSet::new();
    pointers(&document, &mut found);
    assert!(!found.is_empty());
    for pointer in found {
        let place = pointer.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn a_gateway_describes_itself_at_its_own_base_path() {
    let gateway = Gateway::start();
    let path = "/api/monitoring/openapi.json";
    let answer = gateway.get(Role::Viewer, path).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json(), document(BASE));
}

#[test]
fn the_contracts_examples_are_as_their_schemas_say() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/golden");
    for (file, schema) in [
        ("answer.action", "ActionAnswer"),
        ("answer.health", "GatewayHealth"),
        ("answer.incident_detail", "IncidentDetail"),
        ("answer.incident_page", "IncidentPage"),
        ("answer.ingested", "Ingested"),
        ("answer.logs", "LogPage"),
        ("answer.problem", "Problem"),
        ("answer.series", "SeriesAnswer"),
        ("answer.session", "Session"),
        ("answer.snapshot", "Snapshot"),
        ("answer.ticket", "Ticket"),
        ("request.acknowledge", "AcknowledgeRequest"),
        ("request.assign", "AssignRequest"),
        ("request.change_password", "ChangePasswordRequest"),
        ("request.first_login", "FirstLoginRequest"),
        ("request.note", "NoteRequest"),
        ("request.sign_in", "SignInRequest"),
        ("ingest.deploy", "DeployEvent"),
        ("ingest.errors", "ErrorBatch"),
        ("ingest.logs", "LogBatch"),
        ("ingest.metrics", "MetricBatch"),
        ("ingest.rollback", "DeployEvent"),
    ] {
        let text = std::fs::read_to_string(golden.join(format!("{file}.json"))).unwrap();
        hold_against_schema(schema, &serde_json::from_str(&text).unwrap(), file);
    }
}
