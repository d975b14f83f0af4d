//! Log lines: newest first, followed live, held while somebody reads.

mod filters;
mod follow;
mod line;
mod tail;

use leptos::prelude::*;

use crate::errors::ErrorList;
use crate::route::{LogFilter, Route, use_route};
use crate::ui::{Button, Empty, Kbd, Region, RegionState, StatusIcon, format};
use filters::Filters;
use follow::{Follow, follow};
use line::Line;
use watchfloor_wire::status::Status;

/// The page of log lines.
#[component]
pub fn LogsPage() -> impl IntoView {
    let route = use_route();
    let filter = Memo::new(move |_| match route.get() {
        Route::Logs(filter) => filter,
        _ => LogFilter::default(),
    });
    let follow = follow(filter);
    view! {
        <div class="mon-logs">
            <h1 class="mon-hidden-text">"Logs"</h1>
            <Filters filter=filter follow=follow/>
            <div class="mon-log-body">
                <Pane filter=filter follow=follow/>
                <div class="mon-log-aside">
                    <Region title="Error groups" aside="newest first" state=RegionState::Ready>
                        <ErrorList most=8/>
                    </Region>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Pane(filter: Memo<LogFilter>, follow: Follow) -> impl IntoView {
    let scroll = NodeRef::<leptos::html::Div>::new();
    let on_scroll = move |_| {
        let away = scroll.get_untracked().is_some_and(|it| it.scroll_top() > 8);
        if follow.away.get_untracked() != away {
            follow.away.set(away);
        }
    };
    let jump = move |()| {
        if let Some(it) = scroll.get_untracked() {
            it.set_scroll_top(0);
        }
        follow.jump_to_live();
    };
    let empty = Memo::new(move |_| follow.tail.with(|it| it.shown().is_empty()));
    view! {
        <div class="mon-log-pane">
            <div class="mon-log-head" aria-hidden="true">
                <span>"Time, UTC"</span>
                <span>"Level"</span>
                <span>"Product · service"</span>
                <span>"Message"</span>
            </div>
            <div
                class="mon-log-scroll"
                role="log"
                aria-live="off"
                aria-label="Log lines, newest first"
                tabindex="0"
                node_ref=scroll
                on:scroll=on_scroll
            >
                {move || empty.get().then(|| view! { <Nothing filter=filter follow=follow/> })}
                <For
                    each=move || follow.tail.with(|it| it.shown().to_vec())
                    key=|it| it.id
                    children=move |it| view! { <Line line=it expanded=follow.expanded/> }
                />
                <Older follow=follow/>
            </div>
            <Foot follow=follow on_jump=jump/>
        </div>
    }
}

/// What stands in an empty log: on its way, failed, or nothing matches.
#[component]
fn Nothing(filter: Memo<LogFilter>, follow: Follow) -> impl IntoView {
    move || {
        if let Some(error) = follow.trouble.get() {
            let words = error.words();
            if error.is_forbidden() {
                return view! { <Empty text=words/> }.into_any();
            }
            let retry = move |()| follow.restart();
            return view! {
                <div class="mon-failure" role="alert">
                    <p>{words}</p>
                    <Button on_click=retry>"Retry"</Button>
                </div>
            }
            .into_any();
        }
        if !follow.loaded.get() {
            return view! { <p class="mon-loading">"Loading…"</p> }.into_any();
        }
        let text = if filter.get() == LogFilter::default() {
            "No log lines have come in yet."
        } else {
            "No line matches these filters."
        };
        view! { <Empty text=text/> }.into_any()
    }
}

#[component]
fn Older(follow: Follow) -> impl IntoView {
    let more = Memo::new(move |_| follow.tail.with(|it| it.next_before().is_some()));
    let end = move || follow.tail.with(|it| it.shown().len() >= tail::LINES_MAX);
    let load = move |()| follow.load_older();
    move || {
        if more.get() {
            return view! {
                <div class="mon-log-gap">
                    <Button busy=follow.loading_older on_click=load>"Show older lines"</Button>
                </div>
            }
            .into_any();
        }
        if end() {
            let words = "This page holds 1,000 lines. Narrow the filters to see older ones.";
            return view! { <p class="mon-log-gap">{words}</p> }.into_any();
        }
        ().into_any()
    }
}

/// How following stands; its height is reserved, so that lines do not jump.
#[component]
fn Foot(follow: Follow, #[prop(into)] on_jump: Callback<()>) -> impl IntoView {
    let waiting = Memo::new(move |_| follow.tail.with(tail::Tail::waiting));
    let words = Memo::new(move |_| {
        let count = format::count_of(waiting.get(), "new line", "new lines");
        match (follow.trouble.get(), follow.is_held()) {
            (Some(error), _) => format!("Not following. {}", error.words()),
            (None, true) => format!("{count}, held while you read"),
            (None, false) => "Following, newest lines first".to_owned(),
        }
    });
    let status = Signal::derive(move || {
        if follow.trouble.with(Option::is_some) {
            Status::Unknown
        } else if follow.is_held() {
            Status::Maintenance
        } else {
            Status::Ok
        }
    });
    let held = Memo::new(move |_| follow.is_held());
    view! {
        <div class="mon-log-foot" data-held=move || held.get().then_some("")>
            <StatusIcon status=status size=12/>
            <span role="status">{move || words.get()}</span>
            {move || {
                held.get().then(|| view! {
                    <span data-key="End" on:click=move |_| on_jump.run(())>
                        <Button>"Jump to live" <Kbd key="End"/></Button>
                    </span>
                })
            }}
        </div>
    }
}
