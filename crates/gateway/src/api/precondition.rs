//! The headers that make a change happen once, and against what the person saw.

use http::header::IF_MATCH;
use http::{HeaderMap, StatusCode};
use sha2::{Digest as _, Sha256};
use watchfloor_wire::permits::Action;

use super::failure::Failure;
use super::openapi::about::{Parameter, Values};

/// The header that makes a retry the same request.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The key in the description.
pub const KEY: Parameter = Parameter::header(
    "Idempotency-Key",
    "8 to 128 visible characters, new for each doing and the same for its retries; use a UUID.",
    Values::Text { max_chars: 128 },
)
.needed();

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

/// The version that the person saw; 0 without one for what holds whatever the version is.
///
/// # Errors
/// A 428 without one, a 400 for one that cannot be.
pub fn if_match(headers: &HeaderMap, action: Action) -> Result<u64, Failure> {
    if action.holds_for_any_version() && !headers.contains_key(IF_MATCH) {
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

/// SHA-256 of what is asked for, in hex: the same key with another one is another request.
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
    fn only_what_adds_to_an_incident_needs_no_version() {
        for action in Action::ALL {
            let needs_none = if_match(&HeaderMap::new(), action).is_ok();
            assert_eq!(needs_none, action.holds_for_any_version(), "{action:?}");
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
