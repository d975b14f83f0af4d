//! The first sign-in of an account, by the one-time link that the gateway printed.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::session::{FirstLoginRequest, Session};

use super::{SessionHolder, SessionState};
use crate::api;
use crate::feed::Feed;
use crate::route::{Route, use_replace};
use crate::ui::{Button, ButtonKind, Field};

/// The shortest password, in characters.
const MIN_PASSWORD_CHARS: usize = 12;
/// The longest password, in characters.
const MAX_PASSWORD_CHARS: usize = 200;
/// The longest name, in characters.
const MAX_NAME_CHARS: usize = 80;

/// What is being filled in.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    password: RwSignal<String>,
    again: RwSignal<String>,
    problems: RwSignal<Vec<FieldProblem>>,
}

impl Draft {
    fn problem(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.problems.with(|all| {
                let first = all.iter().find(|it| it.field == field);
                first.map(|it| it.text.clone())
            })
        })
    }
}

/// Chooses the name and the password of a new account.
#[component]
pub fn FirstLoginPage() -> impl IntoView {
    let draft = Draft {
        name: RwSignal::new(String::new()),
        password: RwSignal::new(String::new()),
        again: RwSignal::new(String::new()),
        problems: RwSignal::new(Vec::new()),
    };
    let token = window().location().hash().unwrap_or_default();
    let token = token.trim_start_matches('#').to_owned();
    let missing = token.is_empty();
    let trouble = RwSignal::new(missing.then(|| {
        "This link has no token. Open the whole link that the gateway printed.".to_owned()
    }));
    let busy = RwSignal::new(false);
    let holder = expect_context::<SessionHolder>();
    let feed = expect_context::<Feed>();
    let replace = use_replace();
    let enter = move |session: Session| {
        holder.set(SessionState::SignedIn(session));
        // Replacing also takes the used token out of the address bar.
        replace(Route::Overview);
        feed.start();
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let again = draft.again.get_untracked();
        let request = FirstLoginRequest {
            token: token.clone(),
            name: draft.name.get_untracked().trim().to_owned(),
            password: draft.password.get_untracked(),
        };
        let problems = problems(&request, &again);
        let blocked = busy.get_untracked() || missing || !problems.is_empty();
        draft.problems.set(problems);
        if blocked {
            return;
        }
        busy.set(true);
        trouble.set(None);
        leptos::task::spawn_local(async move {
            let answer = api::first_login(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(session) => enter(session),
                Err(error) => {
                    let fields = error.problem().map(|it| it.errors.clone());
                    let _ = draft.problems.try_set(fields.unwrap_or_default());
                    let _ = trouble.try_set(Some(error.words()));
                }
            }
        });
    };
    view! {
        <main class="mon-sign-in">
            <form class="mon-sign-in-card mon-form" aria-labelledby="first-title" on:submit=submit>
                <h1 class="mon-title" id="first-title">"Welcome to Watchfloor"</h1>
                <p class="mon-meta">"Choose the name that others see and a password. The link works once."</p>
                <Fields draft=draft/>
                <p class="mon-error" role="alert">{move || trouble.get()}</p>
                <Button kind=ButtonKind::Primary submit=true busy=busy>"Set password and sign in"</Button>
            </form>
        </main>
    }
}

#[component]
fn Fields(draft: Draft) -> impl IntoView {
    view! {
        <Field control="first-name" label="Name" error=draft.problem("name")>
            <input
                class="mon-input"
                id="first-name"
                aria-describedby="first-name-note"
                aria-invalid=move || draft.problem("name").get().map(|_| "true")
                name="name"
                autocomplete="name"
                prop:value=move || draft.name.get()
                on:input=move |event| draft.name.set(event_target_value(&event))
            />
        </Field>
        <Field
            control="first-password"
            label="Password"
            hint="12 characters or more"
            error=draft.problem("password")
        >
            <input
                class="mon-input"
                id="first-password"
                aria-describedby="first-password-note"
                aria-invalid=move || draft.problem("password").get().map(|_| "true")
                type="password"
                name="new-password"
                autocomplete="new-password"
                prop:value=move || draft.password.get()
                on:input=move |event| draft.password.set(event_target_value(&event))
            />
        </Field>
        <Field control="first-again" label="Repeat password" error=draft.problem("again")>
            <input
                class="mon-input"
                id="first-again"
                aria-describedby="first-again-note"
                aria-invalid=move || draft.problem("again").get().map(|_| "true")
                type="password"
                name="repeat-password"
                autocomplete="new-password"
                prop:value=move || draft.again.get()
                on:input=move |event| draft.again.set(event_target_value(&event))
            />
        </Field>
    }
}

fn problems(request: &FirstLoginRequest, again: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let name_chars = request.name.chars().count();
    if name_chars == 0 {
        problems.push(FieldProblem::new("name", "Enter your name."));
    } else if name_chars > MAX_NAME_CHARS {
        problems.push(FieldProblem::new("name", "Shorten it to 80 characters."));
    }
    let password_chars = request.password.chars().count();
    if password_chars < MIN_PASSWORD_CHARS {
        let missing = MIN_PASSWORD_CHARS - password_chars;
        let text = format!("Use 12 characters or more; {missing} are missing.");
        problems.push(FieldProblem::new("password", &text));
    } else if password_chars > MAX_PASSWORD_CHARS {
        problems.push(FieldProblem::new(
            "password",
            "Shorten it to 200 characters.",
        ));
    } else if request.password != again {
        problems.push(FieldProblem::new("again", "The two passwords differ."));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(name: &str, password: &str, again: &str) -> Vec<String> {
        let request = FirstLoginRequest {
            token: "t".to_owned(),
            name: name.to_owned(),
            password: password.to_owned(),
        };
        let all = problems(&request, again);
        all.into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn a_password_has_twelve_to_two_hundred_characters() {
        let (short, least) = ("a".repeat(11), "ä".repeat(12));
        let (most, long) = ("a".repeat(200), "a".repeat(201));
        assert_eq!(fields("Mara", &short, &short), ["password"]);
        assert!(fields("Mara", &least, &least).is_empty());
        assert!(fields("Mara", &most, &most).is_empty());
        assert_eq!(fields("Mara", &long, &long), ["password"]);
    }

    #[test]
    fn a_typing_error_in_the_repetition_is_found() {
        assert_eq!(fields("Mara", "correct horse", "correct hose"), ["again"]);
    }

    #[test]
    fn everybody_has_a_name() {
        let password = "a".repeat(12);
        assert_eq!(fields("", &password, &password), ["name"]);
    }
}
