//! `POST /api/monitoring/csp-reports`: a browser says that it refused to do something that the page's content
//! security policy forbids: a mistake of a new build, an extension of the browser, or an attack.
//!
//! Anybody may send this, so it is held short, as [`super::page_failures`] is: few at once, counted, and each kind of
//! violation written into the gateway's own log once, not each time.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::Extension;
use axum::extract::State;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Api;
use super::body::Raw;
use super::export::one_line;
use super::failure::Failure;
use super::guard::Address;
use super::openapi::about::About;

/// The route, which the policy names as well. The page's address does not matter: browsers send to its origin.
pub const PATH: &str = "/api/monitoring/csp-reports";
/// More reports of one request are not looked at.
const MAX_REPORTS: usize = 20;
/// More kinds of violations than this are counted but not logged.
const MAX_KINDS: usize = 200;
/// The longest text that is kept, in characters.
const MAX_TEXT_CHARS: usize = 200;
/// What can be violated; anything else is counted as `other`, so that nobody can make up series.
const DIRECTIVES: [&str; 14] = [
    "base-uri",
    "connect-src",
    "default-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "img-src",
    "manifest-src",
    "object-src",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src-attr",
    "style-src-elem",
];

/// What `report-uri` makes a browser send; other members are ignored.
#[derive(Debug, Deserialize, JsonSchema)]
struct OldReport {
    #[serde(rename = "csp-report")]
    report: OldBody,
}

/// The violation, with the names that go with `report-uri`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
struct OldBody {
    effective_directive: String,
    violated_directive: String,
    blocked_uri: String,
    document_uri: String,
}

/// What `report-to` makes a browser send, in a list; other kinds of reports and other members are ignored.
#[derive(Debug, Deserialize, JsonSchema)]
struct NewReport {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    body: NewBody,
}

/// The violation, with the names that go with `report-to`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct NewBody {
    #[serde(rename = "effectiveDirective")]
    effective_directive: String,
    #[serde(rename = "blockedURL")]
    blocked_url: String,
    #[serde(rename = "documentURL")]
    document_url: String,
}

/// What was refused, where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Violation {
    directive: String,
    blocked: String,
    page: String,
}

/// The kinds of violations that were logged.
#[derive(Debug, Default)]
pub struct Seen(Mutex<BTreeSet<(String, String)>>);

impl Seen {
    /// Whether this kind is new and should be logged.
    fn is_new(&self, violation: &Violation) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (violation.directive.clone(), violation.blocked.clone());
        seen.len() < MAX_KINDS && seen.insert(kind)
    }
}

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "reportCspViolation",
        "A browser says that a page broke the content security policy.",
    )
    .takes_as::<OldReport>("application/csp-report")
    .takes_as::<Vec<NewReport>>("application/reports+json")
    .answers_nothing(204, "It was counted, and logged if its kind is new.")
    .fails(
        429,
        "More than 20 a minute from one address, or 120 from all.",
    )
}

/// Takes reports.
pub async fn report(
    State(api): State<Api>,
    Extension(Address(address)): Extension<Address>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<StatusCode, Failure> {
    api.rates().csp_report(&address)?;
    for violation in read(&headers, &body)? {
        metrics::counter!("watchfloor_csp_violations_total",
            "directive" => label(&violation.directive))
        .increment(1);
        if api.csp_seen().is_new(&violation) {
            let Violation {
                directive,
                blocked,
                page,
            } = violation;
            tracing::warn!(%directive, %blocked, %page, %address, "a page broke the content security policy");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Violation>, Failure> {
    let content_type = headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|it| it.to_str().ok());
    let essence = content_type.and_then(|it| it.split(';').next());
    match essence.unwrap_or_default().trim() {
        "application/csp-report" => Ok(vec![old(json::<OldReport>(body)?.report)]),
        "application/reports+json" => {
            let reports = json::<Vec<NewReport>>(body)?.into_iter();
            let violations = reports.filter(|it| it.kind == "csp-violation");
            Ok(violations.take(MAX_REPORTS).map(new).collect())
        }
        _ => Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content_type",
            "Wrong content type",
            "Browsers send `application/csp-report` or `application/reports+json`.",
        )),
    }
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body)
        .map_err(|error| Failure::invalid(format!("The body is not what is expected: {error}.")))
}

fn old(body: OldBody) -> Violation {
    let directive = if body.effective_directive.is_empty() {
        // Older browsers name the whole directive, sources and all.
        let words = body.violated_directive.split(' ').next();
        words.unwrap_or_default().to_owned()
    } else {
        body.effective_directive
    };
    violation(&directive, &body.blocked_uri, &body.document_uri)
}

fn new(report: NewReport) -> Violation {
    let NewBody {
        effective_directive,
        blocked_url,
        document_url,
    } = report.body;
    violation(&effective_directive, &blocked_url, &document_url)
}

fn violation(directive: &str, blocked: &str, page: &str) -> Violation {
    Violation {
        directive: harmless(directive),
        blocked: harmless(address_only(blocked)),
        page: harmless(address_only(page)),
    }
}

/// Without query and fragment, where secrets may be.
fn address_only(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn harmless(text: &str) -> String {
    let short: String = text.chars().take(MAX_TEXT_CHARS).collect();
    one_line(&short)
}

fn label(directive: &str) -> &'static str {
    let known = DIRECTIVES.iter().find(|it| **it == directive);
    known.copied().unwrap_or("other")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn read_as(content_type: &str, body: &str) -> Option<Vec<Violation>> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        read(&headers, body.as_bytes()).ok()
    }

    fn script(blocked: &str) -> Violation {
        violation("script-src-elem", blocked, "https://a.example/admin")
    }

    #[test]
    fn both_ways_of_reporting_are_understood_and_queries_are_left_out() {
        let old = r#"{"csp-report":{"effective-directive":"script-src-elem","blocked-uri":"https://x.example/a.js?k=1",
            "document-uri":"https://a.example/admin#token","status-code":200}}"#;
        let older = r#"{"csp-report":{"violated-directive":"script-src-elem 'self'","blocked-uri":"https://x.example/a.js",
            "document-uri":"https://a.example/admin"}}"#;
        let new = r#"[{"type":"csp-violation","age":1,"url":"u","body":{"effectiveDirective":"script-src-elem",
            "blockedURL":"https://x.example/a.js","documentURL":"https://a.example/admin"}},{"type":"deprecation"}]"#;
        let expected = Some(vec![script("https://x.example/a.js")]);
        assert_eq!(read_as("application/csp-report", old), expected);
        assert_eq!(read_as("application/csp-report", older), expected);
        assert_eq!(
            read_as("application/reports+json; charset=utf-8", new),
            expected
        );
        assert_eq!(read_as("application/json", new), None);
        assert_eq!(read_as("application/reports+json", old), None);
        assert_eq!(read_as("application/csp-report", "[]"), None);
    }

    #[test]
    fn one_request_cannot_bring_many_reports_or_series() {
        let one = r#"{"type":"csp-violation","body":{"effectiveDirective":"made-up"}}"#;
        let many = format!("[{}]", vec![one; MAX_REPORTS + 1].join(","));
        let read = read_as("application/reports+json", &many).unwrap();
        assert_eq!(read.len(), MAX_REPORTS);
        assert_eq!(label(&read[0].directive), "other");
        assert_eq!(label("script-src-elem"), "script-src-elem");
    }

    #[test]
    fn a_kind_is_new_once_and_kinds_are_bounded() {
        let seen = Seen::default();
        assert!(seen.is_new(&script("a")));
        assert!(!seen.is_new(&script("a")));
        for n in 1..MAX_KINDS {
            assert!(seen.is_new(&script(&n.to_string())), "{n}");
        }
        assert!(!seen.is_new(&script("one more")));
    }
}
