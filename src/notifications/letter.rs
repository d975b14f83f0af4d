//! Notifications in a list; what was given up can be sent again.

use std::collections::BTreeMap;

use leptos::prelude::*;
use watchfloor_wire::notification::{Notification, NotificationState};

use super::pressing::{Pressing, What, outcome, press};
use super::refusal;
use crate::route::{Link, Route};
use crate::ui::{Button, Empty, date, second_of_day};

/// A list of notifications.
#[component]
pub(super) fn LetterList(
    #[prop(into)] letters: Signal<Vec<Notification>>,
    /// What people call the channels, by id.
    names: Memo<BTreeMap<String, String>>,
    look: Callback<()>,
    none: &'static str,
) -> impl IntoView {
    let letters = Memo::new(move |_| letters.get());
    view! {
        {move || letters.with(Vec::is_empty).then(|| view! { <Empty text=none/> })}
        <ul class="mon-letters">
            <For
                each=move || letters.get()
                key=|it| (it.id.clone(), it.state, it.attempts, it.settled_at)
                children=move |it| view! { <Letter letter=it names=names look=look/> }
            />
        </ul>
    }
}

#[component]
fn Letter(
    letter: Notification,
    names: Memo<BTreeMap<String, String>>,
    look: Callback<()>,
) -> impl IntoView {
    let is_dead = letter.state == NotificationState::Dead;
    let about = letter.incident.map(|id| {
        view! { <Link to=Route::Incident(id)>{id.to_string()}</Link>" " }
    });
    let again = is_dead.then(|| view! { <Again id=letter.id.clone() look=look/> });
    let at = letter.settled_at.unwrap_or(letter.at);
    let words = outcome(&letter);
    // A channel that is no longer configured is called by its id.
    let channel = names.with_untracked(|it| it.get(&letter.channel).cloned());
    let channel = channel.unwrap_or(letter.channel);
    let outcome_kind = match letter.state {
        NotificationState::Dead => "bad",
        NotificationState::Delivered => "ok",
        _ => "busy",
    };
    view! {
        <li class="mon-letter">
            <time title=date(at)>{second_of_day(at)}</time>
            <div>
                <p>{about}{letter.text}</p>
                <p class="mon-pressing" data-outcome=outcome_kind>
                    {format!("{channel}: {words}")}
                </p>
            </div>
            {again}
        </li>
    }
}

#[component]
fn Again(id: String, look: Callback<()>) -> impl IntoView {
    let pressing = RwSignal::new(Pressing::Idle);
    let refused = refusal();
    let send = move |()| press(What::Retry(id.clone()), pressing, look);
    view! {
        <div class="mon-letter-again">
            <Button
                busy=Signal::derive(move || pressing.with(Pressing::is_locked))
                disabled_reason=refused
                on_click=send
            >
                "Send again"
            </Button>
            <p class="mon-pressing" role="status" data-outcome=move || pressing.with(Pressing::slug)>
                {move || pressing.with(Pressing::words)}
            </p>
        </div>
    }
}
