//! The audit's chain: each row's hash covers the row before it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::change::AuditRow;

/// The hash before the first row.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A row with its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedRow {
    /// Its number, from 1.
    pub row: i64,
    /// What it says.
    pub it: AuditRow,
    /// Its hash, in lower-case hex.
    pub hash: String,
}

/// Where reading begins, and in which direction it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditPlace {
    /// Rows with smaller numbers, newest first.
    Before(i64),
    /// Rows with larger numbers, oldest first.
    After(i64),
}

/// Rows that were read in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditStretch {
    /// The last number that was given to a row, from before the rows were read; 0 before the first.
    pub given: i64,
    /// The rows, in the order of the question.
    pub rows: Vec<ChainedRow>,
}

/// The hash of a row that follows the row with hash `previous`, in lower-case hex.
///
/// Each field goes in with its length in front, so that no two different rows give the same bytes.
#[must_use]
pub fn chain(previous: &str, row: &AuditRow) -> String {
    let mut digest = Sha256::new();
    digest.update(previous.as_bytes());
    digest.update(row.at.0.to_be_bytes());
    for field in [&row.actor, &row.action, &row.subject, &row.detail] {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field.as_bytes());
    }
    hex(&digest.finalize())
}

/// Bytes in lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The place, from 1, of the first row whose hash does not follow from the row before it; `None` when all do.
#[must_use]
pub fn first_break(rows: impl IntoIterator<Item = (AuditRow, String)>) -> Option<u64> {
    let mut previous = GENESIS.to_owned();
    for (place, (row, hash)) in (1..).zip(rows) {
        if chain(&previous, &row) != hash {
            return Some(place);
        }
        previous = hash;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::time::UnixMs;

    fn row(actor: &str, action: &str) -> AuditRow {
        AuditRow {
            at: UnixMs(1),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: "incident/1".to_owned(),
            detail: "{}".to_owned(),
        }
    }

    fn chained(rows: &[AuditRow]) -> Vec<(AuditRow, String)> {
        let mut previous = GENESIS.to_owned();
        rows.iter()
            .map(|row| {
                previous = chain(&previous, row);
                (row.clone(), previous.clone())
            })
            .collect()
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(
            first_break(chained(&[row("a", "x"), row("b", "y"), row("c", "z")])),
            None
        );
    }

    #[test]
    fn a_changed_row_and_a_missing_row_show() {
        let mut changed = chained(&[row("a", "x"), row("b", "y"), row("c", "z")]);
        changed[1].0.actor = "mallory".to_owned();
        assert_eq!(first_break(changed), Some(2));
        let mut missing = chained(&[row("a", "x"), row("b", "y"), row("c", "z")]);
        missing.remove(1);
        assert_eq!(first_break(missing), Some(2));
    }

    #[test]
    fn moving_text_from_one_field_to_the_next_changes_the_hash() {
        assert_ne!(
            chain(GENESIS, &row("ab", "c")),
            chain(GENESIS, &row("a", "bc"))
        );
    }
}
