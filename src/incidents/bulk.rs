//! One action for many incidents: choosing them, one note, and what became of each.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::bulk::{
    BulkAction, BulkAnswer, BulkItem, BulkOutcome, BulkRequest, BulkResult, MAX_BULK,
};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, LeaseScope};
use watchfloor_wire::lease::UNDO_WITHIN_MS;
use watchfloor_wire::permits::Action;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

use super::actions::sends;
use super::sending::Sender;
use super::undo;
use crate::api;
use crate::clock::use_clock;
use crate::sending::Notice;
use crate::session::may;
use crate::store::{Stores, use_stores};
use crate::ui::{Button, ButtonKind, Dialog, Field, Kbd, Segmented, format};

/// The spans on offer for many at once, in milliseconds.
const SPANS_MS: [i64; 4] = [30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS];

/// The incidents that are chosen, by number.
#[derive(Clone, Copy)]
pub struct Selection(RwSignal<Vec<u64>>);

impl Selection {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Whether it is chosen; tracked.
    pub(super) fn has(self, id: IncidentId) -> bool {
        self.0.with(|all| all.contains(&id.0))
    }

    pub(super) fn toggle(self, id: IncidentId) {
        self.0
            .update(|all| match all.iter().position(|it| *it == id.0) {
                Some(at) => drop(all.remove(at)),
                None => all.push(id.0),
            });
    }

    /// Chooses these, as many as one request takes; without any, those that are chosen go.
    pub(super) fn set(self, mut ids: Vec<u64>) {
        ids.truncate(MAX_BULK);
        self.0.set(ids);
    }

    /// How many are chosen; tracked.
    pub(super) fn len(self) -> usize {
        self.0.with(Vec::len)
    }

    /// What is chosen, as it stands; what has left the board is left out.
    fn items(self, stores: Stores) -> Vec<BulkItem> {
        let version = |id: &u64| {
            let found = stores
                .incidents
                .with_untracked(&id.to_string(), |it: &Incident| it.version);
            found.map(|version| BulkItem {
                id: IncidentId(*id),
                version,
            })
        };
        self.0
            .with_untracked(|all| all.iter().filter_map(version).collect())
    }
}

/// The request that the form stands for.
///
/// # Errors
/// Everything that is wrong with it.
fn validate(
    action: Action,
    items: Vec<BulkItem>,
    note: &str,
    lease_ms: i64,
) -> Result<BulkRequest, Vec<FieldProblem>> {
    let note = note.trim().to_owned();
    let action = match action {
        Action::Acknowledge => BulkAction::Acknowledge(AcknowledgeRequest {
            note,
            lease_ms,
            scope: LeaseScope::Severity,
            offer_to: None,
        }),
        Action::Undo => BulkAction::Undo(NoteRequest { note }),
        _ => BulkAction::Resolve(NoteRequest { note }),
    };
    let request = BulkRequest { items, action };
    let mut problems = request.problems();
    // Among many there is always one whose product asks for a note.
    if let BulkAction::Acknowledge(body) = &request.action {
        problems = body.problems_for(true);
    }
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

/// What the last request came to.
#[derive(Clone, Debug, PartialEq)]
struct Came {
    words: String,
    /// Those that were not done, with the reason.
    left: Vec<BulkResult>,
    /// Those that were acknowledged, as they stand, and until when that can be undone.
    undo: Option<(Vec<BulkItem>, UnixMs)>,
}

fn came(action: Action, answer: &BulkAnswer, now: UnixMs) -> Came {
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

/// What stands at the foot of the list while something is chosen, or was just done.
#[component]
pub(super) fn BulkBar(selection: Selection, shown: Memo<Vec<u64>>) -> impl IntoView {
    let stores = use_stores();
    let open = RwSignal::new(false);
    let action = RwSignal::new(Action::Acknowledge);
    // The versions are those that were on the screen when the form was opened.
    let items = RwSignal::new(Vec::<BulkItem>::new());
    let outcome = RwSignal::new(None::<Came>);
    let may = may(Action::Acknowledge);
    let refused = Signal::derive(move || may.get().err().map(|it| it.text().to_owned()));
    let begin = Callback::new(move |wanted: Action| {
        if may.get_untracked().is_ok() && selection.0.with_untracked(|all| !all.is_empty()) {
            action.set(wanted);
            items.set(selection.items(stores));
            open.set(true);
        }
    });
    let all = move |()| selection.set(shown.get_untracked());
    view! {
        <div class="mon-bulk" data-shown=move || (selection.len() > 0).then_some("")>
            <b>{move || format!("{} selected", selection.len())}</b>
            <span data-key="A" on:click=move |_| begin.run(Action::Acknowledge)>
                <Button kind=ButtonKind::Primary disabled_reason=refused>
                    "Acknowledge"
                    <Kbd key="⇧ A"/>
                </Button>
            </span>
            <Button disabled_reason=refused on_click=move |()| begin.run(Action::Resolve)>"Resolve"</Button>
            <Button on_click=all>{move || all_words(shown.with(Vec::len))}</Button>
            <Button on_click=move |()| selection.set(Vec::new())>"Clear"</Button>
        </div>
        <Outcome outcome=outcome/>
        {move || {
            let title = match action.get() {
                Action::Acknowledge => "Acknowledge the selected incidents",
                _ => "Resolve the selected incidents",
            };
            view! {
                <Dialog open=open title=title>
                    <BulkForm action=action.get_untracked() items=items selection=selection outcome=outcome open=open/>
                </Dialog>
            }
        }}
    }
}

fn all_words(count: usize) -> String {
    if count > MAX_BULK {
        return format!("Select the first {MAX_BULK} of {count}");
    }
    format!("Select all {count}")
}

/// One note for all of them.
#[component]
fn BulkForm(
    action: Action,
    items: RwSignal<Vec<BulkItem>>,
    selection: Selection,
    outcome: RwSignal<Option<Came>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let clock = use_clock();
    let sender = Sender::new();
    let note = RwSignal::new(String::new());
    let span_ms = RwSignal::new(HOUR_MS);
    let tried = RwSignal::new(false);
    let request = move || {
        items.with(|it| note.with(|note| validate(action, it.clone(), note, span_ms.get())))
    };
    let error = Signal::derive(move || {
        let problems = request().err().filter(|_| tried.get())?;
        problems.into_iter().next().map(|it| it.text)
    });
    let send = move || {
        tried.set(true);
        let Ok(request) = untrack(request) else {
            return;
        };
        sender.deliver(
            async move |key: String| api::act_on_many(&request, &key).await,
            move |answer: BulkAnswer| {
                let it = came(action, &answer, clock.now_untracked());
                selection.set(it.left.iter().map(|it| it.id.0).collect());
                let _ = outcome.try_set(Some(it));
                let _ = open.try_set(false);
            },
            crate::api::ApiError::words,
        );
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if sends(&event) {
            event.prevent_default();
            send();
        }
    };
    let locked = sender.is_locked();
    let options = SPANS_MS.map(|it| (it, format::span(it))).to_vec();
    let hold = (action == Action::Acknowledge).then(|| {
        view! {
            <div class="mon-field">
                <span class="mon-label" aria-hidden="true">"Hold for"</span>
                <Segmented legend="Hold for" options=options selected=span_ms kind="choice"/>
                <p class="mon-hint">"A rise of the severity ends it earlier."</p>
            </div>
        }
    });
    let words = move || {
        let count = items.with(Vec::len);
        let what = format::count_of(count, "incident", "incidents");
        let verb = if action == Action::Acknowledge {
            "Acknowledge"
        } else {
            "Resolve"
        };
        format!("{verb} {what}")
    };
    view! {
        <form class="mon-form" novalidate on:submit=submit on:keydown=on_key>
            <Field control="bulk-note" label="Note" aside="required" hint="The same for all of them." error=error>
                <textarea
                    class="mon-textarea"
                    id="bulk-note"
                    rows="3"
                    aria-describedby="bulk-note-note"
                    aria-invalid=move || error.get().map(|_| "true")
                    prop:value=move || note.get()
                    prop:readOnly=move || locked.get()
                    on:input=move |event| note.set(event_target_value(&event))
                ></textarea>
            </Field>
            {hold}
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=ButtonKind::Primary submit=true busy=locked>
                    {words}
                    <Kbd key="Ctrl ↵"/>
                </Button>
            </div>
        </form>
    }
}

/// What became of the last request, with its undo while the seconds last.
#[component]
fn Outcome(outcome: RwSignal<Option<Came>>) -> impl IntoView {
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
        let Some(Ok(request)) = items.map(|(items, _)| validate(Action::Undo, items, "", HOUR_MS))
        else {
            return;
        };
        sender.deliver(
            async move |key: String| api::act_on_many(&request, &key).await,
            move |answer: BulkAnswer| {
                let it = came(Action::Undo, &answer, clock.now_untracked());
                let _ = outcome.try_set(Some(it));
            },
            crate::api::ApiError::words,
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
    use super::*;

    fn items(count: u64) -> Vec<BulkItem> {
        (0..count)
            .map(|id| BulkItem {
                id: IncidentId(id),
                version: id + 1,
            })
            .collect()
    }

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
    fn many_need_one_note_and_undo_needs_none() {
        let none = validate(Action::Acknowledge, items(2), " ", HOUR_MS);
        assert_eq!(
            none.map_err(|it| it[0].field.clone()),
            Err("note".to_owned())
        );
        assert!(validate(Action::Acknowledge, items(2), "looking", HOUR_MS).is_ok());
        assert!(validate(Action::Resolve, items(2), "", HOUR_MS).is_err());
        assert!(validate(Action::Undo, items(2), "", HOUR_MS).is_ok());
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

    #[test]
    fn what_one_request_takes_is_said_before_it_is_sent() {
        assert_eq!(all_words(12), "Select all 12");
        assert_eq!(all_words(512), "Select the first 200 of 512");
    }
}
