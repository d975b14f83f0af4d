#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeMap;

use watchfloor_wire::action::{MergeRequest, OpenRequest};
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::id::{CheckId, ProductId};
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::MINUTE_MS;

use super::*;
use crate::evaluate::tests::{PRODUCT, config};
use crate::incidents::action::{Acted, ActionBody, ActionRequest, Actor, act};
use crate::incidents::opening::OpenOrder;

mod histories;
mod merging;

const INHIBIT: &str = r#"
[[inhibit]]
cause = { check = "database", severity = ["critical", "high"] }
symptom = { check = ["api", "web"] }
within = "2m"
[[inhibit]]
cause = { check = "api" }
symptom = { check = "web" }
"#;

/// A desk with the alerts that fire, as evaluation would hand them over.
struct Floor {
    desk: Desk,
    log: Log,
    firing: BTreeMap<String, Alert>,
    now: UnixMs,
}

impl Floor {
    fn new() -> Self {
        let mut log = Log::default();
        let config = config(&format!("{PRODUCT}{INHIBIT}"));
        let desk = Desk::new(&config, [], 0, &BTreeSet::new(), UnixMs(0), &mut log);
        Self {
            desk,
            log,
            firing: BTreeMap::new(),
            now: UnixMs(0),
        }
    }

    fn fire(&mut self, check: &str, severity: Severity) {
        let alert = Alert {
            fingerprint: Fingerprint::from(check),
            product: ProductId::from("shop"),
            // `whole` is about the product as a whole.
            check: (check != "whole").then(|| CheckId::from(format!("shop.{check}"))),
            rule: format!("{check}-down"),
            severity,
            state: AlertState::Firing,
            summary: format!("{check} is down"),
            value: None,
            threshold: None,
            since: self.now,
            firing_since: Some(self.now),
            runbook_url: None,
            incident: None,
            labels: BTreeMap::new(),
            owner: None,
            no_data_since: None,
            clear_since: None,
            flapping: None,
            turned_at: Vec::new(),
        };
        self.firing.insert(check.to_owned(), alert);
        self.place(check);
    }

    fn place(&mut self, check: &str) {
        let alert = self.firing[check].clone();
        let others: Vec<&Alert> = self
            .firing
            .iter()
            .filter(|(name, _)| *name != check)
            .map(|(_, it)| it)
            .collect();
        let headline = (format!("Shop {check}: down"), None);
        self.desk
            .place(&alert, headline, &others, self.now, &mut self.log);
    }

    fn end(&mut self, check: &str) {
        if let Some(alert) = self.firing.remove(check) {
            self.desk.ended(&alert, self.now, &mut self.log);
            self.desk.symptom_ended(&alert, self.now, &mut self.log);
        }
    }

    fn wait(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.desk.tick(self.now, &mut self.log);
        for orphan in self.desk.take_orphans() {
            if self.firing.contains_key(orphan.as_str()) {
                self.place(orphan.as_str());
            }
        }
    }

    /// A person merges one of the open incidents into another.
    fn merge(&mut self, from: IncidentId, into: IncidentId) -> Acted {
        let (from, into) = (self.desk.get(from).unwrap(), self.desk.get(into).unwrap());
        let request = ActionRequest {
            incident: from.id,
            if_match: from.version,
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
            actor: priya(),
            action: ActionBody::Merge(MergeRequest {
                into: into.id,
                version: into.version,
                note: "the same".to_owned(),
            }),
        };
        let policy = self.desk.policy(&from.product);
        let acted = act(
            from,
            Some(into),
            &request,
            policy,
            self.desk.roster(),
            self.now,
        )
        .unwrap();
        self.desk.adopt(acted.incident.clone());
        self.desk.adopt(acted.other.clone().unwrap());
        acted
    }

    /// A person opens an incident for what no rule sees.
    fn open_by_person(&mut self) -> IncidentId {
        let order = OpenOrder {
            request: OpenRequest {
                product: ProductId::from("shop"),
                title: "Invitations arrive twice".to_owned(),
                priority: Priority::P2,
                note: "three customers".to_owned(),
            },
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
            actor: priya(),
        };
        let acted = self.desk.open(&order, self.now).unwrap();
        let id = acted.incident.id;
        self.desk.adopt(acted.incident);
        id
    }

    /// The gateway starts again with what it stored.
    fn restart(&mut self) {
        let stored: Vec<Incident> = self.desk.all().cloned().collect();
        let last = stored.iter().map(|it| it.id.0).max().unwrap_or(0);
        let firing = self.firing.values();
        let firing: BTreeSet<Fingerprint> = firing.map(|it| it.fingerprint.clone()).collect();
        let config = config(&format!("{PRODUCT}{INHIBIT}"));
        self.desk = Desk::new(&config, stored, last, &firing, self.now, &mut self.log);
    }

    fn open(&self) -> Vec<&Incident> {
        self.desk.all().filter(|it| is_open(it)).collect()
    }

    /// The open incidents as `causes < symptoms that fire`.
    fn shape(&self) -> Vec<String> {
        let shown = |it: &&Incident| {
            let causes: Vec<&str> = it.alerts.iter().map(Fingerprint::as_str).collect();
            let symptoms: Vec<Fingerprint> = firing_symptoms(it).collect();
            let symptoms: Vec<&str> = symptoms.iter().map(Fingerprint::as_str).collect();
            format!("{} < {}", causes.join(","), symptoms.join(","))
        };
        self.open().iter().map(shown).collect()
    }

    fn texts(&self) -> Vec<&str> {
        self.log
            .timeline
            .iter()
            .map(|it| it.text.as_str())
            .collect()
    }
}

fn priya() -> Actor {
    Actor {
        account: "priya".to_owned(),
        name: "Priya Raman".to_owned(),
        role: Role::Operator,
    }
}

#[test]
fn while_a_cause_fires_its_symptoms_join_its_incident() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    floor.fire("api", Severity::Warning);
    floor.fire("web", Severity::Warning);
    assert_eq!(floor.shape(), ["database < api,web"]);
    let it = floor.open()[0];
    assert_eq!(it.title, "Shop database: down");
    assert_eq!(it.symptoms[0].summary, "api is down");
    floor.wait(1_000);
    floor.end("web");
    let it = floor.open()[0];
    assert_eq!(it.symptoms[1].ended_at, Some(UnixMs(1_000)));
    assert_eq!(floor.shape(), ["database < api"]);
}

#[test]
fn an_alert_that_is_not_named_stays_by_itself() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    floor.fire("mail", Severity::Warning);
    floor.wait(1_000);
    assert_eq!(floor.shape(), ["database < ", "mail < "]);
}

#[test]
fn a_cause_that_is_not_bad_enough_takes_nothing() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Warning);
    floor.fire("api", Severity::Critical);
    assert_eq!(floor.shape(), ["database < ", "api < "]);
}

#[test]
fn a_symptom_that_came_earlier_gives_its_incident_to_the_cause() {
    let mut floor = Floor::new();
    floor.fire("api", Severity::Warning);
    let id = floor.open()[0].id;
    floor.wait(2 * MINUTE_MS);
    floor.fire("database", Severity::Critical);
    assert_eq!(floor.shape(), ["database < api"]);
    let it = floor.open()[0];
    assert_eq!((it.id, it.priority), (id, Priority::P0));
    assert_eq!(it.title, "Shop database: down");
    assert_eq!(it.check, Some(CheckId::from("shop.database")));
    assert!(
        floor
            .texts()
            .contains(&"Cause found by rule database-down: database is down")
    );
}

#[test]
fn a_symptom_that_came_too_early_keeps_its_own() {
    let mut floor = Floor::new();
    floor.fire("api", Severity::Warning);
    floor.wait(2 * MINUTE_MS + 1);
    floor.fire("database", Severity::Critical);
    assert_eq!(floor.shape(), ["api < ", "database < "]);
}

#[test]
fn of_several_earlier_incidents_one_stays_and_says_what_became_of_the_others() {
    let mut floor = Floor::new();
    floor.fire("web", Severity::Warning);
    let web = floor.open()[0].id;
    floor.wait(3 * MINUTE_MS);
    // Its cause came too late to take it over, so both stand alone.
    floor.fire("api", Severity::Warning);
    let api = floor.open()[1].id;
    floor.firing.get_mut("web").unwrap().firing_since = Some(floor.now);
    floor.fire("database", Severity::Critical);
    assert_eq!(floor.shape(), ["database < web,api"]);
    assert_eq!(floor.open()[0].id, web);
    let other = floor.desk.get(api).unwrap();
    assert_eq!(other.status, IncidentStatus::Resolved);
    let note = &other.resolution.as_ref().unwrap().note;
    assert_eq!(*note, format!("A symptom of {web}"));
}

#[test]
fn what_a_symptom_brought_about_comes_along() {
    let mut floor = Floor::new();
    floor.fire("web", Severity::Warning);
    floor.wait(60_000);
    floor.fire("api", Severity::Warning);
    floor.wait(2 * MINUTE_MS);
    floor.fire("database", Severity::Warning);
    assert_eq!(floor.shape(), ["api < web", "database < "]);
    floor.fire("database", Severity::High);
    assert_eq!(floor.shape(), ["database < api,web"]);
}

#[test]
fn a_symptom_that_is_worse_than_its_cause_raises_the_incident() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::High);
    floor.fire("api", Severity::Critical);
    let it = floor.open()[0];
    assert_eq!(
        (it.severity, it.priority),
        (Severity::Critical, Priority::P0)
    );
    assert_eq!(it.title, "Shop database: down");
}

#[test]
fn when_the_cause_ends_what_still_fires_gets_an_incident_of_its_own() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    floor.fire("api", Severity::Warning);
    floor.fire("web", Severity::Warning);
    floor.wait(1_000);
    floor.end("database");
    floor.wait(MINUTE_MS - 1);
    assert_eq!(floor.shape(), [" < api,web"], "symptoms mostly end soon");
    floor.wait(1);
    assert_eq!(
        floor.shape(),
        ["api < web"],
        "of which one causes the other"
    );
    assert_eq!(floor.open()[0].opened_at, UnixMs(1_000 + MINUTE_MS));
}

#[test]
fn a_cause_that_comes_back_in_time_keeps_its_incident() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    floor.fire("api", Severity::Warning);
    let id = floor.open()[0].id;
    floor.end("database");
    floor.wait(30_000);
    floor.fire("database", Severity::Critical);
    floor.wait(2 * MINUTE_MS);
    assert_eq!(floor.shape(), ["database < api"]);
    assert_eq!(floor.open()[0].id, id);
}

#[test]
fn a_symptom_that_comes_and_goes_is_told_once() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    for _ in 0..5 {
        floor.fire("api", Severity::Warning);
        floor.wait(5_000);
        floor.end("api");
    }
    let told = floor.texts().iter().filter(|it| it.contains("api")).count();
    assert_eq!((told, floor.open()[0].symptoms.len()), (1, 1));
}

#[test]
fn after_a_restart_symptoms_that_do_not_fire_are_over() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    floor.fire("api", Severity::Warning);
    floor.fire("web", Severity::Warning);
    let stored: Vec<Incident> = floor.desk.all().cloned().collect();
    let firing: BTreeSet<Fingerprint> = ["database", "web"].map(Fingerprint::from).into();
    let config = config(&format!("{PRODUCT}{INHIBIT}"));
    let (now, mut log) = (UnixMs(9_000), Log::default());
    floor.desk = Desk::new(&config, stored, 1, &firing, now, &mut log);
    assert_eq!(floor.shape(), ["database < web"]);
    assert_eq!(floor.open()[0].symptoms[0].ended_at, Some(now));
}
