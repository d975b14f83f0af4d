//! Signing in: a page of its own at first, later a sheet over what was there when the session ended.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::session::{Session, SignInRequest};

use super::{SessionHolder, SessionState};
use crate::api::{self, ApiError};
use crate::feed::Feed;
use crate::route::{Route, use_replace, use_route};
use crate::ui::{Button, ButtonKind, Field};

/// The gateway said yes, and the browser forgot it at once: a frame of another site, or a cookie that is for https
/// on a page that came without.
const NOT_KEPT: &str = "The password is right, but the browser keeps no session here. Open the console in a tab \
    of its own, and over https.";

/// Asks for account and password.
#[component]
pub fn SignIn(
    /// Whether it lies over a page whose session has ended.
    #[prop(optional)]
    over: bool,
) -> impl IntoView {
    let account = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let holder = expect_context::<SessionHolder>();
    let feed = expect_context::<Feed>();
    let (route, replace) = (use_route(), use_replace());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let request = SignInRequest {
            account: account.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        if let Err(words) = check(&request) {
            trouble.set(Some(words.to_owned()));
            return;
        }
        busy.set(true);
        trouble.set(None);
        leptos::task::spawn_local(async move {
            let answer = attempt(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(session) => {
                    if route.with_untracked(|it| *it == Route::SignIn) {
                        replace(Route::Overview);
                    }
                    holder.set(SessionState::SignedIn(session));
                    feed.start();
                }
                Err(words) => {
                    let _ = trouble.try_set(Some(words));
                }
            }
        });
    };
    let lead = if over {
        "The session has ended. Nothing behind this is current."
    } else {
        "Sign in to see how production is."
    };
    let form = view! {
        <form class="mon-sign-in-card mon-form" aria-labelledby="sign-in-title" on:submit=submit>
            <h1 class="mon-title" id="sign-in-title">"Sign in to Watchfloor"</h1>
            <p class="mon-meta">{lead}</p>
            <Credentials account=account password=password/>
            <p class="mon-error" role="alert">{move || trouble.get()}</p>
            <Button kind=ButtonKind::Primary submit=true busy=busy>"Sign in"</Button>
        </form>
    };
    if over {
        // The page behind it keeps its main part, and there is one of those only.
        return view! {
            <div class="mon-sign-in" data-over="" role="dialog" aria-modal="true" aria-labelledby="sign-in-title">
                {form}
            </div>
        }
        .into_any();
    }
    view! { <main class="mon-sign-in">{form}</main> }.into_any()
}

#[component]
fn Credentials(account: RwSignal<String>, password: RwSignal<String>) -> impl IntoView {
    let first = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = first.get() {
            let _ = input.focus();
        }
    });
    view! {
        <Field control="sign-in-account" label="Account">
            <input
                class="mon-input"
                id="sign-in-account"
                aria-describedby="sign-in-account-note"
                name="username"
                autocomplete="username"
                autocapitalize="none"
                spellcheck="false"
                node_ref=first
                prop:value=move || account.get()
                on:input=move |event| account.set(event_target_value(&event))
            />
        </Field>
        <Field control="sign-in-password" label="Password">
            <input
                class="mon-input"
                id="sign-in-password"
                aria-describedby="sign-in-password-note"
                type="password"
                name="password"
                autocomplete="current-password"
                prop:value=move || password.get()
                on:input=move |event| password.set(event_target_value(&event))
            />
        </Field>
    }
}

/// Signs in, and looks whether the browser keeps what it was given; the error is for people.
async fn attempt(request: &SignInRequest) -> Result<Session, String> {
    let session = api::sign_in(request).await.map_err(|error| error.words())?;
    if was_kept(&api::session().await) {
        Ok(session)
    } else {
        Err(NOT_KEPT.to_owned())
    }
}

/// Whether the session is there when it is asked for again. Without an answer there is no reason to doubt it.
const fn was_kept(answer: &Result<Option<Session>, ApiError>) -> bool {
    !matches!(answer, Ok(None))
}

fn check(request: &SignInRequest) -> Result<(), &'static str> {
    if request.account.is_empty() {
        return Err("Enter the account.");
    }
    if request.password.is_empty() {
        return Err("Enter the password.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::session::Role;
    use watchfloor_wire::time::UnixMs;

    use super::*;

    #[test]
    fn only_a_clear_no_says_that_the_browser_kept_nothing() {
        let somebody = Session {
            account: "priya".to_owned(),
            name: "Priya Raman".to_owned(),
            role: Role::Operator,
            expires_at: UnixMs(1),
        };
        assert!(was_kept(&Ok(Some(somebody))));
        assert!(was_kept(&Err(ApiError::Network)));
        assert!(!was_kept(&Ok(None)));
    }

    #[test]
    fn both_fields_are_asked_for_before_anything_is_sent() {
        let request = |account: &str, password: &str| SignInRequest {
            account: account.to_owned(),
            password: password.to_owned(),
        };
        assert_eq!(check(&request("", "x")), Err("Enter the account."));
        assert_eq!(check(&request("x", "")), Err("Enter the password."));
        assert_eq!(check(&request("x", "x")), Ok(()));
    }
}
