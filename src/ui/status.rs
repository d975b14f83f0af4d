//! A status as shape and word. The two always stand together: colour alone says nothing to many people.

use leptos::prelude::*;
use watchfloor_wire::status::Status;

/// Below this size in CSS pixels a question mark turns to mud, so a dash stands in the diamond.
const QUESTION_MARK_FROM_PX: u32 = 18;

/// The shape on a grid of 20 units, filled by the even-odd rule so that its mark is cut out of it.
const fn shape(status: Status) -> &'static str {
    match status {
        Status::Ok => {
            "M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM5 11.1L8.85 14.8L15.1 7.95L13.5 6.45L8.75 11.65L6.55 9.5z"
        }
        Status::Degraded => {
            "M10 1.4c.6 0 1.1.3 1.4.8L19.3 16.4c.5 1-.2 2.2-1.4 2.2H2.1c-1.2 0-1.9-1.2-1.4-2.2L8.6 2.2c.3-.5.8-.8 \
             1.4-.8zM8.9 7h2.2v5.6H8.9zM8.9 14h2.2v2.2H8.9z"
        }
        Status::Down => {
            "M4 1.5h12a2.5 2.5 0 0 1 2.5 2.5v12a2.5 2.5 0 0 1-2.5 2.5H4A2.5 2.5 0 0 1 1.5 16V4A2.5 2.5 0 0 1 4 \
             1.5zM10 8.45L13.05 5.4L14.6 6.95L11.55 10L14.6 13.05L13.05 14.6L10 11.55L6.95 14.6L5.4 13.05L8.45 \
             10L5.4 6.95L6.95 5.4z"
        }
        Status::Maintenance => {
            "M6 4.2h8a5.8 5.8 0 0 1 0 11.6H6a5.8 5.8 0 0 1 0-11.6zM7.2 7.2h2v5.6h-2zM10.8 7.2h2v5.6h-2z"
        }
        Status::Unknown => "M10 .6L19.4 10L10 19.4L.6 10zM10 2.9L2.9 10L10 17.1L17.1 10z",
    }
}

/// The mark in the hollow diamond.
const fn question(size_px: u32) -> &'static str {
    if size_px < QUESTION_MARK_FROM_PX {
        "M7 9h6v2H7z"
    } else {
        "M7.2 8.3a2.8 2.8 0 1 1 4.5 2.2c-.7.5-1 .8-1 1.5h-1.5c0-1.4.7-2 1.5-2.6a1.3 1.3 0 1 0-2.1-1.1zM9.1 13h1.7v1.7H9.1z"
    }
}

fn path_of(status: Status, size_px: u32) -> String {
    match status {
        Status::Unknown => format!("{}{}", shape(status), question(size_px)),
        _ => shape(status).to_owned(),
    }
}

/// The shape of a status, hidden from assistive technology because [`StatusWord`] stands beside it.
#[component]
pub fn StatusIcon(
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
    /// Width and height in CSS pixels; boards set their own.
    #[prop(default = 14)]
    size: u32,
) -> impl IntoView {
    view! {
        <svg
            class="mon-icon"
            data-status=move || status.get().slug()
            viewBox="0 0 20 20"
            width=size
            height=size
            aria-hidden="true"
        >
            <path fill-rule="evenodd" d=move || path_of(status.get(), size)></path>
        </svg>
    }
}

/// The word of a status.
#[component]
pub fn StatusWord(
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
) -> impl IntoView {
    view! { <span class="mon-word" data-status=move || status.get().slug()>{move || status.get().word()}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_an_outline_of_its_own() {
        let mut outlines = Status::WORST_FIRST.map(shape);
        outlines.sort_unstable();
        assert!(outlines.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn small_diamonds_carry_a_dash() {
        assert_ne!(path_of(Status::Unknown, 17), path_of(Status::Unknown, 18));
    }
}
