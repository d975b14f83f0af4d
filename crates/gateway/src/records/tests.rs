//! Records through their front door.

use std::collections::BTreeMap;

use tempfile::TempDir;
use watchfloor_wire::log::Level;
use watchfloor_wire::series::SeriesColumns;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

use super::{LogQuery, NewLogLine, Recorder, Records, RecordsError, open, retain, schema};
use crate::clock::Clock;
use crate::config::gateway::Retention;
use crate::observation::Sample;

const NOW: UnixMs = UnixMs(1_763_683_200_000);

fn start() -> (TempDir, Recorder, Records) {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, records) =
        open(directory.path(), &Retention::default(), Clock::manual(NOW)).unwrap();
    (directory, recorder, records)
}

fn line(product: &str, level: Level, message: &str) -> NewLogLine {
    NewLogLine {
        at: NOW,
        product: product.into(),
        service: "api".to_owned(),
        level,
        message: message.to_owned(),
        fields: BTreeMap::from([("route".to_owned(), "/Login".to_owned())]),
    }
}

fn sample(series: &str, at: i64, value: Option<f64>) -> Sample {
    Sample {
        series: series.into(),
        at: NOW.plus_ms(at),
        value,
    }
}

async fn messages(records: &Records, query: LogQuery) -> Vec<String> {
    let page = records
        .logs(LogQuery {
            limit: 100,
            ..query
        })
        .await
        .unwrap();
    page.lines.into_iter().map(|line| line.message).collect()
}

async fn four_lines() -> (TempDir, Recorder, Records) {
    let (directory, recorder, records) = start();
    assert!(recorder.logs(vec![
        line("a", Level::Info, "first Apple"),
        line("b", Level::Error, "second"),
        line("a", Level::Warn, "third apple"),
        line("a", Level::Error, "fourth"),
    ]));
    recorder.flush().await;
    (directory, recorder, records)
}

#[tokio::test]
async fn filters_add_up_and_the_newest_comes_first() {
    let (_directory, _recorder, records) = four_lines().await;
    let all = LogQuery::default();
    let a = Some("a".into());
    let cases: Vec<(LogQuery, &[&str])> = vec![
        (
            all.clone(),
            &["fourth", "third apple", "second", "first Apple"],
        ),
        (
            LogQuery {
                product: a.clone(),
                ..all.clone()
            },
            &["fourth", "third apple", "first Apple"],
        ),
        (
            LogQuery {
                min_level: Some(Level::Warn),
                ..all.clone()
            },
            &["fourth", "third apple", "second"],
        ),
        (
            LogQuery {
                min_level: Some(Level::Error),
                product: a,
                ..all.clone()
            },
            &["fourth"],
        ),
        (
            LogQuery {
                text: Some("APPLE".to_owned()),
                ..all.clone()
            },
            &["third apple", "first Apple"],
        ),
        (
            LogQuery {
                text: Some("/login".to_owned()),
                before: Some(3),
                ..all.clone()
            },
            &["second", "first Apple"],
        ),
        (
            LogQuery {
                after: Some(2),
                ..all.clone()
            },
            &["fourth", "third apple"],
        ),
        (
            LogQuery {
                text: Some("100%_".to_owned()),
                ..all
            },
            &[],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(
            messages(&records, query.clone()).await,
            expected,
            "{query:?}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_hole_or_a_repeat() {
    let (_directory, _recorder, records) = four_lines().await;
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let query = LogQuery {
            before,
            limit: 3,
            ..LogQuery::default()
        };
        let page = records.logs(query).await.unwrap();
        seen.extend(page.lines.iter().map(|line| line.id));
        before = page.next_before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [4, 3, 2, 1]);
}

#[tokio::test]
async fn lines_are_counted_by_level_whatever_level_is_asked_for() {
    let (_directory, _recorder, records) = four_lines().await;
    let query = LogQuery {
        product: Some("a".into()),
        min_level: Some(Level::Error),
        limit: 10,
        ..LogQuery::default()
    };
    let page = records.logs(query).await.unwrap();
    let counts: Vec<_> = page
        .by_level
        .iter()
        .map(|(word, n)| (word.as_str(), *n))
        .collect();
    assert_eq!(counts, [("error", 1), ("info", 1), ("warn", 1)]);
}

#[tokio::test]
async fn a_live_tail_gets_each_line_with_its_id_once_it_is_stored() {
    let (_directory, recorder, records) = start();
    let mut tail = records.subscribe_logs();
    recorder.logs(vec![line("a", Level::Info, "hello")]);
    let received = tail.recv().await.unwrap();
    assert_eq!((received.id, received.message.as_str()), (1, "hello"));
    assert_eq!(messages(&records, LogQuery::default()).await, ["hello"]);
}

#[tokio::test]
async fn samples_come_back_in_order_and_unknown_series_are_left_out() {
    let (_directory, recorder, records) = start();
    recorder.samples(vec![
        sample("a.b.c", 2_000, Some(2.0)),
        sample("a.b.c", 1_000, None),
        sample("a.b.c", 3_000, Some(f64::NAN)),
        sample("a.b.c", 2_000, Some(2.5)),
        sample("a.b.c", 9_000, Some(9.0)),
    ]);
    recorder.flush().await;
    let ids = vec!["x.y.z".into(), "a.b.c".into()];
    let columns = records
        .series(ids, NOW, NOW.plus_ms(5_000), 100)
        .await
        .unwrap();
    assert_eq!(columns.len(), 1);
    assert_eq!(columns[0].value, [None, Some(2.5), None]);
    assert_eq!(columns[0].step_ms, 1_000);
    assert!(!columns[0].thinned);
}

#[tokio::test]
async fn many_samples_are_thinned_to_the_points_wanted() {
    let (_directory, recorder, records) = start();
    let samples = (0..5_000).map(|n| sample("a.b.c", n * 1_000, Some(1.0)));
    recorder.samples(samples.collect());
    recorder.flush().await;
    let columns = records
        .series(vec!["a.b.c".into()], NOW, NOW.plus_ms(5_000_000), 200)
        .await
        .unwrap();
    assert!(columns[0].thinned && columns[0].at.len() <= 200);
}

#[tokio::test]
async fn a_flood_that_does_not_fit_is_dropped_and_said_so() {
    let (_directory, recorder, records) = start();
    let huge = line("a", Level::Info, &"x".repeat(33 * 1024 * 1024));
    assert!(!recorder.logs(vec![huge]));
    assert!(recorder.logs(vec![line("a", Level::Info, "small")]));
    recorder.flush().await;
    assert_eq!(messages(&records, LogQuery::default()).await, ["small"]);
}

#[tokio::test]
async fn ids_go_on_after_a_restart() {
    let (directory, recorder, records) = four_lines().await;
    drop((recorder, records));
    let (recorder, records) =
        open(directory.path(), &Retention::default(), Clock::manual(NOW)).unwrap();
    recorder.logs(vec![line("a", Level::Info, "fifth")]);
    recorder.flush().await;
    let page = records
        .logs(LogQuery {
            limit: 1,
            ..LogQuery::default()
        })
        .await
        .unwrap();
    assert_eq!(page.lines[0].id, 5);
}

#[tokio::test]
async fn what_is_past_its_time_goes_in_steps_and_the_rest_stays() {
    let (directory, recorder, records) = start();
    let old = (0..3_000).map(|n| sample("a.b.c", -1_000_000 + n, Some(1.0)));
    recorder.samples(old.chain([sample("a.b.c", 0, Some(2.0))]).collect());
    recorder.logs(vec![line("a", Level::Info, "stored at NOW")]);
    // What is not summed up stays.
    let_it_sum_up(&recorder).await;
    let connection = schema::open_writer(&directory.path().join("samples.db")).unwrap();
    let mut steps = 0;
    let kept = retain::Kept {
        logs: NOW,
        samples: NOW,
        minutes: NOW,
        hours: NOW,
    };
    while retain::step(&connection, &kept).unwrap() == retain::Retained::More {
        steps += 1;
    }
    assert_eq!(steps, 2);
    assert_eq!(messages(&records, LogQuery::default()).await.len(), 1);
    let columns = records
        .series(vec!["a.b.c".into()], NOW.plus_ms(-HOUR_MS), NOW, 2_000)
        .await
        .unwrap();
    assert_eq!(columns[0].at, [NOW.0]);
    let logs = NOW.plus_ms(1);
    let later = retain::Kept { logs, ..kept };
    let step = retain::step(&connection, &later).unwrap();
    assert_eq!(step, retain::Retained::More);
    assert!(messages(&records, LogQuery::default()).await.is_empty());
}

/// Each pass of the writer sums up ten minutes, or a day of hours.
async fn let_it_sum_up(recorder: &Recorder) {
    for _ in 0..30 {
        recorder.flush().await;
    }
}

async fn history(records: &Records, from: UnixMs, points: usize) -> SeriesColumns {
    let ids = vec!["a.b.c".into()];
    let to = from.plus_ms(365 * DAY_MS);
    let mut columns = records.series(ids, from, to, points).await.unwrap();
    columns.remove(0)
}

fn value_at(columns: &SeriesColumns, at: UnixMs) -> Option<f64> {
    let place = columns.at.iter().position(|it| *it == at.0)?;
    columns.value[place]
}

#[tokio::test]
async fn a_peak_stays_where_it_was_after_its_sample_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(NOW);
    let (recorder, records) = open(directory.path(), &Retention::default(), clock.clone()).unwrap();
    let every_ten_s = (-1_080..0).map(|n| sample("a.b.c", n * 10_000, Some(1.0)));
    let peak = sample("a.b.c", -5_003_000, Some(42.0));
    let peak_at = peak.at;
    recorder.samples(every_ten_s.chain([peak]).collect());
    let_it_sum_up(&recorder).await;
    // More than a year is asked for, so that it comes from hours.
    let coarse = history(&records, NOW.plus_ms(-3 * HOUR_MS), 300).await;
    assert!(coarse.thinned && coarse.at.len() < 100, "{coarse:?}");
    assert_eq!(value_at(&coarse, peak_at), Some(42.0));
    // What is late is in the minute and in the hour.
    let late = sample("a.b.c", -2 * HOUR_MS + 1, Some(99.0));
    let late_at = late.at;
    recorder.samples(vec![late]);
    recorder.flush().await;
    let coarse = history(&records, NOW.plus_ms(-3 * HOUR_MS), 300).await;
    assert_eq!(value_at(&coarse, late_at), Some(99.0));

    clock.advance_ms(49 * HOUR_MS);
    let_it_sum_up(&recorder).await;
    let ids = vec!["a.b.c".into()];
    let (from, to) = (NOW.plus_ms(-3 * HOUR_MS), NOW);
    let minutes = records
        .series(ids, from, to, 2_000)
        .await
        .unwrap()
        .remove(0);
    assert!(
        minutes.thinned && minutes.step_ms == MINUTE_MS,
        "{minutes:?}"
    );
    assert_eq!(value_at(&minutes, peak_at), Some(42.0));
    assert_eq!(value_at(&minutes, late_at), Some(99.0));
    assert_eq!(minutes.at.len(), 182);
}

#[tokio::test]
async fn samples_of_an_older_gateway_are_summed_up() {
    let (directory, recorder, records) = start();
    recorder.samples(vec![sample("a.b.c", -HOUR_MS, Some(7.0))]);
    recorder.flush().await;
    drop((recorder, records));
    let path = directory.path().join("samples.db");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("DROP TABLE bucket; DROP TABLE rolled_up; PRAGMA user_version = 1;")
        .unwrap();
    let (recorder, records) =
        open(directory.path(), &Retention::default(), Clock::manual(NOW)).unwrap();
    let_it_sum_up(&recorder).await;
    let columns = history(&records, NOW.plus_ms(-2 * HOUR_MS), 300).await;
    assert_eq!((columns.thinned, columns.value), (true, vec![Some(7.0)]));
}

#[test]
fn a_database_of_a_newer_gateway_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("samples.db");
    rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let opened = open(directory.path(), &Retention::default(), Clock::manual(NOW));
    assert!(matches!(
        opened.map(|_| ()),
        Err(RecordsError::FromTheFuture { found: 99, .. })
    ));
}
