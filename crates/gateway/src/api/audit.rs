//! `GET /api/monitoring/audit`: who did what, newest first, and how far the chain is proved.

use axum::Json;
use axum::extract::State;
use watchfloor_wire::audit::{AuditEntry, AuditPage, AuditProof};
use watchfloor_wire::time::UnixMs;

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::query::{Params, Query, wrong};
use crate::audit::entry::entry;
use crate::audit::prover::STRETCH_ROWS;
use crate::audit::{AuditFilter, filter};
use crate::engine::EngineError;
use crate::store::audit::AuditPlace;

/// The most rows of a page.
const MAX_PAGE: usize = 500;
/// Rows when nothing is asked.
const DEFAULT_PAGE: usize = 100;
/// So many rows are looked at for one question at most: one that matches seldom ends early and says where to go on.
const MAX_LOOKED_AT: usize = 50_000;
/// The longest text of a filter, in characters.
const MAX_TEXT_CHARS: usize = 200;

const TEXT: Values = Values::Text {
    max_chars: MAX_TEXT_CHARS,
};
const INSTANT: Values = Values::Whole {
    min: 0,
    max: i64::MAX as u64,
};

/// What says which rows are meant.
pub(super) const FILTER: [Parameter; 5] = [
    Parameter::query("actor", "Only what this account did.", TEXT),
    Parameter::query(
        "action",
        "Only this action, for example `incident.resolve`, or all of a family, for example `incident`.",
        TEXT,
    ),
    Parameter::query(
        "subject",
        "Only what was done to this, for example `INC-12`, `incident/12` or `account/ines`, or to all of a kind, \
         for example `silence`.",
        TEXT,
    ),
    Parameter::query(
        "from",
        "Only from this instant on, in milliseconds since 1970, UTC.",
        INSTANT,
    ),
    Parameter::query(
        "to",
        "Only before this instant, in milliseconds since 1970, UTC.",
        INSTANT,
    ),
];

const PARAMETERS: &[Parameter] = &[
    FILTER[0],
    FILTER[1],
    FILTER[2],
    FILTER[3],
    FILTER[4],
    Parameter::query(
        "before",
        "Only rows with a smaller number: the `next_before` of the page before.",
        INSTANT,
    ),
    Parameter::query(
        "limit",
        "The most rows of the page. Default 100.",
        Values::Whole {
            min: 1,
            max: MAX_PAGE as u64,
        },
    ),
];

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "readAudit",
        "Who did what, from what to what, newest first, and how far the chain is proved.",
    )
    .parameters(PARAMETERS)
    .answers::<AuditPage>(
        200,
        "A page of rows. One question looks at 50,000 rows at most, so it can hold fewer than were asked for and go on.",
    )
}

/// Answers with rows, newest first.
pub async fn audit(State(api): State<Api>, query: Query) -> Result<Json<AuditPage>, Failure> {
    let params = query.only(PARAMETERS)?;
    let filter = read_filter(&params)?;
    let before = params.number("before", 0..=i64::MAX)?;
    let limit = params
        .number("limit", 1..=MAX_PAGE)?
        .unwrap_or(DEFAULT_PAGE);
    if before.is_none() {
        prove_further(&api).await?;
    }
    let (entries, next_before, newest) = collect(&api, &filter, before, limit).await?;
    Ok(Json(AuditPage {
        entries,
        next_before,
        newest,
        proof: api.prover().proof(),
    }))
}

/// Reads `actor`, `action`, `subject`, `from` and `to`.
pub(super) fn read_filter(params: &Params) -> Result<AuditFilter, Failure> {
    let text = |name: &'static str| -> Result<Option<String>, Failure> {
        let text = params.text(name).map(str::trim).filter(|it| !it.is_empty());
        match text.map(|it| it.chars().count()) {
            Some(chars) if chars > MAX_TEXT_CHARS => {
                let text = format!("Send at most {MAX_TEXT_CHARS} characters; these are {chars}.");
                Err(wrong(name, text))
            }
            _ => Ok(text.map(str::to_owned)),
        }
    };
    let instant = |name| Ok::<_, Failure>(params.number(name, 0..=i64::MAX)?.map(UnixMs));
    let (from, to) = (instant("from")?, instant("to")?);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(wrong("to", "`to` must be later than `from`.".to_owned()));
    }
    Ok(AuditFilter {
        actor: text("actor")?,
        action: text("action")?,
        subject: text("subject")?.map(|it| filter::subject(&it)),
        from,
        to,
    })
}

/// Proves what came since the last stretch, so that the page speaks of the rows that it shows; one stretch at most, for
/// the rest is done in the background.
async fn prove_further(api: &Api) -> Result<AuditProof, Failure> {
    let prover = api.prover();
    let place = prover.next(api.clock().now());
    let stretch = api.engine().audit_rows(place, STRETCH_ROWS).await;
    let stretch = stretch.map_err(|error| unreadable(&error))?;
    prover.take(&stretch, STRETCH_ROWS, api.clock().now());
    Ok(prover.proof())
}

/// Reads stretch after stretch, so that no read is long: the rows, where older ones begin, and the newest number.
async fn collect(
    api: &Api,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: usize,
) -> Result<(Vec<AuditEntry>, Option<u64>, u64), Failure> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    let (mut at, mut looked_at, mut newest) = (before.unwrap_or(i64::MAX), 0, 0);
    while looked_at < MAX_LOOKED_AT {
        let place = AuditPlace::Before(at);
        let stretch = api.engine().audit_rows(place, STRETCH_ROWS).await;
        let stretch = stretch.map_err(|error| unreadable(&error))?;
        newest = number(stretch.given);
        let is_end = stretch.rows.len() < STRETCH_ROWS;
        looked_at += stretch.rows.len();
        for row in &stretch.rows {
            // Rows from before `from` do not end it: a clock that was put right leaves them out of order.
            if filter.admits(&row.it) {
                if entries.len() == limit {
                    return Ok((entries, Some(number(at)), newest));
                }
                entries.push(entry(row));
            }
            at = row.row;
        }
        if is_end {
            return Ok((entries, None, newest));
        }
    }
    Ok((entries, Some(number(at)), newest))
}

fn number(row: i64) -> u64 {
    u64::try_from(row).unwrap_or(0)
}

pub(super) fn unreadable(error: &EngineError) -> Failure {
    Failure::unavailable("The audit could not be read", error)
}
