//! Asking over HTTP. Every round connects anew: a connection that is kept open would hide that no new ones
//! are accepted, and would reach an address that its name no longer has.

use std::error::Error;
use std::io;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
};
use reqwest::{Client, Method, Response, redirect};

use super::network::{Network, Resolver};
use super::tls::Trust;
use super::{AskerError, USER_AGENT};
use crate::config::probe::ProbeKind;
use crate::sources::answer::{Body, Failure, HttpAnswer};
use crate::sources::plan::Probe;

/// How much of a body is read.
const BODY_BYTES: usize = 64 * 1_024;
/// How much of a Prometheus page is read; an ordinary one is larger than other answers.
const PAGE_BYTES: usize = 1_024 * 1_024;

pub(crate) fn client(network: &Arc<Network>, trust: &Trust) -> Result<Client, AskerError> {
    let identity = HeaderValue::from_static("identity");
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, identity)]))
        .dns_resolver(Arc::new(Resolver(Arc::clone(network))))
        .tls_backend_preconfigured(trust.verified())
        .redirect(redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()?;
    Ok(client)
}

pub(super) async fn ask(client: &Client, probe: &Probe) -> Result<HttpAnswer, Failure> {
    let kind = probe.config.kind;
    let method = match kind {
        ProbeKind::Head => Method::HEAD,
        _ => Method::GET,
    };
    let request = client.request(method, probe.url.clone()).send().await;
    let response = request.map_err(|error| failure(&error))?;
    let headers = response.headers();
    let mut answer = HttpAnswer {
        status: response.status().as_u16(),
        content_type: header(headers, &CONTENT_TYPE),
        content_encoding: header(headers, &CONTENT_ENCODING).filter(|it| it != "identity"),
        location: header(headers, &LOCATION),
        body: Body::NotRead,
    };
    answer.body = match kind {
        ProbeKind::Head | ProbeKind::Redirect => Body::NotRead,
        ProbeKind::Prometheus => body(response, PAGE_BYTES).await,
        _ => body(response, BODY_BYTES).await,
    };
    Ok(answer)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

async fn body(mut response: Response, limit_bytes: usize) -> Body {
    let mut read = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if read.len() + chunk.len() > limit_bytes => {
                return Body::TooLarge { limit_bytes };
            }
            Ok(Some(chunk)) => read.extend_from_slice(&chunk),
            Ok(None) => return Body::Whole(read),
            Err(_) => {
                return Body::BrokenOff {
                    after_bytes: read.len(),
                };
            }
        }
    }
}

/// The client wraps what happened in several layers; the first one that says something definite counts.
pub(crate) fn failure(error: &reqwest::Error) -> Failure {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    let mut innermost = String::new();
    while let Some(it) = next {
        if let Some(found) = definite(it) {
            return found;
        }
        innermost = it.to_string();
        next = it.source();
    }
    if error.is_connect() {
        Failure::Other { why: innermost }
    } else {
        Failure::Protocol { why: innermost }
    }
}

fn definite(error: &(dyn Error + 'static)) -> Option<Failure> {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return Some(failure.clone());
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(Failure::Tls {
            why: tls.to_string(),
        });
    }
    let io = error.downcast_ref::<io::Error>()?;
    // An error inside an `io::Error` is not among its sources.
    if let Some(inner) = io.get_ref() {
        let inner: &(dyn Error + 'static) = inner;
        return definite(inner);
    }
    match Failure::from(io::Error::from(io.kind())) {
        Failure::Other { .. } => Some(Failure::Other {
            why: io.to_string(),
        }),
        known => Some(known),
    }
}
