//! One row. What stands in it was written by people and products, so it is text and nothing else, each part in a line
//! of its own direction.

use leptos::prelude::*;
use watchfloor_wire::audit::{AuditChange, AuditEntry, AuditFact};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::time::UnixMs;

use crate::route::{AuditFilter, AuditPart, Link, Route};
use crate::ui::{date, second_of_day};

/// A row; opened, it says everything.
#[component]
pub(super) fn Row(
    /// The row.
    entry: AuditEntry,
) -> impl IntoView {
    let brief = brief(&entry);
    let at = entry.at;
    let (actor, action) = (entry.actor.clone(), words(&entry.action));
    let subject = subject(&entry.subject);
    let row = entry.row;
    view! {
        <li class="mon-audit-item">
            <details data-audit-row=row>
                <summary class="mon-audit-row" data-row="">
                    <span class="mon-audit-number">{row}</span>
                    <time class="mon-audit-at">{date(at)}" "{second_of_day(at)}</time>
                    <bdi class="mon-audit-actor">{actor}</bdi>
                    <bdi class="mon-audit-action">{action}</bdi>
                    <bdi class="mon-audit-subject">{subject}</bdi>
                    <bdi class="mon-audit-brief">{brief}</bdi>
                </summary>
                <Detail entry=entry/>
            </details>
        </li>
    }
}

#[component]
fn Detail(entry: AuditEntry) -> impl IntoView {
    let incident = incident(&entry.subject);
    let only =
        |part: AuditPart, value: &str| Route::Audit(AuditFilter::default().with(part, value));
    let same_subject = only(AuditPart::Subject, &entry.subject);
    let same_actor = only(AuditPart::Actor, &entry.actor);
    view! {
        <div class="mon-audit-detail">
            {(!entry.changes.is_empty()).then(|| changes(entry.changes))}
            {(!entry.facts.is_empty()).then(|| facts(entry.facts))}
            <p class="mon-audit-hash"><span class="mon-meta">"SHA-256 "</span>{entry.hash}</p>
            <p class="mon-audit-links">
                {incident.map(|id| view! { <Link to=Route::Incident(id)>{format!("Open {id}")}</Link> })}
                <Link to=same_subject>"Only what was done to this"</Link>
                <Link to=same_actor>"Only what this account did"</Link>
            </p>
        </div>
    }
}

fn changes(changes: Vec<AuditChange>) -> AnyView {
    let side = |field: &str, value: Option<String>| match value {
        Some(value) => view! { <bdi>{shown(field, &value)}</bdi> }.into_any(),
        None => view! { <span class="mon-audit-nothing">"nothing"</span> }.into_any(),
    };
    let rows = changes.into_iter().map(|it| {
        let (before, after) = (side(&it.field, it.before), side(&it.field, it.after));
        view! {
            <tr>
                <th scope="row">{it.field}</th>
                <td>{before}</td>
                <td>{after}</td>
            </tr>
        }
    });
    view! {
        <table class="mon-audit-changes">
            <thead><tr><th scope="col">"Changed"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn facts(facts: Vec<AuditFact>) -> AnyView {
    let all = facts.into_iter().map(|it| {
        let value = shown(&it.name, &it.value);
        view! { <dt>{it.name}</dt> <dd><bdi>{value}</bdi></dd> }
    });
    view! { <dl class="mon-audit-facts">{all.collect_view()}</dl> }.into_any()
}

/// What people read at a glance: what it changed, or what it made; what was told where; and what was written.
fn brief(entry: &AuditEntry) -> String {
    let is_made = entry.changes.iter().all(|it| it.before.is_none());
    let side = |field: &str, value: &Option<String>| {
        let value = value.as_ref().map(|it| shown(field, it));
        value.unwrap_or_else(|| "nothing".to_owned())
    };
    let told = entry.changes.iter().filter(|it| it.field != "version");
    let mut parts: Vec<String> = told
        .map(|it| {
            let (name, after) = (words(&it.field), side(&it.field, &it.after));
            if is_made {
                return format!("{name} {after}");
            }
            format!("{name} {} → {after}", side(&it.field, &it.before))
        })
        .collect();
    let told = entry.facts.iter();
    let told = told.filter(|it| matches!(it.name.as_str(), "kind" | "channel" | "reason"));
    parts.extend(told.map(|it| it.value.clone()));
    let notes = entry.facts.iter().filter(|it| it.name == "note");
    parts.extend(notes.map(|it| format!("“{}”", it.value)));
    parts.join(" · ")
}

/// A value as people read it: instants are dates.
fn shown(field: &str, value: &str) -> String {
    let is_instant = field.ends_with("until") || field.ends_with("_at");
    match value.parse() {
        Ok(ms) if is_instant => {
            let at = UnixMs(ms);
            format!("{} {} UTC", date(at), second_of_day(at))
        }
        _ => value.to_owned(),
    }
}

/// `incident.lease_ended` as `incident lease ended`.
fn words(action: &str) -> String {
    action.replace(['.', '_'], " ")
}

fn incident(subject: &str) -> Option<IncidentId> {
    subject
        .strip_prefix("incident/")
        .and_then(IncidentId::parse)
}

/// `incident/12` as `INC-12`, `silence/7` as `SIL-7`, `override/7` as `OVR-7`; anything else as it is.
fn subject(subject: &str) -> String {
    if let Some(id) = incident(subject) {
        return id.to_string();
    }
    for (family, short) in [("silence/", "SIL-"), ("override/", "OVR-")] {
        if let Some(number) = subject.strip_prefix(family) {
            return format!("{short}{number}");
        }
    }
    subject.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_tells_what_changed_and_what_was_written() {
        let change = |field: &str, before: Option<&str>, after: Option<&str>| AuditChange {
            field: field.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let entry = AuditEntry {
            row: 7,
            at: UnixMs(0),
            actor: "ines".to_owned(),
            action: "incident.acknowledge".to_owned(),
            subject: "incident/12".to_owned(),
            changes: vec![
                change("owner", None, Some("ines")),
                change("version", Some("1"), Some("2")),
            ],
            facts: vec![AuditFact {
                name: "note".to_owned(),
                value: "mine".to_owned(),
            }],
            hash: String::new(),
        };
        assert_eq!(brief(&entry), "owner nothing → ines · “mine”");
        let fact = |name: &str, value: &str| AuditFact {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let made = AuditEntry {
            changes: vec![
                change("ends_at", None, Some("1794925928000")),
                change("person", None, Some("mei")),
            ],
            facts: Vec::new(),
            ..entry.clone()
        };
        assert_eq!(
            brief(&made),
            "ends at 17 Nov 2026 14:32:08 UTC · person mei"
        );
        let told = AuditEntry {
            changes: Vec::new(),
            facts: vec![
                fact("attempts", "1"),
                fact("channel", "mail"),
                fact("kind", "opened"),
            ],
            ..entry
        };
        assert_eq!(brief(&told), "mail · opened");
        assert_eq!(words("incident.lease_ended"), "incident lease ended");
    }

    #[test]
    fn instants_are_dates_and_other_numbers_are_numbers() {
        assert_eq!(shown("until", "1794925928000"), "17 Nov 2026 14:32:08 UTC");
        assert_eq!(
            shown("expires_at", "1794925928000"),
            "17 Nov 2026 14:32:08 UTC"
        );
        assert_eq!(
            shown("turns_until", "1794925928000"),
            "17 Nov 2026 14:32:08 UTC"
        );
        assert_eq!(shown("version", "7"), "7");
        assert_eq!(shown("started_at", "soon"), "soon");
    }

    #[test]
    fn subjects_are_called_as_elsewhere() {
        for (written, shown) in [
            ("incident/12", "INC-12"),
            ("silence/7", "SIL-7"),
            ("override/7", "OVR-7"),
            ("account/ines", "account/ines"),
            ("incident/x", "incident/x"),
        ] {
            assert_eq!(subject(written), shown);
        }
    }
}
