use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::priority::Severity;

type Labels = BTreeMap<String, String>;

fn labels(all: &[(&str, &str)]) -> Labels {
    let all = all.iter();
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn subject(labels: &Labels) -> Subject<'_> {
    Subject {
        labels,
        product: "chatpdd",
        check: "chatpdd.api",
        rule: "API errors",
        severity: Severity::Critical,
        title: "ChatPDD error rate above 5 %",
    }
}

#[test]
fn conditions_follow_the_table() {
    use MatchField::{Check, Product, Rule, Severity, Title, Unrecognised};
    use MatchOperator::{Is, IsNot, Matches};
    for (field, operator, value, expected) in [
        (Product, Is, "chatpdd", true),
        (Product, Is, "ChatPDD", true),
        (Product, Is, "chatpd", false),
        (Product, IsNot, "donna", true),
        (Product, IsNot, "CHATPDD", false),
        (Check, Matches, "chatpdd.*", true),
        (Check, Matches, "*.api", true),
        (Check, Matches, "api", false),
        (Rule, Matches, "api ?rrors", true),
        (Severity, Is, "critical", true),
        (Severity, Matches, "high|critical", true),
        (Severity, Matches, "high|warning", false),
        (Title, Matches, "*above 5 %", true),
        (Title, Matches, "*above*below*", false),
        (Unrecognised, Is, "chatpdd", false),
        (Unrecognised, IsNot, "chatpdd", false),
        (Product, MatchOperator::Unrecognised, "chatpdd", false),
    ] {
        let it = Matcher::new(field, operator, value);
        assert_eq!(it.matches(&subject(&Labels::new())), expected, "{it}");
    }
}

#[test]
fn conditions_on_labels_follow_the_table() {
    use MatchOperator::{Is, IsNot, Matches, Unrecognised};
    let labels = labels(&[("team", "core"), ("tier", "1|2")]);
    for (name, operator, value, expected) in [
        ("team", Is, "core", true),
        ("team", Is, "Core", true),
        ("team", Is, "data", false),
        ("team", IsNot, "core", false),
        ("team", IsNot, "data", true),
        ("team", Matches, "c*|data", true),
        ("tier", Is, "1|2", true),
        ("tier", Matches, "1|2", false),
        // There is no such label: it is empty.
        ("region", Is, "eu", false),
        ("region", IsNot, "eu", true),
        ("region", Matches, "?*", false),
        ("region", Matches, "*", true),
        // No alert can have these as labels of its rule.
        ("severity", IsNot, "high", false),
        ("Team", IsNot, "core", false),
        ("", IsNot, "core", false),
        ("team", Unrecognised, "core", false),
    ] {
        let it = Matcher::of_label(name, operator, value);
        assert_eq!(it.matches(&subject(&labels)), expected, "{it}");
    }
    let mut nameless = Matcher::of_label("team", IsNot, "data");
    nameless.label = None;
    assert!(!nameless.matches(&subject(&labels)));
    let mut misplaced = Matcher::of_label("team", IsNot, "data");
    misplaced.field = MatchField::Product;
    assert!(!misplaced.matches(&subject(&labels)));
}

#[test]
fn a_label_that_cannot_be_is_told_with_an_example() {
    use MatchField::{Label, Rule};
    for (field, name, told) in [
        (Label, None, "Say which label, for example team."),
        (Label, Some(""), "Say which label, for example team."),
        (
            Label,
            Some("Team"),
            "`Team` is no name of a label; use lower-case letters",
        ),
        (Label, Some("te am"), "`te am` is no name"),
        (Label, Some("1st"), "`1st` is no name"),
        (
            Label,
            Some("severity"),
            "Every alert has a severity of its own",
        ),
        (
            Rule,
            Some("team"),
            "Leave it out, or choose label as the field; rule has none.",
        ),
    ] {
        let it = Matcher {
            label: name.map(str::to_owned),
            ..Matcher::new(field, MatchOperator::Is, "core")
        };
        let wrong = it.problem().unwrap_or(FieldProblem::new("", "nothing"));
        assert_eq!(wrong.field, "label", "{name:?}");
        assert!(wrong.text.starts_with(told), "{name:?}: {}", wrong.text);
    }
    let sound = Matcher::of_label("on-call_2", MatchOperator::Is, "core");
    assert_eq!(sound.problem(), None);
    let empty = Matcher::of_label("team", MatchOperator::Is, " ");
    let expected = Some(FieldProblem::new("value", "Say which team."));
    assert_eq!(empty.problem(), expected);
    assert_eq!(sound.to_string(), "label on-call_2 is core");
}

proptest! {
    #[test]
    fn a_label_is_or_is_not_and_what_has_no_sound_name_mutes_nothing(
        labels in prop::collection::btree_map("[a-c]", "[a-cA-C]{1,2}", 0..3),
        name in "[a-dA*]{0,2}",
        value in "[a-cA-C*|]{1,3}",
    ) {
        let subject = subject(&labels);
        let by = |operator| Matcher::of_label(&name, operator, &value).matches(&subject);
        let is_sound = Matcher::of_label(&name, MatchOperator::Is, &value).label_problem().is_none();
        prop_assert_eq!(by(MatchOperator::Is) != by(MatchOperator::IsNot), is_sound);
        let found = labels.get(&name).map_or("", String::as_str);
        let fits = is_sound && pattern::matches(&value, found);
        prop_assert_eq!(by(MatchOperator::Matches), fits);
        let any = Matcher::of_label(&name, MatchOperator::Is, "").for_any_of([value.as_str(), "b"]);
        let is_one = [value.as_str(), "b"].iter().any(|it| it.eq_ignore_ascii_case(found));
        prop_assert_eq!(any.matches(&subject), is_sound && is_one);
    }
}

#[test]
fn a_bad_pattern_is_told_with_its_place() {
    for (pattern, place) in [
        (r"api\", "At character 4"),
        (r"a\pi", "At character 2"),
        ("|a", "At character 1"),
        ("a||b", "At character 3"),
        ("ä|", "At character 2"),
    ] {
        let it = Matcher::new(MatchField::Title, MatchOperator::Matches, pattern);
        let problem = it.problem().map_or_else(String::new, |it| it.text);
        assert!(problem.starts_with(place), "{pattern}: {problem}");
        assert!(!it.matches(&subject(&Labels::new())), "{pattern}");
        let plain = Matcher::new(MatchField::Title, MatchOperator::Is, pattern);
        assert_eq!(plain.problem(), None, "{pattern}");
    }
}

#[test]
fn values_are_neither_empty_nor_endless() {
    let problem = |value: &str| Matcher::new(MatchField::Check, MatchOperator::Is, value).problem();
    let empty = FieldProblem::new("value", "Say which check.");
    assert_eq!(problem(" "), Some(empty));
    assert_eq!(problem(&"ä".repeat(MAX_VALUE_CHARS)), None);
    assert!(problem(&"a".repeat(MAX_VALUE_CHARS + 1)).is_some());
}

#[test]
fn only_stars_alone_narrow_nothing() {
    for (pattern, vacuous) in [
        ("*", true),
        ("a|**", true),
        ("a*", false),
        ("?", false),
        (r"\*", false),
    ] {
        let it = Matcher::new(MatchField::Title, MatchOperator::Matches, pattern);
        assert_eq!(it.is_vacuous(), vacuous, "{pattern}");
    }
    assert!(!Matcher::new(MatchField::Title, MatchOperator::Is, "*").is_vacuous());
}
