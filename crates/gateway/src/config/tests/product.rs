use super::check;

const PROBE: &str = "[[probe]]\nurl = \"http://127.0.0.1:9000/\"\nkind = \"http\"\n";
const CHECK: &str = "[[probe.check]]\nname = \"web\"\ntitle = \"Web\"\n";

fn probe(added: &str, expected: &[(usize, &str)]) {
    check(&format!("{PROBE}{added}\n"), expected);
}

#[test]
fn everything_wrong_is_told_at_once() {
    check(
        "[[rule]]\nname = 5\n[[rule]]\nnme = \"x\"\n[[target]]\nname = \"T\"\nwindow = \"7x\"\n",
        &[
            (2, "rule.name: invalid type: integer `5`, expected a string"),
            (4, "rule.nme: unknown field `nme`, expected one of `name`"),
            (3, "rule: missing field `name`"),
            (7, "target.window: `7x` is no span of time"),
        ],
    );
}

#[test]
fn variables_that_are_not_set_are_told() {
    probe(
        &format!("interval = \"${{EVERY}}\"\n{CHECK}"),
        &[(
            4,
            "probe.interval: the environment variable EVERY is not set",
        )],
    );
}

#[test]
fn probes_ask_whom_their_kind_can_ask() {
    let cases = [
        (
            "http",
            "ws://127.0.0.1:9000/",
            "asks `http://` or `https://`, and this is `ws://`",
        ),
        (
            "websocket",
            "http://127.0.0.1:9000/",
            "asks `ws://` or `wss://`",
        ),
        ("tcp", "127.0.0.1:9000", "`127.0.0.1:9000` is no address"),
        ("tls", "https://127.0.0.1:9000", "asks `tls://`"),
        (
            "tcp",
            "tcp://127.0.0.1",
            "this address may not be probed: it names no host and port",
        ),
        (
            "http",
            "http://u:p@127.0.0.1:9000/",
            "this address may not be probed: it holds a user name",
        ),
        (
            "http",
            "http://127.0.0.1:22/",
            "this address may not be probed: port 22 is not",
        ),
        (
            "http",
            "http://169.254.169.254/",
            "this address may not be probed: 169.254.169.254 is in",
        ),
    ];
    for (kind, url, wanted) in cases {
        let text = format!("[[probe]]\nurl = \"{url}\"\nkind = \"{kind}\"\n{CHECK}");
        let wanted = wanted.replace("asks", "this kind of probe asks");
        check(&text, &[(2, &format!("probe.url: {wanted}"))]);
    }
}

#[test]
fn probes_have_checks_and_timings_that_fit() {
    probe(
        "",
        &[(1, "probe: it feeds no check; add a [[probe.check]]")],
    );
    probe(CHECK, &[]);
    probe(
        &format!("interval = \"500ms\"\ntimeout = \"100ms\"\n{CHECK}"),
        &[(4, "probe.interval: it is less than 1s")],
    );
    probe(
        &format!("interval = \"2s\"\ntimeout = \"3s\"\n{CHECK}"),
        &[(
            5,
            "probe.timeout: 3000 ms is longer than the interval, 2000 ms",
        )],
    );
    probe(
        &CHECK.replace("web", "api"),
        &[(
            5,
            "probe.check.name: another check is called `api` already; names are unique",
        )],
    );
    probe(
        &CHECK.replace("web", "Web"),
        &[(5, "probe.check.name: `Web` is no name")],
    );
}

#[test]
fn keys_that_say_nothing_to_a_probe_are_refused() {
    probe(
        &format!(
            "echo = \"x\"\nexpect_location = \"/\"\n{CHECK}required = [\"x\"]\nreason = \"/why\""
        ),
        &[
            (4, "probe.echo: it says nothing to this kind of probe"),
            (
                5,
                "probe.expect_location: it says nothing to this kind of probe",
            ),
            (9, "probe.check.required: `x` is no JSON pointer"),
            (
                10,
                "probe.check.reason: it goes with `status`, which is not set",
            ),
        ],
    );
}

#[test]
fn metrics_come_from_somewhere() {
    let metric = |text: &str| format!("{CHECK}[[probe.metric]]\ncheck = \"web\"\n{text}");
    probe(
        &metric("name = \"latency_ms\"\nunit = \"ms\"\nheadline = true"),
        &[],
    );
    probe(
        &metric("name = \"latency\"\nunit = \"ms\""),
        &[(
            9,
            "probe.metric.name: without `from` it is one of the probe's own measurements: `latency_ms`",
        )],
    );
    probe(
        &metric("name = \"latency_ms\"\nunit = \"count\""),
        &[(10, "probe.metric.unit: `latency_ms` is in its own unit")],
    );
    probe(
        &metric("name = \"n\"\nunit = \"count\"\nfrom = \"n\"\nrate = true\nscale = 0.0"),
        &[
            (11, "probe.metric.from: `n` is no JSON pointer"),
            (
                12,
                "probe.metric.rate: only `prometheus` probes read counters",
            ),
            (13, "probe.metric.scale: 0 is no scale"),
        ],
    );
    probe(
        &metric("name = \"n\"\nunit = \"parsecs\"\nfrom = \"/n\""),
        &[(10, "probe.metric.unit: unknown word `parsecs`")],
    );
    check(
        &format!(
            "{}{}",
            PROBE.replace("\"http\"", "\"prometheus\""),
            metric("name = \"n\"\nunit = \"count\"\nfrom = \"a{b\"")
        ),
        &[(
            11,
            "probe.metric.from: `a{b` names no sample (a label without `=`)",
        )],
    );
}

#[test]
fn pushed_metrics_targets_and_charts_refer_to_what_is_there() {
    check(
        "[[pushed]]\ncheck = \"mail\"\nmetric = \"sent\"\nunit = \"count\"\nevery = \"30s\"\n\
         [[target]]\nname = \"Mail\"\ncheck = \"mail\"\nmetric = \"sent\"\nstatistic = \"avg\"\nwindow = \"1h\"\nthreshold = 1.0\n",
        &[],
    );
    check(
        "[[target]]\nname = \"E\"\ncheck = \"api\"\nmetric = \"error_ratio\"\nstatistic = \"avg\"\nwindow = \"1h\"\nthreshold = 99.0\n",
        &[(7, "target.threshold: 99 is no ratio")],
    );
    check(
        "[[chart]]\nkind = \"error_ratio\"\ncheck = \"api\"\nmetric = \"latency_ms\"\ntitle = \"E\"\n\
         levels = { warning = 5.0, critical = 1.0 }\n",
        &[
            (
                4,
                "chart.metric: this kind of chart draws values in `ratio`",
            ),
            (6, "chart.levels.critical: it is below `warning`"),
        ],
    );
}

#[test]
fn every_priority_says_what_it_asks_of_people() {
    check(
        "[response.P1]\nrespond_within = \"0s\"\n\
         escalation = [{ after = \"30m\", name = \"Lead\" }, { after = \"30m\", name = \"\" }]\n",
        &[
            (
                2,
                "response.P1.respond_within: nobody can respond within no time",
            ),
            (3, "response.P1.escalation.name: it is empty"),
            (
                3,
                "response.P1.escalation.after: it is not later than the step before",
            ),
        ],
    );
}

#[test]
fn a_lease_lasts_from_a_minute_to_a_week() {
    check(
        "[response.P1]\nrespond_within = \"15m\"\nlease = \"8d\"\nlease_choices = [\"59s\", \"1m\", \"7d\"]\n",
        &[
            (
                3,
                "response.P1.lease: hold it for one minute at least and seven days at most",
            ),
            (
                4,
                "response.P1.lease_choices: hold it for one minute at least and seven days at most",
            ),
        ],
    );
}

#[test]
fn a_priority_without_a_response_is_told() {
    let text = super::PRODUCT.replace("critical = \"P0\"", "critical = \"P0\"\nhigh = \"P1\"");
    let found = super::messages(super::GATEWAY, &text);
    let wanted = "shop.toml:7: priority.high: P1 has no [response.P1]; say what it asks of people";
    assert_eq!(found, [wanted]);
}
