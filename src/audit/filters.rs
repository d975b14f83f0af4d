//! Choosing rows. The filter stands in the address, so that it can be kept as a link and sent to somebody else.

use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::problem::FieldProblem;

use crate::route::{AuditFilter, AuditPart, Link, Route, use_replace};
use crate::ui::Field;

/// A text is taken when nothing was typed for this long.
const TYPING_PAUSE: Duration = Duration::from_millis(300);

/// Families of actions, for the field's suggestions.
const FAMILIES: [&str; 9] = [
    "incident",
    "incident.acknowledge",
    "incident.resolve",
    "incident.lease_lapsed",
    "incident.escalate",
    "silence",
    "notification",
    "session",
    "account",
];

/// The parts of the filter in the address.
#[component]
pub(super) fn Filters(
    filter: Memo<AuditFilter>,
    problem: Signal<Option<FieldProblem>>,
) -> impl IntoView {
    let is_all = Memo::new(move |_| filter.with(|it| *it == AuditFilter::default()));
    let families = FAMILIES.map(|it| view! { <option value=it></option> });
    view! {
        <div class="mon-audit-filters" role="search" aria-label="Filter the audit">
            <Part filter=filter problem=problem part=AuditPart::Actor control="audit-actor" label="Who" hint="An account, or gateway"/>
            <Part filter=filter problem=problem part=AuditPart::Action control="audit-action" label="Action" hint="For example incident.resolve"/>
            <Part filter=filter problem=problem part=AuditPart::Subject control="audit-subject" label="To what" hint="For example INC-12 or silence"/>
            <Part filter=filter problem=problem part=AuditPart::From control="audit-from" label="From" hint="UTC"/>
            <Part filter=filter problem=problem part=AuditPart::To control="audit-to" label="To" hint="UTC"/>
            <datalist id="audit-families">{families.collect_view()}</datalist>
        </div>
        <p class="mon-audit-all">
            {move || (!is_all.get()).then(|| view! {
                <Link to=Route::Audit(AuditFilter::default())>"Show all rows"</Link>
            })}
        </p>
    }
}

const fn is_moment(part: AuditPart) -> bool {
    matches!(part, AuditPart::From | AuditPart::To)
}

/// A field for one part. What is typed is taken after a pause; the address may also change without the field.
#[component]
fn Part(
    filter: Memo<AuditFilter>,
    problem: Signal<Option<FieldProblem>>,
    part: AuditPart,
    control: &'static str,
    label: &'static str,
    hint: &'static str,
) -> impl IntoView {
    let replace = use_replace();
    let text = RwSignal::new(filter.with_untracked(|it| it.part(part).to_owned()));
    Effect::new(move |_| {
        let wanted = filter.with(|it| it.part(part).to_owned());
        if text.with_untracked(|it| it.trim() != wanted) {
            text.set(wanted);
        }
    });
    let typed = StoredValue::new(0_u64);
    let take = move |number: u64| {
        if typed.try_get_value() != Some(number) {
            return;
        }
        let next = filter.get_untracked().with(part, &text.get_untracked());
        if filter.with_untracked(|it| *it != next) {
            replace(Route::Audit(next));
        }
    };
    let on_input = move |event| {
        text.set(event_target_value(&event));
        typed.update_value(|it| *it += 1);
        let number = typed.get_value();
        set_timeout(move || take(number), TYPING_PAUSE);
    };
    let error = Signal::derive(move || {
        let own = |it: &FieldProblem| control.strip_prefix("audit-") == Some(it.field.as_str());
        problem.with(|it| it.as_ref().filter(|it| own(it)).map(|it| it.text.clone()))
    });
    view! {
        <Field control=control label=label hint=hint error=error>
            <input
                class="mon-input"
                id=control
                type=if is_moment(part) { "datetime-local" } else { "text" }
                maxlength="200"
                autocomplete="off"
                spellcheck="false"
                list=(part == AuditPart::Action).then_some("audit-families")
                data-key=(part == AuditPart::Actor).then_some("/")
                aria-describedby=format!("{control}-note")
                aria-invalid=move || error.get().map(|_| "true")
                prop:value=move || text.get()
                on:input=on_input
            />
        </Field>
    }
}
