//! The filter as it is asked for. Pure.

use watchfloor_wire::problem::FieldProblem;

use crate::route::{AuditFilter, AuditPart, encode};
use crate::ui::instant_of;

/// What is asked of the gateway, or what is wrong with the filter.
pub(super) type Asked = Result<String, FieldProblem>;

/// The filter's query without question mark, with instants as the API takes them.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn query(filter: &AuditFilter) -> Asked {
    let instant = |part, field: &str| {
        let written = filter.part(part);
        let at = instant_of(written);
        if at.is_none() && !written.is_empty() {
            return Err(FieldProblem::new(field, "Enter a day and a time in UTC."));
        }
        Ok(at)
    };
    let (from, to) = (
        instant(AuditPart::From, "from")?,
        instant(AuditPart::To, "to")?,
    );
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(FieldProblem::new("to", "It must be later than “From”."));
    }
    let mut parts = Vec::new();
    for (name, value) in filter.named() {
        let value = match name {
            "from" => from.map_or_else(String::new, |it| it.0.to_string()),
            "to" => to.map_or_else(String::new, |it| it.0.to_string()),
            _ => encode(value),
        };
        parts.push(format!("{name}={value}"));
    }
    Ok(parts.join("&"))
}

/// Where the rows that are asked for lie as a file: `csv` or `ndjson`.
pub(super) fn export_address(query: &str, format: &str) -> String {
    let joint = if query.is_empty() { "" } else { "&" };
    format!("/api/monitoring/audit/export?{query}{joint}format={format}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(parts: &[(AuditPart, &str)]) -> AuditFilter {
        parts
            .iter()
            .fold(AuditFilter::default(), |it, (part, value)| {
                it.with(*part, value)
            })
    }

    #[test]
    fn instants_are_asked_for_in_milliseconds_and_texts_are_encoded() {
        let asked = query(&filter(&[
            (AuditPart::Actor, "ines & co"),
            (AuditPart::Subject, "incident/12"),
            (AuditPart::From, "2026-11-27T06:30"),
        ]));
        let expected = "actor=ines%20%26%20co&subject=incident%2F12&from=1795761000000";
        assert_eq!(asked, Ok(expected.to_owned()));
        assert_eq!(query(&AuditFilter::default()), Ok(String::new()));
    }

    #[test]
    fn what_is_wrong_is_said_of_its_field() {
        for (parts, field) in [
            (vec![(AuditPart::From, "yesterday")], "from"),
            (vec![(AuditPart::To, "2026-13-01T10:00")], "to"),
            (
                vec![
                    (AuditPart::From, "2026-11-28T15:00"),
                    (AuditPart::To, "2026-11-28T15:00"),
                ],
                "to",
            ),
        ] {
            assert_eq!(
                query(&filter(&parts)).err().map(|it| it.field).as_deref(),
                Some(field)
            );
        }
    }

    #[test]
    fn a_file_holds_what_the_filter_means() {
        assert_eq!(
            export_address("", "csv"),
            "/api/monitoring/audit/export?format=csv"
        );
        assert_eq!(
            export_address("actor=ines", "ndjson"),
            "/api/monitoring/audit/export?actor=ines&format=ndjson"
        );
    }
}
