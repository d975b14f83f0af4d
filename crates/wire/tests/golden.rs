//! One file a message and entity: each decodes, and what is encoded again is the same JSON. A client that is
//! written from `docs/wire-protocol.md` can be tested with the same files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use watchfloor_wire::action::{
    AcknowledgeRequest, ActionAnswer, AssignRequest, LinkRequest, MergeRequest, NoteRequest,
    OpenRequest, RenewRequest, ReviewRequest,
};
use watchfloor_wire::audit::AuditPage;
use watchfloor_wire::bulk::{BulkAnswer, BulkRequest};
use watchfloor_wire::entity::{Entity, Kind};
use watchfloor_wire::feed::{ClientMessage, ServerMessage, StreamPong};
use watchfloor_wire::health::GatewayHealth;
use watchfloor_wire::incident::{IncidentDetail, IncidentPage};
use watchfloor_wire::ingest::{DeployEvent, ErrorBatch, Ingested, LogBatch, MetricBatch};
use watchfloor_wire::log::LogPage;
use watchfloor_wire::notification::{NotificationAnswer, NotificationPage};
use watchfloor_wire::on_call::{OnCallBoard, OverrideAnswer, OverrideRequest};
use watchfloor_wire::problem::Problem;
use watchfloor_wire::series::SeriesAnswer;
use watchfloor_wire::session::{
    ChangePasswordRequest, FirstLoginRequest, OperatorList, Session, SignInRequest, Ticket,
};
use watchfloor_wire::silence::request::{
    ChangeSilenceRequest, PreviewRequest, SilenceAnswer, SilencePage, SilencePreview,
    SilenceRequest,
};
use watchfloor_wire::snapshot::Snapshot;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

/// Decodes and encodes again.
type Trip = fn(&str) -> Value;

fn plain<T: Serialize + DeserializeOwned>(text: &str) -> Value {
    let value: T = serde_json::from_str(text).unwrap();
    serde_json::to_value(value).unwrap()
}

fn server(text: &str) -> Value {
    let message = ServerMessage::decode(text).unwrap();
    assert!(!matches!(message, ServerMessage::Unrecognised));
    serde_json::from_str(&message.encode().unwrap()).unwrap()
}

fn entity(name: &str, text: &str) -> Value {
    let slug = name
        .strip_prefix("entity.")
        .unwrap()
        .split('_')
        .next()
        .unwrap();
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.slug() == slug)
        .unwrap();
    let entity = Entity::from_json(kind, text).unwrap();
    assert_eq!(entity.key().kind(), Some(kind), "{name}");
    serde_json::from_str(entity.to_json().unwrap().get()).unwrap()
}

const PLAIN: [(&str, Trip); 46] = [
    ("request.stream_pong", plain::<StreamPong>),
    ("client.hello", plain::<ClientMessage>),
    ("client.pong", plain::<ClientMessage>),
    ("answer.snapshot", plain::<Snapshot>),
    ("answer.session", plain::<Session>),
    ("answer.ticket", plain::<Ticket>),
    ("answer.series", plain::<SeriesAnswer>),
    ("answer.logs", plain::<LogPage>),
    ("answer.incident_detail", plain::<IncidentDetail>),
    ("answer.incident_page", plain::<IncidentPage>),
    ("answer.action", plain::<ActionAnswer>),
    ("answer.ingested", plain::<Ingested>),
    ("answer.health", plain::<GatewayHealth>),
    ("answer.notifications", plain::<NotificationPage>),
    ("answer.notification", plain::<NotificationAnswer>),
    ("answer.audit", plain::<AuditPage>),
    ("answer.problem", plain::<Problem>),
    ("request.acknowledge", plain::<AcknowledgeRequest>),
    ("request.note", plain::<NoteRequest>),
    ("request.renew", plain::<RenewRequest>),
    ("request.merge", plain::<MergeRequest>),
    ("request.link", plain::<LinkRequest>),
    ("request.review", plain::<ReviewRequest>),
    ("request.open", plain::<OpenRequest>),
    ("request.bulk", plain::<BulkRequest>),
    ("answer.bulk", plain::<BulkAnswer>),
    ("answer.on_call", plain::<OnCallBoard>),
    ("answer.operators", plain::<OperatorList>),
    ("answer.override", plain::<OverrideAnswer>),
    ("request.assign", plain::<AssignRequest>),
    ("request.sign_in", plain::<SignInRequest>),
    ("request.first_login", plain::<FirstLoginRequest>),
    ("request.change_password", plain::<ChangePasswordRequest>),
    ("request.override", plain::<OverrideRequest>),
    ("request.silence", plain::<SilenceRequest>),
    ("request.silence_window", plain::<SilenceRequest>),
    ("request.change_silence", plain::<ChangeSilenceRequest>),
    ("request.preview_silence", plain::<PreviewRequest>),
    ("answer.silence", plain::<SilenceAnswer>),
    ("answer.silence_page", plain::<SilencePage>),
    ("answer.silence_preview", plain::<SilencePreview>),
    ("ingest.logs", plain::<LogBatch>),
    ("ingest.errors", plain::<ErrorBatch>),
    ("ingest.metrics", plain::<MetricBatch>),
    ("ingest.deploy", plain::<DeployEvent>),
    ("ingest.rollback", plain::<DeployEvent>),
];

#[test]
fn plain_shapes_come_back_as_they_were() {
    for (name, trip) in PLAIN {
        let text = read(name);
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(trip(&text), expected, "{name}");
    }
}

/// The golden files whose names begin with `prefix`, without the ending.
fn names(prefix: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|name| name.starts_with(prefix))
        .collect()
}

#[test]
fn messages_of_the_server_come_back_as_they_were() {
    let names = names("server.");
    assert_eq!(names.len(), 6);
    for name in names {
        let text = read(&name);
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(server(&text), expected, "{name}");
    }
}

#[test]
fn entities_come_back_as_they_were() {
    for name in names("entity.") {
        let text = read(&name);
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(entity(&name, &text), expected, "{name}");
    }
}

#[test]
fn no_entity_kind_and_no_file_is_forgotten() {
    let there = names("");
    for kind in Kind::ALL {
        assert!(
            there.contains(&format!("entity.{}", kind.slug())),
            "{}",
            kind.slug()
        );
    }
    let tested = there.iter().filter(|name| {
        name.starts_with("entity.")
            || name.starts_with("server.")
            || name.as_str() == "from_the_future"
            || PLAIN.iter().any(|(plain, _)| plain == name)
    });
    assert_eq!(tested.count(), there.len());
}

#[test]
fn requests_with_a_misspelt_field_are_refused() {
    let misspelt = r#"{"note":"x","lease":3600000,"lease_ms":3600000,"scope":"severity"}"#;
    let refused = serde_json::from_str::<AcknowledgeRequest>(misspelt).unwrap_err();
    assert!(refused.to_string().contains("`lease`"), "{refused}");
}

/// The gateway writes the tag first, and what begins so is read without looking for it.
#[test]
fn a_frame_reads_the_same_wherever_its_tag_stands() {
    let range = |text: &str| match ServerMessage::decode(text) {
        Ok(ServerMessage::Frame(frame)) => Some((frame.f, frame.s, frame.ops.len())),
        _ => None,
    };
    let op = r#"{"k":"check/a.b","v":9}"#;
    for text in [
        format!(r#"{{"t":"d","f":7,"s":9,"ops":[{op}]}}"#),
        format!(r#"{{"f":7,"s":9,"ops":[{op}],"t":"d"}}"#),
        format!(r#"{{ "t": "d", "f": 7, "s": 9, "ops": [{op}], "more": 1 }}"#),
    ] {
        assert_eq!(range(&text), Some((7, 9, 1)), "{text}");
    }
    assert_eq!(range(r#"{"t":"d","f":7}"#), None);
}
