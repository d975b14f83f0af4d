//! `GET /api/monitoring/feed/stream` and `POST /api/monitoring/feed/pong`: the feed as server-sent events, for
//! networks that let no WebSocket through. The same messages, cursors, roles and limits.

use std::convert::Infallible;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use watchfloor_wire::feed::{ClientMessage, Cursor, StreamPong};

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::feed::{admit, visit};
use super::guard::{Address, Caller};
use super::openapi::about::{About, Parameter, Values};
use super::query::{Params, Query, wrong};
use crate::auth::{Principal, SessionKind};
use crate::hub::Link;

/// Browsers send it when they come back by themselves.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Sequence numbers stay below this.
const MAX_SEQ: u64 = (1 << 53) - 1;

const PARAMETERS: &[Parameter] = &[
    Parameter::query(
        "e",
        "The epoch of the client's cursor; needed without `Last-Event-ID`.",
        Values::Text { max_chars: 64 },
    ),
    Parameter::query(
        "s",
        "The sequence number of the client's cursor; needed without `Last-Event-ID`.",
        Values::Whole {
            min: 0,
            max: MAX_SEQ,
        },
    ),
    Parameter::query(
        "kind",
        "What the page is. Default `console`.",
        Values::OneOf(&["console", "wall", "embed"]),
    ),
];

/// The row's own words.
#[must_use]
pub fn about_stream() -> About {
    About::new(
        "followFeed",
        "The live feed as server-sent events, for networks that let no WebSocket through.",
    )
    .parameters(PARAMETERS)
    .parameters(&[Parameter::header(
        "Last-Event-ID",
        "The last `id` as it came; it wins over the cursor in the query.",
        Values::Text { max_chars: 96 },
    )])
    .answers_text(
        200,
        "text/event-stream",
        "Messages of the feed, one an event.",
    )
    .fails(
        503,
        "Too many clients come at once; come again after `Retry-After`.",
    )
}

/// The row's own words.
#[must_use]
pub fn about_pong() -> About {
    About::new(
        "answerPing",
        "The pong of a client that follows by server-sent events.",
    )
    .takes::<StreamPong>()
    .answers_nothing(204, "It was taken.")
    .fails(404, "This session has no such stream open.")
}

/// Follows the feed from a cursor on, until the client goes, is closed, or must fetch a snapshot.
pub async fn stream(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Failure> {
    let params = query.only(PARAMETERS)?;
    let kinds = [("console", "console"), ("wall", "wall"), ("embed", "embed")];
    let kind = params.word("kind", &kinds)?.unwrap_or("console");
    let cursor = cursor(&params, &headers)?;
    let by_cookie = matches!(caller.token, Some((_, SessionKind::Browser)));
    if by_cookie {
        of_our_page(&api, &headers)?;
    }
    admit(&api)?;
    let session = caller.principal.session.0.clone();
    let (context, visitor) = visit(&api, caller.principal, &address);
    let hub = api.hub().clone();
    let (events, body) = hub.open_events(&session, kind.to_owned(), cursor);
    let serving = hub.clone();
    hub.spawn(async move {
        serving.serve(Link::Events(events), visitor, context).await;
    });
    let chunks = stream::unfold(body, |mut body| async move {
        let chunk = body.recv().await?;
        Some((Ok::<_, Infallible>(chunk), body))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-transform"),
    );
    // Asks proxies of the nginx kind not to hold frames back.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    headers.insert(unbuffered, HeaderValue::from_static("no"));
    Ok(response)
}

/// Takes the pong of one of the session's streams.
pub async fn pong(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    body: Json<StreamPong>,
) -> Result<StatusCode, Failure> {
    let StreamPong { stream, n, s, h } = body.value;
    let pong = ClientMessage::Pong { n, s, h };
    if api.hub().say(&principal.session.0, stream, pong) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Failure::not_found(
            "This session has no such stream open. Open another one with your cursor.",
        ))
    }
}

/// Where the client stands: what it last received wins over the address, which is as old as the page's script.
fn cursor(params: &Params, headers: &HeaderMap) -> Result<Cursor, Failure> {
    if let Some(id) = headers.get(LAST_EVENT_ID) {
        let read = id.to_str().ok().and_then(|text| {
            let (e, s) = text.rsplit_once('.')?;
            let s = s.parse().ok().filter(|s| *s <= MAX_SEQ)?;
            Some(Cursor { e: e.to_owned(), s })
        });
        return read.ok_or_else(|| {
            wrong(
                "Last-Event-ID",
                "`Last-Event-ID` is not one of ours; send the last `id` as it came.".to_owned(),
            )
        });
    }
    let missing = |name: &str| {
        wrong(
            name,
            format!("Send `e` and `s`, the cursor of your snapshot; `{name}` is missing."),
        )
    };
    Ok(Cursor {
        e: params.text("e").ok_or_else(|| missing("e"))?.to_owned(),
        s: params
            .number("s", 0..=MAX_SEQ)?
            .ok_or_else(|| missing("s"))?,
    })
}

/// With a cookie, only our own pages follow: another site's could not read the frames, but would take seats.
fn of_our_page(api: &Api, headers: &HeaderMap) -> Result<(), Failure> {
    let own_site = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin" || site == "none");
    let own_origin = headers.get(ORIGIN).is_none_or(|origin| {
        let text = origin.to_str().unwrap_or_default();
        api.origins().admits(text, headers)
    });
    if own_site && own_origin {
        return Ok(());
    }
    ::metrics::counter!("watchfloor_feed_refused_total", "why" => "origin").increment(1);
    Err(Failure::new(
        StatusCode::FORBIDDEN,
        "origin",
        "Not from our page",
        "The stream is followed by this gateway's own pages, or with a token as `Authorization: Bearer`.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, id: Option<&str>) -> Option<(String, u64)> {
        let params = Query::parse(query).only(PARAMETERS).ok()?;
        let mut headers = HeaderMap::new();
        if let Some(id) = id {
            headers.insert(LAST_EVENT_ID, id.parse().ok()?);
        }
        let cursor = cursor(&params, &headers).ok()?;
        Some((cursor.e, cursor.s))
    }

    #[test]
    fn the_last_event_wins_over_the_address() {
        let at = |e: &str, s| Some((e.to_owned(), s));
        for (query, id, cursor) in [
            ("e=E&s=7", None, at("E", 7)),
            ("e=E&s=7", Some("F.9"), at("F", 9)),
            ("", Some("a.b.9"), at("a.b", 9)),
            ("e=E&s=7", Some("9"), None),
            ("e=E&s=7", Some("F.x"), None),
            ("e=E&s=7", Some("F.99999999999999999"), None),
            ("e=E", None, None),
            ("s=7", None, None),
            ("e=E&s=-1", None, None),
        ] {
            assert_eq!(read(query, id), cursor, "{query} {id:?}");
        }
    }
}
