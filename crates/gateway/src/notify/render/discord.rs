//! Discord's webhooks. `allowed_mentions` keeps values from calling anybody, whatever they hold.

use serde_json::{Value, json};
use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::priority::Priority;

use super::{Telling, Wording};
use crate::instant::rfc3339;
use crate::notify::words::cut;

/// The most characters of an embed's title that Discord takes.
const MAX_TITLE_CHARS: usize = 256;
/// The most characters of an embed's description.
const MAX_TEXT_CHARS: usize = 4_096;

/// Escapes a value: the characters that Discord's Markdown gives a meaning.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '[' | ']' | '(' | ')' | '#' | '@'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The body.
#[must_use]
pub fn body(telling: &Telling<'_>, wording: &Wording) -> Value {
    let letter = telling.letter(wording, escape);
    let row = telling.row;
    let mut embed = json!({
        "title": cut(&letter.title.replace('\n', " "), MAX_TITLE_CHARS),
        "description": cut(&letter.text, MAX_TEXT_CHARS),
        "color": colour(telling),
        "timestamp": rfc3339(row.at),
        "footer": { "text": row.id },
    });
    if let Some(link) = telling.link() {
        embed["url"] = Value::String(link);
    }
    json!({
        "username": "Watchfloor",
        "embeds": [embed],
        "allowed_mentions": { "parse": [] },
    })
}

/// The bar at the left: green when it is over, else by priority.
fn colour(telling: &Telling<'_>) -> u32 {
    match (&telling.row.facts, telling.row.kind) {
        (_, NotificationKind::Resolved) => 0x2e_9e_5b,
        (_, NotificationKind::Acknowledged) => 0x3b_82_f6,
        (Some(facts), _) => match facts.priority {
            Priority::P0 => 0xd9_2d_20,
            Priority::P1 => 0xe8_6c_1a,
            Priority::P2 => 0xd9_a4_06,
            Priority::P3 => 0x6b_72_80,
        },
        (None, _) => 0x6b_72_80,
    }
}
