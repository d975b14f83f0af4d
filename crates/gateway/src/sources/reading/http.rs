//! Answers over HTTP: status, type, text, redirect; what the body says is read in [`super::json`].

use url::Url;
use watchfloor_wire::time::UnixMs;

use super::{Reading, json};
use crate::config::probe::ProbeKind;
use crate::observation::Outcome;
use crate::sources::answer::{Body, HttpAnswer};
use crate::sources::plan::Probe;
use crate::sources::wording::clean;

/// Statuses that are right for a redirect when none are configured.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

pub(super) fn http(probe: &Probe, answer: &HttpAnswer, now: UnixMs) -> Reading {
    if let Some(reason) = wrong_status(probe, answer) {
        // Health pages often answer 503 and still say what of them is ill.
        let said = text(answer).and_then(|text| json::parse(&text));
        return match said {
            Ok(said) if probe.reads_json() => json::failed(probe, &reason, &said, now),
            _ => Reading::down(probe, &reason),
        };
    }
    if let Some(reason) = wrong_type(probe, answer) {
        return Reading::unknown(probe, &reason);
    }
    if probe.config.kind == ProbeKind::Head {
        return Reading::all(probe, &Outcome::Ok);
    }
    let text = match text(answer) {
        Ok(text) => text,
        Err(reason) => return Reading::unknown(probe, &reason),
    };
    if let Some(reason) = missing_text(probe, &text) {
        return Reading::down(probe, &reason);
    }
    if !probe.reads_json() {
        return Reading::all(probe, &Outcome::Ok);
    }
    match json::parse(&text) {
        Ok(said) => json::read(probe, &said, now),
        Err(reason) => Reading::unknown(probe, &reason),
    }
}

/// What is wrong with the status, if anything is.
pub(super) fn wrong_status(probe: &Probe, answer: &HttpAnswer) -> Option<String> {
    let status = answer.status;
    let expected = &probe.config.expect_status;
    let right = if !expected.is_empty() {
        expected.contains(&status)
    } else if probe.config.kind == ProbeKind::Redirect {
        REDIRECTS.contains(&status)
    } else {
        (200..=299).contains(&status)
    };
    let to = answer.location.as_deref().map(clean);
    match to {
        _ if right => None,
        Some(to) if (300..=399).contains(&status) => Some(format!("HTTP {status} to {to}")),
        _ => Some(format!("HTTP {status}")),
    }
}

/// What is wrong with the content type, if anything is.
pub(super) fn wrong_type(probe: &Probe, answer: &HttpAnswer) -> Option<String> {
    let wanted = probe.config.expect_content_type.as_deref()?;
    let Some(found) = answer.content_type.as_deref() else {
        return Some(format!(
            "the answer has no content type, and should be {wanted}"
        ));
    };
    let right = found
        .to_ascii_lowercase()
        .starts_with(&wanted.to_ascii_lowercase());
    (!right).then(|| format!("the answer is {}, not {wanted}", clean(found)))
}

/// What is wrong with the text, if the text that must be in it is not.
pub(super) fn missing_text(probe: &Probe, text: &str) -> Option<String> {
    let wanted = probe.config.expect_text.as_deref()?;
    (!text.contains(wanted)).then(|| format!("the answer does not hold `{}`", clean(wanted)))
}

/// The body as text, or why there is none.
pub(super) fn text(answer: &HttpAnswer) -> Result<String, String> {
    if let Some(encoding) = answer.content_encoding.as_deref() {
        return Err(format!(
            "the answer is encoded as {}, which was not asked for",
            clean(encoding)
        ));
    }
    match &answer.body {
        Body::Whole(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        Body::NotRead => Ok(String::new()),
        Body::TooLarge { limit_bytes } => Err(format!(
            "the answer is larger than {} KiB",
            limit_bytes / 1_024
        )),
        Body::BrokenOff { after_bytes } => {
            Err(format!("the answer broke off after {after_bytes} bytes"))
        }
    }
}

pub(super) fn redirect(probe: &Probe, answer: &HttpAnswer) -> Reading {
    match wrong_status(probe, answer).or_else(|| wrong_target(probe, answer)) {
        Some(reason) => Reading::down(probe, &reason),
        None => Reading::all(probe, &Outcome::Ok),
    }
}

fn wrong_target(probe: &Probe, answer: &HttpAnswer) -> Option<String> {
    let Some(location) = answer.location.as_deref() else {
        return Some(format!("HTTP {} without saying where to", answer.status));
    };
    let wanted = probe.config.expect_location.as_deref().unwrap_or_default();
    if !location.starts_with(wanted) {
        return Some(format!("redirects to {}, not to {wanted}", clean(location)));
    }
    let target = match probe.url.join(location) {
        Ok(target) => target,
        Err(error) => return Some(format!("redirects to no address: {error}")),
    };
    let mut wanted = probe.config.expect_query.iter();
    wanted.find_map(|(name, value)| wrong_parameter(&target, name, value))
}

fn wrong_parameter(target: &Url, name: &str, wanted: &str) -> Option<String> {
    let mut values = target.query_pairs().filter(|(key, _)| key == name);
    match values.next() {
        None => Some(format!("redirects without `{name}`")),
        Some((_, found)) if found != wanted => Some(format!(
            "redirects with `{name}` = {}, not {}",
            clean(&found),
            clean(wanted)
        )),
        Some(_) => None,
    }
}
