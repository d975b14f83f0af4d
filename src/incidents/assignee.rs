//! To whom an incident goes: a choice among those who can have one.

use leptos::prelude::*;
use watchfloor_wire::permits::Action;
use watchfloor_wire::session::OperatorEntry;

use crate::api;
use crate::remote::fetched;
use crate::session::{may, use_session};

/// Chooses an account. The list is fetched when the choice is first shown; until then nobody else can be chosen.
#[component]
pub(super) fn Assignee(
    /// The control's id.
    control: &'static str,
    /// The account; empty for nobody.
    chosen: RwSignal<String>,
    /// What it says while nobody is chosen.
    nobody: &'static str,
    /// Whether it cannot be changed now.
    #[prop(into)]
    locked: Signal<bool>,
) -> impl IntoView {
    let session = use_session();
    let may = may(Action::HandOver);
    // Others may not ask, and need not.
    let asks = Memo::new(move |_| may.with(Result::is_ok));
    let (list, _) = fetched(
        move || asks.get(),
        async |asks| {
            if asks {
                api::operators().await.map(|it| it.operators)
            } else {
                Ok(Vec::new())
            }
        },
    );
    let others = Memo::new(move |_| {
        let me = session.with(|it| it.as_ref().map(|it| it.account.clone()));
        let all = list.with(|it| it.value().cloned().unwrap_or_default());
        others(all, me.as_deref())
    });
    let options = move || {
        others.with(|all| {
            all.iter()
                .map(|it| {
                    let account = it.account.clone();
                    let selected = move || chosen.with(|chosen| *chosen == account);
                    view! {
                        <option value=it.account.clone() prop:selected=selected>
                            {it.name.clone()}
                        </option>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <select
            class="mon-select"
            id=control
            aria-describedby=format!("{control}-note")
            disabled=move || locked.get()
            on:change=move |event| chosen.set(event_target_value(&event))
        >
            <option value="" prop:selected=move || chosen.with(String::is_empty)>
                {nobody}
            </option>
            {options}
        </select>
    }
}

/// Everybody else, by name.
fn others(mut all: Vec<OperatorEntry>, me: Option<&str>) -> Vec<OperatorEntry> {
    all.retain(|it| Some(it.account.as_str()) != me);
    all.sort_by_key(|it| it.name.to_lowercase());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::session::Role;

    #[test]
    fn nobody_hands_over_to_themselves_and_names_are_in_order() {
        let entry = |account: &str, name: &str| OperatorEntry {
            account: account.to_owned(),
            name: name.to_owned(),
            role: Role::Operator,
        };
        let all = vec![entry("z", "omar"), entry("me", "Priya"), entry("a", "Mara")];
        let names: Vec<String> = others(all, Some("me"))
            .into_iter()
            .map(|it| it.name)
            .collect();
        assert_eq!(names, ["Mara", "omar"]);
    }
}
