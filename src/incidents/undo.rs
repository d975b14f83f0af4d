//! Taking an acknowledgement back while its ten seconds last.

use leptos::prelude::*;
use watchfloor_wire::action::NoteRequest;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::{Action, permits_person};
use watchfloor_wire::time::{SECOND_MS, UnixMs};

use super::sending::{Body, Sender};
use crate::clock::use_clock;
use crate::sending::Notice;
use crate::session::use_session;
use crate::ui::{Button, Kbd, use_toasts};

/// Whole seconds in which `account` can still undo; `None` when they cannot.
#[must_use]
pub(super) fn seconds_left(incident: &Incident, account: &str, now: UnixMs) -> Option<i64> {
    permits_person(incident, Action::Undo, account, now).ok()?;
    let undo = incident.lease.as_ref()?.undo.as_ref()?;
    // Rounded up: while it can be done, it never says 0.
    Some((undo.until.since_ms(now) + SECOND_MS - 1) / SECOND_MS)
}

/// What undoing is called while it can be done: the button's words.
#[must_use]
pub(super) fn words(seconds: i64) -> String {
    format!("Undo · {seconds} s")
}

/// The row with the button; the row keeps its place, so that nothing jumps when the seconds are over.
#[component]
pub(super) fn UndoRow(incident: Signal<Incident>) -> impl IntoView {
    let clock = use_clock();
    let session = use_session();
    let sender = Sender::new();
    let toasts = use_toasts();
    let left = Memo::new(move |_| {
        let now = clock.now();
        let me = session.with(|it| it.as_ref().map(|it| it.account.clone()))?;
        incident.with(|it| seconds_left(it, &me, now))
    });
    let undo = move |()| {
        let body = Body::Note(NoteRequest {
            note: String::new(),
        });
        let before = incident.get_untracked();
        sender.send(&before, Action::Undo, body, move || {
            toasts.say("Undone. It waits for an owner as before.");
        });
    };
    let busy = sender.is_locked();
    view! {
        <div class="mon-undo">
            {move || {
                left.get().is_some().then(|| view! {
                    <span data-key="u">
                        <Button busy=busy on_click=undo>
                            {move || words(left.get().unwrap_or_default())}
                            <Kbd key="U"/>
                        </Button>
                    </span>
                    <span class="mon-meta">"as if it had not happened"</span>
                })
            }}
        </div>
        <Notice state=sender.state/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::held;
    use watchfloor_wire::lease::Undo;

    fn fresh() -> Incident {
        let mut it = held(1, "P1");
        if let Some(lease) = &mut it.lease {
            lease.undo = Some(Undo {
                until: lease.since.plus_ms(10_000),
                version: it.version,
                first_answer: true,
            });
        }
        it
    }

    #[test]
    fn the_seconds_count_down_to_one_and_then_there_are_none() {
        let since = 52_383_000;
        for (after_ms, left) in [
            (0, Some(10)),
            (1, Some(10)),
            (9_000, Some(1)),
            (9_999, Some(1)),
            (10_000, None),
        ] {
            let now = UnixMs(since + after_ms);
            assert_eq!(seconds_left(&fresh(), "priya", now), left, "{after_ms}");
        }
    }

    #[test]
    fn others_and_later_versions_have_nothing_to_undo() {
        let mut it = fresh();
        let now = UnixMs(52_383_000);
        assert_eq!(seconds_left(&it, "omar", now), None);
        it.version += 1;
        assert_eq!(seconds_left(&it, "priya", now), None);
    }
}
