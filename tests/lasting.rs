//! What lives as long as the page keeps nothing of the views that read it and are gone. Counted in bytes, in a process of
//! its own.

use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use peak_alloc::PeakAlloc;
use watchfloor_console::lasting::{forget_reader, lasting};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const VIEWS: usize = 2_000;
/// Less than a reader a view, however small.
const LEFT_MAX_BYTES: usize = VIEWS * 8;

/// How much more is held after so many views came, read, and went.
fn left_by(read: impl Fn()) -> usize {
    let view = || {
        // With a parent the parent would keep a place for it, which is not what is counted here.
        let owner = Owner::new_root(None);
        owner.with(&read);
        owner.cleanup();
    };
    // What is made once is there after the first ones.
    (0..VIEWS).for_each(|_| view());
    let before = MEMORY.current_usage();
    (0..VIEWS).for_each(|_| view());
    MEMORY.current_usage().saturating_sub(before)
}

/// A memo of the view's that reads.
fn reads<T: Send + Sync + PartialEq + Clone + 'static>(
    read: impl Fn() -> T + Send + Sync + 'static,
) {
    let own = Memo::new(move |_| read());
    let _ = own.get_untracked();
}

#[test]
fn nothing_is_left_of_views_that_read_what_lasts() {
    let page = Owner::new();
    page.set();
    let signal = RwSignal::new(7);
    let memo = Memo::new(move |_| signal.get() + 1);

    let left = left_by(move || {
        reads(move || {
            forget_reader(&signal);
            signal.get()
        });
    });
    assert!(left < LEFT_MAX_BYTES, "a signal keeps {left} bytes");

    let left = left_by(move || {
        reads(move || {
            forget_reader(&ArcMemo::from(memo));
            memo.get()
        });
    });
    assert!(left < LEFT_MAX_BYTES, "a memo keeps {left} bytes");

    let left = left_by(move || {
        let own = lasting(signal);
        reads(move || own.get());
    });
    assert!(left < LEFT_MAX_BYTES, "a lasting signal keeps {left} bytes");

    // The library's own reading leaves something, or all this is needed no more.
    let left = left_by(move || reads(move || signal.get()));
    assert!(left > LEFT_MAX_BYTES, "{left} bytes");
}
