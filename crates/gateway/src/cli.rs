//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use watchfloor_wire::session::Role;

use crate::store::audit_trail::Noted;

/// One screen that tells truthfully whether production is well.
#[derive(Debug, Parser)]
#[command(name = "watchfloor", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch, store, and serve the console until SIGTERM or SIGINT.
    Serve(Serve),
    /// Say what is wrong with a configuration, or that nothing is.
    CheckConfig {
        /// The gateway's file.
        file: PathBuf,
        /// End with 2 when there are warnings: rules that say nothing, promises that nothing watches, steps that
        /// reach nobody.
        #[arg(long)]
        deny_warnings: bool,
    },
    /// Write the description of the API, OpenAPI 3.1.
    Openapi {
        /// Where the console lives in it.
        #[arg(long, default_value = "/admin/monitoring")]
        base_path: String,
        /// The file to write; without it, standard output.
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Prove or copy the audit. Works while the gateway is running.
    Audit {
        /// The gateway's data directory.
        #[arg(long, global = true, default_value = "data")]
        data: PathBuf,
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Make, end and list accounts. Works while the gateway is running.
    Account {
        /// The gateway's data directory.
        #[arg(long, global = true, default_value = "data")]
        data: PathBuf,
        /// What to do.
        #[command(subcommand)]
        command: AccountCommand,
    },
}

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// The gateway's configuration.
    #[arg(long)]
    pub config: PathBuf,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the databases are; made at the first start.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
}

/// What can be done with the audit.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the chain from the first row to the last. Ends with 0 when it holds, with 3 when it is broken, and with 1
    /// when it cannot be read.
    Verify {
        /// A head that was noted earlier, as `verify` prints it and the gateway's log repeats it every hour. Without
        /// one, nobody can tell a chain that was rewritten from its first row on.
        #[arg(long, value_name = "ROW:HASH")]
        noted: Option<Noted>,
    },
    /// Write every row with its hash as one JSON object a line.
    Export {
        /// The file to write; without it, standard output.
        #[arg(long)]
        to: Option<PathBuf>,
    },
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make an account and print its first-login link.
    Add {
        /// Its name: lower-case letters, digits, `.`, `_`, `-` or `@`.
        name: String,
        /// What it may do.
        #[arg(long)]
        role: RoleWord,
        /// Where people reach the console.
        #[arg(long, default_value = CONSOLE_ADDRESS)]
        at: String,
    },
    /// Print all accounts.
    List,
    /// Print a new first-login link, with which the account's password is set again.
    Link {
        /// The account.
        name: String,
        /// Where people reach the console.
        #[arg(long, default_value = CONSOLE_ADDRESS)]
        at: String,
    },
    /// Keep an account from signing in, and end its sessions; the running gateway follows within a second.
    Disable {
        /// The account.
        name: String,
    },
    /// Let a disabled account sign in again, with the password that it had.
    Enable {
        /// The account.
        name: String,
    },
    /// Remove an account and end its sessions. What it did stays under its name.
    Remove {
        /// The account.
        name: String,
    },
    /// Print a token for a program, to be sent as `Authorization: Bearer`.
    Token {
        /// The account that the program acts as.
        name: String,
        /// How long it is good.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
}

const CONSOLE_ADDRESS: &str = "http://127.0.0.1:8080/admin/monitoring";

/// A role as a word. Products send in with keys of their configuration, so there is no account for that.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleWord {
    /// Shows boards.
    Display,
    /// Sees everything, changes nothing.
    Viewer,
    /// Acts on incidents.
    Operator,
    /// Also administers.
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Display => Self::Display,
            RoleWord::Viewer => Self::Viewer,
            RoleWord::Operator => Self::Operator,
            RoleWord::Admin => Self::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
