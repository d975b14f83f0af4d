//! One request: how it is sent, and how each way it can fail becomes an [`ApiError`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_net::http::{Method, RequestBuilder};
use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use watchfloor_wire::feed::Cursor;
use watchfloor_wire::problem::Problem;
use web_sys::RequestCache;

use super::ApiError;
use crate::page_event;
use crate::route::encode;

/// Where the API lives on the page's own origin.
const ROOT: &str = "/api/monitoring";
/// How long an answer may take, in milliseconds.
const TIME_LIMIT_MS: u32 = 12_000;

thread_local! {
    // The console has one thread and one session; a context would not be there after the first await.
    static ON_SIGNED_OUT: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
    static SOMEBODY_ACTED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that somebody used the page; the next request says so, which keeps the session alive. Requests that
/// the page makes by itself do not.
pub(crate) fn somebody_acted() {
    SOMEBODY_ACTED.set(true);
}

/// Whether somebody used the page since the last request.
pub(crate) fn has_somebody_acted() -> bool {
    SOMEBODY_ACTED.get()
}

/// Names what happens when any request is answered "nobody is signed in".
pub(crate) fn on_signed_out(act: impl Fn() + 'static) {
    ON_SIGNED_OUT.with(|it| *it.borrow_mut() = Some(Rc::new(act)));
}

/// A request being put together.
pub(super) struct Call {
    builder: RequestBuilder,
    /// Whether 401 means wrong credentials here, and not that the session has ended.
    signs_in: bool,
}

/// How many connections a browser keeps to one server.
const CONNECTIONS_KEPT: usize = 6;
/// How long one of them has to answer, in milliseconds, before it is taken for dead.
const ALIVE_WITHIN_MS: u32 = 1_000;

/// Has the browser drop the connections to the gateway that are dead: each is given a small question, and one that is
/// given up unanswered is closed. Until then every request in turn would wait on one of them in vain.
///
/// The questions go past the browser's cache: through it, those with the same address wait for the answer to the first
/// one, and a single dead connection would be found instead of all.
pub(crate) fn renew_connections() {
    page_event::announce(page_event::RENEW, &JsValue::NULL);
    for _ in 0..CONNECTIONS_KEPT {
        let limit = web_sys::AbortSignal::timeout_with_u32(ALIVE_WITHIN_MS);
        leptos::task::spawn_local(async move {
            let question = RequestBuilder::new("/api/health")
                .cache(RequestCache::NoStore)
                .abort_signal(Some(&limit));
            // Whatever comes of it: the question is only there to be given up.
            let _ = question.send().await;
        });
    }
}

impl Call {
    pub(super) fn get(path: &str) -> Self {
        Self::new(path, Method::GET)
    }

    /// A request that changes something, with the header that other origins cannot send.
    pub(super) fn post(path: &str) -> Self {
        Self::new(path, Method::POST).header("X-Watchfloor-CSRF", "1")
    }

    pub(super) fn delete(path: &str) -> Self {
        Self::new(path, Method::DELETE).header("X-Watchfloor-CSRF", "1")
    }

    fn new(path: &str, method: Method) -> Self {
        let mut builder = RequestBuilder::new(&format!("{ROOT}{path}"))
            .method(method)
            .header("Accept", "application/json")
            // Nothing that the gateway answers here may be kept, and in the browser's cache a request would wait for one
            // of the same address that hangs on a dead connection.
            .cache(RequestCache::NoStore)
            .abort_signal(Some(&web_sys::AbortSignal::timeout_with_u32(TIME_LIMIT_MS)));
        if SOMEBODY_ACTED.replace(false) {
            builder = builder.header("X-Watchfloor-Activity", "1");
        }
        Self {
            builder,
            signs_in: false,
        }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub(super) const fn signs_in(mut self) -> Self {
        self.signs_in = true;
        self
    }

    /// Sends it without a body.
    pub(super) async fn send<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        self.send_and_read(|text| serde_json::from_str(text)).await
    }

    /// Sends it without a body; the answer is read in its own way.
    pub(super) async fn send_and_read<T>(
        self,
        read: impl FnOnce(&str) -> serde_json::Result<T>,
    ) -> Result<T, ApiError> {
        exchange(self, None).await?.read(read)
    }

    /// Sends it with a body.
    pub(super) async fn send_json<T: DeserializeOwned>(
        self,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        let text = serde_json::to_string(body).map_err(|error| ApiError::Unreadable {
            status: 0,
            detail: error.to_string(),
        })?;
        let answer = exchange(self, Some(text)).await?;
        answer.read(|text| serde_json::from_str(text))
    }

    /// Sends it without a body and expects none.
    pub(super) async fn send_for_nothing(self) -> Result<(), ApiError> {
        exchange(self, None).await.map(drop)
    }
}

/// An answer that is no failure.
struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    fn read<T>(&self, read: impl FnOnce(&str) -> serde_json::Result<T>) -> Result<T, ApiError> {
        // No content is no value, for the few routes that may have none.
        let text = if self.status == 204 {
            "null"
        } else {
            &self.text
        };
        read(text).map_err(|error| ApiError::Unreadable {
            status: self.status,
            detail: error.to_string(),
        })
    }
}

async fn exchange(call: Call, body: Option<String>) -> Result<Answer, ApiError> {
    let signs_in = call.signs_in;
    let sent = match body {
        Some(text) => {
            let request = call
                .builder
                .header("Content-Type", "application/json")
                .body(text);
            match request {
                Ok(request) => request.send().await,
                Err(error) => Err(error),
            }
        }
        None => call.builder.send().await,
    };
    let response = sent.map_err(|error| unreachable_gateway(&error))?;
    let status = response.status();
    let text = response
        .text()
        .await
        .map_err(|error| unreachable_gateway(&error))?;
    if response.ok() {
        return Ok(Answer { status, text });
    }
    if status == 401 && !signs_in {
        let act = ON_SIGNED_OUT.with(|it| it.borrow().clone());
        if let Some(act) = act {
            act();
        }
        return Err(ApiError::SignedOut);
    }
    Err(ApiError::Refused(Box::new(problem(status, &text))))
}

fn unreachable_gateway(error: &gloo_net::Error) -> ApiError {
    match error {
        gloo_net::Error::JsError(error) if error.name == "TimeoutError" => ApiError::TimedOut,
        _ => ApiError::Network,
    }
}

/// The problem in an answer, or one made up from its status when a proxy answered instead of the gateway.
pub(super) fn problem(status: u16, text: &str) -> Problem {
    serde_json::from_str(text).unwrap_or_else(|_| Problem {
        status,
        code: "unexpected".to_owned(),
        title: format!("The gateway answered with status {status}"),
        detail: String::new(),
        errors: Vec::new(),
        current: None,
    })
}

/// The address of the feed's socket on the page's own origin.
pub(crate) fn feed_address() -> String {
    let location = window().location();
    let secure = location.protocol().is_ok_and(|it| it == "https:");
    let scheme = if secure { "wss" } else { "ws" };
    let host = location.host().unwrap_or_default();
    format!("{scheme}://{host}{ROOT}/feed")
}

/// The address of the feed as events, from a cursor on.
pub(crate) fn events_address(cursor: &Cursor, kind: &str) -> String {
    let epoch = encode(&cursor.e);
    format!("{ROOT}/feed/stream?e={epoch}&s={}&kind={kind}", cursor.s)
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn a_proxys_page_becomes_a_problem_with_its_status() {
        let it = problem(502, "<html>Bad gateway</html>");
        assert_eq!(it.status, 502);
        assert_eq!(it.title, "The gateway answered with status 502");
    }

    #[test]
    fn the_gateways_problem_is_taken_as_it_is() {
        let it = problem(
            409,
            r#"{"status":409,"code":"resolved","title":"Resolved","detail":"Over."}"#,
        );
        assert_eq!(it.detail, "Over.");
    }
}
