//! Deploys and rollbacks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use watchfloor_wire::deploy::{Deploy, DeployKind};
use watchfloor_wire::id::{DeployId, ProductId};
use watchfloor_wire::ingest::DeployEvent;
use watchfloor_wire::log::Level;
use watchfloor_wire::time::UnixMs;

use super::clean::Cleaner;
use super::events::{Batch, Form};
use super::refusal::Refusal;
use super::source::Source;
use super::{Taken, events, when};
use crate::observation::Observation;
use crate::records::NewLogLine;

/// The version after a rollback whose notice does not name it.
pub const VERSION_BEFORE: &str = "previous version";

/// Takes one deploy, for example `{"event":"rollback","status":"completed"}`. Only completed ones are marked;
/// each leaves a log line. Several come one a line.
///
/// # Errors
/// [`Refusal`] when it is not as it should be.
pub fn take(source: &Source, text: &str, form: Form, now: UnixMs) -> Result<Taken, Refusal> {
    let batch: Batch<DeployEvent> = Batch::read_one(text, form)?;
    source.admit_events(batch.count())?;
    let mut cleaner = Cleaner::new(&source.keys);
    let mut taken = Taken::default();
    taken.refused = batch.each(|event, place| {
        let (deploy, status) = read(source, event, now, place, &mut cleaner)?;
        taken.lines.push(line(&deploy, status));
        if status == Status::Completed {
            taken.observations.push(Observation::Deploy(deploy));
        }
        Ok(())
    })?;
    taken.accepted = taken.lines.len();
    taken.redactions = cleaner.redactions;
    Ok(taken)
}

fn read(
    source: &Source,
    event: &DeployEvent,
    now: UnixMs,
    place: &str,
    cleaner: &mut Cleaner<'_>,
) -> Result<(Deploy, Status), Refusal> {
    let said = events::instant(event.at.as_ref(), now, place)?;
    let (at, _) = when::plausible(said, now);
    let kind = kind(event.event.as_deref())?;
    let status = status(event.status.as_deref())?;
    let version = version(event, kind, cleaner)?;
    let deploy = Deploy {
        id: id(&source.product, at, kind, &version),
        product: source.product.clone(),
        version,
        at,
        kind,
        commit: event.commit.as_deref().map(|it| cleaner.word(it)),
        note: cleaner.word(&event.note),
    };
    Ok((deploy, status))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Started,
    Completed,
    Failed,
}

fn kind(word: Option<&str>) -> Result<DeployKind, Refusal> {
    match word {
        None | Some("deploy") => Ok(DeployKind::Deploy),
        Some("rollback") => Ok(DeployKind::Rollback),
        Some(_) => Err(Refusal::invalid("event", "send `deploy` or `rollback`")),
    }
}

fn status(word: Option<&str>) -> Result<Status, Refusal> {
    match word {
        None | Some("completed") => Ok(Status::Completed),
        Some("started") => Ok(Status::Started),
        Some("failed") => Ok(Status::Failed),
        Some(_) => Err(Refusal::invalid(
            "status",
            "send `started`, `completed` or `failed`",
        )),
    }
}

fn version(
    event: &DeployEvent,
    kind: DeployKind,
    cleaner: &mut Cleaner<'_>,
) -> Result<String, Refusal> {
    let named = event.version.as_deref().map(str::trim);
    match (named.filter(|it| !it.is_empty()), kind) {
        (Some(named), _) => Ok(cleaner.word(named)),
        (None, DeployKind::Rollback) => Ok(VERSION_BEFORE.to_owned()),
        (None, DeployKind::Deploy) => Err(Refusal::invalid(
            "version",
            "name the version that is running after the deploy",
        )),
    }
}

/// The same notice sent twice is the same deploy.
fn id(product: &ProductId, at: UnixMs, kind: DeployKind, version: &str) -> DeployId {
    let hash = Sha256::digest(format!("{kind:?} {version}"));
    let mut id = format!("{product}-{}-", at.0);
    for byte in hash.iter().take(4) {
        // Writing into a string does not fail.
        let _written = write!(id, "{byte:02x}");
    }
    DeployId(id)
}

fn line(deploy: &Deploy, status: Status) -> NewLogLine {
    let what = match deploy.kind {
        DeployKind::Deploy => "Deploy of",
        DeployKind::Rollback => "Rollback to",
    };
    let (how, level) = match status {
        Status::Started => ("started", Level::Info),
        Status::Completed => ("completed", Level::Info),
        Status::Failed => ("failed", Level::Error),
    };
    let mut fields = BTreeMap::new();
    if let Some(commit) = &deploy.commit {
        fields.insert("commit".to_owned(), commit.clone());
    }
    if !deploy.note.is_empty() {
        fields.insert("note".to_owned(), deploy.note.clone());
    }
    NewLogLine {
        at: deploy.at,
        product: deploy.product.clone(),
        service: "deploy".to_owned(),
        level,
        message: format!("{what} {} {how}", deploy.version),
        fields,
    }
}
