//! Labels in conditions: those that rules have, in what people write, in windows of the configuration, and in what fired
//! before.

use proptest::prelude::*;
use watchfloor_wire::priority::Severity;
use watchfloor_wire::silence::request::SilencePreview;

use super::*;
use crate::silences::preview::preview;
use crate::store::{FiredAlert, FiredHistory};

/// [`PRODUCT`], of which the rule `down` has labels.
pub(super) fn labelled() -> String {
    PRODUCT.replace(
        "name = \"down\"\n",
        "name = \"down\"\nlabels = { team = \"core\", tier = \"a|b\" }\n",
    )
}

#[test]
fn labels_that_are_not_there_are_told_with_those_that_are() {
    let mut it = silences(&labelled(), Vec::new(), START);
    use MatchOperator::{Is, IsNot, Matches};
    for (name, operator, value, wanted) in [
        (
            "taem",
            Is,
            "core",
            (
                "label",
                "There is no label `taem`; there are `team`, `tier`.",
            ),
        ),
        (
            "taem",
            Matches,
            "core",
            (
                "label",
                "There is no label `taem`; there are `team`, `tier`.",
            ),
        ),
        (
            "team",
            IsNot,
            "cor",
            ("value", "There is no team `cor`; there are `core`."),
        ),
        (
            "Team",
            Is,
            "core",
            (
                "label",
                "`Team` is no name of a label; use lower-case letters",
            ),
        ),
        (
            "",
            Is,
            "core",
            ("label", "Say which label, for example team."),
        ),
        (
            "severity",
            Is,
            "high",
            ("label", "Every alert has a severity of its own"),
        ),
    ] {
        let mut asked = request(HOUR_MS);
        asked
            .matchers
            .push(Matcher::of_label(name, operator, value));
        let wrong = wrong_fields(make(&mut it, asked));
        let [(field, text)] = wrong.as_slice() else {
            panic!("one mistake, one message: {wrong:?}")
        };
        assert_eq!(*field, format!("matchers.1.{}", wanted.0), "{text}");
        assert!(text.starts_with(wanted.1), "{text}");
    }
    for (operator, value) in [(Is, "core"), (IsNot, "CORE"), (Matches, "not-there-yet*")] {
        let mut asked = request(HOUR_MS);
        asked.matchers = vec![Matcher::of_label("team", operator, value)];
        assert!(make(&mut it, asked).is_ok(), "{operator:?} {value}");
    }
    let mut everything = request(HOUR_MS);
    everything.matchers = vec![Matcher::of_label("team", Matches, "*")];
    assert_eq!(wrong_fields(make(&mut it, everything))[0].0, "everything");
}

#[test]
fn where_no_rule_has_labels_it_is_said_how_one_gets_them() {
    let mut it = silences(PRODUCT, Vec::new(), START);
    let mut asked = request(HOUR_MS);
    asked.matchers = vec![Matcher::of_label("team", MatchOperator::Is, "core")];
    assert_eq!(
        wrong_fields(make(&mut it, asked)),
        [(
            "matchers.0.label".to_owned(),
            "There is no label `team`; no rule has any. A rule gets one by labels = { team = \"core\" }."
                .to_owned()
        )]
    );
}

#[test]
fn a_configured_window_of_labels_mutes_what_has_them_and_excuses_no_check() {
    let window = WINDOW.replace(
        "checks",
        "labels = { team = \"core\", tier = [\"a|b\", \"c\"], severity = [\"critical\", \"high\"], rule = \"down\" }\nchecks",
    );
    let it = silences(&format!("{}{window}", labelled()), Vec::new(), START);
    let window = it.all().next().unwrap();
    let words: Vec<String> = window.matchers.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "product is shop",
            "check matches shop.api|shop.mail",
            "rule is down",
            "severity matches critical|high",
            "label team is core",
            r"label tier matches a\|b|c",
        ]
    );
    let labels = |tier: &str| {
        let pairs = [("team", "core"), ("tier", tier)];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let during = window.starts_at;
    for (tier, muted) in [("a|b", true), ("c", true), ("a", false), ("b", false)] {
        let labels = BTreeMap::from(labels(tier));
        let subject = Subject {
            product: "shop",
            check: "shop.api",
            rule: "down",
            severity: Severity::High,
            labels: &labels,
            title: "",
        };
        assert_eq!(it.muting(&subject, during).is_some(), muted, "{tier}");
    }
    assert!(it.maintained(during).is_empty());
}

fn fired(at: i64, check: &str, team: Option<&str>) -> FiredAlert {
    FiredAlert {
        at: UnixMs(at),
        product: "shop".to_owned(),
        check: format!("shop.{check}"),
        rule: "down".to_owned(),
        severity: Severity::Critical,
        labels: team.map(|team| BTreeMap::from([("team".to_owned(), team.to_owned())])),
        title: "Down".to_owned(),
    }
}

fn tried(matchers: &[Matcher], alerts: Vec<FiredAlert>) -> SilencePreview {
    let from = UnixMs(100);
    let history = FiredHistory { alerts, from };
    preview(matchers, false, &[], &[], &history, UnixMs(1_000))
}

/// When, at which check, and with which label; `None` from before labels were kept.
fn history(rows: &[(i64, &str, Option<&str>)]) -> Vec<FiredAlert> {
    rows.iter()
        .map(|(at, check, team)| fired(*at, check, *team))
        .collect()
}

#[test]
fn of_what_fired_before_labels_were_kept_it_is_said_that_nothing_can_be_said() {
    let rows = history(&[
        (500, "api", Some("core")),
        (400, "api", Some("data")),
        (300, "mail", None),
        (200, "api", None),
        (150, "mail", None),
    ]);
    let by_team = Matcher::of_label("team", MatchOperator::Is, "core");
    let said = |matchers: &[Matcher]| {
        let it = tried(matchers, rows.clone());
        (it.fired_before, it.history_from.0, it.undecided_before)
    };
    assert_eq!(said(std::slice::from_ref(&by_team)), (1, 301, 3));
    // What another condition leaves out is not hit, whatever its labels were.
    let at_api = Matcher::new(MatchField::Check, MatchOperator::Is, "shop.api");
    assert_eq!(said(&[by_team.clone(), at_api.clone()]), (1, 201, 1));
    let at_web = Matcher::new(MatchField::Check, MatchOperator::Is, "shop.web");
    assert_eq!(said(&[by_team, at_web]), (0, 100, 0));
    // Nobody asked for labels.
    assert_eq!(said(&[at_api]), (3, 100, 0));
}

proptest! {
    #[test]
    fn a_preview_counts_what_is_known_from_when_it_is_known(
        rows in prop::collection::vec(
            (100_i64..1_000, prop::sample::select(vec!["api", "mail"]),
             prop::option::of(prop::sample::select(vec!["core", "data", ""]))),
            0..12,
        ),
        operator in prop::sample::select(MatchOperator::ALL.to_vec()),
        at_api in any::<bool>(),
    ) {
        let mut matchers = vec![Matcher::of_label("team", operator, "core")];
        if at_api {
            matchers.extend(of(MatchField::Check, MatchOperator::Is, "shop.api"));
        }
        let it = tried(&matchers, history(&rows));
        let may_fit = |(_, check, _): &&(i64, &str, Option<&str>)| !at_api || *check == "api";
        let unknown: Vec<i64> = rows.iter().filter(may_fit).filter(|it| it.2.is_none()).map(|it| it.0).collect();
        prop_assert_eq!(it.undecided_before as usize, unknown.len());
        prop_assert_eq!(it.history_from.0, unknown.iter().max().map_or(100, |at| at + 1));
        let hit = rows.iter().filter(may_fit).filter(|(at, _, team)| {
            let is_core = *team == Some("core");
            *at >= it.history_from.0 && team.is_some() && is_core == (operator != MatchOperator::IsNot)
        });
        prop_assert_eq!(it.fired_before as usize, hit.count());
        let by_rule: u32 = it.history.iter().map(|it| it.times).sum();
        prop_assert_eq!(by_rule, it.fired_before);
    }
}
