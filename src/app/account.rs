//! Who is signed in, and what concerns them.

use leptos::prelude::*;
use watchfloor_wire::session::Role;

use super::keyboard::HelpDialog;
use crate::diagnostics;
use crate::feed::{Feed, use_gateway_build};
use crate::route::{AuditFilter, Link, Route, use_replace};
use crate::session::{use_session, use_sign_out};
use crate::ui::{Button, copy, fold, use_toasts};

const COPIED: &str =
    "Diagnostics copied. They hold notes and error texts: read them before you hand them on.";

/// The account's initials; opens its menu.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let session = use_session();
    let help = RwSignal::new(false);
    let menu = NodeRef::<leptos::html::Details>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            fold(menu);
        }
    };
    let keeps_accounts =
        Memo::new(move |_| session.with(|it| it.as_ref().is_some_and(|it| it.role == Role::Admin)));
    let name = Memo::new(move |_| session.get().map(|it| it.name).unwrap_or_default());
    let role = Memo::new(move |_| session.get().map(|it| it.role.word()).unwrap_or_default());
    view! {
        <details class="mon-account" node_ref=menu on:keydown=on_key>
            <summary class="mon-avatar" aria-label=move || format!("{}: account of {}", initials(&name.get()), name.get())>
                {move || initials(&name.get())}
            </summary>
            <div class="mon-menu" on:click=move |_| close()>
                <p class="mon-menu-head">{move || format!("{}, {}", name.get(), role.get())}</p>
                <Link to=Route::Notifications>"Notifications"</Link>
                {move || keeps_accounts.get().then(|| view! {
                    <Link to=Route::Audit(AuditFilter::default())>"Audit"</Link>
                })}
                <Link to=Route::Wall>"Wall board"</Link>
                <button type="button" on:click=move |_| help.set(true)>
                    "Keyboard shortcuts"
                </button>
                <CopyDiagnostics/>
                <SignOut/>
                <NewerBuild/>
            </div>
        </details>
        <HelpDialog open=help/>
    }
}

/// Puts what this page knows on the clipboard, for whoever looks into a fault.
#[component]
fn CopyDiagnostics() -> impl IntoView {
    let sources = diagnostics::use_sources();
    let toasts = use_toasts();
    let gather = move |_| {
        leptos::task::spawn_local(async move {
            match diagnostics::gathered(sources).await {
                Some(text) => copy(&text, toasts, COPIED),
                None => toasts.say("The diagnostics could not be fetched. Try again."),
            }
        });
    };
    view! {
        <button type="button" on:click=gather>
            "Copy diagnostics"
        </button>
    }
}

#[component]
fn SignOut() -> impl IntoView {
    let feed = expect_context::<Feed>();
    let replace = use_replace();
    let (busy, sign_out) = use_sign_out(move || {
        feed.stop();
        replace(Route::Overview);
    });
    view! {
        <button type="button" aria-disabled=move || busy.get().to_string() on:click=move |_| sign_out()>
            "Sign out"
        </button>
    }
}

/// Says that a reload would bring a newer console.
#[component]
fn NewerBuild() -> impl IntoView {
    let theirs = use_gateway_build();
    let own = crate::diagnostics::build();
    let newer = Memo::new(move |_| theirs.with(|theirs| is_newer(&own, theirs)));
    let reload = move |()| {
        // A page that may not be reloaded by itself can still be reloaded by hand.
        let _ = window().location().reload();
    };
    move || {
        newer
            .get()
            .then(|| view! { <Button on_click=reload>"Reload for the newer console"</Button> })
    }
}

/// Another build is taken for a newer one: gateways are only ever rolled forward or back on purpose.
fn is_newer(own: &str, theirs: &str) -> bool {
    !own.is_empty() && !theirs.is_empty() && own != theirs && own != "development"
}

/// The first letters of the first and the last name. The style sheet makes capitals of them: the tables for doing it
/// here would be nine kilobytes on the way to the page.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let ends = match words.as_slice() {
        [] => return "?".to_owned(),
        [only] => vec![*only],
        [first, .., last] => vec![*first, *last],
    };
    ends.iter().filter_map(|word| word.chars().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::{initials, is_newer};

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        assert_eq!(initials("Mara Lindholm"), "ML");
        assert_eq!(initials("ada king countess of lovelace"), "al");
        assert_eq!(initials("örn"), "ö");
        assert_eq!(initials("  "), "?");
    }

    #[test]
    fn only_a_known_and_different_build_is_newer() {
        assert!(is_newer("a", "b"));
        assert!(!is_newer("a", "a"));
        assert!(!is_newer("a", ""));
        assert!(!is_newer("development", "b"));
    }
}
