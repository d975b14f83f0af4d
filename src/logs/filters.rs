//! What the log shows. The filter stands in the address, so that it can be sent to somebody else.

use leptos::prelude::*;
use watchfloor_wire::log::Level;

use super::follow::Follow;
use super::line::mark;
use crate::errors::ProductSelect;
use crate::route::{LogFilter, Route, use_replace};
use crate::ui::{Button, Kbd, SearchBox, format};

/// Levels, product, text, and the button that holds the tail.
#[component]
pub(super) fn Filters(filter: Memo<LogFilter>, follow: Follow) -> impl IntoView {
    let replace = use_replace();
    let change = Callback::new(move |filter: LogFilter| replace(Route::Logs(filter)));
    let product = Memo::new(move |_| filter.with(|it| it.product.clone()));
    let choose = move |product| {
        let mut next = filter.get_untracked();
        next.product = product;
        change.run(next);
    };
    let levels = Level::ALL
        .into_iter()
        .map(|level| view! { <LevelButton level=level filter=filter follow=follow change=change/> })
        .collect_view();
    let hold = move || follow.paused.update(|it| *it = !*it);
    view! {
        <div class="mon-log-filters" role="search" aria-label="Filter log lines">
            {levels}
            <ProductSelect product=product on_choose=choose/>
            <TextField filter=filter change=change/>
            <span class="mon-log-tail" data-key="Space" on:click=move |_| hold()>
                <Button>
                    {move || if follow.paused.get() { "Resume" } else { "Pause" }}
                    <Kbd key="Space"/>
                </Button>
            </span>
        </div>
    }
}

/// Pressed for each level that is shown; pressing shows this level and louder ones.
#[component]
fn LevelButton(
    level: Level,
    filter: Memo<LogFilter>,
    follow: Follow,
    change: Callback<LogFilter>,
) -> impl IntoView {
    let shown = Memo::new(move |_| filter.with(|it| it.level.is_none_or(|least| level >= least)));
    let count = Memo::new(move |_| {
        let count = follow.by_level.with(|it| it.get(level.word()).copied());
        count.map(|it| format::grouped(i64::try_from(it).unwrap_or(i64::MAX)))
    });
    let press = move |_| {
        let mut next = filter.get_untracked();
        next.level = pressed(next.level, level);
        change.run(next);
    };
    view! {
        <button
            type="button"
            class="mon-log-filter"
            data-level=level.word()
            aria-pressed=move || shown.get().to_string()
            title=format!("Show {} and louder", level.word())
            on:click=press
        >
            {mark(level)}
            {level.word()}
            " "
            <b>{move || count.get()}</b>
        </button>
    }
}

/// The level after pressing one: pressing the quietest one shown takes it away.
fn pressed(current: Option<Level>, level: Level) -> Option<Level> {
    let quietest = current.unwrap_or(Level::Debug);
    let next = if quietest == level && level != Level::Error {
        match level {
            Level::Debug => Level::Info,
            Level::Info => Level::Warn,
            Level::Warn | Level::Error => Level::Error,
        }
    } else {
        level
    };
    (next != Level::Debug).then_some(next)
}

#[component]
fn TextField(filter: Memo<LogFilter>, change: Callback<LogFilter>) -> impl IntoView {
    let text = Memo::new(move |_| filter.with(|it| it.text.clone()));
    let on_text = Callback::new(move |text| {
        let mut next = filter.get_untracked();
        next.text = text;
        change.run(next);
    });
    view! { <SearchBox label="Text in the line" placeholder="Text in the line" text=text on_text=on_text/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressing_a_level_shows_it_and_louder_ones() {
        assert_eq!(pressed(None, Level::Warn), Some(Level::Warn));
        assert_eq!(pressed(Some(Level::Error), Level::Info), Some(Level::Info));
        assert_eq!(pressed(Some(Level::Info), Level::Debug), None);
    }

    #[test]
    fn pressing_the_quietest_shown_level_takes_it_away() {
        assert_eq!(pressed(None, Level::Debug), Some(Level::Info));
        assert_eq!(pressed(Some(Level::Warn), Level::Warn), Some(Level::Error));
        assert_eq!(
            pressed(Some(Level::Error), Level::Error),
            Some(Level::Error)
        );
    }
}
