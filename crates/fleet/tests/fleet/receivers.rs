//! The receiving ends of notifications: what they take, what they find wrong, and how they misbehave.

use serde_json::{Value, json};
use watchfloor_fleet::ports;
use watchfloor_fleet::receive::Mood;

use crate::support::Rig;

fn at(rig: &Rig, path: &str) -> String {
    format!("http://{}:{}/{path}", rig.host, ports::RECEIVERS)
}

fn discord(title: &str, parse: &Value) -> Value {
    json!({
        "embeds": [{ "title": title, "description": "x", "footer": { "text": "n1" } }],
        "allowed_mentions": { "parse": parse },
    })
}

#[tokio::test]
async fn what_has_the_right_shape_is_taken_and_listed() {
    let rig = Rig::start().await;
    let sent = rig.client.post(at(&rig, "discord/team"));
    let answer = sent
        .json(&discord("Broken", &json!([])))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let listed = rig
        .client
        .get(at(&rig, "received?receiver=discord/team"))
        .send();
    let listed: Value = listed.await.unwrap().json().await.unwrap();
    let first = &listed["received"][0];
    assert_eq!(
        (&first["id"], &first["problems"]),
        (&json!("n1"), &json!([]))
    );
    rig.fleet.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_the_reason() {
    let rig = Rig::start().await;
    for (path, body, problem) in [
        (
            "discord/x",
            discord("", &json!([])),
            "/embeds/0/title is missing",
        ),
        (
            "discord/x",
            discord("a", &json!(["everyone"])),
            "it may mention people",
        ),
        (
            "slack/x",
            json!({"text": "a", "blocks": [{"text": {"text": "<!channel>"}}]}),
            "it calls everybody",
        ),
        (
            "webhook/x",
            json!({"id": "1", "source": "/", "type": "t", "specversion": "1.0", "time": "now"}),
            "it is not signed",
        ),
    ] {
        let answer = rig
            .client
            .post(at(&rig, path))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{path}");
        let said = answer.text().await.unwrap();
        assert!(said.contains(problem), "{path}: {said}");
    }
    let nowhere = rig
        .client
        .post(at(&rig, "pager/x"))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(nowhere.status(), 404);
    rig.fleet.stop().await;
}

#[tokio::test]
async fn a_receiver_misbehaves_as_it_is_told() {
    let rig = Rig::start().await;
    for (mood, status) in [
        ("error", 500),
        ("busy", 429),
        ("redirect", 302),
        ("well", 200),
    ] {
        let asked = json!({ "receiver": "discord/team", "mood": mood });
        let set = rig
            .client
            .post(at(&rig, "mood"))
            .body(asked.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(set.status(), 204);
        let sent = rig.client.post(at(&rig, "discord/team"));
        let answer = sent.json(&discord("a", &json!([]))).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{mood}");
    }
    rig.fleet.receivers().set_mood("discord/team", Mood::Hang);
    let sent = rig
        .client
        .post(at(&rig, "discord/team"))
        .json(&discord("a", &json!([])));
    let hanging = tokio::spawn(sent.send());
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!hanging.is_finished());
    rig.fleet.receivers().set_mood("discord/team", Mood::Well);
    assert_eq!(hanging.await.unwrap().unwrap().status(), 200);
    rig.fleet.stop().await;
}
