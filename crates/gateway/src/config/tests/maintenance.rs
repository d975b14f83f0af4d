use super::check;

const WINDOW: &str = "[[maintenance]]\nname = \"vacuum\"\nreason = \"Vacuum\"\ndays = [\"sun\"]\nat = \"02:00\"\nfor = \"1h\"\n";

#[test]
fn a_window_of_the_whole_product_or_of_some_checks_is_right() {
    check(WINDOW, &[]);
    check(
        &format!("{WINDOW}checks = [\"api\"]\nzone = \"Europe/Berlin\"\n"),
        &[],
    );
}

#[test]
fn each_mistake_of_a_window_is_told_at_its_line() {
    for (right, wrong, line, message) in [
        (
            "name = \"vacuum\"",
            "name = \"Vacuum!\"",
            2,
            "maintenance.name: `Vacuum!` is no name",
        ),
        (
            "reason = \"Vacuum\"",
            "reason = \" \"",
            3,
            "maintenance.reason: it is empty; people read it",
        ),
        (
            "days = [\"sun\"]",
            "days = []",
            4,
            "maintenance.days: it names no day; write for example [\"sun\"]",
        ),
        (
            "days = [\"sun\"]",
            "days = [\"sun\", \"sun\"]",
            4,
            "maintenance.days: it names a day twice",
        ),
        (
            "days = [\"sun\"]",
            "days = [\"sunday\"]",
            4,
            "maintenance.days: unknown word `sunday`, expected one of `mon`",
        ),
        (
            "at = \"02:00\"",
            "at = \"2 am\"",
            5,
            "maintenance.at: `2 am` is no time of the day; write for example \"02:00\"",
        ),
        (
            "for = \"1h\"",
            "for = \"25h\"",
            6,
            "maintenance.for: a window lasts from 1m to 24h",
        ),
        (
            "for = \"1h\"",
            "for = \"1h\"\nzone = \"CEST\"",
            7,
            "maintenance.zone: `CEST` is no time zone; write UTC, or a name of the IANA database",
        ),
        (
            "for = \"1h\"",
            "for = \"1h\"\nchecks = [\"api\", \"db\"]",
            7,
            "maintenance.checks: there is no check `db`; there are `api`",
        ),
    ] {
        check(&WINDOW.replace(right, wrong), &[(line, message)]);
    }
}

const LABELLED: &str = "[[rule]]\nname = \"down\"\ncheck = \"api\"\nstatus = \"down\"\nseverity = \"critical\"\nlabels = { team = \"core\" }\n";

#[test]
fn a_window_covers_alerts_by_their_labels() {
    for (labels, message) in [
        ("team = \"core\"", None),
        (
            "team = [\"core\"], severity = [\"warning\", \"info\"], rule = \"down\"",
            None,
        ),
        (
            "taem = \"core\"",
            Some(
                "maintenance.labels.taem: no rule has a label `taem`; there are `check`, `rule`, `severity`, `team`. A rule gets one by labels = { team = \"core\" }",
            ),
        ),
        (
            "team = \"cor\"",
            Some("maintenance.labels.team: no rule has the label team = \"cor\"; there are `core`"),
        ),
        (
            "team = []",
            Some("maintenance.labels.team: it names no word, so that nothing matches"),
        ),
        (
            "check = \"api\"",
            Some("maintenance.labels.check: name the checks in `checks` beside it"),
        ),
        (
            "product = \"shop\"",
            Some("maintenance.labels.product: it is always this product; leave it out"),
        ),
        (
            "severity = \"low\"",
            Some("maintenance.labels.severity: unknown word `low`"),
        ),
    ] {
        let window = format!("{LABELLED}{WINDOW}labels = {{ {labels} }}\n");
        let wrong: Vec<(usize, &str)> = message.into_iter().map(|it| (13, it)).collect();
        check(&window, &wrong);
    }
}

#[test]
fn names_of_windows_are_unique() {
    let message = "maintenance.name: another maintenance window is called `vacuum` already";
    check(&format!("{WINDOW}{WINDOW}"), &[(8, message)]);
}
