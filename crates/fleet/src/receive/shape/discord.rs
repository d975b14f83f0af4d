//! Discord's webhooks, with the limits of embeds.

use serde_json::Value;

use super::reading::Reading;

const MAX_CONTENT_CHARS: usize = 2_000;
const MAX_EMBEDS: usize = 10;
const MAX_FIELDS: usize = 25;
/// Of all embeds of a message together.
const MAX_TOGETHER_CHARS: usize = 6_000;
const MAX_COLOUR: u64 = 0xff_ff_ff;

/// Looks at it; the foot of the first embed is the notification's id.
pub(super) fn read(reading: &mut Reading<'_>) -> String {
    reading.may("/content", MAX_CONTENT_CHARS);
    reading.may("/username", 80);
    let username = reading.text("/username").unwrap_or_default().to_lowercase();
    if ["discord", "clyde"].iter().any(|it| username.contains(it)) {
        reading.wrong("/username may not hold “discord” or “clyde”");
    }
    let embeds = reading.list("/embeds").len();
    if embeds > MAX_EMBEDS {
        reading.wrong(format!("it has more than {MAX_EMBEDS} embeds"));
    }
    // Without an embed the first one's title is missed.
    let together: usize = (0..embeds.max(1))
        .map(|index| embed(reading, &format!("/embeds/{index}")))
        .sum();
    if together > MAX_TOGETHER_CHARS {
        reading.wrong(format!(
            "its embeds are longer than {MAX_TOGETHER_CHARS} characters together"
        ));
    }
    let parse = reading.at("/allowed_mentions/parse");
    if !parse.and_then(Value::as_array).is_some_and(Vec::is_empty) {
        reading.wrong("it may mention people");
    }
    let id = reading.text("/embeds/0/footer/text");
    id.unwrap_or_default().to_owned()
}

/// Looks at an embed; the characters that count for all of them together.
fn embed(reading: &mut Reading<'_>, here: &str) -> usize {
    let mut chars = reading.need(&format!("{here}/title"), 256);
    chars += reading.need(&format!("{here}/description"), 4_096);
    chars += reading.may(&format!("{here}/footer/text"), 2_048);
    chars += reading.may(&format!("{here}/author/name"), 256);
    let fields = reading.list(&format!("{here}/fields")).len();
    if fields > MAX_FIELDS {
        reading.wrong(format!("{here} has more than {MAX_FIELDS} fields"));
    }
    for index in 0..fields {
        chars += reading.need(&format!("{here}/fields/{index}/name"), 256);
        chars += reading.need(&format!("{here}/fields/{index}/value"), 1_024);
    }
    let colour = reading.at(&format!("{here}/color"));
    if colour.is_some_and(|it| it.as_u64().is_none_or(|it| it > MAX_COLOUR)) {
        reading.wrong(format!("{here}/color is no colour"));
    }
    if reading.at(&format!("{here}/timestamp")).is_some() {
        reading.instant(&format!("{here}/timestamp"));
    }
    let is_web = |it: &str| it.starts_with("http://") || it.starts_with("https://");
    let url = reading.text(&format!("{here}/url"));
    if url.is_some_and(|it| !is_web(it)) {
        reading.wrong(format!("{here}/url is not http or https"));
    }
    chars
}
