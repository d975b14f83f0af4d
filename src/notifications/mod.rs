//! Who is told outside the console: the channels, what was given up, and what was told last.

mod channel;
mod letter;
mod pressing;

use std::collections::BTreeMap;

use leptos::prelude::*;
use watchfloor_wire::notification::{Notification, NotificationPage};
use watchfloor_wire::permits::Action;

use self::channel::ChannelList;
use self::letter::LetterList;
use crate::api;
use crate::clock::use_clock;
use crate::remote::{Remote, fetched};
use crate::session;
use crate::ui::{Region, format};

/// How often the page looks again by itself, in milliseconds.
const LOOK_EVERY_MS: i64 = 10_000;

/// The page of channels and notifications.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let clock = use_clock();
    let moment = move || clock.now().0.div_euclid(LOOK_EVERY_MS);
    let (page, look) = fetched(moment, |_| api::notifications());
    let state = Signal::derive(move || page.with(Remote::region));
    let dead = Signal::derive(move || letters(&page.get(), |it| it.dead.clone()));
    let recent = Signal::derive(move || letters(&page.get(), |it| it.recent.clone()));
    // How many there are is said once it is known.
    let aside = Signal::derive(move || {
        let is_known = page.with(|it| it.value().is_some());
        let count = || format::count_of(dead.with(Vec::len), "notification", "notifications");
        is_known.then(count).unwrap_or_default()
    });
    let refused = refusal();
    let testing = Signal::derive(move || {
        let why = refused.get();
        why.unwrap_or_else(|| "a test is sent for real".to_owned())
    });
    let names = Memo::new(move |_| page.with(|it| it.value().map(names).unwrap_or_default()));
    view! {
        <div class="mon-page">
            <h1 class="mon-title">"Notifications"</h1>
            <Region title="Channels" aside=testing state=state on_retry=look>
                <ChannelList page=page look=look/>
            </Region>
            <Region title="Given up" aside=aside state=state on_retry=look>
                <LetterList letters=dead names=names look=look none="Nothing was given up."/>
            </Region>
            <Region title="Recent" aside="newest first, times in UTC" state=state on_retry=look>
                <LetterList letters=recent names=names look=look none="Nobody was told anything yet."/>
            </Region>
        </div>
    }
}

/// Why who is signed in may not send anything; `None` when they may.
fn refusal() -> Signal<Option<String>> {
    let may = session::may(Action::Acknowledge);
    Signal::derive(move || may.get().err().map(|it| it.text().to_owned()))
}

/// What people call the channels, by id.
fn names(page: &NotificationPage) -> BTreeMap<String, String> {
    let channels = page.channels.iter();
    channels
        .map(|it| (it.id.clone(), it.name.clone()))
        .collect()
}

fn letters(
    page: &Remote<NotificationPage>,
    part: impl Fn(&NotificationPage) -> Vec<Notification>,
) -> Vec<Notification> {
    page.value().map(part).unwrap_or_default()
}
