//! Parts of the program that are fetched when a page first needs them, so that the overview is live before the
//! rest has travelled.
//!
//! Each chunk is one WebAssembly file beside the program. What is reachable only through its function below is
//! put into it by `cargo xtask console`; natively the same functions are called directly.

use std::pin::Pin;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::errors::ErrorsPage;
use crate::health::ProductPage;
use crate::incidents::{IncidentPage, IncidentsPage};
use crate::logs::LogsPage;
use crate::route::Route;
use crate::session::{FirstLoginPage, SignIn};
use crate::ui::{Button, ButtonKind};
use crate::wall::WallPage;

/// Makes the view of a page that lies in the chunk.
type Make = fn(Route) -> AnyView;
type Fetching = Pin<Box<dyn Future<Output = Result<Make, SplitLoaderError>>>>;

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

impl Chunk {
    /// Fetches it; one that is here answers at once, and one that failed is asked for again.
    fn fetch(self) -> Fetching {
        match self {
            Self::SignIn => Box::pin(sign_in_chunk()),
            Self::Pages => Box::pin(pages_chunk()),
            Self::Wall => Box::pin(wall_chunk()),
        }
    }
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

/// How far a chunk is.
#[derive(Clone, Copy)]
enum ChunkState {
    Fetching,
    Here(Make),
    Failed,
}

/// The view of a page whose code lies in a chunk.
pub(super) fn chunked(chunk: Chunk, route: Route) -> AnyView {
    let state = RwSignal::new(ChunkState::Fetching);
    let fetch = move || {
        state.set(ChunkState::Fetching);
        leptos::task::spawn_local(async move {
            let next = chunk
                .fetch()
                .await
                .map_or(ChunkState::Failed, ChunkState::Here);
            // Nobody is left to be told when the page was left meanwhile.
            let _ = state.try_set(next);
        });
    };
    fetch();
    (move || match state.get() {
        ChunkState::Fetching => view! { <p class="mon-loading">"Loading…"</p> }.into_any(),
        ChunkState::Here(make) => make(route.clone()),
        ChunkState::Failed => failed(fetch),
    })
    .into_any()
}

fn failed(again: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    view! {
        <div class="mon-failure mon-card" role="alert">
            <p>"This part of the console could not be fetched."</p>
            <Button kind=ButtonKind::Secondary on_click=Callback::new(move |_| again())>"Retry"</Button>
        </div>
    }
    .into_any()
}
