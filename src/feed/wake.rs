//! What wakes a page: being looked at, the network, the back-forward cache, and clocks that show that the
//! device slept.

use std::cell::Cell;
use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::connection::{Event, Wake};
use super::driver::Driver;
use crate::clock::{Clock, device_ms, steady_ms};

/// How far the two clocks may drift apart within a second before one of them must have jumped, in milliseconds.
const JUMP_MS: i64 = 5_000;

/// Listens as long as the page lives.
pub(super) fn listen(clock: Clock, driver: &Rc<Driver>) {
    let online = Rc::clone(driver);
    // The handles would only remove the listeners, which live as long as the page.
    let _ = window_event_listener(ev::online, move |_| {
        online.dispatch(Event::Woken(Wake::Online));
    });
    let shown_again = Rc::clone(driver);
    let _ = window_event_listener(ev::pageshow, move |event| {
        if event.persisted() {
            shown_again.dispatch(Event::Woken(Wake::Slept));
        }
    });
    on_document("visibilitychange", driver, |driver| {
        driver.dispatch(if document().hidden() {
            Event::Hidden
        } else {
            Event::Woken(Wake::Shown)
        });
    });
    on_document("resume", driver, |driver| {
        driver.dispatch(Event::Woken(Wake::Slept));
    });
    // A page that was opened behind another one is told of no change.
    if document().hidden() {
        driver.dispatch(Event::Hidden);
    }
    watch_clocks(clock, driver);
}

fn on_document(name: &str, driver: &Rc<Driver>, act: fn(&Rc<Driver>)) {
    let driver = Rc::clone(driver);
    let handler = Closure::<dyn Fn()>::new(move || act(&driver));
    let target = document();
    // A page without this event is still woken by the others.
    let _ = target.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
    handler.forget();
}

/// The steady clock stands still while a device sleeps, the other one does not: a sudden difference between
/// them is a sleep, or somebody set the clock. Either way nothing of before can be believed.
fn watch_clocks(clock: Clock, driver: &Rc<Driver>) {
    let driver = Rc::clone(driver);
    let before = Cell::new(device_ms() - steady_ms());
    Effect::new(move |_| {
        clock.seconds().track();
        let difference = device_ms() - steady_ms();
        let by_ms = difference - before.replace(difference);
        if is_jump(by_ms) {
            clock.jumped(by_ms);
            untrack(|| driver.dispatch(Event::Woken(Wake::Slept)));
        }
    });
}

const fn is_jump(by_ms: i64) -> bool {
    by_ms.abs() > JUMP_MS
}

#[cfg(test)]
mod tests {
    use super::is_jump;

    #[test]
    fn drift_is_no_sleep_but_six_seconds_are() {
        assert!(!is_jump(900));
        assert!(is_jump(6_100));
        assert!(is_jump(-6_100));
    }
}
