//! The night board: all is well and nobody is there. About four parts in a hundred of the panel are lit.

use leptos::prelude::*;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use crate::clock::use_clock;
use crate::feed::FeedStatus;
use crate::health::Board;
use crate::store::use_stores;
use crate::ui::{StatusIcon, day_and_month, format, minute_of_day};

/// The block moves to a new place each ten minutes, against burn-in.
const PLACE_EVERY_MS: i64 = 10 * MINUTE_MS;

/// Where the block stands: steps from 0 to 2 across and down. Neighbouring turns differ in both.
fn place(now: UnixMs) -> (i64, i64) {
    let turn = now.0.div_euclid(PLACE_EVERY_MS);
    (turn.rem_euclid(3), (turn + turn.div_euclid(3)).rem_euclid(3))
}

/// The whole board.
pub(super) fn night(board: Memo<Board>) -> AnyView {
    let clock = use_clock();
    let stores = use_stores();
    let time = Memo::new(move |_| minute_of_day(clock.now()));
    let day = Memo::new(move |_| format!("{} · UTC", day_and_month(clock.now())));
    let at = Memo::new(move |_| place(clock.now()));
    let counts = Memo::new(move |_| {
        board.with(|it| format!("{} products, {} services OK", it.products.len(), it.checks_in(Status::Ok)))
    });
    let quiet = Memo::new(move |_| {
        let ended = stores.incidents.all().iter().filter_map(|it| it.resolution.as_ref().map(|end| end.at)).max();
        ended.map_or_else(
            || "No incident within a day".to_owned(),
            |at| format!("No incident for {}", format::span_fine(clock.now().since_ms(at))),
        )
    });
    view! {
        <div class="mon-night">
            <div
                class="mon-night-block"
                style:--place-x=move || at.get().0.to_string()
                style:--place-y=move || at.get().1.to_string()
            >
                <p class="mon-night-time">{move || time.get()}</p>
                <p>{move || day.get()}</p>
                <div class="mon-night-row mon-night-headline">
                    <span><StatusIcon status=Status::Ok size=60 /> <b>"All quiet"</b></span>
                    <span>{move || counts.get()}</span>
                </div>
                <div class="mon-night-row">
                    <span>{move || quiet.get()}</span>
                    <span><FeedStatus /></span>
                </div>
                <div class="mon-night-row mon-night-foot">
                    <span></span>
                    <span>"Night board until 07:00, wakes when anything is not OK"</span>
                </div>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_moves_every_ten_minutes_and_visits_every_place() {
        let mut seen: Vec<(i64, i64)> = (0..9).map(|turn| place(UnixMs(turn * PLACE_EVERY_MS))).collect();
        assert!(seen.windows(2).all(|pair| pair[0] != pair[1]));
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 9);
    }
}
