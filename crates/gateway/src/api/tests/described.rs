//! Every answer that the tests of the router get is held against the API's description: its status and type must
//! be described, and its JSON must be as its schema says.

use std::cell::RefCell;
use std::collections::HashMap;

use boon::{Compiler, SchemaIndex, Schemas};
use http::{Method, StatusCode};
use serde_json::Value;

use super::harness::{Answer, BASE};
use crate::api::openapi::document;

const PLACE: &str = "http://description.example/openapi.json";

struct Description {
    document: Value,
    compiler: Compiler,
    schemas: Schemas,
    compiled: HashMap<String, SchemaIndex>,
}

impl Description {
    fn new() -> Self {
        let document = document(BASE);
        let mut compiler = Compiler::new();
        compiler.add_resource(PLACE, document.clone()).unwrap();
        Self {
            document,
            compiler,
            schemas: Schemas::new(),
            compiled: HashMap::new(),
        }
    }
}

thread_local! {
    // The compiler cannot be shared by threads; each test has one of its own.
    static DESCRIPTION: RefCell<Description> = RefCell::new(Description::new());
}

/// Panics when the description does not say that this may be answered.
pub fn hold_against_description(method: &Method, path: &str, answer: &Answer) {
    DESCRIPTION.with_borrow_mut(|description| hold(description, method, path, answer));
}

/// Panics when a value is not as the named schema says.
pub fn hold_against_schema(name: &str, value: &Value, what: &str) {
    let pointer = format!("/components/schemas/{name}");
    DESCRIPTION.with_borrow_mut(|description| description.check(&pointer, value, what));
}

fn hold(description: &mut Description, method: &Method, path: &str, answer: &Answer) {
    let method = if *method == Method::HEAD {
        Method::GET
    } else {
        method.clone()
    };
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = description.operation(&method, path) else {
        let nowhere = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        assert!(
            nowhere.contains(&answer.status),
            "{method} {path}: {answer:?}"
        );
        return;
    };
    let what = format!("{method} {path}: {}", answer.status.as_u16());
    let response = description.response(&operation, answer.status);
    let essence = answer.header("content-type");
    let essence = essence.split(';').next().unwrap_or_default().trim();
    if essence.is_empty() || answer.body.is_empty() {
        return;
    }
    let contents = &description.document.pointer(&response).unwrap()["content"];
    let media_type = [essence, "*/*"]
        .into_iter()
        .find(|it| contents.get(it).is_some());
    let media_type =
        media_type.unwrap_or_else(|| panic!("{what} has the type {essence}: {contents}"));
    let is_plain = answer.header("content-encoding").is_empty();
    if is_plain && contents[media_type].get("schema").is_some() {
        let schema = format!("{response}/content/{}/schema", escaped(media_type));
        description.check(&schema, &answer.json(), &what);
    }
}

impl Description {
    /// The pointer to the operation that takes the request; the path with the fewest parameters wins.
    fn operation(&self, method: &Method, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object().unwrap();
        let method = method.as_str().to_ascii_lowercase();
        let found = paths
            .iter()
            .filter(|(template, methods)| fits(template, path) && methods.get(&method).is_some())
            .min_by_key(|(template, _)| template.matches('{').count());
        found.map(|(template, _)| format!("/paths/{}/{method}", escaped(template)))
    }

    fn response(&self, operation: &str, status: StatusCode) -> String {
        let named = format!("{operation}/responses/{}", status.as_u16());
        let described = self.document.pointer(&named);
        assert!(
            described.is_some() || !status.is_success(),
            "{operation} does not describe {status}"
        );
        let pointer = match described {
            Some(_) => named,
            None => format!("{operation}/responses/default"),
        };
        let elsewhere = self.document.pointer(&pointer).unwrap().get("$ref");
        elsewhere.map_or(pointer, |it| it.as_str().unwrap()[1..].to_owned())
    }

    fn check(&mut self, pointer: &str, body: &Value, what: &str) {
        let index = match self.compiled.get(pointer) {
            Some(index) => *index,
            None => {
                let place = format!("{PLACE}#{}", percent_encoded(pointer));
                let index = self.compiler.compile(&place, &mut self.schemas);
                let index = index.unwrap_or_else(|error| panic!("{place}: {error:#}"));
                self.compiled.insert(pointer.to_owned(), index);
                index
            }
        };
        if let Err(error) = self.schemas.validate(body, index) {
            panic!("{what} is not as described: {error:#}\n{body}");
        }
    }
}

/// Whether `path` is one of `template`; what stands last may hold slashes, as files of the console do.
fn fits(template: &str, path: &str) -> bool {
    let (mut names, mut parts) = (template.split('/'), path.split('/'));
    loop {
        match (names.next(), parts.next()) {
            (None, None) => return true,
            (Some("{path}"), Some(_)) => return true,
            (Some(name), Some(part)) if name == part => {}
            (Some(name), Some(part)) if name.starts_with('{') && !part.is_empty() => {}
            _ => return false,
        }
    }
}

/// As part of a JSON pointer.
fn escaped(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

fn percent_encoded(pointer: &str) -> String {
    pointer
        .replace('{', "%7B")
        .replace('}', "%7D")
        .replace('*', "%2A")
}
