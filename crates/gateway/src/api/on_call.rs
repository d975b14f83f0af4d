//! `/api/monitoring/on-call`: who is on call, and overrides, made and ended at most once.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json as Answer};
use http::{HeaderMap, StatusCode};
use watchfloor_wire::action::{NoteRequest, note_problems};
use watchfloor_wire::on_call::{OnCallBoard, OverrideAnswer, OverrideId, OverrideRequest};

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::order::{answered, order};
use super::precondition::KEY;
use crate::auth::Principal;
use crate::on_call::action::{MAX_OVERRIDES, OverrideObjection, OverrideOrder, OverrideWork};

const ID: Parameter = Parameter::path(
    "id",
    "The override's number, `7` or `OVR-7`.",
    Values::Text { max_chars: 24 },
);
const DONE: &str = "It was done; with `Idempotency-Replayed: true` it was done before.";

/// The row's own words.
#[must_use]
pub fn about_board() -> About {
    About::new(
        "readOnCall",
        "Who is on call in each rotation, until when, who is next, and who else may be.",
    )
    .answers::<OnCallBoard>(200, "As it stands.")
}

/// The row's own words.
#[must_use]
pub fn about_make() -> About {
    About::new(
        "makeOverride",
        "Gives somebody the turn of whoever would have it, from a time to a time. Of several at once the newest counts.",
    )
    .parameters(&[KEY])
    .takes::<OverrideRequest>()
    .answers::<OverrideAnswer>(200, DONE)
    .fails(409, "There are 200 already that are not over.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "The key is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// The row's own words.
#[must_use]
pub fn about_end() -> About {
    About::new(
        "endOverride",
        "Ends an override now, also before it began; one that is over stays as it is.",
    )
    .parameters(&[ID, KEY])
    .takes::<NoteRequest>()
    .answers::<OverrideAnswer>(200, DONE)
    .fails(
        404,
        "There is no such override, or it was over more than a day ago.",
    )
    .fails(422, "The key belongs to another request.")
    .fails(428, "The key is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// Answers with who is on call, by what is on the disk.
pub async fn board(State(api): State<Api>) -> Result<Answer<OnCallBoard>, Failure> {
    let now = api.clock().now();
    let stored = api.engine().on_call(now).await;
    let stored =
        stored.map_err(|error| Failure::unavailable("Who is on call could not be read", &error))?;
    Ok(Answer(api.roster().clone().with(stored).board(now)))
}

/// Makes an override, or says exactly why not.
pub async fn make(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    body: Json<OverrideRequest>,
) -> Result<Response, Failure> {
    let work = OverrideWork::Make(body.value);
    let place = "on-call/overrides";
    let order = order(&api, principal, &headers, place, &body.bytes, work)?;
    carry_out(&api, order, place).await
}

/// Ends an override, or says exactly why not.
pub async fn end(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Json<NoteRequest>,
) -> Result<Response, Failure> {
    let id = OverrideId::parse(&id).ok_or_else(|| no_such(&id))?;
    let problems = note_problems(&body.value.note, false);
    if !problems.is_empty() {
        return Err(Failure::fields(problems));
    }
    let place = format!("on-call/overrides/{}/end", id.0);
    let work = OverrideWork::End {
        id,
        note: body.value.note,
    };
    let order = order(&api, principal, &headers, &place, &body.bytes, work)?;
    carry_out(&api, order, &place).await
}

async fn carry_out(api: &Api, order: OverrideOrder, place: &str) -> Result<Response, Failure> {
    let outcome = api.engine().change_override(order).await;
    answered(outcome, "override", |it| refused(it, place))
}

fn refused(objection: OverrideObjection, place: &str) -> Failure {
    match objection {
        OverrideObjection::Invalid(problems) => Failure::fields(problems),
        OverrideObjection::TooMany => Failure::new(
            StatusCode::CONFLICT,
            "too_many_overrides",
            "Not possible now",
            format!("There are {MAX_OVERRIDES} overrides already. End some that are not needed."),
        ),
        OverrideObjection::NotFound => no_such(place),
    }
}

fn no_such(id: &str) -> Failure {
    Failure::not_found(format!("There is no override `{id}`."))
}
