//! What was released lately.

use leptos::prelude::*;
use watchfloor_wire::deploy::{Deploy, DeployKind};
use watchfloor_wire::id::ProductId;

use crate::rank::{Rank, sort_by_rank};
use crate::store::use_stores;
use crate::ui::{Age, Empty, Region, RegionState, date, second_of_day};

/// How many deploys are listed.
const ROWS_MAX: usize = 6;

/// Deploys of a product, newest first.
#[component]
pub(super) fn Deploys(
    /// The product.
    product: ProductId,
) -> impl IntoView {
    let stores = use_stores();
    let rows = Memo::new(move |_| {
        let mut own: Vec<Deploy> = stores.deploys.all();
        own.retain(|it| it.product == product);
        sort_by_rank(&mut own, |it| Rank::of([-it.at.0]));
        own.truncate(ROWS_MAX);
        own
    });
    let list = move || {
        let all = rows.get();
        if all.is_empty() {
            return view! { <Empty text="No deploys within seven days." /> }.into_any();
        }
        let items = all.into_iter().map(row).collect_view();
        view! { <ul class="mon-incidents">{items}</ul> }.into_any()
    };
    view! {
        <Region title="Deploys" aside="newest first" state=Signal::stored(RegionState::Ready)>
            {list}
        </Region>
    }
    .into_any()
}

fn row(deploy: Deploy) -> AnyView {
    let kind = if deploy.kind == DeployKind::Rollback {
        "rollback to "
    } else {
        ""
    };
    let commit = deploy
        .commit
        .map(|it| it.chars().take(7).collect::<String>());
    let when = format!("{} {} UTC", date(deploy.at), second_of_day(deploy.at));
    let meta = [
        commit,
        (!deploy.note.is_empty()).then_some(deploy.note),
        Some(when),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ");
    view! {
        <li class="mon-incident-row">
            <span class="mon-incident-head">
                <span class="mon-incident-title">{kind} {deploy.version}</span>
                <Age at=Signal::stored(deploy.at) />
            </span>
            <span class="mon-meta mon-clip">{meta}</span>
        </li>
    }
    .into_any()
}
