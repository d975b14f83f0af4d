//! The conditions of the form, a row each.

use leptos::prelude::*;
use watchfloor_wire::silence::check::MAX_MATCHERS;
use watchfloor_wire::silence::{MatchField, MatchOperator, Matcher};

use super::draft::choose_field;
use crate::store::{Stores, use_stores};
use crate::ui::{Button, ButtonKind, Glyph, GlyphShape};

/// A condition with an identity, so that typing in one row does not make the others anew.
#[derive(Clone, Copy)]
pub(super) struct Row {
    number: usize,
    pub(super) matcher: RwSignal<Matcher>,
}

/// The rows.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    all: RwSignal<Vec<Row>>,
    made: StoredValue<usize>,
}

impl Rows {
    pub(super) fn new(matchers: Vec<Matcher>) -> Self {
        let rows = Self {
            all: RwSignal::new(Vec::new()),
            made: StoredValue::new(0),
        };
        for matcher in matchers {
            rows.add(matcher);
        }
        rows
    }

    fn add(self, matcher: Matcher) {
        let number = self.made.get_value();
        self.made.set_value(number + 1);
        self.all.update(|all| {
            all.push(Row {
                number,
                matcher: RwSignal::new(matcher),
            });
        });
    }

    /// The conditions; tracked.
    pub(super) fn matchers(self) -> Vec<Matcher> {
        self.all
            .with(|all| all.iter().map(|it| it.matcher.get()).collect())
    }

    fn place(self, number: usize) -> Option<usize> {
        self.all
            .with(|all| all.iter().position(|it| it.number == number))
    }
}

/// The conditions; `problem` says what is wrong with a field of the request.
#[component]
pub(super) fn MatcherRows(rows: Rows, problem: Callback<String, Option<String>>) -> impl IntoView {
    let add = move |()| {
        rows.add(Matcher::new(MatchField::Product, MatchOperator::Is, ""));
    };
    let full = Signal::derive(move || {
        let is_full = rows.all.with(Vec::len) >= MAX_MATCHERS;
        is_full.then(|| format!("{MAX_MATCHERS} conditions at most."))
    });
    view! {
        <fieldset class="mon-matchers">
            <legend class="mon-label">
                "Mute what fits all of these "
                <span class="mon-label-note">"* stands for anything, | between alternatives"</span>
            </legend>
            <For each=move || rows.all.get() key=|it| it.number let(row)>
                <MatcherRow row=row rows=rows problem=problem/>
            </For>
            <div>
                <Button kind=ButtonKind::Quiet disabled_reason=full on_click=add>"Add a condition"</Button>
            </div>
            <p class="mon-error" id="silence-everything-note">{move || problem.run("matchers".to_owned())}</p>
        </fieldset>
    }
}

#[component]
fn MatcherRow(row: Row, rows: Rows, problem: Callback<String, Option<String>>) -> impl IntoView {
    let matcher = row.matcher;
    let control = format!("silence-value-{}", row.number);
    let note = format!("{control}-note");
    let list = format!("silence-names-{}", row.number);
    let wrong = move |member: &'static str| {
        Memo::new(move |_| {
            let place = rows.place(row.number)?;
            problem.run(format!("matchers.{place}.{member}"))
        })
    };
    let (wrong_label, wrong_value) = (wrong("label"), wrong("value"));
    let told = move || wrong_label.get().or_else(|| wrong_value.get());
    let is_label = Memo::new(move |_| matcher.with(|it| it.field == MatchField::Label));
    let stores = use_stores();
    let names = Memo::new(move |_| matcher.with(|it| names(stores, it)));
    let remove = move |_| {
        rows.all
            .update(|all| all.retain(|it| it.number != row.number))
    };
    let described = note.clone();
    view! {
        <div
            class="mon-matcher"
            data-invalid=move || told().map(|_| "")
            data-label=move || is_label.get().then_some("")
        >
            {choice("Field", MatchField::ALL.map(|it| (it, it.word())), matcher, |it| it.field, choose_field)}
            {move || is_label.get().then(|| label_name(row, wrong_label, described.clone()))}
            {choice(
                "Comparison",
                MatchOperator::ALL.map(|it| (it, it.words())),
                matcher,
                |it| it.operator,
                |it, to| it.operator = to,
            )}
            <input
                class="mon-input"
                type="text"
                aria-label="Value"
                autocomplete="off"
                list=list.clone()
                id=control
                aria-describedby=note.clone()
                aria-invalid=move || wrong_value.get().map(|_| "true")
                prop:value=move || matcher.with(|it| it.value.clone())
                on:input=move |event| matcher.update(|it| it.value = event_target_value(&event))
            />
            <datalist id=list>{move || options(names.get())}</datalist>
            <button type="button" class="mon-button" data-kind="quiet" aria-label="Remove this condition" on:click=remove>
                <Glyph shape=GlyphShape::Cross/>
            </button>
            <p class="mon-error" id=note>{told}</p>
        </div>
    }
}

/// Which label is compared.
fn label_name(row: Row, wrong: Memo<Option<String>>, note: String) -> AnyView {
    let matcher = row.matcher;
    let list = format!("silence-labels-{}", row.number);
    let stores = use_stores();
    let names = Memo::new(move |_| label_names(stores));
    view! {
        <input
            class="mon-input"
            type="text"
            aria-label="Name of the label"
            placeholder="team"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            list=list.clone()
            aria-describedby=note
            aria-invalid=move || wrong.get().map(|_| "true")
            prop:value=move || matcher.with(|it| it.label.clone())
            on:input=move |event| matcher.update(|it| it.label = Some(event_target_value(&event)))
        />
        <datalist id=list>{move || options(names.get())}</datalist>
    }
    .into_any()
}

fn options(names: Vec<String>) -> AnyView {
    let items = names.into_iter();
    items
        .map(|it| view! { <option value=it></option> })
        .collect_view()
        .into_any()
}

fn choice<T: Copy + PartialEq + Send + Sync + 'static, const N: usize>(
    label: &'static str,
    options: [(T, &'static str); N],
    matcher: RwSignal<Matcher>,
    read: fn(&Matcher) -> T,
    write: fn(&mut Matcher, T),
) -> AnyView {
    let items = options.map(|(value, words)| {
        let is_chosen = move || matcher.with(read) == value;
        view! { <option value=words prop:selected=is_chosen>{words}</option> }
    });
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        if let Some((value, _)) = options.iter().find(|(_, words)| *words == chosen) {
            matcher.update(|it| write(it, *value));
        }
    };
    view! {
        <select class="mon-select" aria-label=label on:change=choose>
            {items.into_iter().collect_view()}
        </select>
    }
    .into_any()
}

/// What a condition can name, as far as this page knows.
fn names(stores: Stores, matcher: &Matcher) -> Vec<String> {
    match matcher.field {
        MatchField::Product => stores.products.ids(),
        MatchField::Check => stores.checks.ids(),
        MatchField::Severity => ["critical", "high", "warning", "info"]
            .map(str::to_owned)
            .to_vec(),
        MatchField::Rule => each_once(stores.alerts.all().into_iter().map(|it| it.rule)),
        MatchField::Label => {
            let name = matcher.label.as_deref().unwrap_or_default().trim();
            let alerts = stores.alerts.all().into_iter();
            each_once(alerts.filter_map(|mut it| it.labels.remove(name)))
        }
        MatchField::Title | MatchField::Unrecognised => Vec::new(),
    }
}

/// The labels that alerts have now.
fn label_names(stores: Stores) -> Vec<String> {
    let alerts = stores.alerts.all().into_iter();
    each_once(alerts.flat_map(|it| it.labels.into_keys()))
}

fn each_once(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    once
}
