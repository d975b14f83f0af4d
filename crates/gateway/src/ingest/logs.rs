//! Log lines.

use watchfloor_wire::ingest::LogEvent;
use watchfloor_wire::log::Level;
use watchfloor_wire::time::UnixMs;

use super::clean::Cleaner;
use super::events::{Batch, Form};
use super::refusal::Refusal;
use super::source::Source;
use super::{Taken, events, when};
use crate::records::NewLogLine;

/// The field that keeps what a source's clock said when it cannot be right.
pub const SOURCE_AT: &str = "source_at_ms";

/// Takes `{"lines": […]}`, or one of these a line.
///
/// # Errors
/// [`Refusal`] for the whole batch.
pub fn take(source: &Source, text: &str, form: Form, now: UnixMs) -> Result<Taken, Refusal> {
    let batch: Batch<LogEvent> = Batch::read(text, form, "lines")?;
    source.admit_events(batch.count())?;
    let mut cleaner = Cleaner::new(&source.keys);
    let mut lines = Vec::new();
    let refused = batch.each(|event, place| {
        lines.push(line(source, event, now, place, &mut cleaner)?);
        Ok(())
    })?;
    Ok(Taken {
        accepted: lines.len(),
        refused,
        lines,
        redactions: cleaner.redactions,
        ..Taken::default()
    })
}

fn line(
    source: &Source,
    event: &LogEvent,
    now: UnixMs,
    place: &str,
    cleaner: &mut Cleaner<'_>,
) -> Result<NewLogLine, Refusal> {
    let said = events::instant(event.at.as_ref(), now, place)?;
    let (at, doubted) = when::plausible(said, now);
    let mut fields = cleaner.fields(&event.fields);
    if let Some(said) = doubted {
        fields.insert(SOURCE_AT.to_owned(), said.0.to_string());
    }
    Ok(NewLogLine {
        at,
        product: source.product.clone(),
        service: cleaner.word(&event.service),
        level: level(event.level.as_deref()),
        message: cleaner.text(&event.message),
        fields,
    })
}

/// The level of the words that loggers use; anything else is info.
fn level(word: Option<&str>) -> Level {
    let word = word.unwrap_or_default().to_ascii_lowercase();
    match word.as_str() {
        "error" | "err" | "fatal" | "critical" | "crit" | "alert" | "emerg" | "panic" => {
            Level::Error
        }
        "warn" | "warning" => Level::Warn,
        "debug" | "trace" | "verbose" => Level::Debug,
        _ => Level::Info,
    }
}
