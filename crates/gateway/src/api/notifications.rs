//! `/api/monitoring/notifications` and `…/channels/{id}/test`: who was told what, what was given up, and whether a
//! channel works.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use watchfloor_wire::notification::{
    ChannelState, Notification, NotificationAnswer, NotificationPage,
};
use watchfloor_wire::time::UnixMs;

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::order::{answered, order};
use super::precondition::{fingerprint, idempotency_key};
use crate::auth::Principal;
use crate::engine::EngineError;
use crate::engine::outbox::{Ask, AskObjection, AskWhat};
use crate::notify::outbox::OutboxQuery;
use crate::notify::send::Channel;

/// Notifications of a list at most.
const MAX_LIST: usize = 200;

const ID: Parameter = Parameter::path(
    "id",
    "The notification's id.",
    Values::Text { max_chars: 200 },
);
const CHANNEL: Parameter = Parameter::path(
    "id",
    "The channel's id, as configured.",
    Values::Text { max_chars: 100 },
);
const KEY: Parameter = Parameter::header(
    "Idempotency-Key",
    "8 to 128 visible characters, new for each doing and the same for its retries; use a UUID.",
    Values::Text { max_chars: 128 },
);

/// The row's own words.
#[must_use]
pub fn about_list() -> About {
    About::new(
        "listNotifications",
        "The channels, what was given up, and the newest notifications.",
    )
    .answers::<NotificationPage>(200, "As they stand.")
}

/// The row's own words.
#[must_use]
pub fn about_one() -> About {
    About::new("readNotification", "One notification.")
        .parameters(&[ID])
        .answers::<Notification>(200, "As it stands.")
        .fails(404, "There is no such notification.")
}

/// The row's own words.
#[must_use]
pub fn about_retry() -> About {
    About::new(
        "retryNotification",
        "Sends a notification that was given up again, at most once a key.",
    )
    .parameters(&[ID, KEY.needed()])
    .answers::<NotificationAnswer>(
        200,
        "It waits for its turn; read it to see what becomes of it.",
    )
    .fails(404, "There is no such notification.")
    .fails(409, "It was not given up.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "The key is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// The row's own words.
#[must_use]
pub fn about_test() -> About {
    About::new(
        "testChannel",
        "Sends a test to a channel, at most once a key.",
    )
    .parameters(&[CHANNEL, KEY.needed()])
    .answers::<NotificationAnswer>(
        200,
        "It waits for its turn; read it to see what becomes of it.",
    )
    .fails(404, "There is no such channel.")
    .fails(422, "The key belongs to another request.")
    .fails(428, "The key is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// Answers with channels and notifications.
pub async fn list(State(api): State<Api>) -> Result<Json<NotificationPage>, Failure> {
    let mut channels = Vec::new();
    for channel in api.channels() {
        channels.push(state(&api, channel).await?);
    }
    Ok(Json(NotificationPage {
        channels,
        dead: rows(&api, OutboxQuery::Dead(UnixMs(0)), MAX_LIST).await?,
        recent: rows(&api, OutboxQuery::Recent, MAX_LIST).await?,
    }))
}

async fn state(api: &Api, channel: &Channel) -> Result<ChannelState, Failure> {
    let id = || channel.id.clone();
    let ask = |query| async { api.engine().outbox(query).await.map_err(unreadable) };
    let waiting = ask(OutboxQuery::Waiting { channel: id() }).await?.len();
    let delivered = ask(OutboxQuery::LastDelivered(id())).await?.pop();
    let failed = ask(OutboxQuery::LastFailed(id())).await?.pop();
    Ok(ChannelState {
        id: id(),
        name: channel.name.clone(),
        kind: channel.kind.word().to_owned(),
        target: channel.target(),
        problem: channel.problem().unwrap_or_default().to_owned(),
        waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
        delivered_at: delivered.and_then(|it| it.settled_at),
        failed_at: failed.as_ref().and_then(|it| it.failed_at),
        failure: failed.map(|it| it.failure).unwrap_or_default(),
    })
}

async fn rows(api: &Api, query: OutboxQuery, limit: usize) -> Result<Vec<Notification>, Failure> {
    let rows = api.engine().outbox(query).await.map_err(unreadable)?;
    Ok(rows.iter().take(limit).map(|it| it.for_wire()).collect())
}

/// Answers with one notification.
pub async fn one(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Notification>, Failure> {
    let found = rows(&api, OutboxQuery::One(id.clone()), 1).await?.pop();
    found.map(Json).ok_or_else(|| no_such(&id))
}

/// Sends a dead letter again.
pub async fn retry(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let place = format!("notifications/{id}/retry");
    let missing = no_such(&id);
    let order = order(&api, principal, &headers, &place, b"", AskWhat::Retry(id))?;
    ask(&api, order, missing).await
}

/// Sends a test.
pub async fn test(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let place = format!("channels/{channel}/test");
    let missing = Failure::not_found(format!("There is no channel `{channel}`."));
    let key = idempotency_key(&headers)?;
    let own = fingerprint(&principal.account, key.as_bytes());
    let id = format!("test-{channel}-{}", own.get(..16).unwrap_or_default());
    let what = AskWhat::Test { channel, id };
    let order = order(&api, principal, &headers, &place, b"", what)?;
    ask(&api, order, missing).await
}

async fn ask(api: &Api, order: Ask, missing: Failure) -> Result<Response, Failure> {
    let outcome = api.engine().ask(order).await;
    answered(outcome, "notification", |it| match it {
        AskObjection::NotFound => missing,
        AskObjection::NotDead => Failure::new(
            StatusCode::CONFLICT,
            "not_dead",
            "Not given up",
            "Only what was given up can be sent again. Look at how it stands now.",
        ),
    })
}

fn no_such(id: &str) -> Failure {
    Failure::not_found(format!("There is no notification `{id}`."))
}

fn unreadable(error: EngineError) -> Failure {
    Failure::unavailable("Notifications could not be read", &error)
}
