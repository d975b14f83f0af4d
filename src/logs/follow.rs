//! Following the log: the newest page first, then whatever is newer, every two seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::log::LogPage;

use super::tail::Tail;
use crate::api::{self, ApiError, LogPlace};
use crate::route::LogFilter;

/// How many lines are asked for at once.
const PAGE_LINES: u32 = 200;
/// How many newer lines are taken in at once; when more have come, the page starts again with the newest.
const CATCH_UP_LINES: u32 = 500;
/// How often newer lines are asked for.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// A followed log.
#[derive(Clone, Copy)]
pub(super) struct Follow {
    /// The lines.
    pub tail: RwSignal<Tail>,
    /// How many lines of each level match the other filters.
    pub by_level: RwSignal<BTreeMap<String, u64>>,
    /// The line whose details are shown.
    pub expanded: RwSignal<Option<u64>>,
    /// Whether the reader has scrolled away from the newest line.
    pub away: RwSignal<bool>,
    /// Whether somebody pressed Pause.
    pub paused: RwSignal<bool>,
    /// Whether the first page has come.
    pub loaded: RwSignal<bool>,
    /// Whether older lines are on their way.
    pub loading_older: RwSignal<bool>,
    /// Why the newest attempt failed, in words.
    pub trouble: RwSignal<Option<ApiError>>,
    filter: Memo<LogFilter>,
    /// Rises with each restart: answers to questions of before are dropped.
    round: StoredValue<u64>,
    asking: StoredValue<bool>,
}

/// Follows the lines that match, for as long as the page is there.
pub(super) fn follow(filter: Memo<LogFilter>) -> Follow {
    let it = Follow {
        tail: RwSignal::new(Tail::default()),
        by_level: RwSignal::new(BTreeMap::new()),
        expanded: RwSignal::new(None),
        away: RwSignal::new(false),
        paused: RwSignal::new(false),
        loaded: RwSignal::new(false),
        loading_older: RwSignal::new(false),
        trouble: RwSignal::new(None),
        filter,
        round: StoredValue::new(0),
        asking: StoredValue::new(false),
    };
    Effect::new(move |_| {
        filter.track();
        untrack(|| it.restart());
    });
    Effect::new(move |before: Option<bool>| {
        let held = it.is_held();
        if before == Some(true) && !held {
            it.tail.update(Tail::release);
        }
        held
    });
    // It fails only without a window, and then there is no page either.
    if let Ok(timer) = set_interval_with_handle(move || it.poll(), POLL_EVERY) {
        on_cleanup(move || timer.clear());
    }
    it
}

impl Follow {
    /// Whether new lines wait instead of moving those that are being read; tracked.
    pub(super) fn is_held(self) -> bool {
        self.paused.get() || self.away.get() || self.expanded.with(Option::is_some)
    }

    /// Reads the newest page.
    pub(super) fn restart(self) {
        self.round.update_value(|it| *it += 1);
        self.loaded.set(false);
        self.trouble.set(None);
        self.expanded.set(None);
        self.tail.set(Tail::default());
        self.ask(LogPlace::Newest, PAGE_LINES);
    }

    /// Reads newer lines, unless that is under way or nobody looks.
    fn poll(self) {
        if self.asking.get_value() || document().hidden() {
            return;
        }
        match self.tail.with_untracked(Tail::newest) {
            Some(newest) => self.ask(LogPlace::After(newest), CATCH_UP_LINES),
            None => self.ask(LogPlace::Newest, PAGE_LINES),
        }
    }

    /// Reads older lines.
    pub(super) fn load_older(self) {
        let before = self.tail.with_untracked(Tail::next_before);
        if let (Some(before), false) = (before, self.loading_older.get_untracked()) {
            self.loading_older.set(true);
            self.ask(LogPlace::Before(before), PAGE_LINES);
        }
    }

    /// Shows what waits, and follows again.
    pub(super) fn jump_to_live(self) {
        self.expanded.set(None);
        self.paused.set(false);
        self.away.set(false);
        self.tail.update(Tail::release);
    }

    fn ask(self, place: LogPlace, limit: u32) {
        let round = self.round.get_value();
        let filter = self.filter.get_untracked();
        self.asking.set_value(true);
        leptos::task::spawn_local(async move {
            let answer = api::logs(&filter, place, limit).await;
            // The page may have been left, or asked for something else, meanwhile.
            if self.round.try_get_value() == Some(round) {
                self.asking.set_value(false);
                self.take(place, answer);
            }
        });
    }

    fn take(self, place: LogPlace, answer: Result<LogPage, ApiError>) {
        self.loading_older.set(false);
        let page = match answer {
            Ok(page) => page,
            Err(error) => {
                self.trouble.set(Some(error));
                return;
            }
        };
        if self.trouble.with_untracked(Option::is_some) {
            self.trouble.set(None);
        }
        if !self.loaded.get_untracked() {
            self.loaded.set(true);
        }
        if self.by_level.with_untracked(|it| *it != page.by_level) && !page.by_level.is_empty() {
            self.by_level.set(page.by_level);
        }
        let held = untrack(|| self.is_held());
        let full = page.lines.len() >= CATCH_UP_LINES as usize;
        match place {
            LogPlace::After(_) if page.lines.is_empty() => {}
            // More came than one page holds: between these and the old ones lines would be missing.
            LogPlace::After(_) if full && !held => {
                let oldest = page.lines.last().map(|it| it.id);
                self.tail.update(|it| it.restart(page.lines, oldest));
            }
            LogPlace::After(_) => self.tail.update(|it| it.newer(page.lines, held)),
            LogPlace::Newest => self
                .tail
                .update(|it| it.restart(page.lines, page.next_before)),
            LogPlace::Before(_) => self
                .tail
                .update(|it| it.older(page.lines, page.next_before)),
        }
    }
}
