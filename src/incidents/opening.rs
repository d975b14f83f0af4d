//! Opening an incident that no alert opened.

use leptos::prelude::*;
use watchfloor_wire::action::{ActionAnswer, MAX_TITLE_CHARS, OpenRequest};
use watchfloor_wire::id::ProductId;
use watchfloor_wire::permits::Action;
use watchfloor_wire::priority::Priority;
use watchfloor_wire::problem::FieldProblem;

use super::actions::on_submit;
use crate::api;
use crate::route::{Route, use_navigate};
use crate::sending::{Notice, Problems, Sender};
use crate::session::may;
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Dialog, Field, Segmented, TextArea};

/// The request that the form stands for.
///
/// # Errors
/// Everything that is wrong with it.
fn validate(
    product: &str,
    title: &str,
    priority: Priority,
    note: &str,
) -> Result<OpenRequest, Vec<FieldProblem>> {
    let request = OpenRequest {
        product: ProductId::from(product),
        title: title.trim().to_owned(),
        priority,
        note: note.trim().to_owned(),
    };
    let problems = request.problems();
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

/// The button and its form.
#[component]
pub(super) fn OpenIncident() -> impl IntoView {
    let open = RwSignal::new(false);
    let may = may(Action::Acknowledge);
    let refused = Signal::derive(move || may.get().err().map(|it| it.text().to_owned()));
    view! {
        <Button disabled_reason=refused on_click=move |()| open.set(true)>"Open an incident"</Button>
        <Dialog open=open title="Open an incident">
            <OpenForm/>
        </Dialog>
    }
}

#[component]
fn OpenForm() -> impl IntoView {
    let stores = use_stores();
    let navigate = use_navigate();
    let sender = Sender::new();
    let (product, title, note) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let priority = RwSignal::new(Priority::P2);
    let tried = RwSignal::new(false);
    let request = move || {
        product.with(|product| {
            title.with(|title| note.with(|note| validate(product, title, priority.get(), note)))
        })
    };
    let problems = Problems::new(tried, sender, request);
    let error = move |field: &'static str| problems.signal(field);
    let send = move || {
        tried.set(true);
        let Ok(request) = untrack(request) else {
            return;
        };
        sender.send(
            async move |key: String| api::open_incident(&request, &key).await,
            move |answer: ActionAnswer| {
                let id = answer.incident.id;
                stores.answer(&answer);
                navigate(Route::Incident(id));
            },
        );
    };
    let (submit, on_key) = on_submit(send);
    let locked = sender.is_locked();
    let priorities = [Priority::P0, Priority::P1, Priority::P2, Priority::P3]
        .map(|it| (it, it.to_string()))
        .to_vec();
    let note_error = error("note");
    view! {
        <form class="mon-form" novalidate on:submit=submit on:keydown=on_key>
            <ProductField chosen=product error=error("product")/>
            <TitleField title=title locked=locked error=error("title")/>
            <div class="mon-field">
                <span class="mon-label" aria-hidden="true">"Priority"</span>
                <Segmented legend="Priority" options=priorities selected=priority kind="choice"/>
            </div>
            <Field control="open-note" label="Note" aside="optional" error=note_error>
                <TextArea control="open-note" text=note locked=locked error=note_error/>
            </Field>
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=ButtonKind::Primary submit=true busy=locked>"Open it"</Button>
            </div>
        </form>
    }
}

#[component]
fn ProductField(chosen: RwSignal<String>, error: Signal<Option<String>>) -> impl IntoView {
    let products = use_stores()
        .products
        .all_untracked()
        .into_iter()
        .map(|it| view! { <option value=it.id.0>{it.name}</option> })
        .collect_view();
    view! {
        <Field control="open-product" label="Product" aside="required" error=error>
            <select
                class="mon-select"
                id="open-product"
                aria-describedby="open-product-note"
                aria-invalid=move || error.get().map(|_| "true")
                on:change=move |event| chosen.set(event_target_value(&event))
            >
                <option value="">"Choose…"</option>
                {products}
            </select>
        </Field>
    }
}

#[component]
fn TitleField(
    title: RwSignal<String>,
    locked: Signal<bool>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <Field control="open-title" label="What is wrong" aside="required" error=error>
            <input
                class="mon-input"
                id="open-title"
                type="text"
                maxlength=MAX_TITLE_CHARS
                aria-describedby="open-title-note"
                aria-invalid=move || error.get().map(|_| "true")
                prop:value=move || title.get()
                prop:readOnly=move || locked.get()
                on:input=move |event| title.set(event_target_value(&event))
            />
        </Field>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_needs_a_product_and_a_title() {
        let fields = |product: &str, title: &str| -> Vec<String> {
            let problems = validate(product, title, Priority::P2, "").err();
            let problems = problems.unwrap_or_default().into_iter();
            problems.map(|it| it.field).collect()
        };
        assert_eq!(fields("", "ab"), ["title", "product"]);
        assert_eq!(fields("shop", "Mail is slow"), Vec::<String>::new());
    }
}
