//! Histories of incidents and people: none breaks an invariant, and together they meet what they should.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use watchfloor_sim::incidents::{Tally, run};

/// The histories of every change; `cargo xtask sim incidents --seeds N` runs more.
const SEEDS: u64 = 400;

#[test]
fn the_first_histories_break_nothing_and_meet_what_they_should() {
    let mut all = Tally::default();
    for seed in 1..=SEEDS {
        let history = run(seed).unwrap();
        if let Some((what, tail)) = history.failure {
            panic!(
                "seed {seed} failed: {what}\n{}\nagain with: cargo xtask sim incidents --seed {seed}",
                tail.join("\n")
            );
        }
        all.merge(&history.tally);
    }
    for name in [
        "carried out",
        "sent again",
        "changed",
        "already_acknowledged",
        "resolved",
        "not_owner",
        "not_offered",
        "undo_over",
        "not_mergeable",
        "undone",
        "handed over",
        "assigned",
        "released",
        "lapsed, or ended by a rise",
        "symptoms",
        "symptoms in a merged incident",
        "restarts",
    ] {
        assert!(all.counts.contains_key(name), "{name}: {:?}", all.counts);
    }
}

#[test]
fn a_seed_is_the_same_history_every_time() {
    let (one, two) = (run(77).unwrap(), run(77).unwrap());
    assert_eq!(one.tally.counts, two.tally.counts);
}
