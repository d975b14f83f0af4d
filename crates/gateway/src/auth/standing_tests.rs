//! Accounts whose password changes, and accounts that are ended from beside.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use watchfloor_wire::time::{HOUR_MS, SECOND_MS};

use super::*;
use crate::auth::secret::Secret;
use crate::auth::{FirstLogin, Principal, SessionKind, SignIn, Standing};
use crate::clock::Clock;
use crate::config::gateway::Sessions;

const OLD: &str = "correct horse battery";
const NEW: &str = "another horse and a staple";

fn open(dir: &tempfile::TempDir, clock: &Clock) -> Auth {
    Auth::open(dir.path(), Sessions::default(), clock.clone()).unwrap()
}

fn clock() -> Clock {
    Clock::manual(UnixMs(1_000_000))
}

async fn first_login(auth: &Auth, link: &Secret) -> Principal {
    let outcome = auth.first_login(link, "Ines".to_owned(), OLD.to_owned(), "::1");
    match outcome.await.unwrap() {
        FirstLogin::Done(_, principal) => principal,
        other => panic!("{other:?}"),
    }
}

async fn signs_in(auth: &Auth, password: &str) -> Option<Principal> {
    let outcome = auth.sign_in("ines", password.to_owned(), "::9");
    match outcome.await.unwrap() {
        SignIn::Done(_, principal) => Some(principal),
        SignIn::Refused => None,
        SignIn::Wait(ms) => panic!("wait for {ms} ms"),
    }
}

async fn change(auth: &Auth, by: &Principal, current: &str) -> PasswordChange {
    let (current, new) = (current.to_owned(), NEW.to_owned());
    let changing = auth.change_password(&by.account, &by.session, current, new, "::1");
    changing.await.unwrap()
}

fn stands(auth: &Auth, principal: &Principal) -> bool {
    matches!(auth.standing(&principal.session), Standing::Stands(_))
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_open_link() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let auth = open(&dir, &clock);
    let link = auth.add_account("ines", Role::Operator).unwrap();
    let here = first_login(&auth, &link).await;
    let elsewhere = signs_in(&auth, OLD).await.unwrap();
    let account = auth.account("ines").unwrap();
    let (_, program) = auth.open_token_session(&account, HOUR_MS).unwrap();
    let link = auth.offer_first_login("ines").unwrap();
    let revocations = auth.revocations();

    assert_eq!(change(&auth, &here, OLD).await, PasswordChange::Done);
    assert!(revocations.has_changed().unwrap());
    let standing = [&here, &elsewhere, &program].map(|it| stands(&auth, it));
    assert_eq!(standing, [true, false, false]);
    assert_eq!(signs_in(&auth, OLD).await, None);
    assert!(signs_in(&auth, NEW).await.is_some());
    let used = auth.first_login(&link, "X".to_owned(), OLD.to_owned(), "::1");
    assert!(matches!(used.await.unwrap(), FirstLogin::BadLink));
    // The disk agrees, so that a restart brings nobody back.
    let restarted = open(&dir, &clock);
    let standing = [&here, &elsewhere, &program].map(|it| stands(&restarted, it));
    assert_eq!(standing, [true, false, false]);
}

#[tokio::test]
async fn a_wrong_present_password_changes_nothing_and_is_not_free() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let auth = open(&dir, &clock);
    let link = auth.add_account("ines", Role::Operator).unwrap();
    let here = first_login(&auth, &link).await;
    for _ in 0..5 {
        assert_eq!(change(&auth, &here, "wrong").await, PasswordChange::Wrong);
    }
    let wait = PasswordChange::Wait(30 * SECOND_MS);
    assert_eq!(change(&auth, &here, OLD).await, wait);
    assert!(stands(&auth, &here));
    assert!(signs_in(&auth, OLD).await.is_some());
}

#[tokio::test]
async fn what_the_command_line_ends_ends_in_the_gateway() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (gateway, command_line) = (open(&dir, &clock), open(&dir, &clock));
    let mut principals = Vec::new();
    for name in ["ines", "omar", "root"] {
        let role = if name == "root" {
            Role::Admin
        } else {
            Role::Operator
        };
        let link = gateway.add_account(name, role).unwrap();
        principals.push(first_login(&gateway, &link).await);
    }
    assert!(gateway.end_what_others_ended().unwrap().is_empty());
    let revocations = gateway.revocations();
    let standing = || principals.iter().map(|it| stands(&gateway, it));

    command_line.disable_account("ines").unwrap();
    let ended = gateway.end_what_others_ended().unwrap();
    assert_eq!(ended, BTreeSet::from(["ines".to_owned()]));
    assert!(revocations.has_changed().unwrap());
    assert!(standing().eq([false, true, true]));
    assert_eq!(signs_in(&gateway, OLD).await, None);

    command_line.remove_account("omar").unwrap();
    gateway.end_what_others_ended().unwrap();
    assert!(standing().eq([false, false, true]));
    assert!(matches!(
        command_line.disable_account("root"),
        Err(AuthError::LastAdmin(_))
    ));
    assert!(gateway.end_what_others_ended().unwrap().is_empty());

    command_line.enable_account("ines").unwrap();
    assert!(signs_in(&gateway, OLD).await.is_some());
    assert!(gateway.end_what_others_ended().unwrap().is_empty());
}

#[tokio::test]
async fn an_account_that_is_disabled_while_it_signs_in_gets_no_session() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let auth = open(&dir, &clock);
    let link = auth.add_account("ines", Role::Operator).unwrap();
    first_login(&auth, &link).await;
    // As a sign-in has it in hand after the password was found right.
    let account = auth.account("ines").unwrap();
    open(&dir, &clock).disable_account("ines").unwrap();
    let refused = auth.open_browser_session(&account);
    assert!(matches!(refused, Err(AuthError::Disabled(_))));
}

#[tokio::test]
async fn a_token_of_the_command_line_ends_with_its_account() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (gateway, command_line) = (open(&dir, &clock), open(&dir, &clock));
    command_line.add_account("ines", Role::Viewer).unwrap();
    let account = command_line.account("ines").unwrap();
    let (token, _) = command_line.open_token_session(&account, HOUR_MS).unwrap();
    let known = async || {
        let found = gateway.recognise(&token, SessionKind::Token, false).await;
        found.is_some()
    };
    assert!(known().await);
    command_line.disable_account("ines").unwrap();
    gateway.end_what_others_ended().unwrap();
    assert!(!known().await);
}
