//! `GET /api/monitoring/audit/export`: the rows that a filter means as a file, oldest first, however many there are.
//! What people wrote is hostile: a cell must not become a formula, and a row must stay one row.

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use watchfloor_wire::audit::AuditEntry;

use super::Api;
use super::audit::{FILTER, read_filter, unreadable};
use super::export::csv_cell;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::query::Query;
use crate::audit::AuditFilter;
use crate::audit::entry::entry;
use crate::audit::prover::STRETCH_ROWS;
use crate::auth::{Principal, Standing};
use crate::instant::rfc3339;
use crate::store::audit::AuditPlace;

/// The first line of a CSV export.
const CSV_HEAD: &str = "row,at,actor,action,subject,changes,facts,hash\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

const FORMATS: [(&str, Format); 2] = [("ndjson", Format::Ndjson), ("csv", Format::Csv)];

const PARAMETERS: &[Parameter] = &[
    FILTER[0],
    FILTER[1],
    FILTER[2],
    FILTER[3],
    FILTER[4],
    Parameter::query(
        "format",
        "One JSON object a line, or a table. Default `ndjson`.",
        Values::OneOf(&["ndjson", "csv"]),
    ),
];

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "exportAudit",
        "The rows of the audit as a file, oldest first; `watchfloor audit export` writes their details word for word.",
    )
    .parameters(PARAMETERS)
    .answers_text(200, "application/x-ndjson", "The rows up to the newest one at the time of the question.")
    .answers_text(200, "text/csv", "")
}

/// Answers with a file that is read while it is sent.
pub async fn export(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    query: Query,
) -> Result<Response, Failure> {
    let params = query.only(PARAMETERS)?;
    let filter = read_filter(&params)?;
    let format = params.word("format", &FORMATS)?.unwrap_or(Format::Ndjson);
    // Asked before anything is sent, so that an audit that cannot be read is a failure and not half a file.
    let newest = api
        .engine()
        .audit_rows(AuditPlace::Before(i64::MAX), 1)
        .await;
    let newest = newest.map_err(|error| unreadable(&error))?.given;
    let reading = Reading {
        api,
        principal,
        filter,
        format,
        after: 0,
        newest,
    };
    let head = match format {
        Format::Csv => CSV_HEAD,
        Format::Ndjson => "",
    };
    let rows = stream::try_unfold((reading, head), |(mut reading, head)| async move {
        let text = reading.next().await?;
        Ok::<_, Cut>(text.map(|text| (Bytes::from(format!("{head}{text}")), (reading, ""))))
    });
    Ok(file(format, Body::from_stream(rows)))
}

fn file(format: Format, body: Body) -> Response {
    let (content_type, disposition) = match format {
        Format::Ndjson => (
            "application/x-ndjson",
            "attachment; filename=\"watchfloor-audit.ndjson\"",
        ),
        Format::Csv => (
            "text/csv; charset=utf-8",
            "attachment; filename=\"watchfloor-audit.csv\"",
        ),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}

/// Why a file ends before its end: the connection is cut, so that nobody takes a part for the whole.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("the audit could not be read: {0}")]
    Unreadable(String),
    #[error("the session ended meanwhile")]
    SessionEnded,
}

struct Reading {
    api: Api,
    principal: Principal,
    filter: AuditFilter,
    format: Format,
    after: i64,
    newest: i64,
}

impl Reading {
    /// The rows of the next stretch, written; `None` at the end.
    async fn next(&mut self) -> Result<Option<String>, Cut> {
        let is_first = self.after == 0;
        if self.after >= self.newest {
            // The head of a table stands there even when it has no rows.
            let is_empty = is_first && self.newest == 0;
            self.after = self.after.max(1);
            return Ok(is_empty.then(String::new));
        }
        let standing = self.api.auth().standing(&self.principal.session);
        if !matches!(standing, Standing::Stands(_)) {
            return Err(Cut::SessionEnded);
        }
        let place = AuditPlace::After(self.after);
        let stretch = self.api.engine().audit_rows(place, STRETCH_ROWS).await;
        let stretch = stretch.map_err(|error| {
            tracing::warn!(%error, "an export of the audit was cut");
            Cut::Unreadable(error.to_string())
        })?;
        self.after = stretch.rows.last().map_or(self.newest, |it| it.row);
        let rows = stretch.rows.iter().filter(|it| it.row <= self.newest);
        let meant = rows.filter(|it| self.filter.admits(&it.it));
        Ok(Some(
            meant.map(|it| self.format.write(&entry(it))).collect(),
        ))
    }
}

impl Format {
    fn write(self, it: &AuditEntry) -> String {
        match self {
            Self::Ndjson => {
                let mut text = serde_json::to_string(it).unwrap_or_default();
                text.push('\n');
                text
            }
            Self::Csv => csv(it),
        }
    }
}

fn csv(it: &AuditEntry) -> String {
    let or_nothing = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let changes = it.changes.iter().map(|change| {
        let (before, after) = (or_nothing(&change.before), or_nothing(&change.after));
        format!("{}: {before} → {after}", change.field)
    });
    let facts = it
        .facts
        .iter()
        .map(|it| format!("{}: {}", it.name, it.value));
    let cells = [
        it.actor.clone(),
        it.action.clone(),
        it.subject.clone(),
        changes.collect::<Vec<_>>().join("; "),
        facts.collect::<Vec<_>>().join("; "),
    ];
    let cells: Vec<String> = cells.iter().map(|it| csv_cell(it)).collect();
    format!(
        "{},{},{},{}\r\n",
        it.row,
        rfc3339(it.at),
        cells.join(","),
        it.hash
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::audit::{AuditChange, AuditFact};
    use watchfloor_wire::time::UnixMs;

    fn hostile(text: &str) -> AuditEntry {
        AuditEntry {
            row: 7,
            at: UnixMs(1_763_683_200_123),
            actor: text.to_owned(),
            action: "incident.comment".to_owned(),
            subject: "incident/12".to_owned(),
            changes: vec![AuditChange {
                field: "owner".to_owned(),
                before: None,
                after: Some("ines".to_owned()),
            }],
            facts: vec![AuditFact {
                name: "note".to_owned(),
                value: text.to_owned(),
            }],
            hash: "00ff".to_owned(),
        }
    }

    #[test]
    fn a_row_of_the_table_names_everything() {
        assert_eq!(
            csv(&hostile("ines")),
            "7,2025-11-21T00:00:00.123Z,\"ines\",\"incident.comment\",\"incident/12\",\"owner: nothing → ines\",\"note: ines\",00ff\r\n"
        );
    }

    #[test]
    fn a_cell_never_becomes_a_formula_and_never_ends_early() {
        let row = csv(&hostile("=HYPERLINK(\"http://x\")"));
        assert!(row.contains(",\"'=HYPERLINK(\"\"http://x\"\")\","), "{row}");
        assert!(row.contains("\"note: =HYPERLINK"), "{row}");
    }

    #[test]
    fn an_object_is_one_line_whatever_was_written() {
        let line = Format::Ndjson.write(&hostile("a\nb\r\u{2028}c"));
        assert_eq!(line.matches('\n').count(), 1);
    }
}
