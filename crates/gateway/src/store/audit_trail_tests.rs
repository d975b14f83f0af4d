//! What a walk along the audit's chain shows, and what only a noted head does.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use tempfile::TempDir;

use super::*;
use crate::change::Transaction;
use crate::clock::Clock;
use crate::store::{SqliteStore, Store as _};
use watchfloor_wire::time::UnixMs;

/// A database with so many audit rows.
fn audited(rows: i64) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path(), Clock::manual(UnixMs(1_000))).unwrap();
    for n in 0..rows {
        let row = AuditRow {
            at: UnixMs(n),
            actor: "ines".to_owned(),
            action: "incident.comment".to_owned(),
            subject: format!("incident/{n}"),
            detail: format!("{{\"n\":{n}}}"),
        };
        let transaction = Transaction {
            audit: vec![row],
            ..Transaction::default()
        };
        store.commit(&transaction).unwrap();
    }
    dir
}

fn tamper(dir: &TempDir, sql: &str) {
    let connection = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn verify(dir: &TempDir, noted: Option<&Noted>) -> Verdict {
    AuditTrail::open(dir.path()).unwrap().verify(noted).unwrap()
}

fn broken_at(verdict: &Verdict) -> Option<i64> {
    match verdict {
        Verdict::Holds(_) => None,
        Verdict::Broken { row, .. } => Some(*row),
    }
}

/// Makes every row follow from the one before it again, as somebody would who can write the file.
fn rewrite(dir: &TempDir) {
    let connection = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let mut hashes = Vec::new();
    let mut previous = GENESIS.to_owned();
    each(&connection, |row, _, it| {
        previous = chain(&previous, it);
        hashes.push((row, previous.clone()));
        true
    })
    .unwrap();
    for (row, hash) in hashes {
        let update = "UPDATE audit SET hash = ?2 WHERE id = ?1";
        connection.execute(update, (row, hash)).unwrap();
    }
}

#[test]
fn an_untouched_audit_holds_up_to_its_head() {
    let dir = audited(3);
    let head = AuditTrail::open(dir.path()).unwrap().head().unwrap();
    assert_eq!(head.row, 3);
    assert_eq!(verify(&dir, None), Verdict::Holds(head.clone()));
    assert_eq!(verify(&dir, Some(&head)), Verdict::Holds(head.clone()));
    // A head from before still belongs to a chain that has grown.
    assert_eq!(head.to_string().parse(), Ok(head));
}

#[test]
fn an_empty_audit_holds() {
    let head = Noted {
        row: 0,
        hash: GENESIS.to_owned(),
    };
    assert_eq!(verify(&audited(0), None), Verdict::Holds(head));
}

#[test]
fn the_first_broken_row_is_named() {
    for (sql, row) in [
        ("UPDATE audit SET actor = 'x' WHERE id = 1", 1),
        ("UPDATE audit SET detail = '{}' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE id = 4", 4),
        (
            "UPDATE audit SET hash = replace(hash, 'a', 'b') WHERE id = 2",
            2,
        ),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id IN (2, 3)", 4),
        // Moved up into the place of the one that was deleted.
        (
            "DELETE FROM audit WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3",
            2,
        ),
        // The end is known by the last number that was given.
        ("DELETE FROM audit WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id > 2", 3),
        ("DELETE FROM audit", 1),
        (
            "INSERT INTO audit (at, actor, action, subject, detail, hash)
             SELECT at, actor, action, subject, detail, hash FROM audit WHERE id = 5",
            6,
        ),
    ] {
        let dir = audited(5);
        tamper(&dir, sql);
        assert_eq!(broken_at(&verify(&dir, None)), Some(row), "{sql}");
    }
}

#[test]
fn what_was_rewritten_from_the_start_shows_only_against_a_noted_head() {
    let dir = audited(4);
    let head = AuditTrail::open(dir.path()).unwrap().head().unwrap();
    tamper(
        &dir,
        "UPDATE audit SET actor = 'somebody else' WHERE id = 2",
    );
    rewrite(&dir);
    assert_eq!(broken_at(&verify(&dir, None)), None);
    assert_eq!(broken_at(&verify(&dir, Some(&head))), Some(4));
}

#[test]
fn an_end_that_was_cut_off_with_the_last_number_shows_only_against_a_noted_head() {
    let dir = audited(4);
    let head = AuditTrail::open(dir.path()).unwrap().head().unwrap();
    tamper(
        &dir,
        "DELETE FROM audit WHERE id > 2; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'",
    );
    assert_eq!(broken_at(&verify(&dir, None)), None);
    assert_eq!(broken_at(&verify(&dir, Some(&head))), Some(3));
}

#[test]
fn a_head_is_read_as_it_is_written() {
    for (text, fine) in [
        (format!("3:{}", "a".repeat(64)), true),
        (format!(" 0:{}\n", "A".repeat(64)), true),
        (format!("3:{}", "a".repeat(63)), false),
        (format!("3:{}", "g".repeat(64)), false),
        (format!("-1:{}", "a".repeat(64)), false),
        ("3".to_owned(), false),
    ] {
        assert_eq!(text.parse::<Noted>().is_ok(), fine, "{text}");
    }
}

#[test]
fn every_row_is_exported_once_with_what_it_says() {
    let dir = audited(3);
    let mut rows = Vec::new();
    let trail = AuditTrail::open(dir.path()).unwrap();
    let exported = trail.export(|row| {
        rows.push(row.clone());
        Ok::<(), ()>(())
    });
    assert_eq!(exported.unwrap(), Ok(3));
    assert_eq!(rows[2]["row"], 3);
    assert_eq!(rows[2]["detail"]["n"], 2);
    assert_eq!(rows[2]["hash"], trail.head().unwrap().hash);
    assert_eq!(trail.export(|_| Err("full")).unwrap(), Err("full"));
}

#[test]
fn nothing_is_made_where_there_is_no_audit() {
    let dir = tempfile::tempdir().unwrap();
    assert!(AuditTrail::open(dir.path()).is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
