//! The pages that lie in chunks of their own: all but the overview.

use std::time::Duration;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::audit::AuditPage;
use crate::chunk::{Fetching, chunked, fetched};
use crate::errors::ErrorsPage;
use crate::health::ProductPage;
use crate::incidents::{IncidentPage, IncidentsPage};
use crate::logs::LogsPage;
use crate::notifications::NotificationsPage;
use crate::on_call::OnCallNow;
use crate::route::{self, Route};
use crate::session::{FirstLoginPage, SignIn};
use crate::silences::SilencesPage;
use crate::store::Stores;
use crate::wall::WallPage;

/// Makes the view of a page that lies in the chunk.
type Make = fn(Route) -> AnyView;

/// How long the first state has the network for itself.
const AHEAD_AFTER: Duration = Duration::from_secs(5);

/// A part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Signing in, for the first time or again.
    SignIn,
    /// Every page but the overview.
    Pages,
    /// The board for a wall.
    Wall,
    /// Who is on call, in the bar.
    OnCall,
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
        Route::Silences(about) => view! { <SilencesPage about=about/> }.into_any(),
        Route::Logs(_) => view! { <LogsPage/> }.into_any(),
        Route::Errors => view! { <ErrorsPage/> }.into_any(),
        Route::Notifications => view! { <NotificationsPage/> }.into_any(),
        Route::Audit(_) => view! { <AuditPage/> }.into_any(),
        _ => view! { <IncidentsPage/> }.into_any(),
    })
}

#[wasm_split(wall, fallible)]
fn wall_chunk() -> Result<Make, SplitLoaderError> {
    Ok(|_| view! { <WallPage/> }.into_any())
}

#[wasm_split(on_call, fallible)]
fn on_call_chunk() -> Result<Make, SplitLoaderError> {
    Ok(|_| view! { <OnCallNow/> }.into_any())
}

impl Chunk {
    const fn fetch(self) -> fn() -> Fetching<Make> {
        match self {
            Self::SignIn => || Box::pin(sign_in_chunk()),
            Self::Pages => || Box::pin(pages_chunk()),
            Self::Wall => || Box::pin(wall_chunk()),
            Self::OnCall => || Box::pin(on_call_chunk()),
        }
    }
}

/// The view of a page whose code lies in a chunk.
pub(super) fn page(chunk: Chunk, route: Route) -> AnyView {
    chunked(chunk.fetch(), move |make| make(route.clone()))
}

/// Who is on call, once the first state is on the screen. Until it is here its place in the bar stays empty: pages come
/// first, and a bar does not jump. What could not be fetched is asked for again, less and less often.
pub(super) fn on_call(stores: Stores) -> AnyView {
    let here = RwSignal::new(None::<Make>);
    Effect::new(move |_| {
        if stores.is_loaded() && here.with_untracked(Option::is_none) {
            leptos::task::spawn_local(async move {
                let make = fetched(Chunk::OnCall.fetch(), || !here.is_disposed()).await;
                let _ = here.try_set(make);
            });
        }
    });
    (move || here.get().map(|make| make(Route::Overview))).into_any()
}

/// Fetches what may be needed next, once the first state has been on the screen for a moment: a page then opens at
/// once, and a deploy does not strand a page that is open. Signing in again must work on a wall too.
pub(super) fn fetch_ahead(stores: Stores) {
    Effect::new(move |is_asked: Option<bool>| {
        let is_loaded = stores.is_loaded();
        if is_loaded && is_asked != Some(true) {
            set_timeout(fetch_rest, AHEAD_AFTER);
        }
        is_loaded || is_asked == Some(true)
    });
}

fn fetch_rest() {
    let rest: &[Chunk] = match route::kind() {
        "wall" => &[Chunk::SignIn],
        _ => &[Chunk::SignIn, Chunk::Pages],
    };
    for chunk in rest {
        leptos::task::spawn_local(async move {
            // It stays with the program; whoever needs it meanwhile is told how far it is.
            let _ = fetched(chunk.fetch(), || true).await;
        });
    }
}
