//! Who is on call: in the bar, with who is next, and overrides in a panel below it.

mod draft;
mod form;
mod now;
mod panel;
mod sender;

use leptos::prelude::*;
use watchfloor_wire::time::MINUTE_MS;

use self::now::{Summary, settled, summary};
use self::panel::Panel;
use crate::api;
use crate::clock::use_clock;
use crate::remote::fetched;
use crate::ui::fold;

/// How often the gateway is asked again, because of overrides, in milliseconds. Hand-overs are known before.
const ASK_EVERY_MS: i64 = MINUTE_MS;

/// Who is on call, in the bar; opens the panel with everybody else. Nothing where no rotation is configured.
#[component]
pub fn OnCallNow() -> impl IntoView {
    let clock = use_clock();
    let minute = move || clock.now().0.div_euclid(ASK_EVERY_MS);
    let (board, look) = fetched(minute, |_| api::on_call());
    let board = Memo::new(move |_| board.with(|it| it.clone().map(settled)));
    let summary = Memo::new(move |_| board.with(|it| summary(it, clock.now())));
    let node = NodeRef::<leptos::html::Details>::new();
    let open = RwSignal::new(false);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            fold(node);
        }
    };
    let toggled = move |_| open.set(node.get_untracked().is_some_and(|it| it.open()));
    let is_shown = Memo::new(move |_| summary.with(|it| *it != Summary::NoRotation));
    let title = Memo::new(move |_| summary.with(Summary::title));
    view! {
        {move || is_shown.get().then(|| view! {
            <details class="mon-account" node_ref=node on:keydown=on_key on:toggle=toggled>
                <summary class="mon-on-call" data-gap=move || summary.with(Summary::has_gap).then_some("") title=move || title.get()>
                    <span class="mon-on-call-label">"On call now: "</span>
                    <b>{move || summary.with(Summary::words)}</b>
                </summary>
                {move || open.get().then(|| view! { <Panel board=board look=look/> })}
            </details>
        })}
    }
}
