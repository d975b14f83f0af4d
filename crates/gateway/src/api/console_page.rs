//! `GET {base}[/…]`: files of the console, its index for every other page, and the same board as text or JSON
//! for `curl`.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use watchfloor_wire::snapshot::Snapshot;

use super::Api;
use super::board::board_text;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::policy::BOARD;
use crate::auth::Principal;
use crate::console::File;
use crate::console::negotiate::{best_coding, best_type, matches_etag};

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOT_BUILT: &str = "The console is not built into this binary: run cargo xtask run\n";
const SIGN_IN_TEXT: &str = "Not signed in. Send a token:\n\n    curl -H \"Authorization: Bearer $TOKEN\" …\n\n\
    `watchfloor account token --data DIR NAME` makes one.\n";

/// The row's own words.
#[must_use]
pub fn about_home() -> About {
    About::new("home", "Leads to the console.").answers_nothing(307, "`Location` is the console.")
}

fn page_words(operation: &'static str, summary: &'static str) -> About {
    About::new(operation, summary)
        .answers::<Snapshot>(
            200,
            "The page; or, as `Accept` asks, the same board as text or JSON.",
        )
        .answers_text(200, "text/html", "")
        .answers_text(200, "text/plain", "")
        .answers_text(
            401,
            "text/plain",
            "The board as text or JSON is for who is signed in.",
        )
        .answers_text(
            503,
            "text/plain",
            "The console is not built into this binary.",
        )
        .fails(401, "The board as text or JSON is for who is signed in.")
}

/// The row's own words.
#[must_use]
pub fn about_root() -> About {
    page_words("readConsole", "The console, or the board for `curl`.")
}

/// The row's own words.
#[must_use]
pub fn about_root_with_slash() -> About {
    page_words("readConsoleWithSlash", "The same.")
}

/// The row's own words.
#[must_use]
pub fn about_below() -> About {
    page_words(
        "readConsolePage",
        "A page or file of the console; `path` may hold slashes.",
    )
    .parameters(&[Parameter::path(
        "path",
        "Below the console's address.",
        Values::Text { max_chars: 2_000 },
    )])
    .answers_text(200, "*/*", "")
    .answers_nothing(304, "The file is the one that is already there.")
    .fails(404, "The console has no such file.")
}

/// `GET /`: leads to the console.
pub async fn home(State(api): State<Api>) -> Redirect {
    Redirect::temporary(api.base_path())
}

/// `GET {base}` and `{base}/`.
pub async fn root(
    state: State<Api>,
    principal: Option<Extension<Principal>>,
    headers: HeaderMap,
) -> Response {
    page(&state.0, principal.map(|it| it.0), "", &headers).await
}

/// `GET {base}/{path}`.
pub async fn below(
    state: State<Api>,
    principal: Option<Extension<Principal>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state.0, principal.map(|it| it.0), &path, &headers).await
}

async fn page(
    api: &Api,
    principal: Option<Principal>,
    path: &str,
    headers: &HeaderMap,
) -> Response {
    if let Some(file) = api.console().file(path) {
        return serve_file(file, headers);
    }
    // A browser's address bar asks for HTML; `curl` takes anything and gets text.
    let place = best_type(
        headers.get(ACCEPT),
        &["text/plain", "text/html", "application/json"],
    );
    let is_file_name = path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'));
    let mut response = match place {
        Some(1) => index(api),
        // A file of an older build: an HTML page in its place would only confuse what asked for it.
        _ if is_file_name => {
            Failure::not_found(format!("The console has no file `{path}`.")).into_response()
        }
        Some(2) => json_board(api, principal).await,
        _ => text_board(api, principal),
    };
    let vary = HeaderValue::from_static("accept, cookie, authorization");
    response.headers_mut().insert(VARY, vary);
    response
}

fn index(api: &Api) -> Response {
    match api.console().index() {
        Some(body) => with_type(StatusCode::OK, HTML, body),
        None => with_type(StatusCode::SERVICE_UNAVAILABLE, PLAIN, NOT_BUILT),
    }
}

fn with_type(status: StatusCode, content_type: HeaderValue, body: impl IntoResponse) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn serve_file(file: &File, headers: &HeaderMap) -> Response {
    let etag = file.etag.to_str().unwrap_or_default();
    let coding = best_coding(headers, &file.codings);
    let mut response = if matches_etag(headers.get(IF_NONE_MATCH), etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = with_type(StatusCode::OK, file.content_type.clone(), file.body(coding));
        if let Some(name) = coding.header() {
            response.headers_mut().insert(CONTENT_ENCODING, name);
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, file.etag.clone());
    headers.insert(CACHE_CONTROL, file.cache_control.clone());
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn may_see(principal: Option<Principal>) -> Option<Principal> {
    principal.filter(|it| BOARD.admits(it.role))
}

fn text_board(api: &Api, principal: Option<Principal>) -> Response {
    if may_see(principal).is_none() {
        return with_type(StatusCode::UNAUTHORIZED, PLAIN, SIGN_IN_TEXT);
    }
    let text = board_text(&api.hub().state(), api.clock().now());
    with_type(StatusCode::OK, PLAIN, text)
}

async fn json_board(api: &Api, principal: Option<Principal>) -> Response {
    let Some(principal) = may_see(principal) else {
        return Failure::signed_out().into_response();
    };
    let snapshot = api.hub().snapshot(principal.role);
    let json = HeaderValue::from_static("application/json");
    with_type(StatusCode::OK, json, snapshot.json.clone())
}
