#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use watchfloor_wire::time::UnixMs;

use super::*;
use crate::change::AuditRow;
use crate::store::suite::{product, store_suite};

store_suite!(|clock| {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path(), clock).unwrap();
    (store, directory)
});

const CHILD_DIRECTORY: &str = "WATCHFLOOR_TEST_CHILD_DIRECTORY";

fn clock() -> Clock {
    Clock::manual(UnixMs(1_000))
}

fn numbered(n: u64) -> Transaction {
    Transaction {
        changes: vec![product("a", &n.to_string()), product("b", &n.to_string())],
        audit: vec![AuditRow {
            at: UnixMs(1),
            actor: "gateway".to_owned(),
            action: "test".to_owned(),
            subject: n.to_string(),
            detail: "{}".to_owned(),
        }],
        ..Transaction::default()
    }
}

#[test]
fn epoch_and_sequence_survive_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path(), clock()).unwrap();
    store.commit(&numbered(1)).unwrap();
    let head = store.head().unwrap();
    drop(store);
    let reopened = SqliteStore::open(directory.path(), clock()).unwrap();
    assert_eq!(reopened.head().unwrap(), head);
    assert_eq!(reopened.entities().unwrap().len(), 2);
}

#[test]
fn a_database_from_the_future_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path(), clock()).unwrap();
    store
        .connection
        .pragma_update(None, "user_version", schema::KNOWN_VERSION + 1)
        .unwrap();
    drop(store);
    let refusal = SqliteStore::open(directory.path(), clock()).err().unwrap();
    assert!(
        matches!(refusal, StoreError::FromTheFuture { .. }),
        "{refusal}"
    );
}

#[test]
fn of_what_fired_before_labels_were_kept_no_labels_are_known() {
    let directory = tempfile::tempdir().unwrap();
    let mut connection = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    schema::migrate_to(&mut connection, 5).unwrap();
    connection
        .execute(
            "INSERT INTO fired (fingerprint, at, product, check_id, rule, severity, summary)
             VALUES ('f', 900, 'shop', 'shop.api', 'slow', 'high', 'Slow')",
            [],
        )
        .unwrap();
    drop(connection);
    let store = SqliteStore::open(directory.path(), clock()).unwrap();
    let history = store.reader().unwrap().fired_since(UnixMs(0)).unwrap();
    assert_eq!(history.alerts[0].title, "Slow");
    assert_eq!(history.alerts[0].labels, None);
}

#[test]
fn a_changed_audit_row_shows() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path(), clock()).unwrap();
    for n in 1..=3 {
        store.commit(&numbered(n)).unwrap();
    }
    store
        .connection
        .execute("UPDATE audit SET actor = 'mallory' WHERE id = 2", [])
        .unwrap();
    assert_eq!(store.reader().unwrap().audit_break().unwrap(), Some(2));
}

#[test]
fn readers_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path(), clock()).unwrap();
    let reader = store.connect_reader().unwrap();
    let refused = reader.ask(|connection| Ok(connection.execute("DELETE FROM head", [])?));
    assert!(refused.is_err());
}

#[test]
fn a_commit_that_fails_half_way_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path(), clock()).unwrap();
    let answer = KeptAnswer {
        actor: "a".to_owned(),
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        at: UnixMs(1),
        status: 200,
        body: String::new(),
    };
    let twice = Transaction {
        answers: vec![answer.clone(), answer],
        ..numbered(1)
    };
    assert!(store.commit(&twice).is_err());
    assert_eq!(store.head().unwrap().seq, 0);
    assert!(store.entities().unwrap().is_empty());
    assert_eq!(store.commit(&numbered(1)).unwrap().to, 2);
}

#[test]
fn the_feed_log_is_capped_by_rows_too() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path(), clock()).unwrap();
    store.commit(&numbered(1)).unwrap();
    // Half a million commits take too long here; moving the head says the same.
    store
        .connection
        .execute(
            "UPDATE head SET seq = ?1",
            [from_u64(crate::store::FEED_LOG_MAX_ROWS + 1)],
        )
        .unwrap();
    let never = RetainBefore {
        feed_log: UnixMs(0),
        answers: UnixMs(0),
        incidents: UnixMs(0),
        fired: UnixMs(0),
        notifications: UnixMs(0),
    };
    store.retain(&never).unwrap();
    let kept: i64 = store
        .connection
        .query_row("SELECT count(*) FROM feed_log", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1);
}

/// Runs in a process of its own: commits until it is killed, and says so after each commit.
#[test]
#[ignore = "is the child of what_was_answered_survives_a_kill"]
fn child_that_commits_for_ever() {
    let Ok(directory) = std::env::var(CHILD_DIRECTORY) else {
        return;
    };
    let mut store = SqliteStore::open(Path::new(&directory), clock()).unwrap();
    for n in 1.. {
        let committed = store.commit(&numbered(n)).unwrap();
        println!("\ncommitted {}", committed.to);
    }
}

#[test]
fn what_was_answered_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    for round in 1..=3_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::sqlite::tests::child_that_commits_for_ever",
            ])
            .args(["--ignored", "--nocapture", "--test-threads", "1"])
            .env(CHILD_DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let answered = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("committed ")?.parse::<u64>().ok())
            .nth(usize::try_from(round * 7).unwrap())
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        check_after_kill(directory.path(), answered);
    }
}

fn check_after_kill(directory: &Path, answered: u64) {
    let store = SqliteStore::open(directory, clock()).unwrap();
    let head = store.head().unwrap().seq;
    assert!(head >= answered, "{answered} was answered, {head} is left");
    let ops = store.feed_log_after(0, usize::MAX).unwrap().unwrap();
    let seqs: Vec<u64> = ops.iter().map(|op| op.v).collect();
    assert_eq!(seqs, (1..=head).collect::<Vec<_>>());
    let mut versions: Vec<u64> = store.entities().unwrap().iter().map(|it| it.1).collect();
    versions.sort_unstable();
    assert_eq!(versions, [head - 1, head]);
    assert_eq!(store.reader().unwrap().audit_break().unwrap(), None);
}
