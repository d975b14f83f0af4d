//! What happened to an incident while somebody was writing about it: told before they send. Pure.

use watchfloor_wire::incident::Incident;

/// What of the change since `seen` matters to whoever is about to act, in a sentence; `None` when nothing does. A
/// comment or another reading changes nothing about the decision.
#[must_use]
pub fn since(seen: &Incident, now: &Incident) -> Option<String> {
    if now.version == seen.version {
        return None;
    }
    let what = if now.priority < seen.priority {
        format!("severity rose to {}", now.priority)
    } else if now.severity < seen.severity {
        format!("severity rose to {}", now.severity.word())
    } else if now.priority != seen.priority {
        format!("priority is {} now", now.priority)
    } else if now.title != seen.title {
        "it is about something else now".to_owned()
    } else if let Some(name) = new_owner(seen, now) {
        format!("{name} had it meanwhile")
    } else {
        let more = now
            .alerts
            .iter()
            .filter(|it| !seen.alerts.contains(it))
            .count();
        match more {
            0 => return None,
            1 => "another alert joined it".to_owned(),
            more => format!("{more} more alerts joined it"),
        }
    };
    Some(format!(
        "Changed since you opened it: {what}. Look, then confirm."
    ))
}

/// Who has it now, when that is somebody else than before.
fn new_owner<'a>(seen: &Incident, now: &'a Incident) -> Option<&'a str> {
    let (before, after) = (seen.lease.as_ref(), now.lease.as_ref()?);
    let is_new = before.is_none_or(|it| it.owner != after.owner);
    is_new.then_some(after.owner_name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::{held, incident};
    use watchfloor_wire::id::Fingerprint;
    use watchfloor_wire::priority::Severity;

    fn changed(change: impl FnOnce(&mut Incident)) -> Option<String> {
        let seen = incident(1, "P2");
        let mut now = seen.clone();
        now.version += 1;
        change(&mut now);
        since(&seen, &now)
    }

    #[test]
    fn a_rise_is_told_first_and_with_the_priority_that_it_made() {
        let words = changed(|it| {
            it.priority = watchfloor_wire::priority::Priority::P1;
            it.severity = Severity::Critical;
            it.title = "Other".to_owned();
        });
        assert_eq!(
            words.as_deref(),
            Some("Changed since you opened it: severity rose to P1. Look, then confirm.")
        );
        let words = changed(|it| it.severity = Severity::Critical).unwrap_or_default();
        assert!(words.contains("severity rose to critical"), "{words}");
    }

    #[test]
    fn a_comment_and_an_alert_that_ended_change_no_decision() {
        assert_eq!(changed(|_| ()), None);
        let mut seen = incident(1, "P2");
        seen.alerts = vec![Fingerprint::from("a")];
        let mut now = seen.clone();
        now.version += 1;
        now.alerts.clear();
        assert_eq!(since(&seen, &now), None);
    }

    #[test]
    fn what_joined_and_who_had_it_is_told() {
        let words = changed(|it| it.alerts = vec![Fingerprint::from("a"), Fingerprint::from("b")]);
        assert!(
            words
                .unwrap_or_default()
                .contains("2 more alerts joined it")
        );
        let mut now = held(1, "P2");
        now.version += 1;
        let words = since(&incident(1, "P2"), &now).unwrap_or_default();
        assert!(words.contains("Priya Raman had it meanwhile"), "{words}");
    }
}
