//! A row of the audit as people read it.

use serde_json::Value;
use watchfloor_wire::audit::{AuditChange, AuditEntry, AuditFact};

use crate::store::audit::ChainedRow;

/// The row with its detail taken apart.
#[must_use]
pub fn entry(row: &ChainedRow) -> AuditEntry {
    let it = &row.it;
    let (changes, facts) = taken_apart(&it.detail);
    AuditEntry {
        row: u64::try_from(row.row).unwrap_or(0),
        at: it.at,
        actor: it.actor.clone(),
        action: it.action.clone(),
        subject: it.subject.clone(),
        changes,
        facts,
        hash: row.hash.clone(),
    }
}

/// What a row's detail says, taken apart: what it changed, and what else there is. A pair `[before, after]` under one
/// name is a change, and so is what differs between the objects `before` and `after`. What is no JSON object is one
/// fact, word for word.
fn taken_apart(detail: &str) -> (Vec<AuditChange>, Vec<AuditFact>) {
    let Ok(Value::Object(members)) = serde_json::from_str(detail) else {
        let value = detail.to_owned();
        return (Vec::new(), vec![fact("detail", value)]);
    };
    let mut changes = Vec::new();
    let mut facts = Vec::new();
    if members.contains_key("after") {
        changes = differences(members.get("before"), members.get("after"));
    }
    for (name, value) in &members {
        match value {
            Value::Array(pair) if pair.len() == 2 => {
                if pair[0] != pair[1] {
                    changes.push(change(name, pair.first(), pair.get(1)));
                }
            }
            Value::Object(_) if name == "before" || name == "after" => {}
            Value::Null => {}
            other => facts.extend(text(Some(other)).map(|value| fact(name, value))),
        }
    }
    changes.sort_by(|one, other| one.field.cmp(&other.field));
    (changes, facts)
}

fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<AuditChange> {
    let nothing = serde_json::Map::new();
    let members = |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned();
    let before = members(before).unwrap_or_else(|| nothing.clone());
    let after = members(after).unwrap_or(nothing);
    let names = before
        .keys()
        .chain(after.keys().filter(|it| !before.contains_key(*it)));
    names
        .filter(|name| text(before.get(*name)) != text(after.get(*name)))
        .map(|name| change(name, before.get(name), after.get(name)))
        .collect()
}

fn change(field: &str, before: Option<&Value>, after: Option<&Value>) -> AuditChange {
    AuditChange {
        field: field.to_owned(),
        before: text(before),
        after: text(after),
    }
}

fn fact(name: &str, value: String) -> AuditFact {
    AuditFact {
        name: name.to_owned(),
        value,
    }
}

/// A value for people; `None` for what is nothing.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(detail: &str) -> (Vec<String>, Vec<String>) {
        let (changes, facts) = taken_apart(detail);
        let or_nothing = |it: Option<String>| it.unwrap_or_else(|| "-".to_owned());
        (
            changes
                .into_iter()
                .map(|it| {
                    format!(
                        "{}: {} > {}",
                        it.field,
                        or_nothing(it.before),
                        or_nothing(it.after)
                    )
                })
                .collect(),
            facts
                .into_iter()
                .map(|it| format!("{}={}", it.name, it.value))
                .collect(),
        )
    }

    #[test]
    fn a_pair_is_a_change_and_equal_ones_are_none() {
        let detail = r#"{"status":["triggered","acknowledged"],"version":[3,3],"owner":[null,"ines"],"note":"mine"}"#;
        let (changes, facts) = shown(detail);
        assert_eq!(
            changes,
            ["owner: - > ines", "status: triggered > acknowledged"]
        );
        assert_eq!(facts, ["note=mine"]);
    }

    #[test]
    fn what_differs_between_before_and_after_is_a_change() {
        let detail = r#"{"before":{"reason":"a","expires_at":5},"after":{"reason":"b","expires_at":5},"note":""}"#;
        assert_eq!(
            shown(detail),
            (vec!["reason: a > b".to_owned()], Vec::new())
        );
        let made =
            r#"{"before":null,"after":{"reason":"b","ended_at":null,"matchers":["product=shop"]}}"#;
        let (changes, facts) = shown(made);
        assert_eq!(
            changes,
            [r#"matchers: - > ["product=shop"]"#, "reason: - > b"]
        );
        assert!(facts.is_empty());
    }

    #[test]
    fn what_cannot_be_taken_apart_is_shown_as_it_is() {
        for detail in ["", "not JSON", "[1]", "7"] {
            assert_eq!(
                shown(detail),
                (Vec::new(), vec![format!("detail={detail}")])
            );
        }
    }
}
