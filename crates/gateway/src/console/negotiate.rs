//! Content negotiation: `Accept`, `Accept-Encoding` with their weights, and `If-None-Match`.

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};

/// How a body is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Br,
    /// Gzip.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// The value of `Content-Encoding`; `None` for [`Self::Identity`].
    #[must_use]
    pub const fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Br => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Identity => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }
}

/// One entry of a header with weights.
struct Weighted<'a> {
    name: &'a str,
    weight: f32,
}

fn weighted(text: &str) -> impl Iterator<Item = Weighted<'_>> {
    text.split(',').filter_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let weight = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(Some(1.0), |text| text.parse().ok())?;
        (0.0..=1.0)
            .contains(&weight)
            .then_some(Weighted { name, weight })
    })
}

/// The best of `offered` that the client takes, in order of its weights and then ours; identity when it takes
/// none of them.
#[must_use]
pub fn best_coding(headers: &HeaderMap, offered: &[Coding]) -> Coding {
    let text: Vec<&str> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let text = text.join(",");
    let weight_of = |coding: &Coding| {
        let named = |name: &str| weighted(&text).find(|it| it.name.eq_ignore_ascii_case(name));
        named(coding.name())
            .or_else(|| named("*"))
            .map_or(0.0, |it| it.weight)
    };
    let mut best = (Coding::Identity, 0.0);
    for coding in offered {
        let weight = weight_of(coding);
        if weight > best.1 {
            best = (*coding, weight);
        }
    }
    best.0
}

/// The place in `offered` of the media type that the client wants most; without a header the first. `None`
/// when it takes none of them.
#[must_use]
pub fn best_type(accept: Option<&HeaderValue>, offered: &[&str]) -> Option<usize> {
    let Some(text) = accept.and_then(|value| value.to_str().ok()) else {
        return Some(0);
    };
    let mut best: Option<(usize, f32)> = None;
    for (place, offer) in offered.iter().enumerate() {
        let weight = type_weight(text, offer);
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((place, weight));
        }
    }
    best.map(|(place, _)| place)
}

/// The weight that the most specific entry gives the type; 0 when there is none.
fn type_weight(accept: &str, offer: &str) -> f32 {
    let family = offer.split('/').next().unwrap_or_default();
    let specificity = |name: &str| {
        if name.eq_ignore_ascii_case(offer) {
            Some(2)
        } else if name.strip_suffix("/*") == Some(family) {
            Some(1)
        } else {
            (name == "*/*").then_some(0)
        }
    };
    weighted(accept)
        .filter_map(|it| specificity(it.name).map(|rank| (rank, it.weight)))
        .max_by_key(|(rank, _)| *rank)
        .map_or(0.0, |(_, weight)| weight)
}

/// Whether a client that named these tags has what `etag` names. Weak and strong tags count as equal.
#[must_use]
pub fn matches_etag(if_none_match: Option<&HeaderValue>, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| {
            text.split(',')
                .any(|tag| tag.trim() == "*" || bare(tag) == bare(etag))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coding(text: &'static str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(text));
        best_coding(&headers, &[Coding::Br, Coding::Gzip])
    }

    #[test]
    fn the_clients_weights_decide_and_then_ours() {
        for (text, expected) in [
            ("gzip, deflate, br, zstd", Coding::Br),
            ("gzip", Coding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("br;q=0, *;q=0.1", Coding::Gzip),
            ("*", Coding::Br),
            ("identity", Coding::Identity),
            ("br;q=0,gzip;q=0", Coding::Identity),
            ("br;q=2", Coding::Identity),
            ("BR", Coding::Br),
            ("", Coding::Identity),
        ] {
            assert_eq!(coding(text), expected, "{text}");
        }
    }

    #[test]
    fn the_most_specific_entry_judges_a_type() {
        let offered = ["text/html", "text/plain", "application/json"];
        for (text, place) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(0)),
            ("*/*", Some(0)),
            ("application/json", Some(2)),
            ("text/*;q=0.5, application/json;q=0.4", Some(0)),
            ("text/*, text/html;q=0.1", Some(1)),
            ("text/html;q=0, */*", Some(1)),
            ("image/png", None),
        ] {
            let accept = HeaderValue::from_static(text);
            assert_eq!(best_type(Some(&accept), &offered), place, "{text}");
        }
        assert_eq!(best_type(None, &offered), Some(0));
    }

    #[test]
    fn tags_are_compared_weakly() {
        for (sent, equal) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("", false),
        ] {
            let value = HeaderValue::from_static(sent);
            assert_eq!(matches_etag(Some(&value), "W/\"a\""), equal, "{sent}");
        }
        assert!(!matches_etag(None, "\"a\""));
    }
}
