//! A wall clock that somebody sets back.

use watchfloor_wire::check::Check;
use watchfloor_wire::status::Status;

use super::*;

impl Bench {
    fn stored_check(&self) -> Check {
        let all = self.store.entities().unwrap();
        all.into_iter()
            .find_map(|(_, _, entity)| match entity {
                Entity::Check(it) if it.id.0 == "shop.api" => Some(it),
                _ => None,
            })
            .unwrap()
    }
}

#[test]
fn a_result_is_as_old_as_it_is_when_the_clock_was_set_back_while_no_gateway_ran() {
    for (away_ms, step_ms, status) in [
        // It was away for as long as the clock went back: by the wall clock nothing happened.
        (90_000, -90_000, Status::Unknown),
        (90_000, -3_600_000, Status::Unknown),
        (90_000, 0, Status::Unknown),
        // It comes back at once.
        (1_000, 0, Status::Ok),
        (1_000, -3_600_000, Status::Ok),
    ] {
        let mut bench = Bench::new();
        bench.answer(Outcome::Ok);
        bench.wait(1_000);
        bench.clock.advance_ms(away_ms);
        bench.clock.set_forward_ms(step_ms);
        let mut bench = bench.restart();
        bench.wait(250);
        let check = bench.stored_check();
        let case = format!("away for {away_ms} ms, set by {step_ms} ms");
        assert_eq!(check.status, status, "{case}");
        let age_ms = bench.clock.now().since_ms(check.observed_at.unwrap());
        assert_eq!(age_ms, 1_000 + away_ms + 250, "{case}");
    }
}

#[test]
fn a_clock_that_was_set_back_in_a_gateways_life_is_not_counted_again_by_the_next() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok);
    bench.wait(1_000);
    bench.clock.set_forward_ms(-3_600_000);
    bench.wait(250);
    let mut bench = bench.restart();
    bench.wait(250);
    let check = bench.stored_check();
    assert_eq!(check.status, Status::Ok);
    let age_ms = bench.clock.now().since_ms(check.observed_at.unwrap());
    // A tick is how exactly a running gateway can tell.
    assert!((1_250..=1_500).contains(&age_ms), "{age_ms}");
}

#[test]
fn where_the_clock_stands_is_noted_once_the_store_takes_it() {
    let clock = Clock::manual(UnixMs(1_000_000));
    let store = MemoryStore::new(clock.clone());
    let mut bench = Bench::on(store, clock, Published::default());
    bench.wait(250);
    bench.store.faults().fail_commits(3);
    bench.clock.set_forward_ms(-5_000);
    bench.wait(2_000);
    let noted = Store::machine_clock(&bench.store).unwrap().unwrap();
    assert_eq!(noted.ahead_ms, -5_000);
}
