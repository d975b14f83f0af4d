//! The document's title and its favicon: the verdict, for who has the page in a background tab.

use leptos::prelude::*;
use watchfloor_wire::freshness::rollup;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use crate::clock::use_clock;
use crate::feed::is_stale;
use crate::route::{Route, use_route};
use crate::store::{Stores, use_stores};

/// Keeps the title and the favicon up to date.
pub(super) fn follow() {
    let (stores, clock, stale, route) = (use_stores(), use_clock(), is_stale(), use_route());
    let verdict = Memo::new(move |_| {
        let now = clock.now();
        if !stores.is_loaded() || stale.get() {
            return ("Not live".to_owned(), Status::Unknown);
        }
        verdict(&statuses(&stores, now))
    });
    Effect::new(move |_| {
        let (words, _) = verdict.get();
        document().set_title(&title(&words, &route.get()));
    });
    let shape = Memo::new(move |_| verdict.with(|(_, status)| *status));
    Effect::new(move |_| set_favicon(shape.get()));
}

fn statuses(stores: &Stores, now: UnixMs) -> Vec<Status> {
    // A look a second is enough here, and costs less than following every check.
    let checks = stores.checks.all_untracked();
    let products = stores.products.all_untracked();
    products
        .iter()
        .map(|product| {
            let members = checks.iter().filter(|check| check.product == product.id);
            rollup(product, members, now).status
        })
        .collect()
}

/// How everything is, in a few words, and the shape for it.
fn verdict(products: &[Status]) -> (String, Status) {
    let Some(worst) = Status::worst(products.iter().copied()) else {
        return ("No products".to_owned(), Status::Unknown);
    };
    if worst == Status::Ok {
        return ("All OK".to_owned(), worst);
    }
    let count = products.iter().filter(|it| **it == worst).count();
    let word = match worst {
        Status::Maintenance => "in maintenance",
        Status::Down => "down",
        Status::Degraded => "degraded",
        Status::Unknown | Status::Ok => "unknown",
    };
    (format!("{count} {word}"), worst)
}

fn title(verdict: &str, route: &Route) -> String {
    match route {
        Route::Overview | Route::Wall => format!("{verdict} · Watchfloor"),
        Route::SignIn | Route::FirstLogin | Route::NotFound => {
            format!("{} · Watchfloor", route.title())
        }
        other => format!("{verdict} · {} · Watchfloor", other.title()),
    }
}

fn set_favicon(status: Status) {
    if let Some(link) = document().get_element_by_id("favicon") {
        // A page without the link keeps its icon.
        let _ = link.set_attribute("href", &format!("favicon-{}.svg", status.slug()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ok_is_never_said_while_anything_is_unknown() {
        let it = verdict(&[Status::Ok, Status::Unknown, Status::Degraded]);
        assert_eq!(it, ("1 unknown".to_owned(), Status::Unknown));
    }

    #[test]
    fn the_worst_products_are_counted() {
        let it = verdict(&[Status::Down, Status::Ok, Status::Down]);
        assert_eq!(it, ("2 down".to_owned(), Status::Down));
    }

    #[test]
    fn nothing_to_watch_is_not_ok() {
        assert_eq!(verdict(&[]).1, Status::Unknown);
    }

    #[test]
    fn the_verdict_leads() {
        assert_eq!(
            title("1 down", &Route::all_incidents()),
            "1 down · Incidents · Watchfloor"
        );
        assert_eq!(title("All OK", &Route::Overview), "All OK · Watchfloor");
    }
}
