//! Pages as they should be, as they are, and as nobody would write them.

use proptest::prelude::*;
use watchfloor_wire::time::UnixMs;

use super::{Growth, Limits, Page, PageError, Selector, parse};

fn page(text: &str) -> Page {
    parse(text, Limits::default()).unwrap()
}

fn selector(text: &str) -> Selector {
    text.parse().unwrap()
}

/// A line, its labels and its value.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

#[test]
fn labels_hold_whatever_stands_in_quotes() {
    let cases: &[Case<'_>] = &[
        ("a 1", &[], 1.0),
        ("a{} 1", &[], 1.0),
        ("a{p=\"/x/{id}\"} 1", &[("p", "/x/{id}")], 1.0),
        ("a{p=\"/x,y\"} 1", &[("p", "/x,y")], 1.0),
        ("a{p=\"x=y\"} 1", &[("p", "x=y")], 1.0),
        (r#"a{p="a\"b\\c\nd\q"} 1"#, &[("p", "a\"b\\c\nd\\q")], 1.0),
        (
            "a\t{ p = \"x\" ,\tq=\"y\", }\t2.5e3\t1700000000000",
            &[("p", "x"), ("q", "y")],
            2_500.0,
        ),
        ("ns:rule_x{p=\"é\"} -0.5", &[("p", "é")], -0.5),
        ("a +Inf", &[], f64::INFINITY),
        ("a -Inf", &[], f64::NEG_INFINITY),
        ("  a 1 # {trace_id=\"x\"} 0.5", &[], 1.0),
    ];
    for (line, labels, value) in cases {
        let page = page(line);
        assert!(page.malformed.is_empty(), "{line}: {:?}", page.malformed);
        let labels: Vec<(String, String)> = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(page.points[0].labels, labels, "{line}");
        assert!(page.points[0].value.total_cmp(value).is_eq(), "{line}");
    }
    assert!(page("a NaN").points[0].value.is_nan());
}

#[test]
fn a_bad_line_costs_only_itself() {
    let cases = [
        ("a{p=\"x} 1", "a label value without closing quotes"),
        ("a{p=x} 1", "a label value without quotes"),
        ("a{p} 1", "a label without `=`"),
        (
            "a{p=\"1\" q=\"2\"} 1",
            "labels without `,` or `}` between them",
        ),
        ("a{=\"1\"} 1", "a label without a name"),
        ("a", "a sample without a value"),
        ("a one", "a value that is no number"),
        ("1a 1", "a line without a name"),
        ("<html>", "a line without a name"),
    ];
    for (line, why) in cases {
        let page = page(&format!("before 1\n{line}\nafter 2\n"));
        assert_eq!(page.points.len(), 2, "{line}");
        assert_eq!(
            (page.malformed[0].line, page.malformed[0].why),
            (2, why),
            "{line}"
        );
    }
}

#[test]
fn a_histogram_with_one_bare_sample_is_told_and_its_value_used() {
    let text = "# HELP wizard_response_time_seconds Response time\n\
                # TYPE wizard_response_time_seconds histogram\n\
                wizard_response_time_seconds 0.245\n\
                # TYPE wizard_requests_total counter\n\
                wizard_requests_total 1024\n";
    let page = page(text);
    assert_eq!(
        selector("wizard_response_time_seconds").sum(&page),
        Some(0.245)
    );
    assert_eq!(selector("wizard_requests_total").sum(&page), Some(1_024.0));
    assert_eq!(page.malformed.len(), 1);
    assert_eq!(page.malformed[0].family, "wizard_response_time_seconds");
    assert_eq!(page.malformed[0].line, 2);
}

#[test]
fn a_sound_histogram_is_not_told() {
    let text = "# TYPE t histogram\nt_bucket{le=\"1\"} 1\nt_bucket{le=\"+Inf\"} 2\nt_sum 1.5\nt_count 2\n\
                # TYPE unseen histogram\n# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\n";
    assert!(page(text).malformed.is_empty());
}

#[test]
fn pages_have_limits() {
    let limits = Limits {
        page_bytes: 30,
        points: 2,
        line_bytes: 10,
    };
    assert_eq!(
        parse(&"a 1\n".repeat(10), limits),
        Err(PageError::TooLarge(30))
    );
    assert_eq!(
        parse("a 1\nb 1\nc 1\n", limits),
        Err(PageError::TooManyPoints(2))
    );
    let long = parse("a_long_name 1\nb 1\n", limits).unwrap();
    assert_eq!((long.points.len(), long.malformed.len()), (1, 1));
    let many = (0..65)
        .map(|n| format!("l{n}=\"\""))
        .collect::<Vec<_>>()
        .join(",");
    assert_eq!(
        page(&format!("a{{{many}}} 1")).malformed[0].why,
        "more than 64 labels"
    );
}

#[test]
fn selectors_choose_by_name_and_labels() {
    let page = page(
        "r{code=\"200\",m=\"a\"} 5\nr{code=\"500\",m=\"a\"} 2\nr{code=\"500\",m=\"b\"} 1\nx NaN\n",
    );
    let cases = [
        ("r", Some(8.0)),
        ("r{code=\"500\"}", Some(3.0)),
        ("r{m=\"a\",code=\"500\"}", Some(2.0)),
        ("r{code=\"404\"}", None),
        ("q", None),
        ("x", None),
    ];
    for (text, sum) in cases {
        assert_eq!(selector(text).sum(&page), sum, "{text}");
    }
    assert_eq!(selector("r{code=\"404\"}").count(&page), Some(0.0));
    assert_eq!(selector("q").count(&page), None);
    assert_eq!(selector("x").count(&page), None);
    for text in ["", "{a=\"b\"}", "a{", "a{b=c}", "a{b=\"c\"} 1", "a b"] {
        assert!(text.parse::<Selector>().is_err(), "{text}");
    }
}

#[test]
fn counters_grow_and_begin_anew() {
    let counter = selector("c");
    let mut growth = Growth::default();
    let steps = [
        (0, "c 100", None),
        (10_000, "c 150", Some(5.0)),
        // The process began anew: what it has counted since is all that is known.
        (20_000, "c 30", Some(3.0)),
        (20_000, "c 40", None),
        (30_000, "d 1", None),
        (40_000, "c 90", None),
        (50_000, "c 90", Some(0.0)),
    ];
    for (at, text, expected) in steps {
        let page = page(text);
        let found = growth.per_second(&counter, &page, UnixMs(at));
        assert_eq!(found, expected, "at {at}: {text}");
        growth.keep([&counter].into_iter(), &page, UnixMs(at));
    }
}

#[test]
fn shares_are_of_growth_and_of_nothing_there_is_no_share() {
    let (errors, all) = (selector("r{code=\"500\"}"), selector("r"));
    let mut growth = Growth::default();
    let steps = [
        (0, "r{code=\"200\"} 100", None),
        (10_000, "r{code=\"200\"} 190\nr{code=\"500\"} 10", Some(0.1)),
        (20_000, "r{code=\"200\"} 190\nr{code=\"500\"} 10", None),
    ];
    for (at, text, expected) in steps {
        let page = page(text);
        let found = growth.ratio(&errors, &all, &page, UnixMs(at));
        assert_eq!(found, expected, "at {at}: {text}");
        growth.keep([&errors, &all].into_iter(), &page, UnixMs(at));
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text, Limits::default());
    }

    #[test]
    fn no_nearly_sound_text_makes_the_parser_panic(
        text in proptest::collection::vec("[a{}=\",\\\\ \t\n#é1+.NIf_-]{0,12}", 0..20)
    ) {
        let text = text.join("\n");
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        let page = parse(&text, Limits::default()).unwrap();
        prop_assert!(page.points.len() <= lines);
        let _ = text.parse::<Selector>();
    }

    #[test]
    fn what_is_written_is_read_back(
        name in "[a-z_][a-z0-9_]{0,10}",
        labels in proptest::collection::vec(("[a-z]{1,5}", any::<String>()), 0..5),
        value in -1e9..1e9_f64,
    ) {
        let escaped = |text: &str| text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
        // A carriage return or another line end inside a value would end the line, as in Prometheus itself.
        prop_assume!(!labels.iter().any(|(_, value)| value.contains('\r')));
        let written: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let page = parse(&format!("{name}{{{}}} {value}", written.join(",")), Limits::default()).unwrap();
        prop_assert_eq!(page.points.len(), 1, "{:?}", page.malformed);
        prop_assert_eq!(&page.points[0].labels, &labels);
        prop_assert_eq!(page.points[0].value, value);
    }
}
