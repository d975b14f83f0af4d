//! What the alerts behind an incident brought about.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, Symptom};
use watchfloor_wire::status::Status;

use crate::store::use_stores;
use crate::ui::{Age, StatusIcon, second_of_day};

/// The symptoms with their own state, those that fire first; nothing when there are none.
#[component]
pub(super) fn Symptoms(incident: Signal<Incident>) -> impl IntoView {
    let all = Memo::new(move |_| {
        let mut all = incident.with(|it| it.symptoms.clone());
        all.sort_by_key(|it| (it.ended_at.is_some(), it.severity, it.since));
        all
    });
    let none = Memo::new(move |_| all.with(Vec::is_empty));
    let count = move || all.with(|all| summary(all));
    let key = |it: &Symptom| (it.alert.clone(), it.ended_at, it.summary.clone());
    move || {
        (!none.get()).then(|| {
            view! {
                <section class="mon-panel" aria-label="Symptoms">
                    <header class="mon-panel-head">
                        <h2>"Symptoms"</h2>
                        <span class="mon-panel-note">{count}</span>
                    </header>
                    <div class="mon-error-list">
                        <For each=move || all.get() key=key children=row/>
                    </div>
                </section>
            }
        })
    }
}

fn row(it: Symptom) -> AnyView {
    let stores = use_stores();
    let over = it.ended_at;
    let status = if over.is_some() {
        Status::Ok
    } else {
        it.severity.status().unwrap_or(Status::Ok)
    };
    let check = it.check.clone();
    let name = move || {
        let check = check.as_ref().and_then(|id| stores.checks.get(&id.0));
        check.map(|check| check.with(|it| format!("{} · ", it.name)))
    };
    let state = state_words(&it);
    view! {
        <div class="mon-error-row" data-symptom=it.alert.0>
            <span class="mon-error-title mon-legend-item">
                <StatusIcon status=status size=12/>
                {it.summary}
            </span>
            <Age at=it.since/>
            <span class="mon-error-note">{name} {state}</span>
        </div>
    }
    .into_any()
}

fn state_words(it: &Symptom) -> String {
    let severity = it.severity.word();
    match it.ended_at {
        Some(at) => format!("{severity}, ended {} UTC", second_of_day(at)),
        None => format!("{severity}, fires"),
    }
}

fn summary(all: &[Symptom]) -> String {
    let firing = all.iter().filter(|it| it.ended_at.is_none()).count();
    match all.len() - firing {
        0 => format!("{firing} firing"),
        ended => format!("{firing} firing, {ended} ended"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::id::Fingerprint;
    use watchfloor_wire::priority::Severity;
    use watchfloor_wire::time::UnixMs;

    fn symptom(ended_at: Option<i64>) -> Symptom {
        Symptom {
            alert: Fingerprint::from("a"),
            check: None,
            severity: Severity::Warning,
            summary: "API is slow".to_owned(),
            since: UnixMs(0),
            ended_at: ended_at.map(UnixMs),
        }
    }

    #[test]
    fn a_symptom_says_whether_it_fires() {
        assert_eq!(state_words(&symptom(None)), "warning, fires");
        assert_eq!(
            state_words(&symptom(Some(60_000))),
            "warning, ended 00:01:00 UTC"
        );
    }

    #[test]
    fn the_note_counts_both() {
        assert_eq!(summary(&[symptom(None)]), "1 firing");
        assert_eq!(
            summary(&[symptom(None), symptom(Some(1))]),
            "1 firing, 1 ended"
        );
    }
}
