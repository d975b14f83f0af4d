//! Bodies with one event a line.

use serde_json::json;
use watchfloor_wire::ingest::Ingested;

use super::super::{Kind, Refusal};
use super::{Door, complaint, status};
use crate::observation::Observation;

fn line_numbers(taken: &Ingested) -> Vec<u64> {
    taken.refused_lines.iter().map(|it| it.line).collect()
}

async fn messages(door: &Door) -> Vec<String> {
    let lines = door.lines().await;
    lines.into_iter().map(|it| it.message).collect()
}

#[tokio::test]
async fn each_line_is_taken_or_refused_by_its_number() {
    // The text, the messages that are stored, and the numbers of the lines that are refused.
    for (text, stored, refused) in [
        ("", vec![], vec![]),
        ("\n\r\n  \n", vec![], vec![]),
        ("{\"message\":\"a\"}", vec!["a"], vec![]),
        ("{\"message\":\"a\"}\n", vec!["a"], vec![]),
        (
            "{\"message\":\"a\"}\r\n\r\n{\"message\":\"b\"}\r\n",
            vec!["a", "b"],
            vec![],
        ),
        // Half a line at the end: the sender broke off.
        ("{\"message\":\"a\"}\n{\"mess", vec!["a"], vec![2]),
        // One bad line among good ones, with an empty one before it.
        (
            "{\"message\":\"a\"}\n\nnonsense\n{\"message\":\"b\"}",
            vec!["a", "b"],
            vec![3],
        ),
        // An open text does not swallow the next line.
        (
            "{\"message\":\"open\n{\"message\":\"b\"}",
            vec!["b"],
            vec![1],
        ),
        // Two events on one line, an array, an event without its message, an instant that is none.
        (
            "{\"message\":\"a\"}{\"message\":\"b\"}\n[1]\n{}\n{\"message\":\"c\",\"at\":\"noon\"}\n{\"message\":\"d\"}",
            vec!["d"],
            vec![1, 2, 3, 4],
        ),
    ] {
        let door = Door::open();
        let taken = door.send_lines(Kind::Logs, text).await.unwrap();
        assert_eq!(taken.accepted as usize, stored.len(), "{text:?}");
        assert_eq!(line_numbers(&taken), refused, "{text:?}");
        let counted = taken.refused.get("malformed").copied().unwrap_or(0);
        assert_eq!(counted as usize, refused.len(), "{text:?}");
        assert_eq!(messages(&door).await, stored, "{text:?}");
    }
}

#[tokio::test]
async fn a_refused_line_says_what_is_wrong_with_it() {
    let door = Door::open();
    let text = "{\"message\":\"a\"}\n{\"message\": 1}\n{\"message\":\"c\",\"at\":\"noon\"}";
    let taken = door.send_lines(Kind::Logs, text).await.unwrap();
    let said: Vec<&str> = taken
        .refused_lines
        .iter()
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(
        said[0],
        "event: invalid type: integer `1`, expected a string at column 13"
    );
    assert!(said[1].starts_with("event.at: "), "{}", said[1]);
}

#[tokio::test]
async fn a_body_without_a_single_event_is_refused() {
    let door = Door::open();
    let outcome: Result<Ingested, Refusal> = door.send_lines(Kind::Logs, "{\"lines\": [\n]}").await;
    assert_eq!(status(&outcome), 422);
    assert_eq!(complaint(outcome).0, "line 1");
    assert_eq!(door.intake.age_ms(), None);
}

#[tokio::test]
async fn at_most_a_hundred_refused_lines_are_named_and_all_are_counted() {
    let door = Door::open();
    let text = format!("{}{{\"message\":\"a\"}}", "x\n".repeat(150));
    let taken = door.send_lines(Kind::Logs, &text).await.unwrap();
    assert_eq!(taken.refused["malformed"], 150);
    assert_eq!(taken.refused_lines.len(), 100);
}

#[tokio::test]
async fn lines_have_the_limits_and_the_redaction_of_documents() {
    let door = Door::open();
    let secret = json!({"message": "x", "fields": {"password": "hunter2", "case_number": "7"}});
    let taken = door
        .send_lines(Kind::Logs, &secret.to_string())
        .await
        .unwrap();
    assert_eq!((taken.accepted, taken.redacted), (1, 2));
    let too_many = "{\"message\":\"a\"}\n".repeat(10_001);
    assert_eq!(status(&door.send_lines(Kind::Logs, &too_many).await), 413);
    let too_large = " ".repeat(super::super::body::MAX_WIRE_BYTES + 1);
    assert_eq!(status(&door.send_lines(Kind::Logs, &too_large).await), 413);
    // What could not be read counts towards the key's share as well: it had to be looked at.
    let nonsense = format!("{}{{\"message\":\"a\"}}", "x\n".repeat(9_998));
    assert_eq!(status(&door.send_lines(Kind::Logs, &nonsense).await), 200);
    assert_eq!(status(&door.send_lines(Kind::Logs, "x\n").await), 429);
}

#[tokio::test]
async fn errors_points_and_deploys_come_in_lines_as_well() {
    let door = Door::open();
    let text =
        "{\"error_type\":\"E\",\"message\":\"m\"}\n{\"error_type\":\"E\",\"message\":\"m\"}\n{}";
    let taken = door.send_lines(Kind::Errors, text).await.unwrap();
    assert_eq!((taken.accepted, line_numbers(&taken)), (2, vec![3]));
    let observed = door.observed();
    assert!(
        matches!(&observed[..], [Observation::Errors(seen)] if seen.count == 2),
        "{observed:?}"
    );

    let text = "{\"name\":\"sales.orders\",\"value\":1,\"unit\":\"per_s\"}\n\
                {\"name\":\"sales.nothing\",\"value\":1,\"unit\":\"per_s\"}\n\
                {\"name\":\"sales.orders\",\"value\":2,\"unit\":\"ms\"}";
    let taken = door.send_lines(Kind::Metrics, text).await.unwrap();
    assert_eq!((taken.accepted, line_numbers(&taken)), (1, vec![2, 3]));
    assert_eq!(taken.refused["unknown_name"], 1);
    assert_eq!(taken.refused_lines[1].text, "wrong_unit");

    let text = "{\"version\":\"v1\"}\n{\"event\":\"undo\"}\n{\"event\":\"rollback\"}";
    let taken = door.send_lines(Kind::Deploys, text).await.unwrap();
    assert_eq!((taken.accepted, line_numbers(&taken)), (2, vec![2]));
}
