use proptest::prelude::*;
use watchfloor_wire::id::SeriesId;

use super::*;

fn track(readings: &[(i64, Option<f64>)]) -> Track {
    Track::from_columns(&SeriesColumns {
        series: SeriesId::from("p.c.m"),
        step_ms: 10,
        at: readings.iter().map(|it| it.0).collect(),
        value: readings.iter().map(|it| it.1).collect(),
        thinned: false,
    })
}

fn span(from: i64, to: i64) -> Span {
    Span { from: UnixMs(from), to: UnixMs(to) }
}

#[test]
fn up_to_two_and_a_half_steps_are_no_gap() {
    let pieces = track(&[(0, Some(1.0)), (25, Some(2.0))]).pieces(span(0, 30));
    assert_eq!(pieces.lines.len(), 1);
    assert_eq!(pieces.gaps, []);
}

#[test]
fn more_than_that_is_a_gap_and_cuts_the_line() {
    let pieces = track(&[(0, Some(1.0)), (26, Some(2.0))]).pieces(span(0, 30));
    assert_eq!(pieces.lines.len(), 2);
    assert_eq!(pieces.gaps, [span(0, 26)]);
}

#[test]
fn a_gap_at_the_end_reaches_to_now() {
    let pieces = track(&[(0, Some(1.0)), (10, Some(2.0))]).pieces(span(0, 100));
    assert_eq!(pieces.gaps, [span(10, 100)]);
}

#[test]
fn a_source_that_answers_without_a_value_makes_a_gap() {
    let pieces = track(&[(0, Some(1.0)), (10, None), (20, Some(3.0))]).pieces(span(0, 20));
    assert_eq!(pieces.lines.len(), 2);
    assert_eq!(pieces.gaps, [span(0, 20)]);
}

#[test]
fn no_reading_at_all_is_one_gap() {
    assert_eq!(track(&[]).pieces(span(0, 9)).gaps, [span(0, 9)]);
}

#[test]
fn values_that_are_not_numbers_are_missing() {
    let it = track(&[(0, Some(f64::NAN)), (10, Some(f64::INFINITY))]);
    assert_eq!(it.extent(span(0, 10)), None);
}

#[test]
fn old_readings_are_not_news() {
    let mut it = track(&[(10, Some(1.0))]);
    it.grow(UnixMs(10), Some(9.0));
    it.grow(UnixMs(5), Some(9.0));
    assert_eq!(it.points().len(), 1);
}

#[test]
fn forgetting_keeps_the_point_from_which_the_line_comes_in() {
    let mut it = track(&[(0, Some(1.0)), (10, Some(2.0)), (20, Some(3.0))]);
    it.forget_before(UnixMs(15));
    assert_eq!(it.points().map(|it| it.at.0).collect::<Vec<_>>(), [10, 20]);
}

proptest! {
    #[test]
    fn lines_are_finite_ordered_and_inside(
        readings in prop::collection::vec((0_i64..2_000, prop::option::of(prop::num::f64::ANY)), 0..60),
        from in 0_i64..1_000,
        length in 1_i64..1_000,
    ) {
        let mut readings = readings;
        readings.sort_by_key(|it| it.0);
        let window = span(from, from + length);
        let pieces = track(&readings).pieces(window);
        for line in &pieces.lines {
            prop_assert!(!line.is_empty());
            prop_assert!(line.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let is_inside = |at: UnixMs| at >= window.from && at <= window.to;
            prop_assert!(line.iter().all(|(at, value)| value.is_finite() && is_inside(*at)));
        }
        prop_assert!(pieces.gaps.iter().all(|gap| gap.from <= gap.to));
    }
}
