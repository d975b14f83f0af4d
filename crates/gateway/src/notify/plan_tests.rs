#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use watchfloor_wire::incident::{Lease, LeaseScope, Resolution};
use watchfloor_wire::priority::Severity;

use super::*;
use crate::store::suite;

/// Facts about an incident of this number.
pub(crate) fn facts(id: u64) -> Facts {
    Facts {
        incident: IncidentId(id),
        version: 3,
        product: ProductId::from("shop"),
        product_name: "Shop".to_owned(),
        title: "Database pool is full".to_owned(),
        priority: Priority::P1,
        severity: Severity::High,
        step: Some("Team lead".to_owned()),
        contact: "lead@example.com".to_owned(),
        by_name: None,
        note: String::new(),
        opened_at: UnixMs(1_763_683_200_000),
        respond_by: UnixMs(1_763_686_800_000),
        at: UnixMs(1_763_683_260_000),
        runbook_url: None,
    }
}

const PRODUCT: &str = r#"
id = "shop"
name = "Shop"
[response.P1]
respond_within = "1h"
channels = ["slack"]
escalation = [
  { after = "0s", name = "On-call", contact = "oncall@example.com", channels = ["slack", "mail"] },
  { after = "10m", name = "Team lead", contact = "lead@example.com" },
  { after = "20m", name = "CTO", channels = ["pager"] },
]
[response.P2]
respond_within = "4h"
channels = ["slack"]
tell = ["opened", "acknowledged"]
escalation = [{ after = "0s", name = "On-call" }]
"#;

fn planner(stored: Option<&Incident>) -> Planner {
    let config = Config {
        gateway: toml::from_str("products = []").unwrap(),
        products: vec![toml::from_str(PRODUCT).unwrap()],
    };
    Planner::new(&config, stored.cloned())
}

fn incident(priority: Priority) -> Incident {
    let product: crate::config::ProductConfig = toml::from_str(PRODUCT).unwrap();
    let opened_at = UnixMs(10);
    Incident {
        product: ProductId::from("shop"),
        priority,
        opened_at,
        escalation: crate::incidents::policy::ladder(Some(&product), priority, opened_at),
        ..suite::incident(4, None)
    }
}

fn taken(mut incident: Incident, places: &[usize], at: i64) -> Incident {
    for place in places {
        incident.escalation[*place].taken_at = Some(UnixMs(at));
    }
    incident.version += 1;
    incident
}

fn with_status(mut incident: Incident, status: IncidentStatus) -> Incident {
    incident.status = status;
    incident.version += 1;
    incident.lease = (status == IncidentStatus::Acknowledged).then(|| Lease {
        offer: None,
        undo: None,
        owner: "priya".to_owned(),
        owner_name: "Priya Raman".to_owned(),
        note: String::new(),
        since: UnixMs(20),
        until: UnixMs(2_000),
        scope: LeaseScope::Severity,
    });
    incident.resolution = (status == IncidentStatus::Resolved).then(|| Resolution {
        merged_into: None,
        at: UnixMs(30),
        by_name: None,
        note: String::new(),
    });
    incident
}

fn told(before: Option<&Incident>, after: &Incident) -> Vec<String> {
    told_as(before, after, None)
}

fn told_as(before: Option<&Incident>, after: &Incident, notify: Option<bool>) -> Vec<String> {
    let by = By {
        name: "Priya Raman",
        note: "restarted it",
        notify,
    };
    let rows = planner(before).plan(after, Some(&by), UnixMs(40));
    rows.into_iter()
        .map(|it| match it {
            OutboxChange::Add(row) => {
                let facts = row.facts.unwrap();
                let step = facts.step.unwrap_or_default();
                format!("{} {step} {}", row.kind.slug(), row.channel)
            }
            OutboxChange::Move { .. } => panic!("planning only adds"),
        })
        .collect()
}

#[test]
fn an_opening_tells_the_channels_of_its_priority() {
    let opened = incident(Priority::P1);
    assert_eq!(told(None, &opened), ["opened  slack"]);
    let rows = planner(None).plan(&opened, None, UnixMs(40));
    let OutboxChange::Add(row) = &rows[0] else {
        panic!("{rows:?}")
    };
    assert_eq!(row.id, "inc-4-1-opened-slack");
    assert_eq!(rows, planner(None).plan(&opened, None, UnixMs(40)));
    assert_eq!(told(Some(&opened), &opened), [""; 0]);
}

#[test]
fn a_step_tells_its_own_channels_or_those_of_the_priority() {
    let opened = incident(Priority::P1);
    let first = taken(opened.clone(), &[0], 20);
    // Slack heard of the opening in the same moment.
    assert_eq!(told(Some(&opened), &first), ["escalated On-call mail"]);
    let second = taken(first.clone(), &[1], 600_020);
    assert_eq!(told(Some(&first), &second), ["escalated Team lead slack"]);
    let third = taken(second.clone(), &[2], 1_200_020);
    assert_eq!(told(Some(&second), &third), ["escalated CTO pager"]);
}

#[test]
fn steps_that_were_passed_over_tell_nobody() {
    let opened = incident(Priority::P1);
    let late = taken(opened.clone(), &[0, 1, 2], 2_000_000);
    assert_eq!(told(Some(&opened), &late), ["escalated CTO pager"]);
}

#[test]
fn whoever_was_asked_hears_how_it_goes_on() {
    let stepped = taken(incident(Priority::P1), &[0, 2], 20);
    let acknowledged = with_status(stepped.clone(), IncidentStatus::Acknowledged);
    assert_eq!(told(Some(&stepped), &acknowledged), [""; 0]);
    let again = with_status(acknowledged.clone(), IncidentStatus::Triggered);
    assert_eq!(
        told(Some(&acknowledged), &again),
        [
            "triggered_again  slack",
            "triggered_again  mail",
            "triggered_again  pager"
        ]
    );
    let over = with_status(acknowledged.clone(), IncidentStatus::Resolved);
    assert_eq!(
        told(Some(&acknowledged), &over),
        ["resolved  slack", "resolved  mail", "resolved  pager"]
    );
    assert_eq!(told(None, &over), [""; 0]);
}

#[test]
fn a_rise_is_told_once_and_with_the_new_priority() {
    let before = with_status(incident(Priority::P2), IncidentStatus::Acknowledged);
    let mut after = with_status(incident(Priority::P1), IncidentStatus::Triggered);
    after.severity = Severity::Critical;
    assert_eq!(told(Some(&before), &after), ["raised  slack"]);
}

#[test]
fn a_policy_says_what_is_told() {
    let opened = incident(Priority::P2);
    let acknowledged = with_status(opened.clone(), IncidentStatus::Acknowledged);
    assert_eq!(told(Some(&opened), &acknowledged), ["acknowledged  slack"]);
    let over = with_status(opened.clone(), IncidentStatus::Resolved);
    assert_eq!(told(Some(&opened), &over), [""; 0]);
    let stepped = taken(opened.clone(), &[0], 20);
    assert_eq!(told(Some(&opened), &stepped), [""; 0]);
}

#[test]
fn products_and_priorities_without_channels_tell_nobody() {
    let mut other = incident(Priority::P1);
    other.product = ProductId::from("other");
    assert_eq!(told(None, &other), [""; 0]);
    other = incident(Priority::P3);
    assert_eq!(told(None, &other), [""; 0]);
}

#[test]
fn who_did_it_is_told_of_people_only() {
    let opened = incident(Priority::P1);
    let over = with_status(opened.clone(), IncidentStatus::Resolved);
    let by = By {
        name: "Priya Raman",
        note: "restarted it",
        notify: None,
    };
    for (by, expected) in [(Some(&by), Some("Priya Raman")), (None, None)] {
        let rows = planner(Some(&opened)).plan(&over, by, UnixMs(40));
        let OutboxChange::Add(row) = &rows[0] else {
            panic!("{rows:?}")
        };
        let facts = row.facts.as_ref().unwrap();
        assert_eq!(facts.by_name.as_deref(), expected);
    }
}

#[test]
fn who_takes_an_incident_chooses_whether_channels_hear_of_it_and_of_nothing_else() {
    let opened = incident(Priority::P1);
    let taken = with_status(opened.clone(), IncidentStatus::Acknowledged);
    let by_policy = told_as(Some(&opened), &taken, None);
    let told = told_as(Some(&opened), &taken, Some(true));
    assert_eq!(told, ["acknowledged  slack"]);
    assert_eq!(told_as(Some(&opened), &taken, Some(false)), [""; 0]);
    assert!(by_policy == told || by_policy.is_empty());
    let over = with_status(opened.clone(), IncidentStatus::Resolved);
    assert_eq!(
        told_as(Some(&taken), &over, Some(false)),
        told_as(Some(&taken), &over, None)
    );
}
