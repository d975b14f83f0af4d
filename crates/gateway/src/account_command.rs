//! `watchfloor account …`.

use std::path::Path;

use watchfloor_wire::session::Role;
use watchfloor_wire::time::DAY_MS;

use crate::auth::{Auth, AuthError};
use crate::cli::AccountCommand;
use crate::clock::Clock;
use crate::config::gateway::Sessions;

/// Carries the command out; what it returns is for standard output.
///
/// # Errors
/// [`AuthError`] with what to do.
pub fn run(data: &Path, command: AccountCommand, clock: Clock) -> Result<String, AuthError> {
    let auth = Auth::open(data, Sessions::default(), clock)?;
    Ok(match command {
        AccountCommand::Add { name, role, at } => {
            let token = auth.add_account(&name, role.into())?;
            first_login_line(&at, token.reveal())
        }
        AccountCommand::Link { name, at } => {
            first_login_line(&at, auth.offer_first_login(&name)?.reveal())
        }
        AccountCommand::Disable { name } => {
            auth.disable_account(&name)?;
            format!("{name} is disabled; its sessions have ended.")
        }
        AccountCommand::Enable { name } => {
            auth.enable_account(&name)?;
            format!("{name} may sign in again.")
        }
        AccountCommand::Remove { name } => {
            auth.remove_account(&name)?;
            format!("{name} is removed; its sessions have ended.")
        }
        AccountCommand::List => list(&auth)?,
        AccountCommand::Token { name, days } => {
            let account = auth.account(&name)?;
            let (token, _) = auth.open_token_session(&account, days * DAY_MS)?;
            token.reveal().to_owned()
        }
    })
}

/// The line that leads somebody to their first login. The token stands behind `#`, so that it reaches no
/// server's log.
#[must_use]
pub fn first_login_line(console: &str, token: &str) -> String {
    let console = console.trim_end_matches('/');
    format!("First login: {console}/first-login#{token}")
}

fn list(auth: &Auth) -> Result<String, AuthError> {
    let lines = auth.accounts()?.into_iter().map(|it| {
        let (name, role) = (it.name, Role::word(it.role));
        let state = if it.disabled {
            format!("{} (disabled)", it.display_name)
        } else if it.password_hash.is_some() {
            it.display_name
        } else {
            "(has not signed in yet)".to_owned()
        };
        format!("{name:24} {role:10} {state}")
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;
    use crate::cli::RoleWord;

    #[test]
    fn an_account_is_made_once_and_listed() {
        let dir = tempfile::tempdir().unwrap();
        let run = |command| run(dir.path(), command, Clock::system());
        let add = || AccountCommand::Add {
            name: "priya".to_owned(),
            role: RoleWord::Operator,
            at: "https://mon.example/ops/".to_owned(),
        };
        let line = run(add()).unwrap();
        let token = line.strip_prefix("First login: https://mon.example/ops/first-login#");
        assert_eq!(token.unwrap().len(), 43);
        assert!(matches!(run(add()), Err(AuthError::AccountExists(_))));
        let listed = run(AccountCommand::List).unwrap();
        assert!(listed.starts_with("priya ") && listed.contains("operator"));
    }

    #[test]
    fn the_last_admin_stays_and_others_can_be_disabled_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let run = |command| run(dir.path(), command, Clock::system());
        let name = || "ines".to_owned();
        for (name, role) in [("root", RoleWord::Admin), ("ines", RoleWord::Viewer)] {
            let at = "https://mon.example".to_owned();
            let name = name.to_owned();
            run(AccountCommand::Add { name, role, at }).unwrap();
        }
        let root = || "root".to_owned();
        for command in [
            AccountCommand::Disable { name: root() },
            AccountCommand::Remove { name: root() },
        ] {
            assert!(matches!(run(command), Err(AuthError::LastAdmin(_))));
        }
        run(AccountCommand::Disable { name: name() }).unwrap();
        assert!(run(AccountCommand::List).unwrap().contains("(disabled)"));
        let token = || AccountCommand::Token {
            name: name(),
            days: 1,
        };
        assert!(matches!(run(token()), Err(AuthError::Disabled(_))));
        run(AccountCommand::Enable { name: name() }).unwrap();
        assert_eq!(run(token()).unwrap().len(), 43);
        run(AccountCommand::Remove { name: name() }).unwrap();
        assert!(matches!(run(token()), Err(AuthError::NoSuchAccount(_))));
    }
}
