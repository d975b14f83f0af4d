//! What happened to an incident, newest first.

use leptos::prelude::*;
use watchfloor_wire::incident::{IncidentDetail, TimelineEntry, TimelineKind};

use crate::remote::Remote;
use crate::ui::{Empty, date, second_of_day};

/// The timeline of a fetched incident.
#[component]
pub(super) fn Timeline(detail: Signal<Remote<IncidentDetail>>) -> impl IntoView {
    let entries = Memo::new(move |_| {
        detail.with(|it| it.value().map(|it| it.timeline.clone()).unwrap_or_default())
    });
    view! {
        {move || entries.with(Vec::is_empty).then(|| view! { <Empty text="Nothing has happened yet."/> })}
        <ol class="mon-timeline">
            <For each=move || entries.get() key=|it| it.id children=|it| entry(it)/>
        </ol>
    }
}

fn entry(it: TimelineEntry) -> AnyView {
    let words = sentence(&it);
    let note = (!it.note.is_empty()).then(|| {
        view! { <p class="mon-timeline-note">{format!("“{}”", it.note)}</p> }
    });
    view! {
        <li class="mon-timeline-entry">
            <time title=date(it.at)>{second_of_day(it.at)}</time>
            <span class="mon-timeline-dot" data-kind=slug(it.kind)></span>
            <div>
                <p>{words}</p>
                {note}
            </div>
        </li>
    }
    .into_any()
}

/// The entry in one line; the gateway's text already tells who when it names them.
fn sentence(it: &TimelineEntry) -> String {
    match &it.actor_name {
        Some(name) if !it.text.contains(name.as_str()) => format!("{name}: {}", it.text),
        _ => it.text.clone(),
    }
}

const fn slug(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Opened => "opened",
        TimelineKind::Alert => "alert",
        TimelineKind::Acknowledged => "acknowledged",
        TimelineKind::Released => "released",
        TimelineKind::Escalated => "escalated",
        TimelineKind::Assigned => "assigned",
        TimelineKind::Resolved => "resolved",
        TimelineKind::Deploy => "deploy",
        TimelineKind::Silenced => "silenced",
        TimelineKind::Notified => "notified",
        TimelineKind::Undone => "undone",
        TimelineKind::Renewed => "renewed",
        TimelineKind::Offered => "offered",
        TimelineKind::Merged => "merged",
        TimelineKind::Linked => "linked",
        TimelineKind::Review => "review",
        TimelineKind::Comment => "comment",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::time::UnixMs;

    #[test]
    fn nobody_is_named_twice() {
        let mut it = TimelineEntry {
            id: 1,
            at: UnixMs(0),
            kind: TimelineKind::Comment,
            actor_name: Some("Mara".to_owned()),
            text: "Mara commented".to_owned(),
            note: String::new(),
        };
        assert_eq!(sentence(&it), "Mara commented");
        it.text = "Commented".to_owned();
        assert_eq!(sentence(&it), "Mara: Commented");
        it.actor_name = None;
        assert_eq!(sentence(&it), "Commented");
    }
}
