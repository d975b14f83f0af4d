//! Steps that name a rotation: whoever is on call as the step is taken.

use lettre::message::Mailbox;
use watchfloor_wire::incident::EscalationStep;
use watchfloor_wire::on_call::{Override, OverrideId};

use super::*;
use crate::config::GatewayConfig;

/// Priya and Omar by turns of a day each, from 1970 on; the ladder of critical alerts asks whoever is on call at once
/// and the team lead after ten minutes.
fn desk() -> (Desk, Log) {
    let text = PRODUCT.replace(
        "{ after = \"0s\", name = \"On-call\" }",
        "{ after = \"0s\", name = \"On-call\", on_call = \"primary\" }",
    );
    assert!(text.contains("on_call"), "the ladder is another one");
    let mut config = config(&text);
    let people = "[[person]]\nid = \"priya\"\nname = \"Priya Raman\"\ncontact = \"priya@example.com\"\n[[person]]\nid = \"omar\"\nname = \"Omar Haddad\"\ncontact = \"+49 30 1234567\"\n[[person]]\nid = \"tomas\"\nname = \"Tomás Ferreira\"\n";
    let rotation = "[[rotation]]\nid = \"primary\"\nname = \"Primary\"\npeople = [\"priya\", \"omar\"]\nturn = \"1d\"\nfrom = \"1970-01-01T00:00\"\n";
    let gateway: GatewayConfig =
        toml::from_str(&format!("products = []\n{people}{rotation}")).unwrap();
    config.gateway.people = gateway.people;
    config.gateway.rotations = gateway.rotations;
    let mut log = Log::default();
    let desk = Desk::new(&config, [], 0, &BTreeSet::new(), UnixMs(0), &mut log);
    (desk, log)
}

fn taken(it: &Incident) -> Vec<(&str, &str, i64)> {
    let steps = it.escalation.iter();
    steps
        .filter_map(|step| Some((step.name.as_str(), step.contact.as_str(), step.taken_at?.0)))
        .collect()
}

#[test]
fn a_step_names_whoever_is_on_call_as_it_is_taken() {
    let (mut desk, mut log) = desk();
    let midnight = DAY_MS;
    // Opened in her turn, taken in his.
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, midnight - 1);
    let step = &desk.get(id).unwrap().escalation[0];
    assert_eq!(
        (step.contact.as_str(), step.on_call.as_deref()),
        ("", Some("primary"))
    );
    desk.tick(UnixMs(midnight), &mut log);
    assert_eq!(
        taken(desk.get(id).unwrap()),
        [("On-call", "Omar Haddad, +49 30 1234567", midnight)]
    );
    assert_eq!(
        texts(&log).last(),
        Some(&"Escalated to On-call: Omar Haddad is on call")
    );
}

#[test]
fn a_step_that_a_person_takes_names_whoever_is_on_call() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, 0);
    let acted = do_as(&mut desk, "priya", id, ActionBody::Escalate(note("")), 5);
    assert_eq!(
        acted.entries[0].text,
        "Escalated to On-call: Priya Raman is on call"
    );
    let contact = &desk.get(id).unwrap().escalation[0].contact;
    let mailbox: Mailbox = contact.parse().unwrap();
    assert_eq!(mailbox.email.to_string(), "priya@example.com");
}

#[test]
fn with_nobody_on_call_the_step_is_taken_and_says_so() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, -5_000);
    desk.tick(UnixMs(-4_000), &mut log);
    assert_eq!(taken(desk.get(id).unwrap()), [("On-call", "", -4_000)]);
    assert_eq!(
        texts(&log).last(),
        Some(&"Escalated to On-call: nobody is on call in primary")
    );
}

#[test]
fn a_lease_that_lapses_asks_whoever_is_on_call_then_and_the_ladder_begins_again() {
    let (mut desk, mut log) = desk();
    let opened = DAY_MS - 30 * MINUTE_MS;
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, opened);
    desk.tick(UnixMs(opened), &mut log);
    let action = acknowledge(HOUR_MS, LeaseScope::UntilResolved);
    perform(&mut desk, id, action, opened + 1_000);
    let lapse = opened + 1_000 + HOUR_MS;
    desk.tick(UnixMs(lapse), &mut log);
    let it = desk.get(id).unwrap();
    assert_eq!(it.status, IncidentStatus::Triggered);
    assert_eq!(
        taken(it),
        [
            ("On-call", "Priya Raman <priya@example.com>", opened),
            ("On-call", "Omar Haddad, +49 30 1234567", lapse),
        ]
    );
    let next = |it: &Incident| {
        it.next_step()
            .map(|step| (step.name.clone(), step.due_at.0))
    };
    let due = lapse + 10 * MINUTE_MS;
    assert_eq!(next(it), Some(("Team lead".to_owned(), due)));
    desk.tick(UnixMs(due), &mut log);
    assert_eq!(
        taken(desk.get(id).unwrap()).last(),
        Some(&("Team lead", "", due))
    );
}

#[test]
fn a_rise_asks_whoever_is_on_call_then() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    let action = acknowledge(6 * HOUR_MS, LeaseScope::Severity);
    perform(&mut desk, id, action, 10);
    let night = DAY_MS + 1;
    perform(
        &mut desk,
        id,
        ActionBody::Renew(watchfloor_wire::action::RenewRequest {
            lease_ms: 2 * DAY_MS,
            note: String::new(),
        }),
        20,
    );
    fire(&mut desk, &mut log, "b", Severity::Critical, night);
    desk.tick(UnixMs(night), &mut log);
    let it = desk.get(id).unwrap();
    assert_eq!(it.status, IncidentStatus::Triggered);
    assert_eq!(
        taken(it),
        [("On-call", "Omar Haddad, +49 30 1234567", night)]
    );
}

#[test]
fn an_override_decides_whom_a_step_names() {
    let (mut desk, mut log) = desk();
    desk.roster_mut().adopt(Override {
        id: OverrideId(1),
        rotation: "primary".to_owned(),
        person: "tomas".to_owned(),
        starts_at: UnixMs(0),
        ends_at: UnixMs(HOUR_MS),
        reason: String::new(),
        author: "ada".to_owned(),
        author_name: "Ada".to_owned(),
        created_at: UnixMs(0),
        ended_at: None,
        ended_by_name: None,
    });
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, 1);
    desk.tick(UnixMs(1), &mut log);
    assert_eq!(
        taken(desk.get(id).unwrap()),
        [("On-call", "Tomás Ferreira", 1)]
    );
}

#[test]
fn a_ladder_without_a_rotation_goes_on_where_it_stood() {
    let (desk, _) = super::desk();
    let policy = desk.policy(&ProductId::from("shop"));
    let before = vec![EscalationStep {
        name: "CTO".to_owned(),
        contact: String::new(),
        on_call: None,
        due_at: UnixMs(5),
        taken_at: None,
    }];
    let after = policy::ladder_again(policy, Priority::P0, before.clone(), UnixMs(9));
    assert_eq!(after, before);
}
