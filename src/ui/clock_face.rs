//! The time left to answer.

use leptos::prelude::*;

use super::format;

/// What a clock counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockState {
    /// A span without urgency.
    #[default]
    Plain,
    /// The time left while nobody has answered: red.
    Running,
    /// The time since the answer was due: red, with "late by" in front.
    Late,
    /// Somebody has it: ink.
    Answered,
}

impl ClockState {
    const fn slug(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Running => "running",
            Self::Late => "late",
            Self::Answered => "answered",
        }
    }
}

/// A clock in `mm:ss` under one hour, else "1 h 26 min"; digits are of one width, so it does not jitter.
/// Not a live region: it would never stop talking.
#[component]
pub fn ClockFace(
    /// How much time it shows, in milliseconds; never negative.
    #[prop(into)]
    span_ms: Signal<i64>,
    /// What it counts.
    #[prop(optional, into)]
    state: Signal<ClockState>,
    /// `incident` on an incident's page, `board` on a wall.
    #[prop(optional)]
    size: &'static str,
) -> impl IntoView {
    let text = Memo::new(move |_| format::clock(span_ms.get()));
    let is_long = Memo::new(move |_| span_ms.get() >= format::CLOCK_DIGITS_UNTIL_MS);
    view! {
        <span
            class="mon-clock"
            data-size=(!size.is_empty()).then_some(size)
            data-state=move || state.get().slug()
            data-long=move || is_long.get().then_some("")
        >
            {move || text.get()}
        </span>
    }
}
