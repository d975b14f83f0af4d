//! Slack's incoming webhooks, with Block Kit. Values can neither call a channel nor make links: the three characters
//! that Slack gives a meaning are escaped, and `verbatim` keeps it from looking for names and addresses by itself.

use serde_json::{Value, json};

use super::{Telling, Wording};
use crate::notify::words::cut;

/// The most characters of a section's text that Slack takes.
const MAX_SECTION_CHARS: usize = 3_000;
/// The most characters of the line that phones show.
const MAX_FALLBACK_CHARS: usize = 500;

/// Escapes a value.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The body.
#[must_use]
pub fn body(telling: &Telling<'_>, wording: &Wording) -> Value {
    let letter = telling.letter(wording, escape);
    let title = one_line(&letter.title);
    let text = cut_escaped(&format!("*{title}*\n{}", letter.text), MAX_SECTION_CHARS);
    let mut blocks = vec![json!({
        "type": "section",
        "text": { "type": "mrkdwn", "text": text, "verbatim": true },
    })];
    if let Some(link) = telling.link() {
        blocks.push(json!({
            "type": "actions",
            "elements": [{
                "type": "button",
                "text": { "type": "plain_text", "text": "Open in Watchfloor" },
                "url": link,
            }],
        }));
    }
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "mrkdwn", "text": escape(&telling.row.id), "verbatim": true }],
    }));
    json!({
        "text": cut_escaped(&title, MAX_FALLBACK_CHARS),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}

/// Cut so that no escape is cut in two: half of `&lt;` would be shown as it is.
fn cut_escaped(text: &str, max_chars: usize) -> String {
    let short = cut(text, max_chars);
    if short == text {
        return short;
    }
    match short.rfind('&') {
        Some(at) if !short[at..].contains(';') => format!("{}…", &short[..at]),
        _ => short,
    }
}
