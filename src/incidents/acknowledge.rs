//! Taking an incident: a note, for how long, and what ends it early.

use leptos::prelude::*;
use watchfloor_wire::action::MAX_NOTE_CHARS;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, LeaseScope};
use watchfloor_wire::permits::Action;

use super::actions::{on_submit, refusal};
use super::assignee::Assignee;
use super::changed;
use super::draft::{Draft, Drafts, Hold, ends_at, validate};
use super::policy_of;
use super::sending::{Body, Sender};
use crate::clock::use_clock;
use crate::feed::{FeedState, use_feed};
use crate::sending::{Notice, Problems};
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Field, Kbd, Segmented, format, minute_of_day, use_toasts};

/// Why the button waits after the incident changed.
const LOOK_FIRST: &str = "It changed since you opened it. Look, then confirm.";

/// The parts of a [`Draft`] as signals.
#[derive(Clone, Copy)]
struct Fields {
    note: RwSignal<String>,
    hold: RwSignal<Hold>,
    until: RwSignal<String>,
    scope: RwSignal<LeaseScope>,
    offer_to: RwSignal<String>,
    notify: RwSignal<Option<bool>>,
    /// Whether it was tried to send it: nobody is told of mistakes that they are still about to avoid.
    tried: RwSignal<bool>,
}

impl Fields {
    fn new(draft: Draft) -> Self {
        Self {
            note: RwSignal::new(draft.note),
            hold: RwSignal::new(draft.hold),
            until: RwSignal::new(draft.until),
            scope: RwSignal::new(draft.scope),
            offer_to: RwSignal::new(draft.offer_to),
            notify: RwSignal::new(draft.notify),
            tried: RwSignal::new(false),
        }
    }

    fn draft(self) -> Draft {
        Draft {
            note: self.note.get(),
            hold: self.hold.get(),
            until: self.until.get(),
            scope: self.scope.get(),
            offer_to: self.offer_to.get(),
            notify: self.notify.get(),
        }
    }
}

impl Fields {
    fn last(self) -> Option<Draft> {
        Some(Draft {
            note: self.note.try_get_untracked()?,
            hold: self.hold.try_get_untracked()?,
            until: self.until.try_get_untracked()?,
            scope: self.scope.try_get_untracked()?,
            offer_to: self.offer_to.try_get_untracked()?,
            notify: self.notify.try_get_untracked()?,
        })
    }
}

/// The acknowledge form.
#[component]
pub(super) fn AcknowledgeForm(incident: Signal<Incident>) -> impl IntoView {
    let clock = use_clock();
    let drafts = expect_context::<Drafts>();
    let id = incident.with_untracked(|it| it.id);
    let policy = incident.with_untracked(|it| policy_of(use_stores(), it));
    let priority = incident.with_untracked(|it| it.priority);
    let (spans, notify) = (policy.spans(priority), policy.tells(priority));
    let note_required = policy.note_required;
    let fields = Fields::new(drafts.take(id, || Draft::new(&spans, notify)));
    let sender = Sender::new();
    let sent = StoredValue::new(false);
    keep_draft(drafts, id, fields, sent);
    let problems = sender.problems(fields.tried, move || {
        validate(&fields.draft(), note_required, clock.now())
    });
    let toasts = use_toasts();
    // What the person looked at; it follows only when they say that they have looked again.
    let seen = RwSignal::new(incident.get_untracked());
    let news = Memo::new(move |_| incident.with(|now| seen.with(|seen| changed::since(seen, now))));
    let refused = refusal(incident, Action::Acknowledge);
    let blocked = Signal::derive(move || {
        let look = news.with(Option::is_some).then(|| LOOK_FIRST.to_owned());
        refused.get().or(look)
    });
    let send = move || {
        fields.tried.set(true);
        let now = clock.now_untracked();
        let draft = untrack(|| fields.draft());
        let (Ok(request), None) = (
            validate(&draft, note_required, now),
            blocked.get_untracked(),
        ) else {
            return;
        };
        let until = minute_of_day(now.plus_ms(request.lease_ms));
        sender.send(
            &incident.get_untracked(),
            Action::Acknowledge,
            Body::Acknowledge(request),
            move || {
                let _ = sent.try_set_value(true);
                drafts.forget(id);
                toasts.say(format!("Acknowledged until {until}."));
            },
        );
    };
    let (submit, on_key) = on_submit(send);
    let locked = sender.is_locked();
    view! {
        <form class="mon-form mon-acknowledge" novalidate on:submit=submit on:keydown=on_key>
            <NoteField fields=fields problems=problems locked=locked required=note_required/>
            <HoldField choices_ms=spans.choices_ms fields=fields problems=problems/>
            <ScopeField fields=fields/>
            <AssigneeField fields=fields problems=problems locked=locked/>
            <NotifyField fields=fields/>
            <Changed news=news on_look=move |()| seen.set(incident.get_untracked())/>
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=ButtonKind::Primary submit=true busy=locked disabled_reason=blocked>
                    {move || format!("Acknowledge {}", incident.with(|it| it.priority))}
                    <Kbd key="Ctrl ↵"/>
                </Button>
            </div>
            <Basis blocked=blocked/>
        </form>
    }
}

/// Says what changed while the form was open, and takes the word that it was looked at.
#[component]
fn Changed(news: Memo<Option<String>>, #[prop(into)] on_look: Callback<()>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                news.get().map(|words| view! {
                    <p class="mon-notice" data-kind="conflict">
                        {words}
                        <Button on_click=on_look>"I have looked"</Button>
                    </p>
                })
            }}
        </div>
    }
}

/// Keeps what was written when the form goes away unsent.
fn keep_draft(drafts: Drafts, id: IncidentId, fields: Fields, sent: StoredValue<bool>) {
    on_cleanup(move || {
        if sent.try_get_value() == Some(true) {
            drafts.forget(id);
        } else {
            // The fields belong to the form, and may go before this is run.
            if let Some(draft) = fields.last() {
                drafts.keep(id, draft);
            }
        }
    });
}

#[component]
fn NoteField(
    fields: Fields,
    problems: Problems,
    locked: Signal<bool>,
    required: bool,
) -> impl IntoView {
    let error = problems.signal("note");
    let aside = if required { "required" } else { "optional" };
    let hint = Signal::derive(move || {
        let count = fields.note.with(|it| it.trim().chars().count());
        format!("Shown on the wall and in the timeline. {count} of {MAX_NOTE_CHARS}.")
    });
    view! {
        <Field control="acknowledge-note" label="Note" aside=aside hint=hint error=error>
            <textarea
                class="mon-textarea"
                id="acknowledge-note"
                rows="3"
                data-key="a"
                aria-describedby="acknowledge-note-note"
                aria-required=required.then_some("true")
                aria-invalid=move || error.get().map(|_| "true")
                prop:value=move || fields.note.get()
                prop:readOnly=move || locked.get()
                on:input=move |event| fields.note.set(event_target_value(&event))
            ></textarea>
        </Field>
    }
}

#[component]
fn HoldField(choices_ms: Vec<i64>, fields: Fields, problems: Problems) -> impl IntoView {
    let clock = use_clock();
    let options = choices_ms
        .into_iter()
        .map(|span_ms| (Hold::For(span_ms), span_words(span_ms)))
        .chain([(Hold::Until, "Until…".to_owned())])
        .collect::<Vec<_>>();
    let error = problems.signal("until");
    let lease_error = problems.signal("lease_ms");
    let end = move || {
        let draft = fields.draft();
        ends_at(&draft, clock.now()).map_or_else(
            |_| String::new(),
            |end| {
                format!(
                    "Ends {} UTC. Then it asks for an answer again.",
                    minute_of_day(end)
                )
            },
        )
    };
    let by_time = Memo::new(move |_| fields.hold.get() == Hold::Until);
    view! {
        <div class="mon-field">
            <span class="mon-label" aria-hidden="true">"Hold for"</span>
            <Segmented legend="Hold for" options=options selected=fields.hold kind="choice"/>
            <p class="mon-hint">{move || lease_error.get().unwrap_or_else(end)}</p>
        </div>
        {move || {
            by_time.get().then(|| view! {
                <Field control="acknowledge-until" label="Until" aside="UTC" error=error>
                    <input
                        class="mon-input"
                        id="acknowledge-until"
                        type="time"
                        aria-describedby="acknowledge-until-note"
                        aria-invalid=move || error.get().map(|_| "true")
                        prop:value=move || fields.until.get()
                        on:input=move |event| fields.until.set(event_target_value(&event))
                    />
                </Field>
            })
        }}
    }
}

/// `30 min`, `1 h`, `24 h`: what people choose between is named in its usual unit.
fn span_words(span_ms: i64) -> String {
    format::span(span_ms)
}

#[component]
fn ScopeField(fields: Fields) -> impl IntoView {
    let option = move |scope: LeaseScope, words: &'static str, note: &'static str| {
        view! {
            <label class="mon-option">
                <input
                    type="radio"
                    name="acknowledge-scope"
                    prop:checked=move || fields.scope.get() == scope
                    on:change=move |_| fields.scope.set(scope)
                />
                <span>{words} " " <span class="mon-option-note">{note}</span></span>
            </label>
        }
    };
    view! {
        <fieldset class="mon-options">
            <legend class="mon-label">"Stays acknowledged"</legend>
            {option(LeaseScope::Severity, "Until severity changes", "a rise ends it")}
            {option(LeaseScope::UntilResolved, "Until resolved", "")}
        </fieldset>
    }
}

/// To whom it is offered at once.
#[component]
fn AssigneeField(fields: Fields, problems: Problems, locked: Signal<bool>) -> impl IntoView {
    view! {
        <Field
            control="acknowledge-for"
            label="Assignee"
            hint="Somebody else has it once they accept."
            error=problems.signal("offer_to")
        >
            <Assignee control="acknowledge-for" chosen=fields.offer_to nobody="You" locked=locked/>
        </Field>
    }
}

/// Whether the channels are told. What waits to ask for an answer is withdrawn either way.
#[component]
fn NotifyField(fields: Fields) -> impl IntoView {
    let can = Memo::new(move |_| fields.notify.with(Option::is_some));
    let is_chosen = move || fields.notify.get() == Some(true);
    view! {
        {move || can.get().then(|| view! {
            <label class="mon-option">
                <input
                    type="checkbox"
                    id="acknowledge-notify"
                    prop:checked=is_chosen
                    on:change=move |event| fields.notify.set(Some(event_target_checked(&event)))
                />
                <span>"Tell the channels that you have it"</span>
            </label>
        })}
    }
}

/// Why the button is disabled, or how old what it is based on is.
#[component]
fn Basis(blocked: Signal<Option<String>>) -> impl IntoView {
    let feed = use_feed();
    let clock = use_clock();
    let words = Memo::new(move |_| {
        if let Some(reason) = blocked.get() {
            return reason;
        }
        let now = clock.now();
        let seen_at = feed.with(|it| match it {
            FeedState::Live { last_frame_at, .. } | FeedState::Late { last_frame_at } => {
                Some(*last_frame_at)
            }
            FeedState::NotLive { since, .. } => Some(*since),
            FeedState::Reconnecting { last_frame_at, .. } => *last_frame_at,
            FeedState::Connecting | FeedState::Ended { .. } => None,
        });
        seen_at.map_or_else(String::new, |at| {
            let age = format::span(now.since_ms(at).max(0));
            format!("Can be undone for 10 s. Based on data {age} old.")
        })
    });
    view! { <p class="mon-acknowledge-foot">{move || words.get()}</p> }
}
