//! Where a request comes from: proof that a mutation was made by our own page, and the origin of sockets.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

use super::failure::Failure;

/// The header that only scripts of our own origin can set without asking first.
pub const CSRF_HEADER: &str = "x-watchfloor-csrf";

/// What counts as our own origin.
#[derive(Clone, Debug)]
pub struct Origins {
    /// Origins besides that of the request's `Host`.
    pub allowed: Vec<String>,
    /// Whether `http` is never ours.
    pub https_only: bool,
}

impl Origins {
    /// Whether an `Origin` header names this gateway as the request's `Host` does, or is allowed by name.
    /// `null` never is.
    #[must_use]
    pub fn admits(&self, origin: &str, headers: &HeaderMap) -> bool {
        if self.allowed.iter().any(|it| it == origin) {
            return true;
        }
        let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
            return false;
        };
        let secure = origin.strip_prefix("https://") == Some(host);
        let plain = !self.https_only && origin.strip_prefix("http://") == Some(host);
        !host.is_empty() && (secure || plain)
    }

    /// Checks that a mutation in a browser's session was made by a script of our own page.
    ///
    /// # Errors
    /// A 403 that says which proof is missing.
    pub fn prove_page(&self, headers: &HeaderMap) -> Result<(), Failure> {
        if headers.get(CSRF_HEADER).is_none_or(|value| value != "1") {
            return Err(refused(
                "Send the header `X-Watchfloor-CSRF: 1`, or a token as `Authorization: Bearer`.",
            ));
        }
        if let Some(site) = headers.get("sec-fetch-site") {
            // Also `same-site` is hostile: a sibling host is not this one.
            return (site == "same-origin")
                .then_some(())
                .ok_or_else(|| refused("The request comes from another site's page."));
        }
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        match origin {
            Some(origin) if self.admits(origin, headers) => Ok(()),
            Some(_) => Err(refused(
                "The request's `Origin` is neither this gateway nor one of `allowed_origins`.",
            )),
            None => Err(refused(
                "The request has neither `Sec-Fetch-Site` nor `Origin`, so it does not show where it comes from.",
            )),
        }
    }

    /// The origin of the page that opens a socket.
    ///
    /// # Errors
    /// A 403 when there is none, or it is not one of ours.
    pub fn of_socket<'a>(&self, headers: &'a HeaderMap) -> Result<&'a str, Failure> {
        headers
            .get(ORIGIN)
            .and_then(|origin| origin.to_str().ok())
            .filter(|origin| self.admits(origin, headers))
            .ok_or_else(|| {
                refused(
                    "A socket's `Origin` must be this gateway or one of `allowed_origins`. Programs send a token as `Authorization: Bearer` instead.",
                )
            })
    }
}

fn refused(detail: &str) -> Failure {
    let status = http::StatusCode::FORBIDDEN;
    Failure::new(status, "origin", "Not from our page", detail)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    const OURS: Origins = Origins {
        allowed: Vec::new(),
        https_only: false,
    };

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn an_origin_is_ours_only_when_it_is_exactly_the_host() {
        let at = headers(&[("host", "mon.example:8080")]);
        for (origin, ours) in [
            ("http://mon.example:8080", true),
            ("https://mon.example:8080", true),
            ("http://mon.example", false),
            ("http://mon.example:80801", false),
            ("http://a.mon.example:8080", false),
            ("http://evil@mon.example:8080", false),
            ("http://mon.example:8080/", false),
            ("HTTP://mon.example:8080", false),
            ("null", false),
            ("", false),
            ("ws://mon.example:8080", false),
        ] {
            assert_eq!(OURS.admits(origin, &at), ours, "{origin}");
        }
        assert!(!OURS.admits("http://", &headers(&[("host", "")])));
        assert!(!OURS.admits("http://a", &headers(&[])));
    }

    #[test]
    fn with_https_only_a_plain_page_is_not_ours() {
        let origins = Origins {
            allowed: vec!["https://admin.example".to_owned()],
            https_only: true,
        };
        let at = headers(&[("host", "mon.example")]);
        assert!(origins.admits("https://mon.example", &at));
        assert!(!origins.admits("http://mon.example", &at));
        assert!(origins.admits("https://admin.example", &at));
    }

    #[test]
    fn a_mutation_needs_the_header_and_our_own_site() {
        let (csrf, host) = (("x-watchfloor-csrf", "1"), ("host", "a.example"));
        let site = |value| ("sec-fetch-site", value);
        let origin = |value| ("origin", value);
        let cases: [(&[(&'static str, &str)], bool); 10] = [
            (&[csrf, host, site("same-origin")], true),
            (&[csrf, host, site("same-site")], false),
            (&[csrf, host, site("cross-site")], false),
            (&[csrf, host, site("none")], false),
            (
                &[csrf, host, site("cross-site"), origin("http://a.example")],
                false,
            ),
            (&[csrf, host, origin("http://a.example")], true),
            (&[csrf, host, origin("http://b.example")], false),
            (&[csrf, host], false),
            (&[host, site("same-origin")], false),
            (
                &[("x-watchfloor-csrf", "0"), host, site("same-origin")],
                false,
            ),
        ];
        for (pairs, fine) in cases {
            assert_eq!(OURS.prove_page(&headers(pairs)).is_ok(), fine, "{pairs:?}");
        }
    }
}
