//! Values that outlive those who read them.
//!
//! A reader (an effect of a view, a memo) that is gone stays in the list of what it read for as long as that lives:
//! `reactive_graph` 0.2 takes a reader out only when the reader itself runs again. A clock, a store or a route, which live
//! as long as the page, would keep a piece of every view that ever read them, and walk along all of them at each change.

use leptos::prelude::*;
use leptos::reactive::graph::{AnySource, AnySubscriber, Observer, Source, ToAnySource};

/// A lasting signal for views that come and go: whoever reads it is forgotten when it is gone. Each reading copies the
/// value.
pub fn lasting<T: Clone + Send + Sync + 'static>(signal: RwSignal<T>) -> Signal<T> {
    Signal::derive(move || {
        forget_reader(&signal);
        signal.get()
    })
}

/// Has `source` forget whoever reads now, once that reader is gone. For sources that outlive their readers; called where
/// they are read.
pub fn forget_reader(source: &impl ToAnySource) {
    if let Some(reader) = Observer::get() {
        forget(vec![source.to_any_source()], reader);
    }
}

/// As [`forget_reader`], for many sources at once.
pub fn forget_reader_of(sources: &[impl ToAnySource]) {
    if let Some(reader) = Observer::get() {
        let sources = sources.iter().map(ToAnySource::to_any_source).collect();
        forget(sources, reader);
    }
}

// Apart, so that it is compiled once for all kinds of sources.
#[inline(never)]
fn forget(sources: Vec<AnySource>, reader: AnySubscriber) {
    on_cleanup(move || {
        for source in sources {
            source.remove_subscriber(&reader);
        }
    });
}
