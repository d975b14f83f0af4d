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
        &[(3, "rule.check: `*` goes with `status` only")],
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
