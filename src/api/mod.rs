//! The only HTTP of the console. Every route of the gateway that it uses has one function here.

mod error;
mod key;
mod request;

pub use error::ApiError;
pub use key::idempotency_key;
pub(crate) use request::{
    events_address, feed_address, has_somebody_acted, on_signed_out, renew_connections,
    somebody_acted,
};

use serde::Serialize;
use serde::de::DeserializeOwned;
use watchfloor_wire::action::{ActionAnswer, NoteRequest, OpenRequest};
use watchfloor_wire::audit::AuditPage;
use watchfloor_wire::bulk::{BulkAnswer, BulkRequest};
use watchfloor_wire::feed::StreamPong;
use watchfloor_wire::id::{IncidentId, SeriesId};
use watchfloor_wire::incident::{IncidentDetail, IncidentPage};
use watchfloor_wire::log::LogPage;
use watchfloor_wire::notification::{Notification, NotificationAnswer, NotificationPage};
use watchfloor_wire::on_call::{OnCallBoard, OverrideAnswer, OverrideId, OverrideRequest};
use watchfloor_wire::permits::Action;
use watchfloor_wire::series::SeriesAnswer;
use watchfloor_wire::session::{FirstLoginRequest, OperatorList, Session, SignInRequest, Ticket};
use watchfloor_wire::silence::SilenceId;
use watchfloor_wire::silence::request::{
    ChangeSilenceRequest, PreviewRequest, SilenceAnswer, SilencePage, SilencePreview,
    SilenceRequest,
};
use watchfloor_wire::snapshot::SnapshotParts;
use watchfloor_wire::time::UnixMs;

use crate::route::{LogFilter, encode};
use request::Call;

/// The whole state.
///
/// # Errors
/// See [`ApiError`].
pub async fn dashboard() -> Result<SnapshotParts, ApiError> {
    Call::get("/dashboard")
        .send_and_read(SnapshotParts::decode)
        .await
}

/// A ticket for one socket.
///
/// # Errors
/// See [`ApiError`].
pub async fn ticket() -> Result<Ticket, ApiError> {
    Call::post("/ticket").send().await
}

/// Answers a ping that came by events.
///
/// # Errors
/// [`ApiError::Refused`] with 404 when there is no such stream any more; else see [`ApiError`].
pub async fn stream_pong(pong: &StreamPong) -> Result<(), ApiError> {
    Call::post("/feed/pong").send_json(pong).await
}

/// Who is signed in; `None` when nobody is.
///
/// # Errors
/// See [`ApiError`].
pub async fn session() -> Result<Option<Session>, ApiError> {
    // Nobody being signed in is an answer to this question and not a failure, so 401 is treated like 204.
    match Call::get("/session").signs_in().send().await {
        Err(ApiError::Refused(problem)) if problem.status == 401 => Ok(None),
        answer => answer,
    }
}

/// Signs in; the session itself is a cookie that no script sees.
///
/// # Errors
/// [`ApiError::Refused`] for wrong credentials; else see [`ApiError`].
pub async fn sign_in(request: &SignInRequest) -> Result<Session, ApiError> {
    Call::post("/session").signs_in().send_json(request).await
}

/// Gives a new account its name and password, and signs it in.
///
/// # Errors
/// [`ApiError::Refused`] for a used or old token; else see [`ApiError`].
pub async fn first_login(request: &FirstLoginRequest) -> Result<Session, ApiError> {
    Call::post("/session/first-login")
        .signs_in()
        .send_json(request)
        .await
}

/// Ends the session.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_out() -> Result<(), ApiError> {
    Call::delete("/session").send_for_nothing().await
}

/// History of series between two instants, thinned to about `points` each.
///
/// # Errors
/// See [`ApiError`].
pub async fn series(
    ids: &[SeriesId],
    from: UnixMs,
    to: UnixMs,
    points: u32,
) -> Result<SeriesAnswer, ApiError> {
    let names: Vec<String> = ids.iter().map(|id| encode(id.as_str())).collect();
    let path = format!(
        "/metrics?series={}&from={}&to={}&points={points}",
        names.join(","),
        from.0,
        to.0
    );
    Call::get(&path).send().await
}

/// Where in the log a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogPlace {
    /// With the newest line.
    Newest,
    /// With the newest line older than this one.
    Before(u64),
    /// Only lines newer than this one.
    After(u64),
}

/// Log lines, newest first, at most `limit`.
///
/// # Errors
/// See [`ApiError`].
pub async fn logs(filter: &LogFilter, place: LogPlace, limit: u32) -> Result<LogPage, ApiError> {
    Call::get(&logs_path(filter, place, limit)).send().await
}

fn logs_path(filter: &LogFilter, place: LogPlace, limit: u32) -> String {
    let mut path = format!("/logs?limit={limit}");
    if let Some(product) = &filter.product {
        path.push_str(&format!("&product={}", encode(product.as_str())));
    }
    if let Some(level) = filter.level {
        path.push_str(&format!("&level={}", level.word()));
    }
    if !filter.text.is_empty() {
        path.push_str(&format!("&q={}", encode(&filter.text)));
    }
    match place {
        LogPlace::Newest => {}
        LogPlace::Before(id) => path.push_str(&format!("&before={id}")),
        LogPlace::After(id) => path.push_str(&format!("&after={id}")),
    }
    path
}

/// Incidents of all times, newest first; `before` is [`IncidentPage::next_before`] of the page before.
///
/// # Errors
/// See [`ApiError`].
pub async fn incidents(before: Option<u64>) -> Result<IncidentPage, ApiError> {
    let path = before.map_or_else(
        || "/incidents".to_owned(),
        |before| format!("/incidents?before={before}"),
    );
    Call::get(&path).send().await
}

/// One incident with its timeline.
///
/// # Errors
/// See [`ApiError`].
pub async fn incident(id: IncidentId) -> Result<IncidentDetail, ApiError> {
    Call::get(&format!("/incidents/{}", id.0)).send().await
}

/// Asks for one action on many incidents; each is answered by itself. The same `key` may be sent again.
///
/// # Errors
/// See [`ApiError`].
pub async fn act_on_many(request: &BulkRequest, key: &str) -> Result<BulkAnswer, ApiError> {
    Call::post("/incidents/bulk")
        .header("Idempotency-Key", key)
        .send_json(request)
        .await
}

/// Opens an incident. The same `key` may be sent again without a second one being opened.
///
/// # Errors
/// See [`ApiError`].
pub async fn open_incident(request: &OpenRequest, key: &str) -> Result<ActionAnswer, ApiError> {
    Call::post("/incidents")
        .header("Idempotency-Key", key)
        .send_json(request)
        .await
}

/// Who can have an incident.
///
/// # Errors
/// See [`ApiError`].
pub async fn operators() -> Result<OperatorList, ApiError> {
    Call::get("/operators").send().await
}

/// The address of an incident's report.
#[must_use]
pub fn export_address(id: IncidentId) -> String {
    format!("/api/monitoring/incidents/{}/export", id.0)
}

/// Asks for an action. The same `key` may be sent again without it being carried out twice; `version` is the
/// one that people were looking at.
///
/// # Errors
/// [`ApiError::Refused`] with the incident as it stands when somebody was faster; else see [`ApiError`].
pub async fn act(
    id: IncidentId,
    action: Action,
    body: &impl Serialize,
    version: u64,
    key: &str,
) -> Result<ActionAnswer, ApiError> {
    Call::post(&format!("/incidents/{}/{}", id.0, action.slug()))
        .header("Idempotency-Key", key)
        .header("If-Match", &format!("\"{version}\""))
        .send_json(body)
        .await
}

/// Silences of all times, newest first; `before` is [`SilencePage::next_before`] of the page before.
///
/// # Errors
/// See [`ApiError`].
pub async fn silences(before: Option<u64>) -> Result<SilencePage, ApiError> {
    let path = before.map_or_else(
        || "/silences".to_owned(),
        |before| format!("/silences?before={before}"),
    );
    Call::get(&path).send().await
}

/// What these conditions hit now and before.
///
/// # Errors
/// [`ApiError::Refused`] with the fields that are wrong; else see [`ApiError`].
pub async fn preview_silence(request: &PreviewRequest) -> Result<SilencePreview, ApiError> {
    Call::post("/silences/preview").send_json(request).await
}

/// Makes a silence. The same `key` may be sent again without it being made twice.
///
/// # Errors
/// [`ApiError::Refused`] with the fields that are wrong; else see [`ApiError`].
pub async fn make_silence(request: &SilenceRequest, key: &str) -> Result<SilenceAnswer, ApiError> {
    Call::post("/silences")
        .header("Idempotency-Key", key)
        .send_json(request)
        .await
}

/// Changes a silence that people saw at `version`.
///
/// # Errors
/// [`ApiError::Refused`] when it changed meanwhile or is over; else see [`ApiError`].
pub async fn change_silence(
    id: SilenceId,
    request: &ChangeSilenceRequest,
    version: u64,
    key: &str,
) -> Result<SilenceAnswer, ApiError> {
    Call::post(&format!("/silences/{}", id.0))
        .header("Idempotency-Key", key)
        .header("If-Match", &format!("\"{version}\""))
        .send_json(request)
        .await
}

/// Ends a silence now.
///
/// # Errors
/// See [`ApiError`].
pub async fn expire_silence(id: SilenceId, key: &str) -> Result<SilenceAnswer, ApiError> {
    let nothing_to_say = NoteRequest {
        note: String::new(),
    };
    Call::post(&format!("/silences/{}/expire", id.0))
        .header("Idempotency-Key", key)
        .send_json(&nothing_to_say)
        .await
}

/// Who is on call.
///
/// # Errors
/// See [`ApiError`].
pub async fn on_call() -> Result<OnCallBoard, ApiError> {
    Call::get("/on-call").send().await
}

/// Makes an override. The same `key` may be sent again without it being made twice.
///
/// # Errors
/// [`ApiError::Refused`] with the fields that are wrong; else see [`ApiError`].
pub async fn make_override(
    request: &OverrideRequest,
    key: &str,
) -> Result<OverrideAnswer, ApiError> {
    Call::post("/on-call/overrides")
        .header("Idempotency-Key", key)
        .send_json(request)
        .await
}

/// Ends an override now.
///
/// # Errors
/// See [`ApiError`].
pub async fn end_override(id: OverrideId, key: &str) -> Result<OverrideAnswer, ApiError> {
    let nothing_to_say = NoteRequest {
        note: String::new(),
    };
    Call::post(&format!("/on-call/overrides/{}/end", id.0))
        .header("Idempotency-Key", key)
        .send_json(&nothing_to_say)
        .await
}

/// What became of the order with this key; `None` when the gateway never carried it out.
///
/// # Errors
/// See [`ApiError`].
pub async fn outcome<T: DeserializeOwned>(key: &str) -> Result<Option<T>, ApiError> {
    let answer = Call::get(&format!("/idempotency/{}", encode(key))).send();
    match answer.await {
        Ok(answer) => Ok(Some(answer)),
        Err(ApiError::Refused(problem)) if problem.status == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

/// Rows of the audit that a query means, newest first; `before` is [`AuditPage::next_before`] of the page before.
///
/// # Errors
/// [`ApiError::Refused`] with 403 for who may not look; else see [`ApiError`].
pub async fn audit(query: &str, before: Option<u64>) -> Result<AuditPage, ApiError> {
    let joint = if query.is_empty() { "" } else { "&" };
    let before = before.map_or_else(String::new, |before| format!("{joint}before={before}"));
    Call::get(&format!("/audit?{query}{before}")).send().await
}

/// The channels, what was given up, and the newest notifications.
///
/// # Errors
/// See [`ApiError`].
pub async fn notifications() -> Result<NotificationPage, ApiError> {
    Call::get("/notifications").send().await
}

/// One notification as it stands.
///
/// # Errors
/// See [`ApiError`].
pub async fn notification(id: &str) -> Result<Notification, ApiError> {
    Call::get(&format!("/notifications/{}", encode(id)))
        .send()
        .await
}

/// Asks for a test of a channel. The same `key` may be sent again without a second test.
///
/// # Errors
/// See [`ApiError`].
pub async fn test_channel(id: &str, key: &str) -> Result<NotificationAnswer, ApiError> {
    Call::post(&format!("/channels/{}/test", encode(id)))
        .header("Idempotency-Key", key)
        .send()
        .await
}

/// Asks that a notification that was given up is sent again. The same `key` may be sent again without a second one.
///
/// # Errors
/// See [`ApiError`].
pub async fn retry_notification(id: &str, key: &str) -> Result<NotificationAnswer, ApiError> {
    Call::post(&format!("/notifications/{}/retry", encode(id)))
        .header("Idempotency-Key", key)
        .send()
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::id::ProductId;
    use watchfloor_wire::log::Level;

    #[test]
    fn a_log_query_names_only_what_is_asked() {
        let all = LogFilter::default();
        assert_eq!(logs_path(&all, LogPlace::Newest, 200), "/logs?limit=200");
        let some = LogFilter {
            product: Some(ProductId::from("chatpdd")),
            level: Some(Level::Warn),
            text: "a&b".to_owned(),
        };
        assert_eq!(
            logs_path(&some, LogPlace::After(7), 9),
            "/logs?limit=9&product=chatpdd&level=warn&q=a%26b&after=7"
        );
    }
}
