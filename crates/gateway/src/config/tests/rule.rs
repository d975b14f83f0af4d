use super::check;

const RULE: &str = "[[rule]]\nname = \"r\"\ncheck = \"api\"\nseverity = \"critical\"\n";

fn rule(added: &str, expected: &[(usize, &str)]) {
    check(&format!("{RULE}{added}\n"), expected);
}

#[test]
fn rules_judge_something_that_is_there() {
    rule("metric = \"error_ratio\"\nabove = 0.05", &[]);
    rule("metric = \"latency_ms\"\nabove = 5000.0", &[]);
    rule("status = \"down\"", &[]);
    rule("metric = \"error_ratio\"\nstatistic = \"absent\"", &[]);
    rule("", &[(1, "rule: it judges nothing")]);
    rule(
        "metric = \"errors\"\nabove = 0.05",
        &[(
            5,
            "rule.metric: the check `api` has no metric `errors`; it has `error_ratio`, `latency_ms`",
        )],
    );
    check(
        &format!("{}status = \"down\"\n", RULE.replace("\"api\"", "\"web\"")),
        &[(3, "rule.check: there is no check `web`; there are `api`")],
    );
    check(
        &format!("{}status = \"down\"\n", RULE.replace("\"api\"", "\"*\"")),
        &[],
    );
    check(
        &format!(
            "{}metric = \"error_ratio\"\nabove = 0.1\n",
            RULE.replace("\"api\"", "\"*\"")
        ),
        &[(3, "rule.check: `*` goes without `metric` only")],
    );
}

#[test]
fn rules_have_one_limit_on_the_right_side() {
    rule(
        "metric = \"error_ratio\"\nabove = 0.05\nbelow = 0.01",
        &[(7, "rule.below: it has `above` and `below`")],
    );
    rule("metric = \"error_ratio\"", &[(1, "rule: it has no limit")]);
    rule("metric = \"error_ratio\"\nabove = 0.05\nclear = 0.05", &[]);
    rule(
        "metric = \"error_ratio\"\nabove = 0.05\nclear = 0.06",
        &[(
            7,
            "rule.clear: 0.06 is past the limit 0.05; with `above` it is at most that",
        )],
    );
    rule(
        "metric = \"error_ratio\"\nbelow = 0.05\nclear = 0.04",
        &[(
            7,
            "rule.clear: 0.04 is past the limit 0.05; with `below` it is at least that",
        )],
    );
    rule(
        "metric = \"error_ratio\"\nstatistic = \"absent\"\nabove = 0.05",
        &[(6, "rule.statistic: `absent` fires when there is no value")],
    );
    rule(
        "status = \"down\"\nabove = 1.0",
        &[(6, "rule.above: only rules with `metric`")],
    );
    rule(
        "status = \"ok\"",
        &[(5, "rule.status: it would fire while all is well")],
    );
    rule(
        "metric = \"error_ratio\"\nabove = 5.0",
        &[(
            6,
            "rule.above: 5 is no ratio from 0 to 1; for 5 % write 0.05",
        )],
    );
    rule(
        "metric = \"latency_ms\"\nbelow = -1.0",
        &[(6, "rule.below: -1 is below 0")],
    );
    rule(
        "metric = \"error_ratio\"\nabove = 0.05\nwindow = \"5s\"",
        &[(7, "rule.window: it is shorter than the 10 s")],
    );
}

#[test]
fn words_that_the_wire_would_take_for_others_are_refused() {
    rule(
        "status = \"dwon\"",
        &[(
            5,
            "rule.status: unknown word `dwon`, expected one of `ok`, `degraded`, `down`",
        )],
    );
    check(
        "[[rule]]\nname = \"r\"\ncheck = \"api\"\nseverity = \"sever\"\nstatus = \"down\"\n",
        &[(
            4,
            "rule.severity: unknown word `sever`, expected one of `critical`, `high`",
        )],
    );
    check(
        "[[chart]]\nkind = \"latencies\"\ncheck = \"api\"\nmetric = \"latency_ms\"\ntitle = \"L\"\nlevels = { tarket = 1.0 }\n",
        &[
            (2, "chart.kind: unknown word `latencies`"),
            (
                6,
                "chart.levels.tarket: unknown word `tarket`, expected one of `target`",
            ),
        ],
    );
    check(
        "[response.P7]\nrespond_within = \"1h\"\n",
        &[(1, "response.P7: unknown word `P7`")],
    );
}

#[test]
fn limits_by_severity_name_their_severities_in_order() {
    let levels = |added: &str, expected: &[(usize, &str)]| {
        let head = RULE.replace("severity = \"critical\"\n", "metric = \"error_ratio\"\n");
        check(&format!("{head}{added}\n"), expected);
    };
    levels("above = { warning = 0.01, critical = 0.05 }", &[]);
    levels("below = { warning = 0.99, critical = 0.95 }", &[]);
    levels("above = 0.05", &[(1, "rule: it has no severity")]);
    levels(
        "above = { warning = 0.05, critical = 0.05 }",
        &[(
            5,
            "rule.above.warning: `warning` would never be seen, because `critical` is reached first",
        )],
    );
    levels(
        "below = { high = 0.9, critical = 0.95 }",
        &[(5, "rule.below.high: `high` would never be seen")],
    );
    levels(
        "above = { wraning = 0.05 }",
        &[(5, "rule.above.wraning: unknown word `wraning`")],
    );
    levels(
        "above = { critical = 0.05 }\nclear = 0.04",
        &[(6, "rule.clear: its limits are by severity")],
    );
    levels(
        "above = { critical = 0.05 }\nclear = { high = 0.04 }",
        &[(6, "rule.clear.high: there is no limit of this severity")],
    );
    levels(
        "above = { critical = 5.0 }",
        &[(5, "rule.above.critical: 5 is no ratio from 0 to 1")],
    );
    levels(
        "above = \"much\"",
        &[(
            5,
            "rule.above: invalid type: string \"much\", expected a number, or a number a severity",
        )],
    );
    rule(
        "metric = \"error_ratio\"\nabove = { critical = 0.05 }",
        &[(4, "rule.severity: its limits name their severities already")],
    );
}

#[test]
fn silence_of_a_whole_check_is_a_reason_to_fire() {
    rule(
        "statistic = \"absent\"\nwindow = \"5m\"\ngrace = \"10m\"",
        &[],
    );
    check(
        &format!(
            "{}statistic = \"absent\"\n",
            RULE.replace("\"api\"", "\"*\"")
        ),
        &[],
    );
    rule(
        "statistic = \"absent\"\nbelow = 1.0",
        &[(6, "rule.below: `absent` fires when there is no value")],
    );
    rule(
        "metric = \"error_ratio\"\nabove = 0.1\ngrace = \"10m\"",
        &[(7, "rule.grace: only `statistic = \"absent\"` waits")],
    );
}

#[test]
fn a_ratio_is_of_two_metrics() {
    rule(
        "metric = \"error_ratio\"\nof = \"latency_ms\"\nstatistic = \"ratio\"\nabove = 0.1",
        &[],
    );
    rule(
        "metric = \"error_ratio\"\nstatistic = \"ratio\"\nabove = 0.1",
        &[(6, "rule.statistic: a ratio is of two metrics")],
    );
    rule(
        "metric = \"error_ratio\"\nof = \"nothing\"\nstatistic = \"ratio\"\nabove = 0.1",
        &[(6, "rule.of: the check `api` has no metric `nothing`")],
    );
    rule(
        "metric = \"error_ratio\"\nof = \"latency_ms\"\nabove = 0.1",
        &[(6, "rule.of: it goes with `statistic = \"ratio\"`")],
    );
    rule(
        "metric = \"latency_ms\"\nof = \"error_ratio\"\nstatistic = \"ratio\"\nabove = 5000.0",
        &[(8, "rule.above: 5000 is no ratio from 0 to 1")],
    );
}

#[test]
fn labels_and_owners_say_something() {
    rule(
        "status = \"down\"\nowner = \"Core team\"\nlabels = { team = \"core\" }",
        &[],
    );
    rule(
        "status = \"down\"\nowner = \" \"\nlabels = { severity = \"core\" }",
        &[
            (6, "rule.owner: it is empty"),
            (
                7,
                "rule.labels.severity: every alert has a label `severity`",
            ),
        ],
    );
    rule(
        "status = \"down\"\nlabels = { Team = \"\" }",
        &[
            (6, "rule.labels.Team: `Team` is no name"),
            (6, "rule.labels.Team: it is empty"),
        ],
    );
}

#[test]
fn flapping_has_a_limit_a_span_and_an_end() {
    check(
        "[flapping]\nchanges = 6\nwithin = \"10m\"\nquiet = \"5m\"\n",
        &[],
    );
    check(
        "[flapping]\nchanges = 1\nwithin = \"0s\"\n",
        &[
            (2, "flapping.changes: an alert that fires once and ends"),
            (3, "flapping.within: it is less than 1s"),
        ],
    );
}
