use proptest::prelude::*;
use watchfloor_wire::time::UnixMs;

use super::*;

fn due(kinds: &[NotificationKind]) -> Vec<Notification> {
    let row = |(number, kind): (usize, &NotificationKind)| {
        Notification::waiting(format!("n{number}"), "x", *kind, UnixMs(0))
    };
    kinds.iter().enumerate().map(row).collect()
}

const OPENED: NotificationKind = NotificationKind::Opened;

#[test]
fn what_there_is_room_for_goes_by_itself_and_the_rest_together() {
    let mut pace = Pace::new(3);
    let mut waiting = due(&[OPENED; 10]);
    for expected in ["n0", "n1"] {
        assert_eq!(pace.next(&waiting, 1_000), Next::One(expected.to_owned()));
        pace.sent(1_000);
        waiting.remove(0);
    }
    let rest: Vec<String> = waiting.iter().map(|it| it.id.clone()).collect();
    assert_eq!(pace.next(&waiting, 1_000), Next::Digest(rest));
    pace.sent(1_000);
    let more = due(&[OPENED; 2]);
    assert_eq!(pace.next(&more, 11_000), Next::Wait(50_000));
    assert_eq!(pace.next(&more, 61_000), Next::One("n0".to_owned()));
    assert_eq!(pace.next(&[], 61_000), Next::Nothing);
}

#[test]
fn a_test_waits_for_nobody() {
    let mut pace = Pace::new(1);
    pace.sent(0);
    let waiting = due(&[OPENED, NotificationKind::Test]);
    assert_eq!(pace.next(&waiting, 10), Next::One("n1".to_owned()));
}

#[test]
fn a_digest_is_not_put_into_a_digest() {
    let mut pace = Pace::new(1);
    let waiting = due(&[NotificationKind::Digest, OPENED, OPENED]);
    assert_eq!(pace.next(&waiting, 0), Next::One("n0".to_owned()));
    let waiting = due(&[OPENED, NotificationKind::Digest, OPENED]);
    let both = vec!["n0".to_owned(), "n2".to_owned()];
    assert_eq!(pace.next(&waiting, 0), Next::Digest(both));
}

proptest! {
    #[test]
    fn nothing_is_lost_and_no_minute_has_more_than_its_share(
        per_minute in 1_usize..8,
        arrivals in proptest::collection::vec((0_i64..90_000, 1_usize..30), 1..20),
    ) {
        let mut pace = Pace::new(per_minute);
        let (mut now_ms, mut number) = (0, 0);
        let mut waiting: Vec<Notification> = Vec::new();
        let mut told = 0;
        let mut sent_ms: Vec<i64> = Vec::new();
        for (pause_ms, count) in arrivals.into_iter().chain([(0, 0); 40]) {
            now_ms += pause_ms;
            for _ in 0..count {
                number += 1;
                let id = format!("n{number}");
                waiting.push(Notification::waiting(id, "x", OPENED, UnixMs(0)));
            }
            match pace.next(&waiting, now_ms) {
                Next::Nothing => {}
                Next::Wait(ms) => now_ms += ms,
                Next::One(id) => {
                    waiting.retain(|it| it.id != id);
                    told += 1;
                    pace.sent(now_ms);
                    sent_ms.push(now_ms);
                }
                Next::Digest(ids) => {
                    prop_assert!(ids.len() > 1);
                    waiting.retain(|it| !ids.contains(&it.id));
                    told += ids.len();
                    pace.sent(now_ms);
                    sent_ms.push(now_ms);
                }
            }
        }
        prop_assert_eq!(told + waiting.len(), number);
        for (place, at) in sent_ms.iter().enumerate() {
            let within = sent_ms[place..].iter().take_while(|it| *it - at < MINUTE_MS);
            prop_assert!(within.count() <= per_minute);
        }
    }
}
