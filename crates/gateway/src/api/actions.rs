//! `POST /api/monitoring/incidents/{id}/{action}`: what people do, at most once, against the version they saw.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, IF_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use watchfloor_wire::action::{
    AcknowledgeRequest, ActionAnswer, AssignRequest, NoteRequest, note_problems,
};
use watchfloor_wire::permits::{Action, Refusal};
use watchfloor_wire::problem::FieldProblem;

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::incidents::{self, no_such, parse_id};
use super::openapi::about::{About, Parameter, Values};
use super::policy::ACTORS;
use super::refused::refused;
use crate::auth::{AuthError, Principal};
use crate::engine::{ActionBody, ActionOutcome, ActionRequest, Actor};

/// The header that makes a retry the same request.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// On an answer that was given before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "actOnIncident",
        "Acknowledges, assigns, comments, releases, escalates or resolves an incident, at most once.",
    )
    .parameters(&[
        incidents::ID,
        Parameter::path(
            "action",
            "What to do; each takes the body of its name.",
            Values::OneOf(&[
                "acknowledge",
                "assign",
                "comment",
                "release",
                "escalate",
                "resolve",
            ]),
        ),
        Parameter::header(
            "Idempotency-Key",
            "8 to 128 visible characters, new for each doing and the same for its retries; use a UUID.",
            Values::Text { max_chars: 128 },
        )
        .needed(),
        Parameter::header(
            "If-Match",
            "The version that was seen, for example `\"4\"`; needed except for a comment.",
            Values::Text { max_chars: 24 },
        ),
    ])
    .takes::<AcknowledgeRequest>()
    .takes::<AssignRequest>()
    .takes::<NoteRequest>()
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
    let request = ActionRequest {
        incident,
        action: read_action(&api, kind, body.value.get()).await?,
        if_match,
        key,
        fingerprint: fingerprint(&format!("POST {incident}/{slug}"), &body.bytes),
        actor: Actor {
            account: principal.account,
            name: principal.name,
            role: principal.role,
        },
    };
    let outcome = api
        .engine()
        .act(request)
        .await
        .map_err(|gone| Failure::unavailable("The action could not be carried out", &gone))?;
    answer(outcome, incident)
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

/// The request's key: 8 to 128 visible characters, new for each press, the same for its retries.
///
/// # Errors
/// A 428 without one, a 400 for one that cannot be.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, Failure> {
    let value = headers.get(IDEMPOTENCY_KEY).ok_or_else(|| {
        required("Send `Idempotency-Key` with a new UUID, and the same one when you try again.")
    })?;
    let text = value.to_str().unwrap_or_default().trim_matches('"');
    if is_key(text) {
        Ok(text.to_owned())
    } else {
        Err(Failure::invalid(
            "`Idempotency-Key` must have 8 to 128 visible ASCII characters; use a UUID.",
        ))
    }
}

/// Whether a text can be an idempotency key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (8..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The version that the person saw. A comment holds whatever the version is.
fn if_match(headers: &HeaderMap, action: Action) -> Result<u64, Failure> {
    if action == Action::Comment && !headers.contains_key(IF_MATCH) {
        return Ok(0);
    }
    version(headers, "incident")
}

/// The version of `what` that the person saw.
///
/// # Errors
/// A 428 without one, a 400 for one that is no number.
pub fn version(headers: &HeaderMap, what: &str) -> Result<u64, Failure> {
    let value = headers.get(IF_MATCH).ok_or_else(|| {
        required(&format!(
            "Send `If-Match` with the {what}'s version, for example `If-Match: \"4\"`."
        ))
    })?;
    let text = value.to_str().unwrap_or_default().trim_matches('"');
    text.parse().map_err(|_| {
        Failure::invalid(format!(
            "`If-Match` is `{text}`; send the {what}'s version, for example `\"4\"`."
        ))
    })
}

fn required(detail: &str) -> Failure {
    let status = StatusCode::PRECONDITION_REQUIRED;
    Failure::new(
        status,
        "precondition_required",
        "A header is missing",
        detail,
    )
}

/// What tells one request from another: SHA-256 of where it goes and what it says, in hex.
/// SHA-256 of a request's method, path and body, in hex.
#[must_use]
pub fn fingerprint(place: &str, body: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::new()
        .chain_update(place)
        .chain_update([0])
        .chain_update(body)
        .finalize();
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

async fn read_action(api: &Api, kind: Action, json: &str) -> Result<ActionBody, Failure> {
    Ok(match kind {
        Action::Acknowledge => {
            let body: AcknowledgeRequest = parse(json)?;
            check(body.problems())?;
            ActionBody::Acknowledge(body)
        }
        Action::Assign => assign(api, parse(json)?).await?,
        Action::Comment => ActionBody::Comment(note(json, true)?),
        Action::Release => ActionBody::Release(note(json, false)?),
        Action::Escalate => ActionBody::Escalate(note(json, false)?),
        Action::Resolve => ActionBody::Resolve(note(json, true)?),
    })
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json)
        .map_err(|error| Failure::invalid(format!("The body is not what is expected: {error}.")))
}

fn note(json: &str, needed: bool) -> Result<NoteRequest, Failure> {
    let body: NoteRequest = parse(json)?;
    check(note_problems(&body.note, needed))?;
    Ok(body)
}

fn check(problems: Vec<FieldProblem>) -> Result<(), Failure> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::fields(problems))
    }
}

async fn assign(api: &Api, body: AssignRequest) -> Result<ActionBody, Failure> {
    check(note_problems(&body.note, false))?;
    let wanted = body.account.clone();
    let account = api
        .auth()
        .off_thread(move |auth| auth.account(&wanted))
        .await;
    match account {
        Ok(account) if ACTORS.contains(&account.role) => Ok(ActionBody::Assign {
            account: account.name,
            name: account.display_name,
            note: body.note,
        }),
        Ok(_) | Err(AuthError::NoSuchAccount(_)) => Err(Failure::fields(vec![FieldProblem::new(
            "account",
            "Name an account with the operator or admin role.",
        )])),
        Err(error) => Err(Failure::unavailable("Accounts could not be read", &error)),
    }
}

fn answer(
    outcome: ActionOutcome,
    incident: watchfloor_wire::id::IncidentId,
) -> Result<Response, Failure> {
    match outcome {
        ActionOutcome::Answered {
            status,
            body,
            replayed,
        } => Ok(given(status, body, replayed)),
        ActionOutcome::Refused { refusal, current } => Err(if refusal == Refusal::Role {
            Failure::role(refusal.text())
        } else {
            refused(refusal, current)
        }),
        ActionOutcome::Changed { current } => Err(Failure::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "Changed meanwhile",
            "The incident changed while you were writing. Look again, then decide.",
        )
        .with_current(current)),
        ActionOutcome::KeyReused => Err(Failure::key_reused()),
        ActionOutcome::NotFound => Err(no_such(incident)),
        ActionOutcome::StoreFailed(cause) => Err(Failure::unavailable(
            "The action could not be stored",
            &cause,
        )),
    }
}

/// An answer as it was stored, byte for byte.
#[must_use]
pub fn given(status: u16, body: String, replayed: bool) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if replayed {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_version_is_a_number_with_or_without_quotes() {
        for (value, version) in [
            ("\"4\"", Some(4)),
            ("4", Some(4)),
            ("*", None),
            ("W/\"4\"", None),
        ] {
            let found = if_match(&headers("if-match", value), Action::Resolve);
            assert_eq!(found.ok(), version, "{value}");
        }
    }

    #[test]
    fn only_a_comment_needs_no_version() {
        for action in Action::ALL {
            let needs_none = if_match(&HeaderMap::new(), action).is_ok();
            assert_eq!(needs_none, action == Action::Comment, "{action:?}");
        }
    }

    #[test]
    fn a_key_is_8_to_128_visible_characters() {
        for (value, fine) in [
            ("01234567", true),
            ("0123456", false),
            (&"k".repeat(128), true),
            (&"k".repeat(129), false),
            ("with a blank", false),
        ] {
            let found = idempotency_key(&headers(IDEMPOTENCY_KEY, value));
            assert_eq!(found.is_ok(), fine, "{value}");
        }
    }

    #[test]
    fn another_place_or_body_is_another_request() {
        let one = fingerprint("POST INC-1/resolve", b"{}");
        assert_eq!(one.len(), 64);
        assert_ne!(one, fingerprint("POST INC-2/resolve", b"{}"));
        assert_ne!(one, fingerprint("POST INC-1/resolve", b"{ }"));
    }
}
