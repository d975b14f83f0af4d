//! Who has an incident, until when, and what can be done about that: hold it for longer, hand it over, give it back.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, LeaseScope};
use watchfloor_wire::lease::{Lease, Offer};
use watchfloor_wire::permits::Action;
use watchfloor_wire::time::UnixMs;

use super::actions::ReleaseButton;
use super::hand_over::{Answer, HandOver, Withdraw};
use super::renew::Renew;
use super::undo::UndoRow;
use crate::clock::use_clock;
use crate::session::{may, use_session};
use crate::ui::{format, second_of_day};

/// What somebody is to a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Owner { has_offered: bool },
    Asked,
    Other,
}

fn part(lease: Option<&Lease>, account: &str, now: UnixMs) -> Part {
    let Some(lease) = lease else {
        return Part::Other;
    };
    let offer = lease.standing_offer(now);
    if lease.owner == account {
        return Part::Owner {
            has_offered: offer.is_some(),
        };
    }
    if offer.is_some_and(|it| it.account == account) {
        return Part::Asked;
    }
    Part::Other
}

/// The panel of an acknowledged incident.
#[component]
pub(super) fn Held(incident: Signal<Incident>) -> impl IntoView {
    let clock = use_clock();
    let session = use_session();
    let lease = Memo::new(move |_| incident.with(|it| it.lease.clone()));
    let part = Memo::new(move |_| {
        let me = session.with(|it| it.as_ref().map(|it| it.account.clone()));
        let now = clock.now();
        lease.with(|it| part(it.as_ref(), &me.unwrap_or_default(), now))
    });
    let may = may(Action::Assign);
    let may_assign = Memo::new(move |_| may.with(Result::is_ok));
    let offer = move || {
        let now = clock.now();
        lease.with(|it| {
            let offer = it.as_ref()?.standing_offer(now)?;
            Some(offer_words(offer, now))
        })
    };
    let offer_note = move || {
        let note = lease.with(|it| it.as_ref()?.offer.as_ref().map(|it| it.note.clone()));
        note.filter(|it| !it.is_empty())
            .map(|note| view! { <p class="mon-lease-note">{note}</p> })
    };
    view! {
        <div class="mon-lease" tabindex="-1">
            {move || lease.get().map(lease_view)}
            <p role="status">{offer}</p>
            {offer_note}
        </div>
        <UndoRow incident=incident/>
        {move || match part.get() {
            Part::Owner { has_offered } => view! {
                <Renew incident=incident/>
                {if has_offered {
                    view! { <Withdraw incident=incident/> }.into_any()
                } else {
                    view! { <HandOver incident=incident action=Action::HandOver/> }.into_any()
                }}
                <ReleaseButton incident=incident/>
            }.into_any(),
            Part::Asked => view! { <Answer incident=incident/> }.into_any(),
            Part::Other => view! {
                {may_assign.get().then(|| view! {
                    <HandOver incident=incident action=Action::Assign/>
                })}
                <ReleaseButton incident=incident/>
            }.into_any(),
        }}
    }
}

fn lease_view(lease: Lease) -> AnyView {
    let (since, until) = (second_of_day(lease.since), second_of_day(lease.until));
    let ends = match lease.scope {
        LeaseScope::Severity => "A rise of the severity ends it earlier.",
        LeaseScope::UntilResolved => "It holds whatever the severity does.",
    };
    let note = (!lease.note.is_empty())
        .then(|| view! { <p class="mon-lease-note">{lease.note.clone()}</p> });
    view! {
        <p><b>{format!("{} has it", lease.owner_name)}</b></p>
        <p class="mon-meta">{format!("since {since}, until {until} UTC. {ends}")}</p>
        {note}
    }
    .into_any()
}

fn offer_words(offer: &Offer, now: UnixMs) -> String {
    let left = format::clock(offer.until.since_ms(now).max(0));
    format!("Offered to {}, open for {left}.", offer.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::held;

    #[test]
    fn an_offer_makes_its_owner_wait_and_asks_one_person() {
        let mut lease = held(1, "P1").lease;
        let now = UnixMs(52_400_000);
        assert_eq!(
            part(lease.as_ref(), "priya", now),
            Part::Owner { has_offered: false }
        );
        if let Some(lease) = &mut lease {
            lease.offer = Some(Offer {
                account: "omar".to_owned(),
                name: "Omar".to_owned(),
                note: String::new(),
                at: now,
                until: now.plus_ms(60_000),
            });
        }
        let it = lease.as_ref();
        assert_eq!(part(it, "priya", now), Part::Owner { has_offered: true });
        assert_eq!(part(it, "omar", now), Part::Asked);
        assert_eq!(part(it, "omar", now.plus_ms(60_000)), Part::Other);
        assert_eq!(part(it, "mara", now), Part::Other);
        let words = it.and_then(|it| it.offer.as_ref().map(|it| offer_words(it, now)));
        assert_eq!(words.as_deref(), Some("Offered to Omar, open for 01:00."));
    }
}
