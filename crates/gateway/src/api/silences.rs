//! `/api/monitoring/silences`: what is muted, by whom, until when; made, changed and ended at most once.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use watchfloor_wire::action::{NoteRequest, note_problems};
use watchfloor_wire::silence::request::{
    ChangeSilenceRequest, SilenceAnswer, SilencePage, SilenceRequest,
};
use watchfloor_wire::silence::{Silence, SilenceId};

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::order::{answered, order};
use super::precondition::{KEY, version};
use super::query::Query;
use crate::auth::Principal;
use crate::instant::rfc3339;
use crate::silences::MAX_SILENCES;
use crate::silences::action::{SilenceObjection, SilenceOrder, SilenceWork};

/// The most silences of a page.
const MAX_PAGE: usize = 200;
/// Silences when nothing is asked.
const DEFAULT_PAGE: usize = 50;

const PAGE: &[Parameter] = &[
    Parameter::query(
        "before",
        "Only silences with a smaller number: the `next_before` of the page before.",
        Values::Whole {
            min: 0,
            max: u64::MAX,
        },
    ),
    Parameter::query(
        "limit",
        "The most silences of the page. Default 50.",
        Values::Whole {
            min: 1,
            max: MAX_PAGE as u64,
        },
    ),
];
const ID: Parameter = Parameter::path(
    "id",
    "The silence's number, `7` or `SIL-7`.",
    Values::Text { max_chars: 24 },
);
const DONE: &str = "It was done; with `Idempotency-Replayed: true` it was done before.";

/// The row's own words.
#[must_use]
pub fn about_list() -> About {
    About::new(
        "listSilences",
        "Silences and maintenance windows, newest first, also those that are over.",
    )
    .parameters(PAGE)
    .answers::<SilencePage>(200, "A page of silences.")
}

/// The row's own words.
#[must_use]
pub fn about_one() -> About {
    About::new("readSilence", "One silence.")
        .parameters(&[ID])
        .answers::<Silence>(
            200,
            "The silence; `ETag` is the version that `If-Match` wants.",
        )
        .fails(404, "There is no such silence.")
}

/// The row's own words.
#[must_use]
pub fn about_make() -> About {
    About::new(
        "makeSilence",
        "Mutes notifications until a stated end, or announces maintenance. Nothing is hidden by it.",
    )
    .parameters(&[KEY])
    .takes::<SilenceRequest>()
    .answers::<SilenceAnswer>(200, DONE)
    .fails(403, "Longer than 24 h, or a series: the admin role may.")
    .fails(409, "There are 500 already that are not over.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "A header is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// The row's own words.
#[must_use]
pub fn about_change() -> About {
    About::new(
        "changeSilence",
        "Changes a silence's end or reason; with other matchers it ends, and another one takes its place.",
    )
    .parameters(&[
        ID,
        KEY,
        Parameter::header(
            "If-Match",
            "The version that was seen, for example `\"4\"`.",
            Values::Text { max_chars: 24 },
        )
        .needed(),
    ])
    .takes::<ChangeSilenceRequest>()
    .answers::<SilenceAnswer>(200, DONE)
    .fails(403, "Longer than 24 h, or a series: the admin role may.")
    .fails(404, "There is no such silence.")
    .fails(409, "It is over, or stands in a product's file.")
    .fails(412, "It changed meanwhile.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "A header is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// The row's own words.
#[must_use]
pub fn about_expire() -> About {
    About::new(
        "expireSilence",
        "Ends a silence now; one that is over stays as it is. Of a configured window, this time is ended.",
    )
    .parameters(&[ID, KEY])
    .takes::<NoteRequest>()
    .answers::<SilenceAnswer>(200, DONE)
    .fails(404, "There is no such silence.")
    .fails(409, "It stands in a product's file and does not go on now.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "A header is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// Answers with silences, newest first.
pub async fn list(State(api): State<Api>, query: Query) -> Result<Response, Failure> {
    let params = query.only(PAGE)?;
    let limit = params.number("limit", 1..=MAX_PAGE)?;
    let before = params.number("before", 0..=u64::MAX)?;
    let page = api
        .engine()
        .silences(before, limit.unwrap_or(DEFAULT_PAGE))
        .await
        .map_err(|error| unreadable(&error))?;
    Ok(axum::Json(page).into_response())
}

/// Answers with one silence.
pub async fn one(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Failure> {
    let found = api.engine().silence_by_id(parse_id(&id)?).await;
    let silence = found
        .map_err(|error| unreadable(&error))?
        .ok_or_else(|| no_such(&id))?;
    let etag = HeaderValue::from_str(&format!("\"{}\"", silence.version))
        .unwrap_or(HeaderValue::from_static("\"\""));
    let mut response = axum::Json(silence).into_response();
    response.headers_mut().insert(ETAG, etag);
    Ok(response)
}

/// Makes a silence, or says exactly why not.
pub async fn make(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    body: Json<SilenceRequest>,
) -> Result<Response, Failure> {
    let work = SilenceWork::Make(body.value);
    let place = "silences";
    let order = order(&api, principal, &headers, place, &body.bytes, work)?;
    carry_out(&api, order, place).await
}

/// Changes a silence, or says exactly why not.
pub async fn change(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Json<ChangeSilenceRequest>,
) -> Result<Response, Failure> {
    let id = parse_id(&id)?;
    let place = format!("silences/{}", id.0);
    let if_match = version(&headers, "silence")?;
    let work = SilenceWork::Change {
        id,
        if_match,
        to: body.value,
    };
    let order = order(&api, principal, &headers, &place, &body.bytes, work)?;
    carry_out(&api, order, &place).await
}

/// Ends a silence, or says exactly why not.
pub async fn expire(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Json<NoteRequest>,
) -> Result<Response, Failure> {
    let id = parse_id(&id)?;
    let problems = note_problems(&body.value.note, false);
    if !problems.is_empty() {
        return Err(Failure::fields(problems));
    }
    let place = format!("silences/{}/expire", id.0);
    let work = SilenceWork::Expire {
        id,
        note: body.value.note,
    };
    let order = order(&api, principal, &headers, &place, &body.bytes, work)?;
    carry_out(&api, order, &place).await
}

async fn carry_out(api: &Api, order: SilenceOrder, place: &str) -> Result<Response, Failure> {
    let outcome = api.engine().silence(order).await;
    answered(outcome, "silence", |it| refused(it, place))
}

fn refused(objection: SilenceObjection, place: &str) -> Failure {
    let conflict =
        |code, detail: String| Failure::new(StatusCode::CONFLICT, code, "Not possible now", detail);
    match objection {
        SilenceObjection::Invalid(problems) => Failure::fields(problems),
        SilenceObjection::Role(text) => Failure::role(text),
        SilenceObjection::Ended(it) => {
            let at = rfc3339(it.ended_at.unwrap_or(it.expires_at));
            let who = it.ended_by_name.as_deref().unwrap_or("Its time");
            let detail = format!("{who} ended {} at {at}. Make a new one.", it.id);
            conflict("ended", detail)
        }
        SilenceObjection::Configured(it) => {
            let name = it.configured.as_deref().unwrap_or_default();
            let detail = format!(
                "{} is `{name}` in its product's file. Change it there; only a time that goes on now can be ended here.",
                it.id
            );
            conflict("configured", detail)
        }
        SilenceObjection::TooMany => {
            let detail =
                format!("There are {MAX_SILENCES} silences already. End some that are not needed.");
            conflict("too_many_silences", detail)
        }
        SilenceObjection::Changed(it) => Failure::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "Changed meanwhile",
            format!(
                "{} changed while you were writing; it is at version {} and ends at {}. Look again, then decide.",
                it.id,
                it.version,
                rfc3339(it.expires_at)
            ),
        ),
        SilenceObjection::NotFound => no_such(place),
    }
}

fn parse_id(text: &str) -> Result<SilenceId, Failure> {
    SilenceId::parse(text).ok_or_else(|| no_such(text))
}

fn no_such(id: &str) -> Failure {
    Failure::not_found(format!("There is no silence `{id}`."))
}

fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable("Silences could not be read", error)
}
