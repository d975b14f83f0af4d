//! The session's cookie: out of reach of scripts, never sent from another site's page.

use http::HeaderMap;
use http::header::COOKIE;

use super::secret::Secret;

/// The cookie's name; with https only, the prefix makes browsers insist on `Secure`, `Path=/` and no domain.
#[must_use]
pub const fn name(https_only: bool) -> &'static str {
    if https_only {
        "__Host-watchfloor_session"
    } else {
        "watchfloor_session"
    }
}

/// The value of `Set-Cookie` that hands the browser its token for `life_ms`.
#[must_use]
pub fn set(token: &Secret, life_ms: i64, https_only: bool) -> String {
    build(token.reveal(), life_ms.max(0) / 1_000, https_only)
}

/// The value of `Set-Cookie` that takes the token away.
#[must_use]
pub fn clear(https_only: bool) -> String {
    build("", 0, https_only)
}

fn build(value: &str, max_age_s: i64, https_only: bool) -> String {
    let secure = if https_only { "; Secure" } else { "" };
    let name = name(https_only);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}")
}

/// The token in a request's cookies. With more than one of the name, none is taken: somebody planted one.
#[must_use]
pub fn read(headers: &HeaderMap, https_only: bool) -> Option<Secret> {
    let wanted = name(https_only);
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted);
    let (_, value) = found.next()?;
    match found.next() {
        None => Secret::presented(value),
        Some(_) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers
    }

    #[test]
    fn scripts_and_other_sites_cannot_use_the_cookie() {
        let token = Secret::random().unwrap();
        let plain = set(&token, 1_999, false);
        assert!(plain.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=1"));
        let secure = set(&token, 1_999, true);
        assert!(secure.starts_with("__Host-watchfloor_session=") && secure.ends_with("; Secure"));
    }

    #[test]
    fn the_token_is_found_among_other_cookies_but_not_twice() {
        let token = Secret::random().unwrap();
        let mine = format!("watchfloor_session={}", token.reveal());
        let found = |cookie: &str, https_only| read(&headers(cookie), https_only);
        assert_eq!(found(&format!("a=b; {mine}; c"), false), Some(token));
        assert_eq!(found(&mine, true), None);
        assert_eq!(found(&format!("{mine}; {mine}"), false), None);
        assert_eq!(found("watchfloor_session=short", false), None);
    }
}
