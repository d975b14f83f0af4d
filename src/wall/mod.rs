//! The board for a wall.

use leptos::prelude::*;

/// The whole wall page; it fills the window and has no bar.
#[component]
pub fn WallPage() -> impl IntoView {}
