//! Many seeds without a broken invariant, the same seed twice, and the proof that a broken one is found.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::collections::BTreeMap;

use watchfloor_sim::client::{Count, ResetWhy};
use watchfloor_sim::mutant::Mutant;

/// The seeds of every change; `cargo xtask sim --seeds N` runs more.
const SEEDS: u64 = 200;
/// Each mistake is found within this many seeds.
const FOUND_WITHIN: u64 = 40;

/// Runs some of the seeds and adds up what happened in them.
fn run(seeds: impl Iterator<Item = u64>) -> (BTreeMap<Count, u64>, BTreeMap<&'static str, u64>) {
    let (mut counts, mut faults) = (BTreeMap::new(), BTreeMap::new());
    for seed in seeds {
        let summary = watchfloor_sim::run(seed, None).unwrap();
        if let Some((what, tail)) = summary.failure {
            panic!(
                "seed {seed} failed at {what}\n{}\nagain with: cargo xtask sim --seed {seed}",
                tail.join("\n")
            );
        }
        for (count, times) in summary.counts {
            *counts.entry(count).or_insert(0) += times;
        }
        for (fault, times) in summary.faults {
            *faults.entry(fault).or_insert(0) += times;
        }
    }
    (counts, faults)
}

#[test]
fn the_first_seeds_break_no_invariant_and_meet_what_they_should() {
    // Two halves, one a core.
    let halves = std::thread::scope(|scope| {
        let halves = [0, 1]
            .map(|half| scope.spawn(move || run((1..=SEEDS).filter(|seed| seed % 2 == half))));
        halves.map(|half| half.join().unwrap())
    });
    let met = |count: Count| {
        let times = halves.iter().map(|(counts, _)| counts.get(&count));
        times.flatten().sum::<u64>()
    };
    for count in [
        Count::FrameApplied,
        Count::FrameKnown,
        Count::FrameCoalesced,
        Count::Gap,
        Count::Resumed,
        Count::SnapshotRead,
        Count::ByEvents,
        Count::Reset(ResetWhy::Acl),
        Count::Reset(ResetWhy::Window),
    ] {
        assert!(met(count) > 0, "{count:?} never happened");
    }
    // Nothing that the gateway confirmed is ever lost, so no cursor is ever from the future.
    for never in [ResetWhy::Ahead, ResetWhy::Epoch, ResetWhy::Unheard] {
        assert_eq!(met(Count::Reset(never)), 0, "{never:?}");
    }
    let faults: usize = halves.iter().map(|(_, faults)| faults.len()).max().unwrap();
    assert!(faults >= 20, "only {faults} kinds of faults happened");
}

#[test]
fn a_seed_is_the_same_run_every_time() {
    for seed in [3, 77] {
        let first = watchfloor_sim::run(seed, None).unwrap();
        let second = watchfloor_sim::run(seed, None).unwrap();
        assert_eq!((first.hash, first.steps), (second.hash, second.steps));
    }
    let other = watchfloor_sim::run(4, None).unwrap();
    assert_ne!(other.hash, watchfloor_sim::run(3, None).unwrap().hash);
}

/// The seed at which a mistake is found, with what was said.
fn found(mutant: Mutant) -> Option<(u64, String)> {
    (1..=FOUND_WITHIN).find_map(|seed| {
        let failure = watchfloor_sim::run(seed, Some(mutant)).unwrap().failure;
        failure.map(|(what, _)| (seed, what))
    })
}

#[test]
fn every_kind_of_mistake_is_found() {
    for (mutant, invariants) in [
        (Mutant::PublishBeforeCommit, &["I1"][..]),
        (Mutant::CommitsForgotten, &["I1", "I3", "I4"]),
        (Mutant::AnswerBeforeCommit, &["I4"]),
        (Mutant::KeyForgotten, &["I4"]),
        (Mutant::CoalescedKeyForgotten, &["I1"]),
        (Mutant::AppliedOverGap, &["I1", "I2"]),
        (Mutant::RoleChangeIgnored, &["I9"]),
        (Mutant::RevocationIgnored, &["I9"]),
        (Mutant::ResolvedComesBack, &["I5"]),
        (Mutant::EscalatedWhileAcknowledged, &["I6"]),
        (Mutant::AgeIgnored, &["I7"]),
        (Mutant::DelayIgnored, &["I7"]),
        (Mutant::UnboundedSending, &["I8"]),
    ] {
        let Some((seed, what)) = found(mutant) else {
            panic!("{mutant:?} was not found in {FOUND_WITHIN} seeds");
        };
        println!(
            "{mutant:?}: seed {seed}, {}",
            what.chars().take(160).collect::<String>()
        );
        assert!(
            invariants.iter().any(|it| what.contains(it)),
            "{mutant:?} was found by something else: {what}"
        );
    }
    assert_eq!(Mutant::ALL.len(), 13);
}
