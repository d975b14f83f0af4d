//! Making a silence: what, why, until when, and what that would mute.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::action::MAX_NOTE_CHARS;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::session::Role;
use watchfloor_wire::silence::request::SilenceAnswer;
use watchfloor_wire::silence::{Silence, SilenceKind};
use watchfloor_wire::time::UnixMs;

use super::cover::time;
use super::draft::{Draft, ends_at, validate};
use super::matchers::{MatcherRows, Rows};
use super::preview::{Preview, Previewed, previewed};
use super::weekly::{Weekly, WeeklyFields, own_zone};
use super::when::Lasts;
use crate::api;
use crate::clock::use_clock;
use crate::sending::{Notice, Problems, Sender};
use crate::session::use_session;
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Field, Moment, Segmented, use_toasts};

/// The parts of a [`Draft`] as signals.
#[derive(Clone, Copy)]
struct Fields {
    kind: RwSignal<SilenceKind>,
    rows: Rows,
    starts: RwSignal<String>,
    lasts: RwSignal<Lasts>,
    until: RwSignal<String>,
    comes_back: RwSignal<bool>,
    weekly: RwSignal<Weekly>,
    reason: RwSignal<String>,
    everything: RwSignal<bool>,
    /// Whether it was tried to send it: nobody is told of mistakes that they are still about to avoid.
    tried: RwSignal<bool>,
}

impl Fields {
    fn new(draft: Draft, now: UnixMs) -> Self {
        Self {
            kind: RwSignal::new(draft.kind),
            rows: Rows::new(draft.matchers),
            starts: RwSignal::new(draft.starts),
            lasts: RwSignal::new(draft.lasts),
            until: RwSignal::new(draft.until),
            comes_back: RwSignal::new(false),
            weekly: RwSignal::new(Weekly::new(own_zone(), now)),
            reason: RwSignal::new(draft.reason),
            everything: RwSignal::new(draft.everything),
            tried: RwSignal::new(false),
        }
    }

    fn draft(self) -> Draft {
        Draft {
            kind: self.kind.get(),
            matchers: self.rows.matchers(),
            starts: self.starts.get(),
            lasts: self.lasts.get(),
            until: self.until.get(),
            weekly: self.comes_back.get().then(|| self.weekly.get()),
            reason: self.reason.get(),
            everything: self.everything.get(),
        }
    }
}

impl Fields {
    fn is_series(self) -> bool {
        self.comes_back.get() && self.kind.get() == SilenceKind::Maintenance
    }
}

/// The form for a new silence. It owns its draft; what arrives meanwhile does not touch it.
#[component]
pub(super) fn SilenceForm(
    /// The incident that it begins with.
    about: Option<Incident>,
) -> impl IntoView {
    let clock = use_clock();
    let session = use_session();
    let role = move || session.get().map_or(Role::Viewer, |it| it.role);
    let fields = Fields::new(Draft::new(about.as_ref()), clock.now_untracked());
    let sender = Sender::new();
    let (stores, toasts) = (use_stores(), use_toasts());
    let problems = Problems::new(fields.tried, sender, move || {
        validate(&fields.draft(), role(), clock.now())
    });
    let (preview, retry) = previewed(Memo::new(move |_| fields.rows.matchers()));
    let send = move || {
        fields.tried.set(true);
        let now = clock.now_untracked();
        let Ok(request) = untrack(|| validate(&fields.draft(), role(), now)) else {
            return;
        };
        sender.send(
            async move |key: String| api::make_silence(&request, &key).await,
            move |answer: SilenceAnswer| {
                stores.silence_answer(&answer);
                toasts.say(made(&answer.silence, now));
                let _ = fields.tried.try_set(false);
                let _ = fields.reason.try_set(String::new());
            },
        );
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let series = Memo::new(move |_| fields.is_series());
    let locked = sender.is_locked();
    let blocked = Signal::derive(move || {
        let may = matches!(role(), Role::Operator | Role::Admin);
        (!may).then(|| "You can read this. Silencing needs the operator role.".to_owned())
    });
    view! {
        <form class="mon-form mon-silence-form" novalidate on:submit=submit>
            <div class="mon-silence-what">
                <KindField fields=fields/>
                <MatcherRows rows=fields.rows problem=Callback::new(move |field: String| problems.of(&field))/>
                <Everything fields=fields preview=preview problems=problems/>
            </div>
            <div class="mon-silence-when">
                <Repeats fields=fields/>
                {move || if series.get() {
                    let problem = Callback::new(move |field: String| problems.of(&field));
                    view! { <WeeklyFields weekly=fields.weekly problem=problem/> }.into_any()
                } else {
                    view! { <TimeFields fields=fields problems=problems/> }.into_any()
                }}
                <ReasonField fields=fields problems=problems locked=locked/>
                <Notice state=sender.state/>
                <div class="mon-buttons">
                    <Button kind=ButtonKind::Primary submit=true busy=locked disabled_reason=blocked>
                        {move || verb(fields.kind.get())}
                    </Button>
                </div>
                <p class="mon-hint">{move || blocked.get()}</p>
            </div>
            <Preview previewed=preview retry=retry/>
        </form>
    }
}

#[component]
fn KindField(fields: Fields) -> impl IntoView {
    let options = vec![
        (SilenceKind::Silence, "Silence".to_owned()),
        (SilenceKind::Maintenance, "Maintenance".to_owned()),
    ];
    let hint = move || match fields.kind.get() {
        SilenceKind::Maintenance => {
            "Nobody is told, and time that a check is not well counts as maintenance in its uptime."
        }
        SilenceKind::Silence => "Nobody is told. Statuses, alerts and incidents go on as before.",
    };
    view! {
        <div class="mon-field">
            <Segmented legend="Kind" options=options selected=fields.kind kind="choice"/>
            <p class="mon-hint">{hint}</p>
        </div>
    }
}

/// What the button does.
const fn verb(kind: SilenceKind) -> &'static str {
    match kind {
        SilenceKind::Maintenance => "Announce maintenance",
        SilenceKind::Silence => "Silence",
    }
}

/// What was made, in words.
fn made(it: &Silence, now: UnixMs) -> String {
    match it.recurrence {
        Some(_) => format!("{} next at {} UTC.", it.id, time(it.starts_at, now)),
        None => format!("{} until {} UTC.", it.id, time(it.expires_at, now)),
    }
}

/// Whether maintenance comes back.
#[component]
fn Repeats(fields: Fields) -> impl IntoView {
    let planned = Memo::new(move |_| fields.kind.get() == SilenceKind::Maintenance);
    let options = vec![(false, "Once".to_owned()), (true, "Every week".to_owned())];
    move || {
        let options = options.clone();
        planned.get().then(|| view! {
            <Segmented legend="How often" options=options selected=fields.comes_back kind="choice"/>
        })
    }
}

/// Asks whether everything is meant, when it would be.
#[component]
fn Everything(fields: Fields, preview: Previewed, problems: Problems) -> impl IntoView {
    let asked = Memo::new(move |_| {
        let seen = preview.with(|it| {
            let preview = it.value().and_then(Option::as_ref);
            preview.is_some_and(|it| it.everything)
        });
        seen || fields.rows.matchers().is_empty() || problems.of("everything").is_some()
    });
    move || {
        asked.get().then(|| view! {
            <div class="mon-field">
                <label class="mon-option">
                    <input
                        type="checkbox"
                        id="silence-everything"
                        aria-describedby="silence-everything-hint"
                        prop:checked=move || fields.everything.get()
                        on:change=move |event| fields.everything.set(event_target_checked(&event))
                    />
                    <span>"This mutes everything, and I mean that"</span>
                </label>
                <p class="mon-error" id="silence-everything-hint">{move || problems.of("everything")}</p>
            </div>
        })
    }
}

#[component]
fn TimeFields(fields: Fields, problems: Problems) -> impl IntoView {
    let clock = use_clock();
    let wrong = problems.signal("expires_at");
    let end = Memo::new(move |_| {
        let now = clock.now();
        ends_at(&fields.draft(), now).map_or_else(
            |_| String::new(),
            |at| format!("Ends {} UTC by itself.", time(at, now)),
        )
    });
    let by_time = Memo::new(move |_| fields.lasts.get() == Lasts::Until);
    let planned = Memo::new(move |_| fields.kind.get() == SilenceKind::Maintenance);
    view! {
        {move || planned.get().then(|| view! {
            <Moment
                control="silence-starts"
                label="Begins"
                aside="UTC; empty for now"
                value=fields.starts
                error=problems.signal("starts_at")
            />
        })}
        <div class="mon-field" data-invalid=move || wrong.get().map(|_| "")>
            <span class="mon-label" aria-hidden="true">"Lasts"</span>
            <Segmented legend="Lasts" options=Lasts::options() selected=fields.lasts kind="choice"/>
            <p class=move || if wrong.get().is_some() { "mon-error" } else { "mon-hint" }>
                {move || wrong.get().unwrap_or_else(|| end.get())}
            </p>
        </div>
        {move || by_time.get().then(|| view! {
            <Moment control="silence-until" label="Until" aside="UTC" value=fields.until error=wrong/>
        })}
    }
}

#[component]
fn ReasonField(fields: Fields, problems: Problems, locked: Signal<bool>) -> impl IntoView {
    let error = problems.signal("reason");
    let hint = Signal::derive(move || {
        let count = fields.reason.with(|it| it.trim().chars().count());
        format!("Shown to everybody who asks why it is quiet. {count} of {MAX_NOTE_CHARS}.")
    });
    view! {
        <Field control="silence-reason" label="Reason" aside="required" hint=hint error=error>
            <textarea
                class="mon-textarea"
                id="silence-reason"
                rows="2"
                aria-describedby="silence-reason-note"
                aria-required="true"
                aria-invalid=move || error.get().map(|_| "true")
                prop:value=move || fields.reason.get()
                prop:readOnly=move || locked.get()
                on:input=move |event| fields.reason.set(event_target_value(&event))
            ></textarea>
        </Field>
    }
}
