//! Random histories: people, time, restarts. What must hold holds after each step.

use proptest::prelude::*;

use super::labels::labelled;
use super::*;

/// What somebody or time does.
#[derive(Clone, Debug)]
enum Step {
    Make(i64, i64),
    Extend(usize, i64),
    Rename(usize),
    Relabel(usize),
    End(usize),
    Wait(i64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_i64..3, 1_i64..40).prop_map(|(ahead, hours)| Step::Make(ahead, hours)),
        2 => (0_usize..8, 1_i64..40).prop_map(|(which, hours)| Step::Extend(which, hours)),
        1 => (0_usize..8).prop_map(Step::Rename),
        1 => (0_usize..8).prop_map(Step::Relabel),
        2 => (0_usize..8).prop_map(Step::End),
        5 => (1_i64..2_000).prop_map(|minutes| Step::Wait(minutes * MINUTE_MS)),
        1 => Just(Step::Restart),
    ]
}

fn nth(it: &Silences, which: usize) -> Option<Silence> {
    it.all().nth(which).cloned()
}

/// The change that a step asks of the silence.
fn to(step: &Step, before: &Silence, now: UnixMs) -> ChangeSilenceRequest {
    match step {
        Step::Extend(_, hours) => ChangeSilenceRequest {
            expires_at: Some(before.starts_at.max(now).plus_ms(hours * HOUR_MS)),
            ..ChangeSilenceRequest::default()
        },
        Step::Relabel(_) => ChangeSilenceRequest {
            matchers: Some(vec![Matcher::of_label(
                "team",
                MatchOperator::IsNot,
                "core",
            )]),
            ..ChangeSilenceRequest::default()
        },
        _ => ChangeSilenceRequest {
            matchers: Some(of(MatchField::Title, MatchOperator::Matches, "other*")),
            ..ChangeSilenceRequest::default()
        },
    }
}

fn take(it: &mut Silences, step: &Step, now: &mut UnixMs) {
    let work = match step {
        Step::Wait(ms) => {
            *now = now.plus_ms(*ms);
            it.tick(*now, |_| 1, &mut Vec::new());
            return;
        }
        Step::Restart => {
            let stored: Vec<Silence> = it.all().cloned().collect();
            *it = Silences::new(
                &config(&labelled()),
                stored,
                it.last_id,
                *now,
                &mut Vec::new(),
            );
            return;
        }
        Step::Make(ahead, hours) => {
            let starts_at = now.plus_ms(ahead * HOUR_MS);
            SilenceWork::Make(SilenceRequest {
                starts_at: Some(starts_at),
                expires_at: starts_at.plus_ms(hours * HOUR_MS),
                ..request(0)
            })
        }
        Step::Extend(which, _) | Step::Rename(which) | Step::Relabel(which) => {
            match nth(it, *which) {
                Some(before) => SilenceWork::Change {
                    id: before.id,
                    if_match: before.version,
                    to: to(step, &before, *now),
                },
                None => return,
            }
        }
        Step::End(which) => match nth(it, *which) {
            Some(before) => SilenceWork::Expire {
                id: before.id,
                note: String::new(),
            },
            None => return,
        },
    };
    // A refusal is an answer too.
    let _ = decide(it, work, Role::Operator, *now);
}

proptest! {
    #[test]
    fn whatever_people_do_a_silence_ends_stays_ended_and_never_covers_more(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let (mut it, mut now) = (silences(&labelled(), Vec::new(), START), START);
        let mut before: BTreeMap<SilenceId, Silence> = BTreeMap::new();
        for step in &steps {
            take(&mut it, step, &mut now);
            for silence in it.all() {
                prop_assert!(silence.expires_at.since_ms(silence.starts_at.max(now)) <= DAY_MS + MINUTE_MS);
                if let Some(old) = before.get(&silence.id) {
                    prop_assert!(silence.version >= old.version);
                    prop_assert!(silence.version > old.version || silence == old);
                    prop_assert_eq!(&silence.matchers, &old.matchers);
                    prop_assert_eq!(silence.starts_at, old.starts_at);
                    prop_assert!(old.ended_at.is_none() || silence == old);
                }
            }
            let newest = it.all().map(|it| it.id.0).max().unwrap_or(0);
            prop_assert!(newest <= it.last_id);
            before.extend(it.all().map(|it| (it.id, it.clone())));
        }
        now = now.plus_ms(5 * DAY_MS);
        it.tick(now, |_| 1, &mut Vec::new());
        prop_assert!(it.all().all(|it| it.state_at(now) == SilenceState::Ended));
    }
}
