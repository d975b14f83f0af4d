//! Everybody who is on call, rotation by rotation, and the overrides.

use leptos::prelude::*;
use watchfloor_wire::on_call::{OnCallBoard, Override, OverrideId, Rotation};
use watchfloor_wire::permits::Action;

use super::form::OverrideForm;
use super::now::{is_unread, until, when};
use super::sender::{Order, Sender};
use crate::clock::use_clock;
use crate::remote::Remote;
use crate::sending::Notice;
use crate::session;
use crate::ui::{Age, Button, ButtonKind};

/// The panel below the bar.
#[component]
pub(super) fn Panel(
    #[prop(into)] board: Signal<Remote<OnCallBoard>>,
    /// Asks the gateway again.
    look: Callback<()>,
) -> impl IntoView {
    let known = Memo::new(move |_| board.with(|it| it.value().cloned()));
    let failure = Memo::new(move |_| board.with(|it| it.error().map(|it| it.words())));
    let writing = RwSignal::new(false);
    let refused = session::may(Action::Acknowledge);
    let refused = Signal::derive(move || refused.get().err().map(|it| it.text().to_owned()));
    view! {
        <div class="mon-menu mon-on-call-panel">
            <p class="mon-menu-head">"On call, times in UTC"</p>
            {move || failure.get().map(|words| view! { <p class="mon-error" role="status">{words}</p> })}
            {move || known.get().map(|board| {
                let people = board.people.clone();
                board.rotations.into_iter().map(|it| row(it, &people, look)).collect_view()
            })}
            {move || if writing.get() {
                let done = move || { writing.set(false); again(look); };
                known.get_untracked().map(|board| view! { <OverrideForm board=board done=done/> }).into_any()
            } else {
                view! {
                    <Button kind=ButtonKind::Secondary disabled_reason=refused on_click=move |()| writing.set(true)>
                        "Take somebody's place…"
                    </Button>
                    <p class="mon-meta">{move || refused.get()}</p>
                }.into_any()
            }}
        </div>
    }
}

/// Asks again, unless the page was left before the answer came.
fn again(look: Callback<()>) {
    let _ = look.try_run(());
}

fn row(
    rotation: Rotation,
    people: &[watchfloor_wire::on_call::Person],
    look: Callback<()>,
) -> AnyView {
    let clock = use_clock();
    let contact = |id: &str| {
        let person = people.iter().find(|it| it.id == id);
        person.map(|it| it.contact.clone()).unwrap_or_default()
    };
    let contacts: Vec<String> = rotation
        .shifts
        .iter()
        .map(|it| contact(&it.person))
        .collect();
    let (shifts, overrides) = (rotation.shifts.clone(), rotation.overrides.clone());
    let now_line = {
        let rotation = rotation.clone();
        move || {
            let now = clock.now();
            let place = shifts.iter().position(|it| it.covers(now));
            match place {
                Some(place) => {
                    let instead = shifts[place].by_override.map(|id| format!(", by {id}"));
                    let contact = contacts[place].clone();
                    view! {
                        <b>{shifts[place].name.clone()}</b>
                        {format!(" {}{} ", until(&shifts[place], now), instead.unwrap_or_default())}
                        <span class="mon-meta">{contact}</span>
                    }
                    .into_any()
                }
                None if is_unread(&rotation) => view! { <b>"Not known"</b> }.into_any(),
                None => {
                    let next = rotation.next_after(now);
                    let until = next.map(|it| format!(" until {}", when(it.starts_at, now)));
                    view! {
                        <b class="mon-error">"Nobody"</b>
                        {until}
                    }
                    .into_any()
                }
            }
        }
    };
    let next_line = {
        let rotation = rotation.clone();
        move || {
            let now = clock.now();
            let next = rotation.next_after(now);
            next.map(|it| format!("Next: {} from {}", it.name, when(it.starts_at, now)))
        }
    };
    view! {
        <section class="mon-on-call-row">
            <h3>{rotation.name.clone()}</h3>
            <p>{now_line}</p>
            <p class="mon-meta">{next_line}</p>
            {calendar(&rotation)}
            {overrides.into_iter().map(|it| {
                let person = people.iter().find(|person| person.id == it.person);
                let name = person.map_or_else(|| it.person.clone(), |person| person.name.clone());
                view! { <OverrideLine it=it name=name look=look/> }
            }).collect_view()}
        </section>
    }
    .into_any()
}

/// Says when a calendar could not be read, and since when what is shown is from before.
fn calendar(rotation: &Rotation) -> Option<AnyView> {
    let state = rotation.calendar.clone()?;
    if state.problem.is_empty() {
        let read = state
            .read_at
            .map(|at| view! { "Calendar read "<Age at=at/> });
        return Some(view! { <p class="mon-meta">{read}</p> }.into_any());
    }
    let since = state
        .read_at
        .map(|at| view! { "; shown as it was read "<Age at=at/> });
    Some(
        view! {
            <p class="mon-error">{format!("The calendar cannot be read: {}", state.problem)}{since}</p>
        }
        .into_any(),
    )
}

/// An override that goes on or will, with the button that ends it.
#[component]
fn OverrideLine(it: Override, name: String, look: Callback<()>) -> impl IntoView {
    let clock = use_clock();
    let sender = Sender::new();
    let id: OverrideId = it.id;
    let words = {
        let it = it.clone();
        move || {
            let now = clock.now();
            let (from, until) = (when(it.starts_at, now), when(it.ends_at, now));
            let why = match it.reason.as_str() {
                "" => String::new(),
                reason => format!(": {reason}"),
            };
            format!(
                "{id} {name} from {from} until {until}, by {}{why}",
                it.author_name
            )
        }
    };
    let refused = session::may(Action::Acknowledge);
    let refused = Signal::derive(move || refused.get().err().map(|it| it.text().to_owned()));
    let end = move |()| sender.send(Order::End(id), move |_| again(look));
    view! {
        <div class="mon-on-call-override">
            <span>{words}</span>
            <Button busy=sender.is_locked() disabled_reason=refused on_click=end>
                "End" <span class="mon-hidden-text">{format!(" {id}")}</span>
            </Button>
            <Notice state=sender.state/>
        </div>
    }
}
