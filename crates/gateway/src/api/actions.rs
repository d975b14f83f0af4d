//! `POST /api/monitoring/incidents/{id}/{action}`: what people do, at most once, against the version they saw.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::value::RawValue;
use watchfloor_wire::action::{
    AcknowledgeRequest, ActionAnswer, AssignRequest, LinkRequest, MergeRequest, NoteRequest,
    RenewRequest, ReviewRequest,
};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::permits::Action;

use super::Api;
use super::action_body;
use super::body::Json;
use super::failure::Failure;
use super::incidents::{self, no_such, parse_id};
use super::openapi::about::{About, Parameter, Values};
use super::order::{actor, answered};
use super::precondition::{KEY, fingerprint, idempotency_key, if_match};
use super::refused::refused;
use crate::auth::Principal;
use crate::engine::{ActionObjection, ActionRequest};

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "actOnIncident",
        "Does what people do to an incident, at most once: takes it, hands it over, ends it, and more.",
    )
    .parameters(&[
        incidents::ID,
        Parameter::path(
            "action",
            "What to do; each takes the body of its name.",
            Values::OneOf(&[
                "acknowledge",
                "undo",
                "renew",
                "release",
                "hand-over",
                "accept",
                "decline",
                "withdraw",
                "comment",
                "assign",
                "escalate",
                "resolve",
                "merge",
                "link",
                "review",
            ]),
        ),
        KEY,
        Parameter::header(
            "If-Match",
            "The version that was seen, for example `\"4\"`; needed except to comment, link and review.",
            Values::Text { max_chars: 24 },
        ),
    ])
    .takes::<AcknowledgeRequest>()
    .takes::<AssignRequest>()
    .takes::<NoteRequest>()
    .takes::<RenewRequest>()
    .takes::<MergeRequest>()
    .takes::<LinkRequest>()
    .takes::<ReviewRequest>()
    .answers::<ActionAnswer>(
        200,
        "It was done; with `Idempotency-Replayed: true` it was done before.",
    )
    .fails(404, "There is no such incident or action.")
    .fails(409, "Not possible as the incident stands, which is in `current`.")
    .fails(412, "The incident changed meanwhile; it is in `current`.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "A header is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// Carries an action out, or says exactly why not.
pub async fn act(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((id, slug)): Path<(String, String)>,
    headers: HeaderMap,
    body: Json<Box<RawValue>>,
) -> Result<Response, Failure> {
    let incident = parse_id(&id)?;
    let kind = parse_action(&slug)?;
    let key = idempotency_key(&headers)?;
    let if_match = if_match(&headers, kind)?;
    api.rates().action(&principal.account)?;
    let action = action_body::read(&api, kind, &principal.account, body.value.get()).await?;
    let request = ActionRequest {
        incident,
        action,
        if_match,
        key,
        fingerprint: fingerprint(&format!("POST {incident}/{slug}"), &body.bytes),
        actor: actor(principal),
    };
    let outcome = api.engine().act(request).await;
    answered(outcome, "action", |it| objected(it, Some(incident)))
}

fn parse_action(slug: &str) -> Result<Action, Failure> {
    let found = Action::ALL.into_iter().find(|it| it.slug() == slug);
    found.ok_or_else(|| {
        let all: Vec<&str> = Action::ALL.iter().map(|it| it.slug()).collect();
        Failure::not_found(format!(
            "There is no action `{slug}`; there are {}.",
            all.join(", ")
        ))
    })
}

/// Why it was not done, over HTTP; `incident` is the one of the address.
pub fn objected(objection: ActionObjection, incident: Option<IncidentId>) -> Failure {
    match objection {
        ActionObjection::Refused { refusal, current } => refused(refusal, current),
        ActionObjection::NotAllowed { refusal } => Failure::role(refusal.text()),
        ActionObjection::Incomplete { problem } => Failure::fields(vec![problem]),
        ActionObjection::Changed { current } => Failure::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "Changed meanwhile",
            "The incident changed while you were writing. Look again, then decide.",
        )
        .with_current(current),
        ActionObjection::NotFound => incident.map_or_else(|| no_such(""), no_such),
    }
}
