//! `/api/monitoring/session`: who is signed in, signing in and out, and the first login.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json as Answer};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::session::{ChangePasswordRequest, FirstLoginRequest, Session, SignInRequest};

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::guard::{Address, Caller};
use super::openapi::about::About;
use crate::auth::secret::Secret;
use crate::auth::{AuthError, FirstLogin, PasswordChange, Principal, SignIn, cookie, password};
use crate::change::AuditRow;

/// The longest name for people, in characters.
const MAX_NAME_CHARS: usize = 80;

/// The row's own words.
#[must_use]
pub fn about_current() -> About {
    About::new("readSession", "Who is signed in.")
        .answers::<Session>(200, "This account.")
        .answers_nothing(204, "Nobody.")
}

/// The row's own words.
#[must_use]
pub fn about_sign_in() -> About {
    About::new("signIn", "Signs in with account and password.")
        .takes::<SignInRequest>()
        .answers::<Session>(200, "Signed in; the answer sets the session's cookie.")
        .fails(401, "Account or password is wrong.")
        .fails(429, "Too many tries; `Retry-After` says when to try again.")
}

/// The row's own words.
#[must_use]
pub fn about_first_login() -> About {
    About::new(
        "firstLogin",
        "Sets an account's name and password by its one-time link, and signs in.",
    )
    .takes::<FirstLoginRequest>()
    .answers::<Session>(200, "Signed in; the answer sets the session's cookie.")
    .fails(401, "The link was used, is too old, or is not complete.")
    .fails(429, "Too many tries; `Retry-After` says when to try again.")
}

/// The row's own words.
#[must_use]
pub fn about_sign_out() -> About {
    About::new("signOut", "Ends the session; its sockets close.")
        .answers_nothing(204, "The session has ended.")
}

/// Answers with who is signed in, and with 204 when nobody is: that is an answer to this question, not a
/// failure, and a page that asks before signing in does not fill its console with errors.
pub async fn current(principal: Option<Extension<Principal>>) -> Response {
    match principal {
        Some(Extension(principal)) => Answer(session(&principal)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Signs in with account and password. A wrong account and a wrong password get the same answer after the
/// same time.
pub async fn sign_in(
    State(api): State<Api>,
    Extension(Address(address)): Extension<Address>,
    body: Json<SignInRequest>,
) -> Result<Response, Failure> {
    api.rates().sign_in(&address)?;
    let SignInRequest { account, password } = body.value;
    // Longer ones exist nowhere, so looking them up or hashing them would only cost time.
    let possible = account.len() <= 64 && password.len() <= 4 * password::MAX_PASSWORD_CHARS;
    if !possible {
        return Err(wrong_credentials());
    }
    let outcome = api.auth().sign_in(&account, password, &address).await;
    match outcome.map_err(|error| broken(&error))? {
        SignIn::Done(token, principal) => {
            audit(&api, &principal, "session.sign_in", &address).await;
            Ok(welcome(&api, &token, &principal))
        }
        SignIn::Refused => {
            api.count_refused_sign_in();
            tracing::warn!(account = %account.escape_debug(), %address, "sign-in refused");
            Err(wrong_credentials())
        }
        SignIn::Wait(wait_ms) => {
            api.count_refused_sign_in();
            Err(Failure::too_many(wait_ms))
        }
    }
}

/// Sets the account's name and password by its one-time link, and signs in.
pub async fn first_login(
    State(api): State<Api>,
    Extension(Address(address)): Extension<Address>,
    body: Json<FirstLoginRequest>,
) -> Result<Response, Failure> {
    api.rates().sign_in(&address)?;
    let FirstLoginRequest {
        token,
        name,
        password,
    } = body.value;
    let name = name.trim().to_owned();
    let problems = first_login_problems(&name, &password);
    if !problems.is_empty() {
        return Err(Failure::fields(problems));
    }
    let token = Secret::presented(token.trim()).ok_or_else(bad_link)?;
    let outcome = api.auth().first_login(&token, name, password, &address);
    match outcome.await.map_err(|error| broken(&error))? {
        FirstLogin::Done(token, principal) => {
            audit(&api, &principal, "session.first_login", &address).await;
            Ok(welcome(&api, &token, &principal))
        }
        FirstLogin::BadLink => {
            api.count_refused_sign_in();
            Err(bad_link())
        }
        FirstLogin::Wait(wait_ms) => Err(Failure::too_many(wait_ms)),
    }
}

/// The row's own words.
#[must_use]
pub fn about_password() -> About {
    About::new(
        "changePassword",
        "Changes the password of whoever is signed in; every other session of the account ends.",
    )
    .takes::<ChangePasswordRequest>()
    .answers_nothing(204, "It is changed.")
    .fails(429, "Too many tries; `Retry-After` says when to try again.")
}

/// Changes the caller's password.
pub async fn change_password(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Extension(Address(address)): Extension<Address>,
    body: Json<ChangePasswordRequest>,
) -> Result<StatusCode, Failure> {
    api.rates().sign_in(&address)?;
    let ChangePasswordRequest { current, new } = body.value;
    let problems = password_problems(&current, &new);
    if !problems.is_empty() {
        return Err(Failure::fields(problems));
    }
    let (account, session) = (&principal.account, &principal.session);
    let outcome = api
        .auth()
        .change_password(account, session, current, new, &address);
    match outcome.await.map_err(|error| broken(&error))? {
        PasswordChange::Done => {
            audit(&api, &principal, "account.password", &address).await;
            Ok(StatusCode::NO_CONTENT)
        }
        PasswordChange::Wrong => {
            api.count_refused_sign_in();
            Err(Failure::fields(vec![FieldProblem::new(
                "current",
                "This is not the password that the account has.",
            )]))
        }
        PasswordChange::Wait(wait_ms) => Err(Failure::too_many(wait_ms)),
    }
}

fn password_problems(current: &str, new: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    // Longer ones exist nowhere, so hashing them would only cost time.
    if current.len() > 4 * password::MAX_PASSWORD_CHARS {
        problems.push(FieldProblem::new(
            "current",
            "This is not the password that the account has.",
        ));
    }
    if current == new {
        problems.push(FieldProblem::new(
            "new",
            "Choose another than the present one.",
        ));
    } else if let Some(text) = password::problem_with(new) {
        problems.push(FieldProblem {
            field: "new".to_owned(),
            text,
        });
    }
    problems
}

/// Ends the session; its sockets close.
pub async fn sign_out(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Extension(Address(address)): Extension<Address>,
) -> Result<Response, Failure> {
    if let Some((token, kind)) = &caller.token {
        let ended = api.auth().sign_out(token, *kind).await;
        ended.map_err(|error| broken(&error))?;
    }
    audit(&api, &caller.principal, "session.sign_out", &address).await;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &cookie::clear(api.origins().https_only));
    Ok(response)
}

fn first_login_problems(name: &str, password: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let chars = name.chars().count();
    if chars == 0 || chars > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        problems.push(FieldProblem {
            field: "name".to_owned(),
            text: format!("Write your name in 1 to {MAX_NAME_CHARS} characters."),
        });
    }
    if let Some(text) = password::problem_with(password) {
        problems.push(FieldProblem {
            field: "password".to_owned(),
            text,
        });
    }
    problems
}

fn session(principal: &Principal) -> Session {
    Session {
        account: principal.account.clone(),
        name: principal.name.clone(),
        role: principal.role,
        expires_at: principal.expires_at,
    }
}

fn welcome(api: &Api, token: &Secret, principal: &Principal) -> Response {
    let life_ms = principal.expires_at.since_ms(api.clock().now());
    let mut response = Answer(session(principal)).into_response();
    set_cookie(
        &mut response,
        &cookie::set(token, life_ms, api.origins().https_only),
    );
    response
}

fn set_cookie(response: &mut Response, value: &str) {
    if let Ok(mut value) = HeaderValue::from_str(value) {
        value.set_sensitive(true);
        response.headers_mut().insert(SET_COOKIE, value);
    }
}

async fn audit(api: &Api, principal: &Principal, action: &str, address: &str) {
    let detail = serde_json::json!({ "session": principal.session.0, "address": address });
    let row = AuditRow {
        at: api.clock().now(),
        actor: principal.account.clone(),
        action: action.to_owned(),
        subject: format!("account/{}", principal.account),
        detail: detail.to_string(),
    };
    api.engine().audit(row).await;
}

fn wrong_credentials() -> Failure {
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "credentials",
        "Not signed in",
        "Account or password is wrong.",
    )
}

fn bad_link() -> Failure {
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "link",
        "The link is not valid",
        "It was used already, is older than 24 h, or is not complete. `watchfloor account link` makes a new one.",
    )
}

fn broken(error: &AuthError) -> Failure {
    Failure::unavailable("Signing in is not possible", error)
}

#[cfg(test)]
mod tests {
    use super::first_login_problems;

    #[test]
    fn a_name_is_one_line_of_1_to_80_characters() {
        let password = "correct horse battery";
        for (name, fine) in [
            ("Priya Raman", true),
            ("", false),
            (&"ä".repeat(80), true),
            (&"ä".repeat(81), false),
            ("a\u{7}b", false),
        ] {
            let problems = first_login_problems(name, password);
            assert_eq!(problems.is_empty(), fine, "{name}");
        }
    }
}
