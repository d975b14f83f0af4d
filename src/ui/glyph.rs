//! Line drawings that carry no status.

use leptos::prelude::*;

/// What a [`Glyph`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlyphShape {
    /// The product's mark: a trace.
    Mark,
    /// A magnifying glass.
    Search,
    /// Points down: there is more.
    Chevron,
    /// A cross that closes.
    Cross,
    /// A bell with a stroke through it: nobody is told.
    Muted,
    /// A capsule with two bars: work is announced.
    Announced,
}

const fn lines(shape: GlyphShape) -> &'static str {
    match shape {
        GlyphShape::Mark => "M1.5 12.5H4L6 8l2.4 6L11 3l2.2 9.5h1.3",
        GlyphShape::Search => "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.4 10.4L14 14",
        GlyphShape::Chevron => "M4 6.5L8 10.5L12 6.5",
        GlyphShape::Cross => "M4 4L12 12M12 4L4 12",
        GlyphShape::Muted => "M4.5 9.5V6.5a3.5 3.5 0 0 1 7 0v3l1.5 2H3zM6.8 13.8h2.4M2.5 2.5l11 11",
        GlyphShape::Announced => "M5.5 4h5a4 4 0 0 1 0 8h-5a4 4 0 0 1 0-8zM6.8 6.4v3.2M9.2 6.4v3.2",
    }
}

/// A small drawing beside words; hidden from assistive technology.
#[component]
pub fn Glyph(
    /// What it shows.
    shape: GlyphShape,
) -> impl IntoView {
    view! {
        <svg class="mon-glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=lines(shape)></path>
        </svg>
    }
}
