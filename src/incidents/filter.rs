//! Which incidents a filter lets through. Pure.

use watchfloor_wire::incident::{Incident, IncidentStatus};

use crate::route::{IncidentFilter, Owner};

/// Whether the list shows the incident. `me` is the account that is signed in, `product` the product's name for
/// people. What is over belongs to nobody any more, so a filter by owner shows open ones only.
#[must_use]
pub fn shows(filter: &IncidentFilter, it: &Incident, me: Option<&str>, product: &str) -> bool {
    filter.product.as_ref().is_none_or(|id| *id == it.product)
        && filter.priority.is_none_or(|most| it.priority <= most)
        && filter.owner.is_none_or(|owner| is_theirs(owner, it, me))
        && has_text(&filter.text, it, product)
}

fn is_theirs(owner: Owner, it: &Incident, me: Option<&str>) -> bool {
    match owner {
        Owner::Nobody => it.status == IncidentStatus::Triggered,
        Owner::Somebody => it.status == IncidentStatus::Acknowledged,
        Owner::Me => it.lease.as_ref().is_some_and(|lease| {
            let offered_to = lease.offer.as_ref().map(|offer| offer.account.as_str());
            me.is_some() && (Some(lease.owner.as_str()) == me || offered_to == me)
        }),
    }
}

/// Whether each word of the text stands somewhere in what people read of the incident.
fn has_text(text: &str, it: &Incident, product: &str) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    let lease = it.lease.as_ref();
    let owner = lease.map_or("", |it| it.owner_name.as_str());
    let note = lease.map_or("", |it| it.note.as_str());
    let id = it.id;
    let read = format!("{id} {} {product} {owner} {note}", it.title).to_lowercase();
    text.to_lowercase()
        .split_whitespace()
        .all(|word| read.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::{held, incident, resolved};
    use watchfloor_wire::id::ProductId;
    use watchfloor_wire::lease::Offer;
    use watchfloor_wire::priority::Priority;
    use watchfloor_wire::time::UnixMs;

    fn by_owner(owner: Owner) -> IncidentFilter {
        IncidentFilter {
            owner: Some(owner),
            ..IncidentFilter::default()
        }
    }

    #[test]
    fn without_a_filter_everything_is_shown() {
        for it in [incident(1, "P3"), held(2, "P0"), resolved(3, 0)] {
            assert!(shows(&IncidentFilter::default(), &it, None, "Shop"));
        }
    }

    #[test]
    fn owners_are_nobody_somebody_or_me_and_an_offer_to_me_is_mine_to_answer() {
        let (mine, theirs) = (Some("priya"), Some("omar"));
        let (free, taken, over) = (incident(1, "P1"), held(2, "P1"), resolved(3, 0));
        let table = [
            (Owner::Nobody, &free, mine, true),
            (Owner::Nobody, &taken, mine, false),
            (Owner::Nobody, &over, mine, false),
            (Owner::Somebody, &taken, theirs, true),
            (Owner::Somebody, &over, theirs, false),
            (Owner::Me, &taken, mine, true),
            (Owner::Me, &taken, theirs, false),
            (Owner::Me, &taken, None, false),
            (Owner::Me, &free, mine, false),
        ];
        for (owner, it, me, shown) in table {
            assert_eq!(
                shows(&by_owner(owner), it, me, ""),
                shown,
                "{owner:?} {me:?}"
            );
        }
        let mut offered = held(4, "P1");
        if let Some(lease) = &mut offered.lease {
            lease.offer = Some(Offer {
                account: "omar".to_owned(),
                name: "Omar".to_owned(),
                note: String::new(),
                at: UnixMs(0),
                until: UnixMs(1),
            });
        }
        assert!(shows(&by_owner(Owner::Me), &offered, theirs, ""));
    }

    #[test]
    fn a_priority_shows_itself_and_more_urgent_ones_and_a_product_only_its_own() {
        let mut filter = IncidentFilter {
            priority: Some(Priority::P1),
            ..IncidentFilter::default()
        };
        for (priority, shown) in [("P0", true), ("P1", true), ("P2", false)] {
            let it = incident(1, priority);
            assert_eq!(shows(&filter, &it, None, ""), shown, "{priority}");
        }
        filter.product = Some(ProductId::from("other"));
        assert!(!shows(&filter, &incident(1, "P0"), None, ""));
    }

    #[test]
    fn each_word_is_found_in_number_title_product_owner_or_note_whatever_its_case() {
        let it = held(2041, "P1");
        for (text, shown) in [
            ("inc-2041", true),
            ("ERRORS shop", true),
            ("priya on it", true),
            ("errors depot", false),
            ("  ", true),
        ] {
            let filter = IncidentFilter {
                text: text.to_owned(),
                ..IncidentFilter::default()
            };
            assert_eq!(shows(&filter, &it, None, "Shop"), shown, "{text}");
        }
    }
}
