//! What became of each of many incidents, and taking it back.

use leptos::prelude::*;
use watchfloor_wire::bulk::{BulkAnswer, BulkItem, BulkOutcome, BulkResult};
use watchfloor_wire::lease::UNDO_WITHIN_MS;
use watchfloor_wire::permits::Action;
use watchfloor_wire::time::{SECOND_MS, UnixMs};

use super::request::{BulkDraft, validate};
use crate::api;
use crate::clock::use_clock;
use crate::incidents::undo;
use crate::sending::{Notice, Sender};
use crate::ui::{Button, ButtonKind, Kbd};

/// What the last request came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Came {
    words: String,
    /// Those that were not done, with the reason.
    pub(super) left: Vec<BulkResult>,
    /// Those that were acknowledged, as they stand, and until when that can be undone.
    undo: Option<(Vec<BulkItem>, UnixMs)>,
}

/// What the answer says, in words and for what can be done about it.
pub(super) fn came(action: Action, answer: &BulkAnswer, now: UnixMs) -> Came {
    let done = match action {
        Action::Acknowledge => "acknowledged",
        Action::Undo => "undone",
        _ => "resolved",
    };
    let (finished, left): (Vec<_>, Vec<_>) = answer
        .items
        .iter()
        .cloned()
        .partition(|it| it.outcome == BulkOutcome::Done);
    let items: Vec<BulkItem> = finished
        .iter()
        .map(|it| BulkItem {
            id: it.id,
            version: it.version,
        })
        .collect();
    let can_undo = action == Action::Acknowledge && !items.is_empty();
    Came {
        words: answer.summary(done),
        left,
        undo: can_undo.then(|| (items, now.plus_ms(UNDO_WITHIN_MS))),
    }
}

/// What became of the last request, with its undo while the seconds last.
#[component]
pub(super) fn Outcome(outcome: RwSignal<Option<Came>>) -> impl IntoView {
    let clock = use_clock();
    let sender = Sender::new();
    let left = Memo::new(move |_| {
        let now = clock.now();
        let until = outcome.with(|it| it.as_ref()?.undo.as_ref().map(|(_, until)| *until))?;
        let left_ms = until.since_ms(now);
        (left_ms > 0).then_some((left_ms + SECOND_MS - 1) / SECOND_MS)
    });
    let take_back = move |()| {
        let items = outcome.with_untracked(|it| it.as_ref()?.undo.clone());
        let Some(Ok(request)) =
            items.map(|(items, _)| validate(Action::Undo, items, &BulkDraft::default()))
        else {
            return;
        };
        sender.send(
            async move |key: String| api::act_on_many(&request, &key).await,
            move |answer: BulkAnswer| {
                let it = came(Action::Undo, &answer, clock.now_untracked());
                let _ = outcome.try_set(Some(it));
            },
        );
    };
    let busy = sender.is_locked();
    let close = move |()| outcome.set(None);
    let rows = move || {
        outcome.with(|it| {
            let left = it.as_ref().map(|it| it.left.clone()).unwrap_or_default();
            left.into_iter()
                .map(|it| view! { <li>{format!("{}: {}", it.id, it.detail)}</li> })
                .collect_view()
        })
    };
    view! {
        <div role="status">
            {move || {
                let words = outcome.with(|it| it.as_ref().map(|it| it.words.clone()))?;
                Some(view! {
                    <div class="mon-notice mon-bulk-outcome" data-kind="done">
                        <p><b>{words}</b></p>
                        <ul>{rows}</ul>
                        {move || left.get().is_some().then(|| view! {
                            <span data-key="u">
                                <Button busy=busy on_click=take_back>
                                    {move || undo::words(left.get().unwrap_or_default())}
                                    <Kbd key="U"/>
                                </Button>
                            </span>
                        })}
                        <Button kind=ButtonKind::Quiet on_click=close>"Close"</Button>
                    </div>
                })
            }}
        </div>
        <Notice state=sender.state/>
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::IncidentId;

    use super::*;

    fn answer(outcomes: &[BulkOutcome]) -> BulkAnswer {
        let items = outcomes.iter().zip(0..).map(|(outcome, id)| BulkResult {
            id: IncidentId(id),
            outcome: *outcome,
            version: 7,
            detail: "Somebody was faster.".to_owned(),
        });
        BulkAnswer {
            items: items.collect(),
            seq: 1,
        }
    }

    #[test]
    fn only_what_was_acknowledged_can_be_undone_and_at_the_version_that_it_made() {
        let it = came(
            Action::Acknowledge,
            &answer(&[BulkOutcome::Done, BulkOutcome::AlreadyAcknowledged]),
            UnixMs(1_000),
        );
        assert_eq!(it.words, "1 acknowledged, 1 already had an owner.");
        let (undo, until) = it.undo.unwrap_or_default();
        assert_eq!((undo.len(), undo[0].version), (1, 7));
        assert_eq!(until, UnixMs(11_000));
        assert_eq!(it.left.len(), 1);
        let resolved = came(Action::Resolve, &answer(&[BulkOutcome::Done]), UnixMs(0));
        assert_eq!(resolved.undo, None);
    }
}
