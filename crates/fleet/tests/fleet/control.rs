//! The control port.

use serde_json::{Value, json};
use watchfloor_fleet::ports;

use crate::support::Rig;

async fn post(rig: &Rig, body: &Value) -> (u16, Value) {
    let request = rig
        .client
        .post(rig.url(ports::CONTROL, "/fault"))
        .body(body.to_string());
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_fault_is_put_on_listed_and_taken_off() {
    let rig = Rig::start().await;
    let asked = json!({ "product": "chatpdd", "fault": "slow-database", "for_s": 600 });
    let expected = json!([{ "product": "chatpdd", "fault": "slow-database", "ends_in_s": 600 }]);
    let (status, body) = post(&rig, &asked).await;
    assert_eq!((status, &body["active"]), (200, &expected));
    let endless = json!({ "product": "donna", "fault": "half-body" });
    assert_eq!(
        post(&rig, &endless).await.1["active"][0]["ends_in_s"],
        Value::Null
    );

    let url = rig.url(ports::CONTROL, "/fault?product=donna&fault=half-body");
    let answer: Value = rig
        .client
        .delete(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&answer["mended"], &answer["active"]),
        (&json!(1), &expected)
    );
    let all = rig.client.delete(rig.url(ports::CONTROL, "/fault"));
    let answer: Value = all.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "mended": 1, "active": [] }));
}

#[tokio::test]
async fn a_mistake_is_answered_with_what_would_be_right() {
    let rig = Rig::start().await;
    for (asked, word) in [
        (
            json!({ "product": "chatpdd", "fault": "flood" }),
            "slow-database",
        ),
        (
            json!({ "product": "chatpd", "fault": "half-body" }),
            "universal-assistant",
        ),
        (
            json!({ "product": "chatpdd", "fault": "origin-refused" }),
            "applies to donna",
        ),
        (
            json!({ "product": "chatpdd", "fault": "half-body", "for": 3 }),
            "for_s",
        ),
    ] {
        let (status, body) = post(&rig, &asked).await;
        assert_eq!(status, 400);
        assert!(body["error"].as_str().unwrap().contains(word), "{body}");
    }
}

#[tokio::test]
async fn each_kind_of_fault_has_a_sentence() {
    let rig = Rig::start().await;
    let kinds = rig.json(ports::CONTROL, "/faults").await;
    let kinds = kinds["faults"].as_array().unwrap();
    assert_eq!(kinds.len(), 17);
    assert!(
        kinds
            .iter()
            .all(|kind| kind["what"].as_str().unwrap().ends_with('.'))
    );
    let help = rig.get(ports::CONTROL, "/").await.text().await.unwrap();
    assert!(
        kinds
            .iter()
            .all(|kind| help.contains(kind["fault"].as_str().unwrap()))
    );
}
