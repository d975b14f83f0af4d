//! Reading log lines.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use watchfloor_wire::id::ProductId;
use watchfloor_wire::log::{Level, LogLine, LogPage};
use watchfloor_wire::time::UnixMs;

use super::error::RecordsError;
use super::line::{LogQuery, level_of_rank, level_rank};

/// A page looks at this many lines at most. Where a rare text needs more, the page ends early, and
/// `next_before` goes on from there.
pub const MAX_SCANNED_LINES: usize = 100_000;
/// Lines by level are counted among this many newest ones at most, so that an answer stays fast whatever is
/// kept.
pub const MAX_COUNTED_LINES: usize = 20_000;
/// A page has at most this many lines.
pub const MAX_PAGE_LINES: u32 = 10_000;

const COLUMNS: &str = "id, at, product, service, level, message, fields";

/// The newest lines that match, newest first. `by_level` ignores the level and the position, and counts among
/// the newest [`MAX_COUNTED_LINES`].
///
/// # Errors
/// [`RecordsError`] when the database cannot be read.
pub fn page(connection: &Connection, query: &LogQuery) -> Result<LogPage, RecordsError> {
    let text = query.text.as_ref().map(|text| text.to_lowercase());
    let text = text.as_deref().filter(|text| !text.is_empty());
    let limit = usize::try_from(query.limit.clamp(1, MAX_PAGE_LINES)).unwrap_or(1);
    let (sql, values) = select(query);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut lines = Vec::new();
    let mut next_before = None;
    let mut scanned = 0;
    while let Some(row) = rows.next()? {
        if lines.len() == limit || scanned == MAX_SCANNED_LINES {
            // There is at least this line more.
            next_before = Some(id_of(row)? + 1);
            break;
        }
        scanned += 1;
        let line = read(row)?;
        if text.is_none_or(|text| matches(&line, text)) {
            lines.push(line);
        }
    }
    drop(rows);
    Ok(LogPage {
        lines,
        next_before,
        by_level: count(connection, query.product.as_ref(), text)?,
    })
}

/// One arm a level, each in the order of an index that ends with the id; SQLite merges them as they come.
fn select(query: &LogQuery) -> (String, Vec<Value>) {
    let id = |id: u64| Value::Integer(i64::try_from(id).unwrap_or(i64::MAX));
    let mut filter = "id < ?1 AND id > ?2".to_owned();
    let mut values = vec![
        id(query.before.unwrap_or(u64::MAX)),
        id(query.after.unwrap_or(0)),
    ];
    if let Some(product) = &query.product {
        filter.push_str(" AND product = ?3");
        values.push(Value::Text(product.0.clone()));
    }
    let arms: Vec<String> = match query.min_level {
        None | Some(Level::Debug) => {
            vec![format!("SELECT {COLUMNS} FROM log WHERE {filter}")]
        }
        Some(min) => Level::ALL
            .into_iter()
            .filter(|level| *level >= min)
            .map(level_rank)
            .map(|rank| format!("SELECT {COLUMNS} FROM log WHERE {filter} AND level = {rank}"))
            .collect(),
    };
    let sql = format!("{} ORDER BY id DESC", arms.join(" UNION ALL "));
    (sql, values)
}

fn id_of(row: &Row<'_>) -> Result<u64, rusqlite::Error> {
    row.get::<_, i64>(0).map(i64::unsigned_abs)
}

fn read(row: &Row<'_>) -> Result<LogLine, rusqlite::Error> {
    let fields: String = row.get(6)?;
    Ok(LogLine {
        id: id_of(row)?,
        at: UnixMs(row.get(1)?),
        product: row.get::<_, String>(2)?.into(),
        service: row.get(3)?,
        level: level_of_rank(row.get(4)?),
        message: row.get(5)?,
        // Written by this gateway; fields that cannot be read are left out rather than the line.
        fields: serde_json::from_str(&fields).unwrap_or_default(),
    })
}

/// Whether a line holds `text`, which is in lower case.
fn matches(line: &LogLine, text: &str) -> bool {
    let holds = |hay: &str| hay.to_lowercase().contains(text);
    holds(&line.message)
        || holds(&line.service)
        || line
            .fields
            .iter()
            .any(|(name, value)| holds(name) || holds(value))
}

fn count(
    connection: &Connection,
    product: Option<&ProductId>,
    text: Option<&str>,
) -> Result<BTreeMap<String, u64>, RecordsError> {
    let (sql, values) = select(&LogQuery {
        product: product.cloned(),
        ..LogQuery::default()
    });
    let sql = format!("{sql} LIMIT {MAX_COUNTED_LINES}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let level = level_of_rank(row.get(4)?);
        let counted = match text {
            None => true,
            Some(text) => matches(&read(row)?, text),
        };
        if counted {
            *counts.entry(level.word().to_owned()).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::schema;

    #[test]
    fn no_filter_sorts_or_scans_the_table_without_an_index() {
        let directory = tempfile::tempdir().unwrap();
        let connection = schema::open_writer(&directory.path().join("samples.db")).unwrap();
        for product in [None, Some(ProductId::from("a"))] {
            for min_level in [
                None,
                Some(Level::Info),
                Some(Level::Warn),
                Some(Level::Error),
            ] {
                let query = LogQuery {
                    product: product.clone(),
                    min_level,
                    ..LogQuery::default()
                };
                let (sql, values) = select(&query);
                let mut statement = connection
                    .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                    .unwrap();
                let plan: Vec<String> = statement
                    .query_map(params_from_iter(values), |row| row.get(3))
                    .unwrap()
                    .map(Result::unwrap)
                    .collect();
                assert!(
                    !plan.iter().any(|step| step.contains("TEMP B-TREE")),
                    "{query:?}: {plan:?}"
                );
            }
        }
    }
}
