//! What screen readers are told without being asked: the feed's changes once they last, and new urgent work.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::priority::Priority;

use crate::feed::{FeedState, use_feed};
use crate::store::use_stores;

/// A feed state is spoken when it has lasted this long.
const STEADY: Duration = Duration::from_secs(3);
/// New incidents are gathered for this long and spoken in one sentence.
const GATHER: Duration = Duration::from_secs(5);

/// The two live regions of the page.
#[component]
pub fn Announcements() -> impl IntoView {
    let polite = RwSignal::new(String::new());
    let urgent = RwSignal::new(String::new());
    follow_feed(polite, urgent);
    follow_incidents(urgent);
    view! {
        <div class="mon-hidden-text" role="status">{move || polite.get()}</div>
        <div class="mon-hidden-text" role="alert">{move || urgent.get()}</div>
    }
}

fn follow_feed(polite: RwSignal<String>, urgent: RwSignal<String>) {
    let state = use_feed();
    let slug = Memo::new(move |_| state.with(FeedState::slug));
    Effect::new(move |before: Option<&'static str>| {
        let now = slug.get();
        let Some(before) = before else { return now };
        if before == now {
            return now;
        }
        set_timeout(
            move || {
                if slug.get_untracked() != now {
                    return;
                }
                match now {
                    "live" => polite.set("Live again.".to_owned()),
                    "not-live" => urgent.set("No data for 25 seconds.".to_owned()),
                    "ended" => urgent.set("The feed has ended.".to_owned()),
                    _ => {}
                }
            },
            STEADY,
        );
        now
    });
}

fn follow_incidents(urgent: RwSignal<String>) {
    let stores = use_stores();
    let known = StoredValue::new(None::<BTreeSet<u64>>);
    let fresh = StoredValue::new(Vec::<Incident>::new());
    let speak = move || {
        let mut words = None;
        let _ = fresh.try_update_value(|all| {
            words = sentence(all);
            all.clear();
        });
        if let Some(words) = words {
            urgent.set(words);
        }
    };
    Effect::new(move |_| {
        if !stores.is_loaded() {
            known.set_value(None);
            return;
        }
        let open: Vec<Incident> = stores
            .incidents
            .all()
            .into_iter()
            .filter(|it| it.status == IncidentStatus::Triggered)
            .collect();
        let numbers: BTreeSet<u64> = open.iter().map(|it| it.id.0).collect();
        // What is there when the page opens is not news.
        if let Some(known) = known.get_value() {
            let news: Vec<Incident> = open
                .into_iter()
                .filter(|it| !known.contains(&it.id.0))
                .collect();
            if !news.is_empty() {
                if fresh.with_value(Vec::is_empty) {
                    set_timeout(speak, GATHER);
                }
                fresh.update_value(|all| all.extend(news));
            }
        }
        known.set_value(Some(numbers));
    });
}

/// What is said of new incidents; `None` when none of them is urgent.
fn sentence(incidents: &[Incident]) -> Option<String> {
    let worst = incidents.iter().min_by_key(|it| it.priority)?;
    if worst.priority > Priority::P1 {
        return None;
    }
    let what = format!("{} {}", worst.priority, worst.title);
    Some(match incidents.len() {
        1 => format!("New incident: {what}"),
        count => format!("{count} new incidents, worst {what}"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn incident(number: u64, priority: &str) -> Incident {
        let json = format!(
            r#"{{"id":{number},"version":1,"product":"p","title":"Errors","priority":"{priority}",
            "severity":"high","status":"triggered","opened_at":0,"respond_by":0}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn several_incidents_become_one_sentence_about_the_worst() {
        let words = sentence(&[incident(1, "P2"), incident(2, "P0")]);
        assert_eq!(words.as_deref(), Some("2 new incidents, worst P0 Errors"));
    }

    #[test]
    fn what_is_not_urgent_is_not_spoken() {
        assert_eq!(sentence(&[incident(1, "P2")]), None);
        assert_eq!(sentence(&[]), None);
    }
}
