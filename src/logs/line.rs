//! One log line, and its details. Everything in it was written by others and is shown as text only.

use std::sync::Arc;

use leptos::prelude::*;
use watchfloor_wire::log::{Level, LogLine};
use watchfloor_wire::time::SECOND_MS;

use crate::store::use_stores;
use crate::ui::{date, second_of_day};

/// What the gateway writes instead of a secret.
const FILTERED: &str = "[Filtered]";
/// Fields that are shown as blocks.
const BLOCKS: [&str; 2] = ["stack", "trace"];

/// A line that opens its details.
#[component]
pub(super) fn Line(
    /// The line; it never changes.
    line: Arc<LogLine>,
    /// The line whose details are shown.
    expanded: RwSignal<Option<u64>>,
) -> impl IntoView {
    let stores = use_stores();
    let id = line.id;
    let product = line.product.0.clone();
    let name = stores
        .products
        .with_untracked(&product, |it| it.name.clone());
    let source = source(&name.unwrap_or(product), &line.service);
    let open = Memo::new(move |_| expanded.get() == Some(id));
    let toggle = move |_| expanded.set((!open.get_untracked()).then_some(id));
    let level = line.level.word();
    let details = Arc::clone(&line);
    view! {
        <div>
            <button
                type="button"
                class="mon-log-line"
                data-level=level
                data-line=id
                data-row=""
                aria-expanded=move || open.get().to_string()
                on:click=toggle
            >
                <time class="mon-log-at">{time(&line)}</time>
                <span class="mon-log-level">{mark(line.level)} {level}</span>
                <span class="mon-log-source">{source}</span>
                <span class="mon-log-text">{line.message.clone()}</span>
            </button>
            {move || open.get().then(|| detail(&details))}
        </div>
    }
}

fn time(line: &LogLine) -> String {
    let ms = line.at.0.rem_euclid(SECOND_MS);
    format!("{}.{ms:03}", second_of_day(line.at))
}

fn source(product: &str, service: &str) -> String {
    if service.is_empty() {
        return product.to_owned();
    }
    format!("{product} · {service}")
}

/// A shape for each level, so that it is not told by colour alone; the word stands beside it.
pub(super) fn mark(level: Level) -> AnyView {
    let path = match level {
        Level::Error => "M1 1h8v8H1z",
        Level::Warn => "M5 .6L9.6 9H.4z",
        Level::Info => {
            "M5 1.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7zM5 3a2 2 0 1 1 0 4a2 2 0 0 1 0-4z"
        }
        Level::Debug => "M1.5 4.4h7v1.2h-7z",
    };
    view! {
        <svg viewBox="0 0 10 10" width="10" height="10" fill="currentColor" fill-rule="evenodd" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
    .into_any()
}

fn detail(line: &LogLine) -> AnyView {
    let facts = [("message", line.message.clone()), ("date", date(line.at))]
        .into_iter()
        .map(|(name, value)| field(name.to_owned(), value));
    let rest = line
        .fields
        .iter()
        .filter(|(name, _)| !BLOCKS.contains(&name.as_str()))
        .map(|(name, value)| field(name.clone(), value.clone()));
    let blocks = line
        .fields
        .iter()
        .filter(|(name, _)| BLOCKS.contains(&name.as_str()))
        .map(|(_, value)| view! { <pre class="mon-log-stack" tabindex="0">{value.clone()}</pre> })
        .collect_view();
    let filtered = line
        .fields
        .values()
        .filter(|it| it.contains(FILTERED))
        .count();
    let note = (filtered > 0).then(|| {
        view! { <p class="mon-meta">"Filtered values were never stored and cannot be shown."</p> }
    });
    view! {
        <div class="mon-log-detail">
            <dl class="mon-log-fields">{facts.chain(rest).collect_view()}</dl>
            {blocks}
            {note}
        </div>
    }
    .into_any()
}

fn field(name: String, value: String) -> AnyView {
    let shown = if value == FILTERED {
        view! { <span class="mon-filtered">{value}</span> }.into_any()
    } else {
        value.into_any()
    };
    view! {
        <dt>{name}</dt>
        <dd>{shown}</dd>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn a_source_without_service_is_its_product() {
        assert_eq!(source("ChatPDD", "API"), "ChatPDD · API");
        assert_eq!(source("ChatPDD", ""), "ChatPDD");
    }
}
