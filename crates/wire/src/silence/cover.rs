//! What silences come to: whether an alert, an incident or a check is muted, and by which.

use std::collections::BTreeMap;

use crate::alert::{Alert, AlertState};
use crate::id::{CheckId, ProductId};
use crate::incident::Incident;
use crate::priority::Severity;
use crate::time::UnixMs;

use super::matcher::MatchField;
use super::{Silence, SilenceKind};

/// What a notification would be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The product's id.
    pub product: &'a str,
    /// The check's id; empty for the product as a whole.
    pub check: &'a str,
    /// The rule's name; empty when no rule is behind it.
    pub rule: &'a str,
    /// How bad it is.
    pub severity: Severity,
    /// The labels that it has by its rule, without those that every alert has.
    pub labels: &'a BTreeMap<String, String>,
    /// The incident's title; for an alert without incident, what it says.
    pub title: &'a str,
}

/// Of what has no rule, and with that no labels.
static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Subject<'a> {
    /// An alert, with the incident that it belongs to.
    #[must_use]
    pub fn of_alert(alert: &'a Alert, incident: Option<&'a Incident>) -> Self {
        Self {
            product: alert.product.as_str(),
            check: text(alert.check.as_ref()),
            rule: &alert.rule,
            severity: alert.severity,
            labels: &alert.labels,
            title: incident.map_or(&alert.summary, |it| &it.title),
        }
    }

    /// An incident as such, of which no alert fires.
    #[must_use]
    pub fn of_incident(incident: &'a Incident) -> Self {
        Self {
            product: incident.product.as_str(),
            check: text(incident.check.as_ref()),
            rule: "",
            severity: incident.severity,
            labels: &NO_LABELS,
            title: &incident.title,
        }
    }

    /// A check as such, whatever fires there.
    #[must_use]
    pub fn of_check(product: &'a ProductId, check: &'a CheckId) -> Self {
        Self {
            product: product.as_str(),
            check: check.as_str(),
            rule: "",
            severity: Severity::Info,
            labels: &NO_LABELS,
            title: "",
        }
    }

    /// The label of this name; empty when it has none.
    #[must_use]
    pub fn label(&self, name: &str) -> &'a str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

fn text(check: Option<&CheckId>) -> &str {
    check.map_or("", CheckId::as_str)
}

impl Silence {
    /// Whether all of its conditions hold for the subject, whatever the time is.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.matchers.iter().all(|it| it.matches(subject))
    }

    /// Whether it covers the check as such, whatever fires there: it names product and check alone.
    #[must_use]
    pub fn covers_check(&self, product: &ProductId, check: &CheckId) -> bool {
        let subject = Subject::of_check(product, check);
        let names_place =
            |field: MatchField| matches!(field, MatchField::Product | MatchField::Check);
        self.matchers
            .iter()
            .all(|it| names_place(it.field) && it.matches(&subject))
    }

    /// Whether it is a maintenance window that covers the check at `now`.
    #[must_use]
    pub fn maintains(&self, product: &ProductId, check: &CheckId, now: UnixMs) -> bool {
        self.kind == SilenceKind::Maintenance
            && self.is_active(now)
            && self.covers_check(product, check)
    }
}

/// The silence that mutes the subject at `now`: of several, the one that lasts longest. `None`: it is not muted.
#[must_use]
pub fn muting<'s>(
    silences: impl Iterator<Item = &'s Silence>,
    subject: &Subject<'_>,
    now: UnixMs,
) -> Option<&'s Silence> {
    let active = silences.filter(|it| it.is_active(now) && it.matches(subject));
    active.fold(None, |best: Option<&Silence>, it| match best {
        Some(best) if best.expires_at >= it.expires_at => Some(best),
        _ => Some(it),
    })
}

/// The silence that mutes the incident at `now`. Each of its firing alerts must be muted, for one that is not is
/// reason enough to tell people; it is then muted for as long as all of them are. `alerts` are at least those that
/// it lists; an incident without firing alerts is judged by itself.
#[must_use]
pub fn muting_incident<'s, 'a>(
    silences: impl Iterator<Item = &'s Silence> + Clone,
    incident: &Incident,
    alerts: impl IntoIterator<Item = &'a Alert>,
    now: UnixMs,
) -> Option<&'s Silence> {
    let mut first_to_end: Option<&Silence> = None;
    for alert in alerts {
        let fires = alert.state == AlertState::Firing;
        if !fires || !incident.alerts.contains(&alert.fingerprint) {
            continue;
        }
        let it = muting(
            silences.clone(),
            &Subject::of_alert(alert, Some(incident)),
            now,
        )?;
        if first_to_end.is_none_or(|before| it.expires_at < before.expires_at) {
            first_to_end = Some(it);
        }
    }
    first_to_end.or_else(|| muting(silences, &Subject::of_incident(incident), now))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::matcher::{MatchOperator, Matcher};
    use super::super::tests::silence;
    use super::*;

    fn alert(name: &str, rule: &str) -> Alert {
        let json = format!(
            r#"{{"fingerprint":"{name}","product":"shop","check":"shop.api","rule":"{rule}","severity":"high",
            "state":"firing","summary":"s","since":0}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn incident(alerts: &[&str]) -> Incident {
        let mut it: Incident =
            serde_json::from_str(include_str!("../../golden/entity.incident.json")).unwrap();
        it.product = ProductId::from("shop");
        it.check = Some(CheckId::from("shop.api"));
        it.alerts = alerts.iter().map(|it| (*it).into()).collect();
        it
    }

    fn by_rule(rule: &str, expires_at: i64) -> Silence {
        let matcher = Matcher::new(MatchField::Rule, MatchOperator::Is, rule);
        silence(vec![matcher], 0, expires_at)
    }

    fn until(found: Option<&Silence>) -> Option<i64> {
        found.map(|it| it.expires_at.0)
    }

    #[test]
    fn the_longest_of_several_mutes_an_alert() {
        let all = [by_rule("a", 10), by_rule("a", 30), by_rule("a", 20)];
        let it = alert("1", "a");
        let subject = Subject::of_alert(&it, None);
        assert_eq!(until(muting(all.iter(), &subject, UnixMs(5))), Some(30));
        assert_eq!(until(muting(all.iter(), &subject, UnixMs(30))), None);
    }

    #[test]
    fn an_incident_is_muted_only_while_each_of_its_alerts_is() {
        let it = incident(&["1", "2"]);
        let alerts = [alert("1", "a"), alert("2", "b"), alert("3", "c")];
        let now = UnixMs(5);
        let one = [by_rule("a", 30)];
        assert_eq!(until(muting_incident(one.iter(), &it, &alerts, now)), None);
        let both = [by_rule("a", 30), by_rule("b", 20)];
        assert_eq!(
            until(muting_incident(both.iter(), &it, &alerts, now)),
            Some(20)
        );
        assert_eq!(
            until(muting_incident(both.iter(), &it, &alerts, UnixMs(20))),
            None
        );
    }

    #[test]
    fn labels_mute_an_incident_as_every_other_field_does() {
        let labelled = |name: &str, team: Option<&str>| {
            let mut it = alert(name, "a");
            it.labels
                .extend(team.map(|team| ("team".to_owned(), team.to_owned())));
            it
        };
        let by_team = |operator, team, expires_at| {
            silence(
                vec![Matcher::of_label("team", operator, team)],
                0,
                expires_at,
            )
        };
        use MatchOperator::{Is, IsNot};
        let core = [by_team(Is, "core", 30)];
        let both = [by_team(Is, "core", 30), by_team(Is, "data", 20)];
        let others = [by_team(IsNot, "core", 10)];
        type Case<'c> = (&'c [Silence], &'c [Option<&'c str>], Option<i64>);
        let cases: [Case<'_>; 7] = [
            (&core, &[Some("core")], Some(30)),
            (&core, &[Some("core"), Some("data")], None),
            (&core, &[Some("core"), None], None),
            (&both, &[Some("core"), Some("data")], Some(20)),
            // Where there is no such label it is empty, which is another text.
            (&others, &[None, Some("data")], Some(10)),
            (&core, &[], None),
            (&others, &[], Some(10)),
        ];
        for (silences, teams, expected) in cases {
            let names: Vec<String> = (0..teams.len()).map(|it| it.to_string()).collect();
            let alerts = names
                .iter()
                .zip(teams)
                .map(|(it, team)| labelled(it, *team));
            let alerts: Vec<Alert> = alerts.collect();
            let it = incident(&names.iter().map(String::as_str).collect::<Vec<_>>());
            let found = muting_incident(silences.iter(), &it, &alerts, UnixMs(5));
            assert_eq!(until(found), expected, "{teams:?}");
        }
    }

    #[test]
    fn without_firing_alerts_an_incident_is_judged_by_itself() {
        let it = incident(&[]);
        let alerts: [Alert; 0] = [];
        let check = Matcher::new(MatchField::Check, MatchOperator::Is, "shop.api");
        let all = [silence(vec![check], 0, 10)];
        assert_eq!(
            until(muting_incident(all.iter(), &it, &alerts, UnixMs(0))),
            Some(10)
        );
        assert_eq!(
            until(muting_incident(
                [by_rule("a", 9)].iter(),
                &it,
                &alerts,
                UnixMs(0)
            )),
            None
        );
    }

    #[test]
    fn a_check_is_covered_by_what_names_nothing_narrower() {
        let (product, check) = (ProductId::from("shop"), CheckId::from("shop.api"));
        let place = Matcher::new(MatchField::Check, MatchOperator::Matches, "shop.*");
        let rule = Matcher::new(MatchField::Rule, MatchOperator::IsNot, "a");
        assert!(silence(vec![place.clone()], 0, 1).covers_check(&product, &check));
        assert!(silence(Vec::new(), 0, 1).covers_check(&product, &check));
        assert!(!silence(vec![place.clone(), rule], 0, 1).covers_check(&product, &check));
        let label = Matcher::of_label("team", MatchOperator::IsNot, "core");
        assert!(!silence(vec![place, label], 0, 1).covers_check(&product, &check));
        let mut window = silence(Vec::new(), 0, 10);
        assert!(!window.maintains(&product, &check, UnixMs(5)));
        window.kind = SilenceKind::Maintenance;
        assert!(window.maintains(&product, &check, UnixMs(5)));
        assert!(!window.maintains(&product, &check, UnixMs(10)));
    }
}
