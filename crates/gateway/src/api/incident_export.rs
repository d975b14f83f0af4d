//! `GET /api/monitoring/incidents/{id}/export`: one incident as Markdown, for the report that is written afterwards.
//! What people and products wrote is hostile: none of it becomes markup.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use watchfloor_wire::incident::{Incident, IncidentStatus, TimelineEntry, TimelineKind};

use super::Api;
use super::failure::Failure;
use super::incidents::{ID, find, parse_id, unreadable};
use super::openapi::about::About;
use crate::instant::rfc3339;

/// The most entries of an exported timeline; the newest are kept.
const MAX_TIMELINE: usize = 1_000;
/// The type of what is answered.
const MARKDOWN: &str = "text/markdown";

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "exportIncident",
        "One incident as Markdown: summary, people, escalation, what was learned, timeline.",
    )
    .parameters(&[ID])
    .answers_text(200, MARKDOWN, "The report, as a file `INC-….md`.")
    .fails(404, "There is no such incident.")
}

/// Answers with the report.
pub async fn export(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Failure> {
    let id = parse_id(&id)?;
    let incident = find(&api, id).await?;
    let timeline = api.engine().timeline(id, MAX_TIMELINE).await;
    let mut timeline = timeline.map_err(|error| unreadable(&error))?;
    timeline.reverse();
    let headers = [
        (CONTENT_TYPE, format!("{MARKDOWN}; charset=utf-8")),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.md\""),
        ),
    ];
    Ok((headers, markdown(&incident, &timeline)).into_response())
}

/// The report; `timeline` is oldest first.
#[must_use]
pub fn markdown(incident: &Incident, timeline: &[TimelineEntry]) -> String {
    let mut text = format!("# {}: {}\n\n", incident.id, inline(&incident.title));
    summary(&mut text, incident);
    people(&mut text, timeline);
    escalation(&mut text, incident);
    learned(&mut text, timeline);
    text.push_str("\n## Timeline\n\n");
    for it in timeline {
        let who = it.actor_name.as_deref().unwrap_or("Watchfloor");
        let (at, who) = (rfc3339(it.at), inline(who));
        let _infallible = writeln!(text, "- {at} **{who}**: {}", inline(&it.text));
        if !it.note.is_empty() && it.kind != TimelineKind::Review {
            quote(&mut text, "  ", &it.note);
        }
    }
    text
}

fn summary(text: &mut String, it: &Incident) {
    let mut line = |name: &str, value: &str| {
        let _infallible = writeln!(text, "- {name}: {value}");
    };
    line("Product", &inline(it.product.as_str()));
    line(
        "Priority",
        &format!("{}, severity {}", it.priority, it.severity.word()),
    );
    line("Status", &status(it));
    let opened = rfc3339(it.opened_at);
    line(
        "Opened",
        &it.opened_by_name.as_deref().map_or_else(
            || opened.clone(),
            |name| format!("{opened} by {}", inline(name)),
        ),
    );
    let answered = it.answered_at.map_or_else(|| "never".to_owned(), rfc3339);
    line("First answered", &answered);
    if let Some(end) = &it.resolution {
        let minutes = end.at.since_ms(it.opened_at).max(0) / 60_000;
        line(
            "Ended",
            &format!("{}, after {minutes} min", rfc3339(end.at)),
        );
    }
    if !it.links.is_empty() {
        let links: Vec<String> = it.links.iter().map(ToString::to_string).collect();
        line("Has to do with", &links.join(", "));
    }
    if let Some(end) = it.resolution.as_ref().filter(|end| !end.note.is_empty()) {
        text.push('\n');
        quote(text, "", &end.note);
    }
}

fn status(it: &Incident) -> String {
    match (it.status, &it.lease, &it.resolution) {
        (IncidentStatus::Acknowledged, Some(lease), _) => format!(
            "{} has it until {}",
            inline(&lease.owner_name),
            rfc3339(lease.until)
        ),
        (IncidentStatus::Resolved, _, Some(end)) => match (end.merged_into, &end.by_name) {
            (Some(target), _) => format!("merged into {target}"),
            (None, Some(name)) => format!("resolved by {}", inline(name)),
            (None, None) => "ended by itself".to_owned(),
        },
        (status, _, _) => status.word().to_owned(),
    }
}

fn people(text: &mut String, timeline: &[TimelineEntry]) {
    let names: BTreeSet<&str> = timeline
        .iter()
        .filter_map(|it| it.actor_name.as_deref())
        .collect();
    if !names.is_empty() {
        text.push_str("\n## People\n\n");
    }
    for name in names {
        let _infallible = writeln!(text, "- {}", inline(name));
    }
}

fn escalation(text: &mut String, incident: &Incident) {
    if !incident.escalation.is_empty() {
        text.push_str("\n## Escalation\n\n");
    }
    for step in &incident.escalation {
        let when = step.taken_at.map_or_else(
            || format!("was due {}", rfc3339(step.due_at)),
            |at| format!("told {}", rfc3339(at)),
        );
        let who = format!("{} {}", step.name, step.contact);
        let _infallible = writeln!(text, "- {}: {when}", inline(who.trim()));
    }
}

fn learned(text: &mut String, timeline: &[TimelineEntry]) {
    let reviews = timeline.iter().filter(|it| it.kind == TimelineKind::Review);
    for (number, it) in reviews.enumerate() {
        if number == 0 {
            text.push_str("\n## What was learned\n");
        }
        let who = it.actor_name.as_deref().unwrap_or("Watchfloor");
        let _infallible = writeln!(text, "\n{}, {}:\n", inline(who), rfc3339(it.at));
        quote(text, "", &it.note);
    }
}

/// A quotation, line by line, so that no line of it can end it.
fn quote(text: &mut String, indent: &str, note: &str) {
    for line in note.lines() {
        let _infallible = writeln!(text, "{indent}> {}", at_line_start(line));
    }
}

/// Text inside a line. Everything that begins markup, HTML, an entity or a mention is escaped; what moves the cursor
/// or turns the direction of reading is made visible.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() || is_direction(c) => out.push('\u{fffd}'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text that begins a line, where a dash or a number would begin a list.
fn at_line_start(line: &str) -> String {
    let escaped = inline(line.trim());
    let digits = escaped.len()
        - escaped
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let (number, rest) = escaped.split_at(digits);
    let begins_block = if number.is_empty() {
        rest.starts_with(['-', '+', '='])
    } else {
        rest.starts_with(['.', ')'])
    };
    if begins_block {
        format!("{number}\\{rest}")
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_written_begins_markup() {
        for (text, expected) in [
            ("plain, 3.5 % - fine", "plain, 3.5 % - fine"),
            ("# title", "\\# title"),
            ("- item", "\\- item"),
            ("12) item", "12\\) item"),
            ("1. item", "1\\. item"),
            ("===", "\\==="),
            ("> quote", "\\> quote"),
            ("<script>&amp;", "\\<script\\>\\&amp;"),
            ("![x](javascript:1)", "\\!\\[x\\](javascript:1)"),
            ("```\u{1b}[2J\u{202e}", "\\`\\`\\`\u{fffd}\\[2J\u{fffd}"),
        ] {
            assert_eq!(at_line_start(text), expected, "{text}");
        }
    }

    #[test]
    fn a_quotation_stays_one_over_many_lines() {
        let mut text = String::new();
        quote(&mut text, "  ", "one\n\n# two");
        assert_eq!(text, "  > one\n  > \n  > \\# two\n");
    }
}
