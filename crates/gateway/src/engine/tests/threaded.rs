//! The engine on its own thread, through its handle. Conditions are waited for, never spans.

use super::*;
use crate::store::SqliteStore;

async fn until<T>(mut question: impl AsyncFnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = question().await {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

fn broken_at(clock: &Clock) -> crate::observation::Observation {
    seen(clock.now(), Outcome::Down("HTTP 503".to_owned()), Some(0.0))
}

#[tokio::test]
async fn what_was_answered_is_there_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let start = || {
        let store = SqliteStore::open(directory.path(), clock.clone()).unwrap();
        start_with(&config(PRODUCT), store, Published::default(), clock.clone()).unwrap()
    };
    let engine = start();
    engine.observe(broken_at(&clock));
    let incident = until(async || engine.incident(IncidentId(1)).await.unwrap()).await;
    let asked = request(acknowledge(), incident.version, "k", "priya");
    // The escalation step that is due at once may be taken in between; whoever is told looks again.
    let mut version = incident.version;
    let answered = loop {
        let asked = ActionRequest {
            if_match: version,
            ..asked.clone()
        };
        match engine.act(asked).await.unwrap() {
            ActionOutcome::Refused(ActionObjection::Changed { current }) => {
                version = current.version
            }
            outcome => break outcome,
        }
    };
    let answer = body(&answered);
    assert!(engine.ages().probe_ms.is_some());
    engine.clone().stop().await;
    assert!(engine.act(asked.clone()).await.is_err());

    let engine = start();
    let after = engine.incident(IncidentId(1)).await.unwrap().unwrap();
    assert_eq!(after.lease, answer.incident.lease);
    let replay = engine.act(asked).await.unwrap();
    assert_eq!(body(&replay), answer);
    let timeline = engine.timeline(IncidentId(1), 200).await.unwrap();
    assert!(timeline.iter().any(|it| it.note == "looking at {{SEQ}}"));
    let page = engine.incidents(None, 10, true).await.unwrap();
    assert_eq!(page.incidents.len(), 1);
    engine.stop().await;
}

#[tokio::test]
async fn stopping_takes_in_what_is_queued() {
    let clock = Clock::system();
    let store = MemoryStore::new(clock.clone());
    let engine = start_with(
        &config(PRODUCT),
        store.clone(),
        Published::default(),
        clock.clone(),
    )
    .unwrap();
    engine.observe(broken_at(&clock));
    engine
        .audit(AuditRow {
            at: clock.now(),
            actor: "priya".to_owned(),
            action: "session.open".to_owned(),
            subject: "account/priya".to_owned(),
            detail: "{}".to_owned(),
        })
        .await;
    engine.stop().await;
    assert_eq!(Store::last_incident(&store).unwrap(), 1);
    assert!(store.audit().iter().any(|it| it.action == "session.open"));
}
