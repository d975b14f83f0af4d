//! Another epoch: on the disk first, then for everybody, and in the audit.

use super::*;
use crate::store::Head;

/// Keeps the heads at which epochs began.
#[derive(Clone, Default)]
struct Heads(Arc<Mutex<Vec<Head>>>);

impl Publish for Heads {
    fn publish(&self, _: &Committed) {}

    fn begin_epoch(&self, head: &Head) {
        self.0.lock().unwrap().push(head.clone());
    }
}

fn engine(store: &MemoryStore, heads: &Heads) -> Engine<MemoryStore> {
    let clock = Clock::manual(UnixMs(1_000_000));
    Engine::new(
        &config(PRODUCT),
        store.clone(),
        Box::new(heads.clone()),
        clock,
    )
    .unwrap()
}

#[test]
fn an_epoch_is_stored_told_and_audited() {
    let store = MemoryStore::new(Clock::manual(UnixMs(1_000_000)));
    let heads = Heads::default();
    let mut engine = engine(&store, &heads);
    let before = Store::head(&store).unwrap();
    assert!(engine.begin_epoch("{\"known\":9}".to_owned()));
    let told = heads.0.lock().unwrap().clone();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].epoch, Store::head(&store).unwrap().epoch);
    assert_ne!(told[0].epoch, before.epoch);
    let audit = store.audit();
    let last = audit.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.detail.as_str()),
        ("feed.begin_epoch", "{\"known\":9}")
    );
    assert_eq!(engine.ages().epoch_age_ms(), Some(0));
}

#[test]
fn an_epoch_that_cannot_be_stored_is_told_to_nobody() {
    let store = MemoryStore::new(Clock::manual(UnixMs(1_000_000)));
    let heads = Heads::default();
    let mut engine = engine(&store, &heads);
    store.faults().fail_commits(1);
    assert!(!engine.begin_epoch("{}".to_owned()));
    assert!(heads.0.lock().unwrap().is_empty());
    assert_eq!(engine.ages().epoch_age_ms(), None);
}
