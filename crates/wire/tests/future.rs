//! What a newer gateway sends is passed by or read as the documented fallback, never misunderstood.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use serde_json::Value;
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::deploy::DeployKind;
use watchfloor_wire::entity::{Entity, Kind};
use watchfloor_wire::feed::ServerMessage;
use watchfloor_wire::incident::{IncidentStatus, LeaseScope, TimelineEntry, TimelineKind};
use watchfloor_wire::log::{Level, LogLine};
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::product::ChartKind;
use watchfloor_wire::replica::{Applied, Replica};
use watchfloor_wire::series::{Statistic, Unit};
use watchfloor_wire::session::{Role, Session};
use watchfloor_wire::silence::{SilenceKind, Subject};
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::status::Status;
use watchfloor_wire::target::Verdict;
use watchfloor_wire::time::UnixMs;

fn future() -> Value {
    serde_json::from_str(include_str!("../golden/from_the_future.json")).unwrap()
}

fn message(name: &str) -> ServerMessage {
    ServerMessage::decode(&future()["messages"][name].to_string()).unwrap()
}

fn entity(kind: Kind) -> Entity {
    Entity::from_json(kind, &future()["entities"][kind.slug()].to_string()).unwrap()
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(future()[name].clone()).unwrap()
}

#[test]
fn unknown_messages_pass_by_and_unknown_fields_are_ignored() {
    assert!(matches!(
        message("unknown message"),
        ServerMessage::Unrecognised
    ));
    let ServerMessage::Ping(ping) = message("unknown fields") else {
        panic!("no ping")
    };
    assert_eq!((ping.s, ping.age.probe_ms), (5, Some(1)));
}

#[test]
fn keys_of_unknown_kinds_pass_by_while_the_cursor_moves_on() {
    let ServerMessage::Frame(frame) = message("unknown kinds") else {
        panic!("no frame")
    };
    let mut replica = Replica::default();
    replica.reset(Snapshot::empty("e".to_owned(), 4, UnixMs(0), String::new()));
    let Applied::Changed(changes) = replica.apply(&frame).unwrap() else {
        panic!("not applied")
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(replica.cursor().map(|cursor| cursor.s), Some(7));
    assert_eq!(replica.entities().count(), 1);
}

#[test]
fn an_unknown_status_is_unknown_and_never_ok() {
    let Entity::Product(product) = entity(Kind::Product) else {
        panic!("no product")
    };
    let Entity::Check(check) = entity(Kind::Check) else {
        panic!("no check")
    };
    assert_eq!(
        (product.status, check.status),
        (Status::Unknown, Status::Unknown)
    );
    let chart = &product.charts[0];
    assert_eq!(chart.kind, ChartKind::Other);
    assert_eq!(
        (chart.unit, chart.statistic),
        (Unit::Count, Some(Statistic::Last))
    );
}

#[test]
fn an_unknown_severity_or_state_is_loud() {
    let Entity::Alert(alert) = entity(Kind::Alert) else {
        panic!("no alert")
    };
    assert_eq!(
        (alert.severity, alert.state),
        (Severity::Unrecognised, AlertState::Firing)
    );
    assert_eq!(alert.severity.status(), Some(Status::Down));
}

#[test]
fn an_unknown_incident_status_needs_somebody() {
    let Entity::Incident(incident) = entity(Kind::Incident) else {
        panic!("no incident")
    };
    assert_eq!(
        (incident.status, incident.priority),
        (IncidentStatus::Triggered, Priority::P1)
    );
    assert_eq!(
        incident.lease.map(|lease| lease.scope),
        Some(LeaseScope::Severity)
    );
}

#[test]
fn the_remaining_kinds_fall_back_as_documented() {
    let Entity::Target(target) = entity(Kind::Target) else {
        panic!("no target")
    };
    assert_eq!(
        (target.verdict, target.unit),
        (Verdict::Unknown, Unit::Count)
    );
    let Entity::Deploy(deploy) = entity(Kind::Deploy) else {
        panic!("no deploy")
    };
    assert_eq!(deploy.kind, DeployKind::Deploy);
    for kind in [Kind::Error, Kind::Uptime, Kind::Reading] {
        assert_eq!(entity(kind).key().kind(), Some(kind));
    }
}

#[test]
fn a_silence_that_is_not_understood_mutes_nothing() {
    let Entity::Silence(silence) = entity(Kind::Silence) else {
        panic!("no silence")
    };
    assert_eq!(silence.kind, SilenceKind::Silence);
    let labels = BTreeMap::from([("team".to_owned(), "core".to_owned())]);
    let subject = Subject {
        product: "p",
        check: "p.c",
        rule: "r",
        severity: Severity::High,
        labels: &labels,
        title: "t",
    };
    assert!(silence.is_active(UnixMs(5)));
    assert!(silence.matchers.iter().all(|it| !it.matches(&subject)));
}

#[test]
fn an_unknown_role_may_do_the_least() {
    assert_eq!(read::<Session>("session").role, Role::Display);
    assert_eq!(read::<LogLine>("log line").level, Level::Info);
    assert_eq!(
        read::<TimelineEntry>("timeline entry").kind,
        TimelineKind::Comment
    );
    assert_eq!(read::<Snapshot>("snapshot").into_entities().count(), 0);
}
