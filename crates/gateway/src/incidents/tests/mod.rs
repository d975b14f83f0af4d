#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::permits::Refusal;
use watchfloor_wire::priority::Severity;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::action::{Acted, ActionBody, ActionRequest, Actor, Objection, Recipient, act};
use super::*;
use crate::evaluate::tests::{PRODUCT, config};

mod leases;
mod on_call;
mod pairs;

fn desk() -> (Desk, Log) {
    let mut log = Log::default();
    let none = BTreeSet::new();
    let desk = Desk::new(&config(PRODUCT), [], 0, &none, UnixMs(0), &mut log);
    (desk, log)
}

fn alert(name: &str, severity: Severity) -> Alert {
    Alert {
        fingerprint: Fingerprint::from(name),
        product: ProductId::from("shop"),
        check: Some(CheckId::from("shop.api")),
        rule: name.to_owned(),
        severity,
        state: AlertState::Firing,
        summary: format!("{name} is wrong"),
        value: None,
        threshold: None,
        since: UnixMs(0),
        firing_since: Some(UnixMs(0)),
        runbook_url: None,
        incident: None,
        labels: BTreeMap::new(),
        owner: None,
        no_data_since: None,
        clear_since: None,
        flapping: None,
        turned_at: Vec::new(),
    }
}

fn fire(desk: &mut Desk, log: &mut Log, name: &str, severity: Severity, now: i64) -> IncidentId {
    let headline = (format!("API: {name}"), None);
    desk.fired(&alert(name, severity), headline, UnixMs(now), log)
        .unwrap()
}

fn note(text: &str) -> NoteRequest {
    NoteRequest {
        note: text.to_owned(),
    }
}

fn acknowledge(lease_ms: i64, scope: LeaseScope) -> ActionBody {
    ActionBody::Acknowledge(AcknowledgeRequest {
        note: " looking ".to_owned(),
        lease_ms,
        scope,
        offer_to: None,
        notify: None,
    })
}

fn actor(account: &str) -> Actor {
    let (name, role) = match account {
        "priya" => ("Priya Raman", Role::Operator),
        "omar" => ("Omar Haddad", Role::Operator),
        "viewer" => ("Vera", Role::Viewer),
        _ => ("Ada", Role::Admin),
    };
    Actor {
        account: account.to_owned(),
        name: name.to_owned(),
        role,
    }
}

/// What `account` does to the incident as it stands, in thought.
fn try_as(
    desk: &Desk,
    account: &str,
    id: IncidentId,
    action: ActionBody,
    now: i64,
) -> Result<Acted, Objection> {
    let incident = desk.get(id).unwrap();
    let request = ActionRequest {
        incident: id,
        if_match: incident.version,
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        actor: actor(account),
        action,
    };
    let other = request.action.other().and_then(|id| desk.get(id));
    let policy = desk.policy(&incident.product);
    act(
        incident,
        other,
        &request,
        policy,
        desk.roster(),
        UnixMs(now),
    )
}

fn do_as(desk: &mut Desk, account: &str, id: IncidentId, action: ActionBody, now: i64) -> Acted {
    let acted = try_as(desk, account, id, action, now).unwrap();
    desk.adopt(acted.incident.clone());
    acted.other.iter().for_each(|it| desk.adopt(it.clone()));
    acted
}

fn try_do(desk: &Desk, id: IncidentId, action: ActionBody, now: i64) -> Result<Acted, Objection> {
    try_as(desk, "priya", id, action, now)
}

fn perform(desk: &mut Desk, id: IncidentId, action: ActionBody, now: i64) {
    do_as(desk, "priya", id, action, now);
}

fn texts(log: &Log) -> Vec<&str> {
    log.timeline.iter().map(|it| it.text.as_str()).collect()
}

#[test]
fn an_alert_opens_an_incident_with_the_products_own_clocks() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, 1_000);
    let it = desk.get(id).unwrap();
    assert_eq!((id.0, it.version, it.priority), (1, 1, Priority::P0));
    assert_eq!(it.respond_by, UnixMs(1_000 + 15 * MINUTE_MS));
    assert_eq!(it.escalation.len(), 3);
    assert_eq!(log.audit[0].action, "incident.open");
}

#[test]
fn a_severity_without_priority_opens_none() {
    let (mut desk, mut log) = desk();
    let info = alert("a", Severity::Info);
    let none = desk.fired(&info, (String::new(), None), UnixMs(0), &mut log);
    assert_eq!(none, None);
}

#[test]
fn alerts_of_one_check_share_an_incident_and_a_rise_ends_the_lease() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(
        &mut desk,
        id,
        acknowledge(HOUR_MS, LeaseScope::Severity),
        10,
    );
    assert_eq!(desk.get(id).unwrap().answered_at, Some(UnixMs(10)));
    assert_eq!(
        fire(&mut desk, &mut log, "b", Severity::Critical, 20_000),
        id
    );
    let it = desk.get(id).unwrap();
    assert_eq!(it.status, IncidentStatus::Triggered);
    assert_eq!((it.title.as_str(), it.priority), ("API: b", Priority::P0));
    assert_eq!(it.respond_by, UnixMs(20_000 + 15 * MINUTE_MS));
    assert_eq!(it.alerts.len(), 2);
    assert!(it.lease.is_none());
    assert_eq!(it.answered_at, Some(UnixMs(10)));
}

#[test]
fn a_rise_leaves_a_lease_until_resolved_alone() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    let action = acknowledge(HOUR_MS, LeaseScope::UntilResolved);
    perform(&mut desk, id, action, 10);
    fire(&mut desk, &mut log, "b", Severity::Critical, 20);
    assert_eq!(desk.get(id).unwrap().status, IncidentStatus::Acknowledged);
}

#[test]
fn an_incident_without_alerts_resolves_after_a_minute_unless_one_comes_back() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    desk.ended(&alert("a", Severity::Warning), UnixMs(1_000), &mut log);
    desk.tick(UnixMs(60_999), &mut log);
    assert!(is_open(desk.get(id).unwrap()));
    assert_eq!(
        fire(&mut desk, &mut log, "a", Severity::Warning, 60_999),
        id
    );
    desk.tick(UnixMs(200_000), &mut log);
    assert!(is_open(desk.get(id).unwrap()));
    desk.ended(&alert("a", Severity::Warning), UnixMs(200_000), &mut log);
    desk.tick(UnixMs(260_000), &mut log);
    let it = desk.get(id).unwrap();
    assert_eq!(it.status, IncidentStatus::Resolved);
    assert_eq!(it.resolution.as_ref().unwrap().by_name, None);
    assert_ne!(
        fire(&mut desk, &mut log, "a", Severity::Warning, 260_001),
        id
    );
}

#[test]
fn a_lease_lapses_at_its_time_and_the_clock_starts_again() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(
        &mut desk,
        id,
        acknowledge(MINUTE_MS, LeaseScope::UntilResolved),
        1_000,
    );
    desk.tick(UnixMs(60_999), &mut log);
    assert_eq!(desk.get(id).unwrap().status, IncidentStatus::Acknowledged);
    desk.tick(UnixMs(61_000), &mut log);
    let it = desk.get(id).unwrap();
    assert_eq!(it.status, IncidentStatus::Triggered);
    assert_eq!(it.respond_by, UnixMs(61_000 + 4 * HOUR_MS));
    assert_eq!(texts(&log).last(), Some(&"The lease of Priya Raman lapsed"));
}

#[test]
fn each_step_is_taken_once_at_its_time() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, 0);
    for now in [0, 250, 10 * MINUTE_MS - 1, 10 * MINUTE_MS, 11 * MINUTE_MS] {
        desk.tick(UnixMs(now), &mut log);
    }
    let taken: Vec<_> = desk
        .get(id)
        .unwrap()
        .escalation
        .iter()
        .map(|step| step.taken_at)
        .collect();
    assert_eq!(taken, [Some(UnixMs(0)), Some(UnixMs(10 * MINUTE_MS)), None]);
    assert_eq!(
        texts(&log)[1..],
        ["Escalated to On-call", "Escalated to Team lead"]
    );
}

#[test]
fn after_a_pause_only_the_current_step_is_taken() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, 0);
    let action = acknowledge(30 * MINUTE_MS, LeaseScope::UntilResolved);
    perform(&mut desk, id, action, 1);
    desk.tick(UnixMs(25 * MINUTE_MS), &mut log);
    assert!(desk.get(id).unwrap().next_step().is_some());
    desk.tick(UnixMs(31 * MINUTE_MS), &mut log);
    assert_eq!(
        texts(&log)[2..],
        [
            "Passed over: On-call, it was due before",
            "Passed over: Team lead, it was due before",
            "Escalated to CTO"
        ]
    );
    assert!(desk.get(id).unwrap().next_step().is_none());
}

#[test]
fn escalating_by_hand_takes_the_next_step() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(&mut desk, id, ActionBody::Escalate(note("")), 5);
    assert!(desk.get(id).unwrap().next_step().is_none());
    perform(&mut desk, id, ActionBody::Escalate(note("")), 6);
    assert_eq!(desk.get(id).unwrap().version, 3);
}

#[test]
fn the_first_owner_stays_and_resolve_wins() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(&mut desk, id, acknowledge(HOUR_MS, LeaseScope::Severity), 1);
    let again = try_do(&desk, id, acknowledge(HOUR_MS, LeaseScope::Severity), 2);
    assert_eq!(
        again.unwrap_err(),
        Objection::Refused(Refusal::AlreadyAcknowledged)
    );
    perform(&mut desk, id, ActionBody::Resolve(note("restarted")), 3);
    let late = try_do(&desk, id, acknowledge(HOUR_MS, LeaseScope::Severity), 4);
    assert_eq!(late.unwrap_err(), Objection::Refused(Refusal::Resolved));
    let it = desk.get(id).unwrap();
    assert!(it.lease.is_none() && it.alerts.is_empty());
    assert_eq!(it.resolution.as_ref().unwrap().note, "restarted");
}

#[test]
fn a_resolved_incident_leaves_after_a_day() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(&mut desk, id, ActionBody::Resolve(note("x")), 10);
    desk.tick(UnixMs(10 + DAY_MS), &mut log);
    assert!(desk.get(id).is_some());
    desk.tick(UnixMs(11 + DAY_MS), &mut log);
    assert!(desk.get(id).is_none());
    assert_eq!(log.touched.last(), Some(&id));
}

#[test]
fn after_a_restart_alerts_without_rules_leave_and_the_minute_counts_again() {
    let (mut before, mut log) = desk();
    let id = fire(&mut before, &mut log, "a", Severity::Warning, 0);
    let stored: Vec<Incident> = before.all().cloned().collect();
    let none = BTreeSet::new();
    let mut log = Log::default();
    let now = UnixMs(5_000);
    let mut after = Desk::new(&config(PRODUCT), stored, 7, &none, now, &mut log);
    assert!(after.get(id).unwrap().alerts.is_empty());
    after.tick(UnixMs(64_999), &mut log);
    assert!(is_open(after.get(id).unwrap()));
    after.tick(UnixMs(65_000), &mut log);
    assert!(!is_open(after.get(id).unwrap()));
    let next = fire(&mut after, &mut log, "b", Severity::Warning, 70_000);
    assert_eq!(next.0, 8);
}
