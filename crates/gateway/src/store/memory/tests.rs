#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use super::*;
use crate::store::suite::{product, store_suite};

store_suite!(|clock| (MemoryStore::new(clock), ()));

#[test]
fn a_failing_commit_writes_nothing_and_the_next_one_succeeds() {
    let mut store = MemoryStore::new(Clock::manual(UnixMs(0)));
    let transaction = Transaction {
        changes: vec![product("a", "")],
        ..Transaction::default()
    };
    store.faults().fail_commits(1);
    assert!(store.commit(&transaction).is_err());
    assert_eq!(Store::head(&store).unwrap().seq, 0);
    assert_eq!(store.commit(&transaction).unwrap().to, 1);
}
