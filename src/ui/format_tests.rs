use super::*;

#[test]
fn values_carry_their_unit() {
    for (number, unit, text) in [
        (5_840.0, Unit::Ms, "5.84 s"),
        (999.4, Unit::Ms, "999 ms"),
        (0.44, Unit::Ms, "0.4 ms"),
        (0.064, Unit::Ratio, "6.4 %"),
        (0.0005, Unit::Ratio, "0.05 %"),
        (61.2, Unit::PerS, "61 req/s"),
        (1.5 * 1_048_576.0, Unit::Bytes, "1.5 MiB"),
        (14.9, Unit::Days, "14 days"),
        (1.2, Unit::Days, "1 day"),
        (1_204.0, Unit::Count, "1,204"),
        (f64::NAN, Unit::Ms, "no reading"),
        (f64::INFINITY, Unit::Count, "no reading"),
    ] {
        assert_eq!(value(number, unit), text);
    }
}

#[test]
fn levels_lose_zeros_that_say_nothing() {
    assert_eq!(level(0.05, Unit::Ratio), "5 %");
    assert_eq!(level(0.001, Unit::Ratio), "0.1 %");
    assert_eq!(level(500.0, Unit::Ms), "500 ms");
    assert_eq!(level(2_000.0, Unit::Ms), "2 s");
    assert_eq!(level(70.0, Unit::PerS), "70");
}

#[test]
fn ticks_name_the_unit_once() {
    assert_eq!(tick(0.1, Unit::Ratio, true), "10 %");
    assert_eq!(tick(0.0001, Unit::Ratio, false), "0.01");
    assert_eq!(tick(120.0, Unit::PerS, true), "120");
}

#[test]
fn uptime_never_rounds_up_to_100() {
    assert_eq!(uptime(0.999_999), "99.99 %");
    assert_eq!(uptime(1.0), "100.00 %");
    assert_eq!(uptime(0.9971), "99.71 %");
}

#[test]
fn counts_shorten_beyond_ten_thousand() {
    assert_eq!(short_count(10_000), "10,000");
    assert_eq!(short_count(41_999), "41.9 k");
    assert_eq!(short_count(1_299_999), "1.2 M");
}

#[test]
fn ages_round_down_and_end_in_a_date() {
    let now = UnixMs(1_794_925_928_000);
    let ago_ms = |ms: i64| ago(now.plus_ms(-ms), now);
    assert_eq!(ago_ms(38_900), "38 s ago");
    assert_eq!(ago_ms(MINUTE_MS * 5 - 1), "4 min ago");
    assert_eq!(ago_ms(HOUR_MS * 3 - 1), "2 h ago");
    assert_eq!(ago_ms(DAY_MS * 11), "11 days ago");
    assert_eq!(ago_ms(DAY_MS * 31), "17 Oct 2026");
    assert_eq!(ago_ms(-400), "0 s ago");
}

#[test]
fn spans_are_fine_where_a_decision_hangs_on_them() {
    assert_eq!(span_fine(252_000), "4 min 12 s");
    assert_eq!(span_fine(22_320_000), "6 h 12 min");
    assert_eq!(span_fine(DAY_MS * 11), "11 days");
    assert_eq!(span(50 * MINUTE_MS + 59_000), "50 min");
}

#[test]
fn clocks_show_digits_under_one_hour() {
    assert_eq!(clock(432_999), "07:12");
    assert_eq!(clock(86 * MINUTE_MS), "1 h 26 min");
    assert_eq!(clock(-1), "00:00");
    assert_eq!(clock(2 * DAY_MS + 3 * HOUR_MS), "2 days 3 h");
}

#[test]
fn the_feed_shows_tenths_below_ten_seconds() {
    assert_eq!(feed_age(470), "0.4 s");
    assert_eq!(feed_age(9_999), "9.9 s");
    assert_eq!(feed_age(14_999), "14 s");
}

#[test]
fn budgets_say_left_or_over() {
    assert_eq!(budget(1_296_000), "21.6 min left");
    assert_eq!(budget(-4_920_000), "82 min over");
}

#[test]
fn numbers_are_grouped_with_their_sign() {
    assert_eq!(grouped(-1_234_567), "\u{2212}1,234,567");
    assert_eq!(grouped(999), "999");
}
