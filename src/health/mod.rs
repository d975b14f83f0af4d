//! The overview, products and services.

use leptos::prelude::*;
use watchfloor_wire::id::ProductId;

/// The overview page.
#[component]
pub fn OverviewPage() -> impl IntoView {}

/// The page of one product.
#[component]
pub fn ProductPage(
    /// The product.
    id: ProductId,
) -> impl IntoView {
    let _ = id;
}
