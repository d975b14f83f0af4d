//! The pages that lie in chunks of their own: all but the overview.

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::chunk::{Fetching, chunked};
use crate::errors::ErrorsPage;
use crate::health::ProductPage;
use crate::incidents::{IncidentPage, IncidentsPage};
use crate::logs::LogsPage;
use crate::route::Route;
use crate::session::{FirstLoginPage, SignIn};
use crate::wall::WallPage;

/// Makes the view of a page that lies in the chunk.
type Make = fn(Route) -> AnyView;

/// A part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Signing in, for the first time or again.
    SignIn,
    /// Every page but the overview.
    Pages,
    /// The board for a wall.
    Wall,
}

#[wasm_split(sign_in, fallible)]
fn sign_in_chunk() -> Result<Make, SplitLoaderError> {
    Ok(|route| match route {
        Route::FirstLogin => view! { <FirstLoginPage/> }.into_any(),
        Route::SignIn => view! { <SignIn/> }.into_any(),
        _ => view! { <SignIn over=true/> }.into_any(),
    })
}

#[wasm_split(pages, fallible)]
fn pages_chunk() -> Result<Make, SplitLoaderError> {
    Ok(|route| match route {
        Route::Product(id) => view! { <ProductPage id=id/> }.into_any(),
        Route::Incident(id) => view! { <IncidentPage id=id/> }.into_any(),
        Route::Logs(_) => view! { <LogsPage/> }.into_any(),
        Route::Errors => view! { <ErrorsPage/> }.into_any(),
        _ => view! { <IncidentsPage/> }.into_any(),
    })
}

#[wasm_split(wall, fallible)]
fn wall_chunk() -> Result<Make, SplitLoaderError> {
    Ok(|_| view! { <WallPage/> }.into_any())
}

/// The view of a page whose code lies in a chunk.
pub(super) fn page(chunk: Chunk, route: Route) -> AnyView {
    let fetch = match chunk {
        Chunk::SignIn => || -> Fetching<Make> { Box::pin(sign_in_chunk()) },
        Chunk::Pages => || -> Fetching<Make> { Box::pin(pages_chunk()) },
        Chunk::Wall => || -> Fetching<Make> { Box::pin(wall_chunk()) },
    };
    chunked(fetch, move |make| make(route.clone()))
}
