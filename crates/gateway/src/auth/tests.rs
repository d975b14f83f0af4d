//! Claims about accounts and sessions as a whole.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use watchfloor_wire::time::{HOUR_MS, SECOND_MS};

use super::*;

const PASSWORD: &str = "correct horse battery";

fn auth() -> (Auth, Clock) {
    let clock = Clock::manual(UnixMs(1_000_000));
    let limits = SessionLimits::default();
    (Auth::in_memory(limits, clock.clone()).unwrap(), clock)
}

async fn first_login(auth: &Auth, token: &Secret) -> FirstLogin {
    auth.first_login(token, "Priya Raman".to_owned(), PASSWORD.to_owned(), "::1")
        .await
        .unwrap()
}

async fn signed_in(auth: &Auth) -> (Secret, Principal) {
    let link = auth.ensure_somebody().unwrap().unwrap();
    match first_login(auth, &link).await {
        FirstLogin::Done(token, principal) => (token, principal),
        other => panic!("{other:?}"),
    }
}

async fn recognise(auth: &Auth, token: &Secret, is_activity: bool) -> bool {
    let kind = SessionKind::Browser;
    auth.recognise(token, kind, is_activity).await.is_some()
}

#[tokio::test]
async fn a_first_login_link_is_good_once() {
    let (auth, _) = auth();
    let link = auth.ensure_somebody().unwrap().unwrap();
    let FirstLogin::Done(_, principal) = first_login(&auth, &link).await else {
        panic!("refused");
    };
    assert_eq!(
        (principal.account.as_str(), principal.role),
        ("admin", Role::Admin)
    );
    assert_eq!(principal.name, "Priya Raman");
    assert!(matches!(
        first_login(&auth, &link).await,
        FirstLogin::BadLink
    ));
    assert!(auth.ensure_somebody().unwrap().is_none());
}

#[tokio::test]
async fn a_first_login_link_ends_after_a_day_and_with_a_newer_one() {
    let (auth, clock) = auth();
    let old = auth.ensure_somebody().unwrap().unwrap();
    let new = auth.ensure_somebody().unwrap().unwrap();
    assert!(matches!(
        first_login(&auth, &old).await,
        FirstLogin::BadLink
    ));
    clock.advance_ms(FIRST_LOGIN_LIFE_MS);
    assert!(matches!(
        first_login(&auth, &new).await,
        FirstLogin::BadLink
    ));
}

#[tokio::test]
async fn a_wrong_account_and_a_wrong_password_get_the_same_answer() {
    let (auth, _) = auth();
    signed_in(&auth).await;
    auth.add_account("nobody-yet", Role::Viewer).unwrap();
    for (name, password) in [
        ("admin", "wrong"),
        ("stranger", PASSWORD),
        ("nobody-yet", ""),
    ] {
        let answer = auth
            .sign_in(name, password.to_owned(), "::1")
            .await
            .unwrap();
        assert!(matches!(answer, SignIn::Refused), "{name}");
    }
    let answer = auth
        .sign_in("admin", PASSWORD.to_owned(), "::1")
        .await
        .unwrap();
    assert!(matches!(answer, SignIn::Done(..)));
}

#[tokio::test]
async fn the_sixth_guess_waits_even_with_the_right_password() {
    let (auth, clock) = auth();
    signed_in(&auth).await;
    for _ in 0..5 {
        let answer = auth
            .sign_in("admin", "wrong".to_owned(), "::1")
            .await
            .unwrap();
        assert!(matches!(answer, SignIn::Refused));
    }
    let sixth = auth
        .sign_in("admin", PASSWORD.to_owned(), "::1")
        .await
        .unwrap();
    assert!(matches!(sixth, SignIn::Wait(ms) if ms == 30 * SECOND_MS));
    let elsewhere = auth
        .sign_in("admin", PASSWORD.to_owned(), "::2")
        .await
        .unwrap();
    assert!(matches!(elsewhere, SignIn::Done(..)));
    clock.advance_ms(30 * SECOND_MS);
    let later = auth
        .sign_in("admin", PASSWORD.to_owned(), "::1")
        .await
        .unwrap();
    assert!(matches!(later, SignIn::Done(..)));
}

#[tokio::test]
async fn polls_do_not_keep_a_session_alive_but_activity_does() {
    let (auth, clock) = auth();
    let (token, principal) = signed_in(&auth).await;
    clock.advance_ms(7 * HOUR_MS);
    assert!(recognise(&auth, &token, true).await);
    clock.advance_ms(7 * HOUR_MS);
    assert!(recognise(&auth, &token, false).await);
    clock.advance_ms(HOUR_MS);
    assert!(!recognise(&auth, &token, false).await);
    assert_eq!(auth.standing(&principal.session), Standing::Expired);
}

#[tokio::test]
async fn signing_out_is_seen_by_sockets_and_ends_tickets() {
    let (auth, _) = auth();
    let (token, principal) = signed_in(&auth).await;
    let mut revocations = auth.revocations();
    let ticket = auth.issue_ticket(&principal, "http://a").unwrap();
    auth.sign_out(&token, SessionKind::Browser).await.unwrap();
    assert!(revocations.has_changed().unwrap());
    revocations.mark_unchanged();
    assert_eq!(auth.standing(&principal.session), Standing::Revoked);
    assert!(!recognise(&auth, &token, true).await);
    assert_eq!(auth.redeem_ticket(&ticket, "http://a"), None);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_before_it() {
    let (auth, _) = auth();
    let (token, principal) = signed_in(&auth).await;
    assert_eq!(
        auth.standing(&principal.session),
        Standing::Stands(Role::Admin)
    );
    let link = auth.offer_first_login("admin").unwrap();
    assert!(matches!(
        first_login(&auth, &link).await,
        FirstLogin::Done(..)
    ));
    assert_eq!(auth.standing(&principal.session), Standing::Revoked);
    assert!(!recognise(&auth, &token, true).await);
}

#[tokio::test]
async fn a_ticket_stands_for_its_session_once() {
    let (auth, _) = auth();
    let (_, principal) = signed_in(&auth).await;
    let ticket = auth.issue_ticket(&principal, "http://a").unwrap();
    assert_eq!(auth.redeem_ticket(&ticket, "http://a"), Some(principal));
    assert_eq!(auth.redeem_ticket(&ticket, "http://a"), None);
}

#[tokio::test]
async fn a_cookie_is_no_bearer_token_and_the_other_way_round() {
    let (auth, _) = auth();
    let (cookie, principal) = signed_in(&auth).await;
    let account = auth.account(&principal.account).unwrap();
    let (bearer, _) = auth.open_token_session(&account, HOUR_MS).unwrap();
    for (token, kind, known) in [
        (&cookie, SessionKind::Browser, true),
        (&cookie, SessionKind::Token, false),
        (&bearer, SessionKind::Browser, false),
        (&bearer, SessionKind::Token, true),
    ] {
        let answer = auth.recognise(token, kind, false).await;
        assert_eq!(answer.is_some(), known, "{kind:?}");
    }
}

#[tokio::test]
async fn sessions_outlive_a_restart_and_secrets_are_not_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::manual(UnixMs(1_000_000));
    let open = || Auth::open(dir.path(), SessionLimits::default(), clock.clone()).unwrap();
    let before = open();
    let (token, _) = signed_in(&before).await;
    let after = open();
    assert!(recognise(&after, &token, false).await);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in [token.reveal(), PASSWORD] {
            let found = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!found);
        }
    }
}

#[tokio::test]
async fn a_token_made_by_another_process_is_taken_up() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::manual(UnixMs(1_000_000));
    let open = || Auth::open(dir.path(), SessionLimits::default(), clock.clone()).unwrap();
    let (running, command) = (open(), open());
    command.add_account("ci", Role::Viewer).unwrap();
    let account = command.account("ci").unwrap();
    let (token, _) = command.open_token_session(&account, HOUR_MS).unwrap();
    let found = running.recognise(&token, SessionKind::Token, false).await;
    assert_eq!(found.map(|it| it.account), Some("ci".to_owned()));
}
