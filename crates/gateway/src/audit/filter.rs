//! Which rows are meant. Pure.

use watchfloor_wire::id::IncidentId;
use watchfloor_wire::silence::SilenceId;
use watchfloor_wire::time::UnixMs;

use crate::change::AuditRow;

/// Which rows are meant; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this account's.
    pub actor: Option<String>,
    /// Only this action, `incident.resolve`, or all of a family, `incident`.
    pub action: Option<String>,
    /// Only what was done to this, `incident/12`, or to all of a kind, `incident`.
    pub subject: Option<String>,
    /// Only from this instant on.
    pub from: Option<UnixMs>,
    /// Only before this instant.
    pub to: Option<UnixMs>,
}

impl AuditFilter {
    /// Whether a row is meant.
    #[must_use]
    pub fn admits(&self, it: &AuditRow) -> bool {
        let is = |wanted: &Option<String>, found: &str, joint: char| {
            wanted
                .as_ref()
                .is_none_or(|wanted| within(wanted, found, joint))
        };
        self.actor.as_ref().is_none_or(|wanted| *wanted == it.actor)
            && is(&self.action, &it.action, '.')
            && is(&self.subject, &it.subject, '/')
            && self.from.is_none_or(|from| it.at >= from)
            && self.to.is_none_or(|to| it.at < to)
    }
}

/// Whether `found` is `wanted`, or a part of it: what follows begins with the joint.
fn within(wanted: &str, found: &str, joint: char) -> bool {
    found
        .strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(joint))
}

/// A subject as the audit writes it: people write `INC-12` and `SIL-7` as they read them elsewhere.
#[must_use]
pub fn subject(written: &str) -> String {
    let written = written.trim();
    let named = |prefix: &str| {
        let head = written.get(..prefix.len());
        head.is_some_and(|it| it.eq_ignore_ascii_case(prefix))
    };
    let incident = named("INC-").then(|| IncidentId::parse(&written.to_ascii_uppercase()));
    let silence = named("SIL-").then(|| SilenceId::parse(&written.to_ascii_uppercase()));
    match (incident.flatten(), silence.flatten()) {
        (Some(id), _) => format!("incident/{}", id.0),
        (_, Some(id)) => format!("silence/{}", id.0),
        _ => written.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(actor: &str, action: &str, subject: &str, at: i64) -> AuditRow {
        AuditRow {
            at: UnixMs(at),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: "{}".to_owned(),
        }
    }

    fn filter(part: &str, value: &str) -> AuditFilter {
        let text = || Some(value.to_owned());
        let at = || value.parse().ok().map(UnixMs);
        let mut filter = AuditFilter::default();
        match part {
            "actor" => filter.actor = text(),
            "action" => filter.action = text(),
            "subject" => filter.subject = text(),
            "from" => filter.from = at(),
            _ => filter.to = at(),
        }
        filter
    }

    #[test]
    fn each_part_of_a_filter_narrows_it() {
        let it = row("ines", "incident.resolve", "incident/12", 100);
        assert!(AuditFilter::default().admits(&it));
        for (part, value, fits) in [
            ("actor", "ines", true),
            ("actor", "ine", false),
            ("action", "incident", true),
            ("action", "incident.resolve", true),
            ("action", "incident.res", false),
            ("subject", "incident/12", true),
            ("subject", "incident", true),
            ("subject", "incident/1", false),
            ("from", "100", true),
            ("from", "101", false),
            ("to", "101", true),
            ("to", "100", false),
        ] {
            assert_eq!(filter(part, value).admits(&it), fits, "{part} {value}");
        }
        let both = AuditFilter {
            action: Some("silence".to_owned()),
            ..filter("actor", "ines")
        };
        assert!(!both.admits(&it));
    }

    #[test]
    fn a_subject_can_be_written_as_it_is_read_elsewhere() {
        for (written, expected) in [
            ("INC-2041", "incident/2041"),
            (" inc-7 ", "incident/7"),
            ("SIL-3", "silence/3"),
            ("incident/2041", "incident/2041"),
            ("INC-x", "INC-x"),
            ("", ""),
            ("ä", "ä"),
        ] {
            assert_eq!(subject(written), expected, "{written}");
        }
    }
}
