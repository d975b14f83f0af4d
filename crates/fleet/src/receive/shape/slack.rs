//! Slack's incoming webhooks with Block Kit.

use super::reading::Reading;

const MAX_BLOCKS: usize = 50;
const MAX_TEXT_CHARS: usize = 40_000;
const MAX_SECTION_CHARS: usize = 3_000;
const MAX_BUTTON_CHARS: usize = 75;
const MAX_URL_CHARS: usize = 3_000;

/// Looks at it; what the last block says is the notification's id.
pub(super) fn read(reading: &mut Reading<'_>) -> String {
    reading.need("/text", MAX_TEXT_CHARS);
    let blocks = reading.list("/blocks");
    if blocks.is_empty() {
        reading.wrong("/blocks is missing");
    }
    if blocks.len() > MAX_BLOCKS {
        reading.wrong(format!("it has more than {MAX_BLOCKS} blocks"));
    }
    for (index, _) in blocks.iter().enumerate() {
        block(reading, &format!("/blocks/{index}"));
    }
    // Slack reads `<!channel>` as a call to everybody.
    let everything = reading.at("").map(ToString::to_string);
    if everything.is_some_and(|it| it.contains("<!")) {
        reading.wrong("it calls everybody");
    }
    let last = blocks.len().saturating_sub(1);
    let id = reading.text(&format!("/blocks/{last}/elements/0/text"));
    id.unwrap_or_default().to_owned()
}

fn block(reading: &mut Reading<'_>, here: &str) {
    reading.one_of(
        &format!("{here}/type"),
        &["section", "actions", "context", "header", "divider"],
    );
    let elements = format!("{here}/elements");
    let count = reading.list(&elements).len();
    match reading.text(&format!("{here}/type")) {
        Some("section" | "header") => text(reading, &format!("{here}/text"), MAX_SECTION_CHARS),
        Some("context") => {
            for index in 0..count {
                text(reading, &format!("{elements}/{index}"), MAX_SECTION_CHARS);
            }
        }
        Some("actions") => {
            for index in 0..count {
                let button = format!("{elements}/{index}");
                text(reading, &format!("{button}/text"), MAX_BUTTON_CHARS);
                reading.need(&format!("{button}/url"), MAX_URL_CHARS);
            }
        }
        _ => {}
    }
    let is_list = matches!(
        reading.text(&format!("{here}/type")),
        Some("context" | "actions")
    );
    if is_list && !(1..=10).contains(&count) {
        reading.wrong(format!("{elements} are not from 1 to 10"));
    }
}

fn text(reading: &mut Reading<'_>, here: &str, max_chars: usize) {
    reading.one_of(&format!("{here}/type"), &["mrkdwn", "plain_text"]);
    reading.need(&format!("{here}/text"), max_chars);
}
