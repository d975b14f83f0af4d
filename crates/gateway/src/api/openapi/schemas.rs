//! Schemas of the types that travel, made from the types themselves.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use watchfloor_wire::problem::Problem;

use super::about::Content;

/// Collects schemas while operations are described. What is read and what is written may differ for one type
/// (a field with a default need not come in but always goes out), so each direction has its own.
pub struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl Schemas {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = "/components/schemas".into();
            })
        };
        Self {
            taken: settings().for_deserialize().into_generator(),
            given: settings().for_serialize().into_generator(),
        }
    }

    /// Bodies of requests by media type.
    pub fn taken(&mut self, contents: &[Content]) -> Value {
        by_media_type(&mut self.taken, contents)
    }

    /// Bodies of answers by media type.
    pub fn given(&mut self, contents: &[Content]) -> Value {
        by_media_type(&mut self.given, contents)
    }

    /// The body of every refusal.
    pub fn problem(&mut self) -> Value {
        let schema = self.given.subschema_for::<Problem>();
        json!({ "application/problem+json": { "schema": schema } })
    }

    /// All named schemas, and the names that mean one thing in requests and another in answers.
    #[must_use]
    pub fn finish(mut self) -> (Map<String, Value>, Vec<String>) {
        let mut all = self.given.take_definitions(true);
        let mut unlike = Vec::new();
        for (name, schema) in self.taken.take_definitions(true) {
            match all.get(&name) {
                Some(given) if *given != schema => unlike.push(name),
                Some(_) => {}
                None => {
                    all.insert(name, schema);
                }
            }
        }
        for schema in all.values_mut() {
            plain_texts(schema);
        }
        (all, unlike)
    }
}

impl Default for Schemas {
    fn default() -> Self {
        Self::new()
    }
}

fn by_media_type(generator: &mut SchemaGenerator, contents: &[Content]) -> Value {
    let mut all = Map::new();
    for content in contents {
        let mut shapes: Vec<Value> = content
            .shapes
            .iter()
            .map(|make| make(generator).to_value())
            .collect();
        let described = match (shapes.pop(), shapes.is_empty()) {
            (None, _) => json!({}),
            (Some(only), true) => json!({ "schema": only }),
            (Some(last), false) => {
                shapes.push(last);
                json!({ "schema": { "anyOf": shapes } })
            }
        };
        all.insert(content.media_type.to_owned(), described);
    }
    Value::Object(all)
}

/// The types' own documentation points to other types; outside of it those pointers lead nowhere.
fn plain_texts(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = without_links(text),
                    other => plain_texts(other),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(plain_texts),
        _ => {}
    }
}

/// ``[`Incident`](crate::incident)`` becomes `` `Incident` ``.
fn without_links(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, behind)) = after.split_once("`]") else {
            break;
        };
        plain.push_str(before);
        plain.push('`');
        plain.push_str(name.trim_start_matches("Self::"));
        plain.push('`');
        rest = match behind.strip_prefix('(').and_then(|it| it.split_once(')')) {
            Some((_, behind)) => behind,
            None => behind,
        };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::without_links;

    #[test]
    fn links_between_types_become_their_names() {
        for (text, plain) in [
            ("plain", "plain"),
            ("See [`Product`]; all.", "See `Product`; all."),
            ("a [`b`](crate::c::d), e", "a `b`, e"),
            ("[`a`] and [`Self::b`] (c)", "`a` and `b` (c)"),
            ("open [`a", "open [`a"),
        ] {
            assert_eq!(without_links(text), plain);
        }
    }
}
