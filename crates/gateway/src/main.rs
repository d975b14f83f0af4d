//! The binary `watchfloor`.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use watchfloor_gateway::api::openapi;
use watchfloor_gateway::cli::{Cli, Command};
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::config::ConfigError;
use watchfloor_gateway::{account_command, audit_command, config, serve, telemetry};

/// How long work on blocking threads may go on after everything has stopped.
const LEFT_OVER: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("watchfloor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn std::error::Error + Send + Sync>> {
    match command {
        Command::CheckConfig {
            file,
            deny_warnings,
        } => return Ok(check_config(&file, deny_warnings)?),
        Command::Openapi { base_path, to } => {
            let text = openapi::text(&openapi::document(&base_path));
            match to {
                Some(file) => std::fs::write(&file, text)
                    .map_err(|error| format!("{}: {error}", file.display()))?,
                None => print!("{text}"),
            }
        }
        Command::Audit { data, command } => return Ok(audit_command::run(&data, command)?),
        Command::Account { data, command } => {
            println!("{}", account_command::run(&data, command, Clock::system())?);
        }
        Command::Serve(arguments) => {
            telemetry::start_logging();
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            let served = runtime.block_on(serve::serve(&arguments));
            runtime.shutdown_timeout(LEFT_OVER);
            served?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends with 1 when something is wrong, with 2 when there are warnings and they are denied.
fn check_config(file: &Path, deny_warnings: bool) -> Result<ExitCode, ConfigError> {
    let (config, warnings) = config::load_and_lint(file)?;
    for warning in &warnings {
        eprintln!("warning: {warning}");
    }
    let products = config.products.len();
    let name = file.display();
    match warnings.len() {
        0 => println!("{name} is fine: {products} products."),
        count => println!("{name} can be served: {products} products, {count} warnings."),
    }
    Ok(if deny_warnings && !warnings.is_empty() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}
