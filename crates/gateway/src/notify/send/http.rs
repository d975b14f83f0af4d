//! One request, and what its answer means. Redirects are not followed: an address that was not checked is never
//! reached.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response};

use super::{Address, Request};
use crate::notify::outcome::TryError;
use crate::sources::answer::Failure;
use crate::sources::asking::Network;
use crate::sources::asking::http::failure;
use crate::sources::wording::clean;

/// How much of an answer is read.
const ANSWER_BYTES: usize = 2 * 1_024;

pub(super) async fn post(
    client: &Client,
    network: &Arc<Network>,
    url: &Address,
    request: Request,
) -> Result<(), TryError> {
    network.judge(&url.0).await.map_err(|it| try_error(&it))?;
    let mut posted = client
        .post(url.0.clone())
        .header(CONTENT_TYPE, request.content_type)
        .body(request.body);
    for (name, value) in request.headers {
        posted = posted.header(name, value);
    }
    let answer = posted.send().await;
    // The client's own words hold the address, which is often the secret.
    let answer = answer.map_err(|error| try_error(&failure(&error.without_url())))?;
    judge(answer).await
}

/// What a failure of the network means.
pub(super) fn try_error(failure: &Failure) -> TryError {
    match failure {
        Failure::Denied { why } => {
            TryError::lasting(format!("its address may not be reached: {}", clean(why)))
        }
        other => TryError::passing(other.to_string()),
    }
}

async fn judge(answer: Response) -> Result<(), TryError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    if status.is_redirection() {
        let code = status.as_u16();
        return Err(TryError::lasting(format!(
            "it answers {code} and sends elsewhere, which is not followed"
        )));
    }
    let retry_after_ms = retry_after_ms(&answer);
    let said = words(answer).await;
    let why = match said.as_str() {
        "" => format!("it answers {}", status.as_u16()),
        said => format!("it answers {}: {said}", status.as_u16()),
    };
    let may_pass = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
    Err(TryError {
        why,
        may_pass,
        retry_after_ms,
    })
}

/// How long the receiver asks to be left alone: seconds, or a date by its own clock.
fn retry_after_ms(answer: &Response) -> Option<i64> {
    let header = |name| answer.headers().get(name)?.to_str().ok();
    let text: &str = header(&RETRY_AFTER)?.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000);
    }
    let moment = |text: &str| -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc2822(text).ok().map(Into::into)
    };
    let here = moment(header(&http::header::DATE)?)?;
    Some(moment(text)?.signed_duration_since(here).num_milliseconds())
}

/// The beginning of an answer, as one clean line.
async fn words(mut answer: Response) -> String {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        let left = ANSWER_BYTES - read.len();
        read.extend(chunk.iter().take(left));
        if read.len() >= ANSWER_BYTES {
            break;
        }
    }
    clean(&String::from_utf8_lossy(&read))
}
