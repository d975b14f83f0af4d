//! Warnings: allowed, but most likely not meant.

use super::{GATEWAY, PRODUCT, lint_of};

const RULE: &str =
    "[[rule]]\nname = \"r\"\ncheck = \"api\"\nseverity = \"high\"\nmetric = \"error_ratio\"\n";

/// Checks that [`PRODUCT`] with `added` behind it gives exactly these warnings, as [`super::check`] does for problems.
fn lint(added: &str, expected: &[(usize, &str)]) {
    lint_with(GATEWAY, added, expected);
}

fn lint_with(gateway: &str, added: &str, expected: &[(usize, &str)]) {
    let found = lint_of(gateway, &format!("{PRODUCT}{added}"));
    let offset = PRODUCT.lines().count();
    assert_eq!(found.len(), expected.len(), "{added}\ngave\n{found:#?}");
    for (warning, (line, text)) in found.iter().zip(expected) {
        let wanted = format!("shop.toml:{}: {text}", offset + line);
        assert!(warning.starts_with(&wanted), "{warning}\nnot\n{wanted}");
    }
}

#[test]
fn the_example_has_none() {
    lint("", &[]);
}

#[test]
fn a_rule_that_another_one_always_forestalls() {
    let second = |limit: &str| {
        format!(
            "{RULE}above = 0.05\n{}above = {limit}\n",
            RULE.replace("\"r\"", "\"late\"").replace("high", "warning")
        )
    };
    lint(&second("0.01"), &[]);
    lint(
        &second("0.05"),
        &[(7, "rule: `late` is never the first to speak: `r` fires")],
    );
    lint(
        &second("{ info = 0.2, warning = 0.3 }").replace("severity = \"warning\"\n", ""),
        &[(7, "rule: `late` is never the first to speak: `r` fires")],
    );
    let held = format!("{RULE}above = 0.05\nfor = \"5m\"\n");
    lint(
        &format!("{held}{}above = 0.2\n", RULE.replace("\"r\"", "\"fast\"")),
        &[],
    );
    let down =
        "[[rule]]\nname = \"any\"\ncheck = \"*\"\nstatus = \"down\"\nseverity = \"critical\"\n";
    let api =
        "[[rule]]\nname = \"api\"\ncheck = \"api\"\nstatus = \"down\"\nseverity = \"warning\"\n";
    lint(
        &format!("{down}{api}"),
        &[(6, "rule: `api` is never the first to speak: `any`")],
    );
    lint(&format!("{}{api}", down.replace("critical", "info")), &[]);
    let twins = format!(
        "{RULE}above = 0.05\n{}above = 0.05\n",
        RULE.replace("\"r\"", "\"twin\"")
    );
    lint(
        &twins,
        &[(7, "rule: `twin` is never the first to speak: `r`")],
    );
}

#[test]
fn a_limit_that_no_value_is_past() {
    lint(
        &format!("{RULE}above = 1.0\n"),
        &[(6, "rule.above: it never fires: no ratio is above 1")],
    );
    lint(
        &format!("{RULE}below = 0.0\n"),
        &[(6, "rule.below: it never fires: values of this unit")],
    );
    lint(
        &format!(
            "{}above = {{ high = 0.5, critical = 1.0 }}\n",
            RULE.replace("severity = \"high\"\n", "")
        ),
        &[(5, "rule.above.critical: it never fires")],
    );
}

#[test]
fn spans_longer_than_anything_is_kept() {
    let gateway = format!("{GATEWAY}[retention]\nsamples = \"1h\"\n");
    let long = format!("{RULE}above = 0.5\nwindow = \"2h\"\nfor = \"61m\"\n");
    lint_with(
        &gateway,
        &long,
        &[
            (7, "rule.window: it is longer than the 1 h"),
            (8, "rule.for: it is longer than the 1 h"),
        ],
    );
    // One value each 10 s, of which 1,024 are kept.
    let crowded = format!("{RULE}above = 0.5\nwindow = \"3h\"\n");
    lint(
        &crowded,
        &[(
            7,
            "rule.window: at one value each 10 s it reaches back 2 h only",
        )],
    );
    lint(&format!("{RULE}above = 0.5\nwindow = \"2h\"\n"), &[]);
}

#[test]
fn a_promise_that_is_broken_before_any_rule_fires() {
    let target = "[[target]]\nname = \"Errors\"\ncheck = \"api\"\nmetric = \"error_ratio\"\nstatistic = \"avg\"\nwindow = \"1h\"\nthreshold = 0.001\n";
    let with = |rule: &str, added: &str| format!("{target}{added}{rule}");
    lint(
        &with("", ""),
        &[(7, "target.threshold: nobody is told when this is broken")],
    );
    let late = format!("{RULE}above = 0.01\n");
    lint(
        &with(&late, ""),
        &[(
            7,
            "target.threshold: above 0.1 % the promise is broken, and no rule fires before 1 %",
        )],
    );
    lint(
        &with(&late, "blind_band = \"budget alerts watch it\"\n"),
        &[],
    );
    let in_time = format!("{RULE}above = 0.001\n");
    lint(&with(&in_time, ""), &[]);
    lint(
        &with(&in_time, "blind_band = \"x\"\n"),
        &[(8, "target.blind_band: a rule fires as soon as")],
    );
    let at_least =
        with(&format!("{RULE}below = 0.9\n"), "at_least = true\n").replace("0.001", "0.99");
    lint(
        &at_least,
        &[(
            7,
            "target.threshold: below 99 % the promise is broken, and no rule fires before 90 %",
        )],
    );
}

#[test]
fn a_step_that_reaches_nobody() {
    lint(
        "[response.P1]\nrespond_within = \"1h\"\nescalation = [{ after = \"0s\", name = \"Lead\" }]\n",
        &[(3, "response.P1.escalation: the step `Lead` names nobody")],
    );
}

#[test]
fn causes_and_symptoms_name_what_there_is() {
    use super::check;
    check(
        "[[inhibit]]\ncause = { check = \"api\", severity = [\"critical\", \"high\"] }\nsymptom = { rule = \"r\" }\n[[rule]]\nname = \"r\"\ncheck = \"api\"\nstatus = \"down\"\nseverity = \"high\"\n",
        &[],
    );
    check(
        "[[inhibit]]\ncause = { check = \"web\" }\nsymptom = {}\n",
        &[
            (2, "inhibit.cause.check: there is no check `web`"),
            (3, "inhibit.symptom: it matches every alert"),
        ],
    );
    check(
        "[[inhibit]]\ncause = { severity = \"sever\" }\nsymptom = { team = \"core\", rule = [] }\n",
        &[
            (2, "inhibit.cause.severity: unknown word `sever`"),
            (3, "inhibit.symptom.rule: it names no word"),
            (
                3,
                "inhibit.symptom.team: no rule has a label `team`; there are `check`, `rule`, `severity`",
            ),
        ],
    );
    check(
        "[[inhibit]]\ncause = { check = \"api\" }\nsymptom = { check = \"api\" }\n",
        &[(3, "inhibit.symptom: it is the same as `cause`")],
    );
}
