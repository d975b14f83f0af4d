//! `GET /api/monitoring/logs/stream`: lines as they come, as server-sent events. Works with `curl -N`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio_util::sync::CancellationToken;
use watchfloor_wire::log::LogLine;

use super::Api;
use super::failure::Failure;
use super::log_query::{self, LogFilter};
use super::openapi::about::About;
use super::query::Query;
use crate::auth::{Auth, Principal, SessionId, Standing};

/// How many may follow at once.
pub const MAX_STREAMS: usize = 64;
/// A comment keeps the connection open; that often the session is looked at as well.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "followLogs",
        "Log lines as they come, as server-sent events: one `LogLine` an event, its number as the event's id.",
    )
    .parameters(&log_query::PARAMETERS)
    .answers_text(
        200,
        "text/event-stream",
        "It goes on until the client leaves or its session ends. An event `gap` says that lines were left out.",
    )
    .fails(429, "64 clients follow already.")
}

/// Follows the lines that are meant until the client goes, its session ends, or the gateway stops.
pub async fn stream(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    query: Query,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let filter = LogFilter::read(&query.only(&log_query::PARAMETERS)?)?;
    let seat = api.stream_seat().ok_or_else(|| Failure::too_many(10_000))?;
    let tail = Tail {
        lines: api.records().subscribe_logs(),
        revocations: api.auth().revocations(),
        auth: api.auth().clone(),
        session: principal.session,
        stopping: api.stopping().clone(),
        filter,
        _seat: seat,
    };
    let events = stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(event), tail))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Tail {
    lines: broadcast::Receiver<Arc<LogLine>>,
    revocations: watch::Receiver<u64>,
    auth: Auth,
    session: SessionId,
    stopping: CancellationToken,
    filter: LogFilter,
    _seat: OwnedSemaphorePermit,
}

impl Tail {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let line = tokio::select! {
                () = self.stopping.cancelled() => return None,
                changed = self.revocations.changed() => {
                    changed.ok()?;
                    self.still_allowed()?;
                    continue;
                }
                () = tokio::time::sleep(KEEP_ALIVE) => {
                    self.still_allowed()?;
                    continue;
                }
                line = self.lines.recv() => line,
            };
            match line {
                Ok(line) if self.filter.admits(&line) => return Some(event(&line)),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => return Some(gap(missed)),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn still_allowed(&self) -> Option<()> {
        matches!(self.auth.standing(&self.session), Standing::Stands(_)).then_some(())
    }
}

fn event(line: &LogLine) -> Event {
    let json = serde_json::to_string(line).unwrap_or_default();
    Event::default().id(line.id.to_string()).data(json)
}

/// Says that lines were left out because the client was too slow; it can read them from `logs`.
fn gap(missed: u64) -> Event {
    Event::default()
        .event("gap")
        .data(format!("{{\"missed\":{missed}}}"))
}
