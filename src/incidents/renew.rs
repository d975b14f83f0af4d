//! Holding an incident for longer.

use leptos::prelude::*;
use watchfloor_wire::action::RenewRequest;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Action;

use super::actions::refusal;
use super::policy_of;
use super::sending::{Body, Sender};
use crate::clock::use_clock;
use crate::sending::Notice;
use crate::store::use_stores;
use crate::ui::{Button, Segmented, format, minute_of_day, use_toasts};

/// A span and a button.
#[component]
pub(super) fn Renew(incident: Signal<Incident>) -> impl IntoView {
    let clock = use_clock();
    let sender = Sender::new();
    let toasts = use_toasts();
    let spans = incident.with_untracked(|it| policy_of(use_stores(), it).spans(it.priority));
    let options: Vec<(i64, String)> = spans
        .choices_ms
        .iter()
        .map(|span_ms| (*span_ms, format::span(*span_ms)))
        .collect();
    let span_ms = RwSignal::new(spans.default_ms);
    let renew = move |()| {
        let lease_ms = span_ms.get_untracked();
        let until = minute_of_day(clock.now_untracked().plus_ms(lease_ms));
        let body = Body::Renew(RenewRequest {
            lease_ms,
            note: String::new(),
        });
        let before = incident.get_untracked();
        sender.send(&before, Action::Renew, body, move || {
            toasts.say(format!("Held until {until}."));
        });
    };
    let end = move || {
        let end = clock.now().plus_ms(span_ms.get());
        format!("Ends {} UTC.", minute_of_day(end))
    };
    let busy = sender.is_locked();
    view! {
        <div class="mon-form mon-field">
            <span class="mon-label" aria-hidden="true">"Hold for longer, from now"</span>
            <Segmented legend="Hold for longer, from now" options=options selected=span_ms kind="choice"/>
            <p class="mon-hint">{end}</p>
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button busy=busy disabled_reason=refusal(incident, Action::Renew) on_click=renew>
                    "Renew"
                </Button>
            </div>
        </div>
    }
}
