#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use proptest::prelude::*;
use serde_json::Value;
use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::time::UnixMs;

use super::*;
use crate::notify::plan::tests::facts;

fn row(kind: NotificationKind, number: u64) -> Notification {
    let mut row = Notification::waiting(
        format!("inc-{number}-3-{}-x", kind.slug()),
        "x",
        kind,
        UnixMs(1_763_683_260_000),
    );
    row.facts =
        (!matches!(kind, NotificationKind::Digest | NotificationKind::Test)).then(|| facts(number));
    row.by_name = (kind == NotificationKind::Test).then(|| "Priya Raman".to_owned());
    row
}

fn hostile(text: &str) -> Notification {
    let mut row = row(NotificationKind::Acknowledged, 7);
    let facts = row.facts.as_mut().unwrap();
    facts.title = text.to_owned();
    facts.note = text.to_owned();
    facts.by_name = Some(text.to_owned());
    facts.product_name = text.to_owned();
    facts.runbook_url = Some(text.to_owned());
    row
}

fn telling<'a>(row: &'a Notification, members: &'a [Notification]) -> Telling<'a> {
    Telling {
        row,
        members,
        site: Some("https://ops.example.com/admin/monitoring"),
        channel: "x",
        now: UnixMs(1_763_683_260_000),
    }
}

fn own() -> Wording {
    Wording::new(None, None).unwrap()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn slack_hears_what_where_and_how_bad() {
    let row = row(NotificationKind::Escalated, 7);
    let body = slack::body(&telling(&row, &[]), &own());
    assert_eq!(
        text(&body, "/text"),
        "[P1] Escalated to Team lead: Database pool is full"
    );
    assert_eq!(
        text(&body, "/blocks/0/text/text"),
        "*[P1] Escalated to Team lead: Database pool is full*\nShop · INC-7 · high\nOpened 2025-11-21 00:00:00 UTC, answer by 2025-11-21 01:00:00 UTC\nhttps://ops.example.com/admin/monitoring/incidents/INC-7"
    );
    assert_eq!(
        text(&body, "/blocks/1/elements/0/url"),
        "https://ops.example.com/admin/monitoring/incidents/INC-7"
    );
}

#[test]
fn slack_is_not_made_to_call_everybody() {
    let row = hostile("<!channel> <@U1> & <https://evil.example|click> *bold*");
    let body = slack::body(&telling(&row, &[]), &own());
    let said = text(&body, "/blocks/0/text/text");
    assert!(
        said.contains("&lt;!channel&gt; &lt;@U1&gt; &amp; &lt;https"),
        "{said}"
    );
    assert!(!body.to_string().contains('<'), "{body}");
    assert_eq!(
        body.pointer("/blocks/0/text/verbatim"),
        Some(&Value::Bool(true))
    );
}

#[test]
fn discord_calls_nobody_and_shows_no_hidden_links() {
    let row = hostile("@everyone [click](https://evil.example) **bold**");
    let body = discord::body(&telling(&row, &[]), &own());
    assert_eq!(
        body.pointer("/allowed_mentions/parse"),
        Some(&serde_json::json!([]))
    );
    let title = text(&body, "/embeds/0/title");
    assert!(title.contains("\\@everyone \\[click\\]\\("), "{title}");
}

#[test]
fn a_mail_has_one_line_as_its_subject() {
    let row = hostile("a\r\nBcc: everybody@example.com\r\n\r\nhello");
    let mail = mail::mail(&telling(&row, &[]), &own());
    assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
    assert!(mail.subject.contains("a Bcc: everybody@example.com hello"));
    assert_eq!(mail.thread.as_deref(), Some("inc-7"));
}

#[test]
fn a_webhook_is_a_cloud_event() {
    let row = row(NotificationKind::Opened, 7);
    let body = webhook::body(&telling(&row, &[]));
    for (pointer, expected) in [
        ("/specversion", "1.0"),
        ("/id", "inc-7-3-opened-x"),
        ("/source", "https://ops.example.com/admin/monitoring"),
        ("/type", "watchfloor.notification.opened"),
        ("/subject", "incident/7"),
        ("/time", "2025-11-21T00:01:00.000Z"),
        ("/datacontenttype", "application/json"),
        ("/data/incident", "INC-7"),
        ("/data/priority", "P1"),
        ("/data/opened_at", "2025-11-21T00:00:00.000Z"),
    ] {
        assert_eq!(text(&body, pointer), expected, "{pointer}");
    }
}

#[test]
fn a_signature_is_that_of_standard_webhooks() {
    // The example of the Standard Webhooks specification's libraries.
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let signature = webhook::signature(
        key,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b"{\"test\": 2432232314}",
    );
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_ne!(signature, webhook::signature("plain", "m", 1, b"{}"));
}

#[test]
fn alertmanagers_receivers_get_its_shape() {
    let opened = row(NotificationKind::Opened, 7);
    let body = alertmanager::body(&telling(&opened, &[]));
    for (pointer, expected) in [
        ("/version", "4"),
        ("/status", "firing"),
        ("/receiver", "x"),
        ("/groupKey", "{}:{incident=\"INC-7\"}"),
        ("/groupLabels/incident", "INC-7"),
        ("/commonLabels/product", "shop"),
        ("/alerts/0/status", "firing"),
        ("/alerts/0/labels/alertname", "WatchfloorIncident"),
        ("/alerts/0/startsAt", "2025-11-21T00:00:00.000Z"),
        ("/alerts/0/endsAt", "0001-01-01T00:00:00Z"),
    ] {
        assert_eq!(text(&body, pointer), expected, "{pointer}");
    }
    let resolved = row(NotificationKind::Resolved, 7);
    let over = alertmanager::body(&telling(&resolved, &[]));
    assert_eq!(text(&over, "/status"), "resolved");
    assert_eq!(text(&over, "/alerts/0/endsAt"), "2025-11-21T00:01:00.000Z");
    let same = "/alerts/0/fingerprint";
    assert_eq!(text(&body, same), text(&over, same));
}

#[test]
fn a_digest_names_twenty_and_counts_the_rest() {
    let members: Vec<_> = (1..=30)
        .map(|it| row(NotificationKind::Opened, it))
        .collect();
    let digest = row(NotificationKind::Digest, 0);
    let telling = telling(&digest, &members);
    let letter = telling.letter(&own(), str::to_owned);
    assert_eq!(letter.title, "30 notifications about 30 incidents");
    let lines: Vec<&str> = letter.text.lines().collect();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[0], "P1 INC-1 Shop: Database pool is full (Opened)");
    assert_eq!(lines[20], "and 10 more: 10 P1 of shop");
    let alerts = alertmanager::body(&telling);
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 30);
    let event = webhook::body(&telling);
    assert_eq!(event["data"]["notifications"].as_array().unwrap().len(), 30);
}

#[test]
fn a_test_says_that_it_is_one() {
    let row = row(NotificationKind::Test, 0);
    let letter = telling(&row, &[]).letter(&own(), str::to_owned);
    assert_eq!(letter.title, "Test from Watchfloor");
    assert!(
        letter
            .text
            .starts_with("Priya Raman pressed the test button.")
    );
}

#[test]
fn a_channels_own_words_are_used() {
    let row = row(NotificationKind::Opened, 7);
    let wording = Wording::new(Some("{product}: {title}"), Some("{contact}")).unwrap();
    let letter = telling(&row, &[]).letter(&wording, str::to_owned);
    assert_eq!(letter.title, "Shop: Database pool is full");
    assert_eq!(letter.text, "lead@example.com");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_text_is_the_messages_keep_their_bounds_and_their_form(
        text in "\\PC{0,700}|[\\x00-\\x7f]{0,700}|(<!channel>|&|\u{202e}|\r\n){0,700}",
    ) {
        let row = hostile(&text);
        let digest = super::tests::row(NotificationKind::Digest, 0);
        let members = vec![row.clone(); 25];
        for telling in [telling(&row, &[]), telling(&digest, &members)] {
            let slack = slack::body(&telling, &own());
            let said = slack.pointer("/blocks/0/text/text").unwrap().as_str().unwrap();
            prop_assert!(said.chars().count() <= 3_000);
            prop_assert!(!said.contains('<') && !said.contains('>'));
            prop_assert!(slack["text"].as_str().unwrap().chars().count() <= 500);
            let discord = discord::body(&telling, &own());
            let embed = &discord["embeds"][0];
            prop_assert!(embed["title"].as_str().unwrap().chars().count() <= 256);
            prop_assert!(embed["description"].as_str().unwrap().chars().count() <= 4_096);
            let mail = mail::mail(&telling, &own());
            prop_assert!(mail.subject.chars().count() <= 200);
            prop_assert!(!mail.subject.chars().any(char::is_control));
            prop_assert!(webhook::body(&telling).to_string().len() < 500_000);
        }
    }
}
