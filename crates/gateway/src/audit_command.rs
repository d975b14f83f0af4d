//! `watchfloor audit …`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::cli::AuditCommand;
use crate::store::StoreError;
use crate::store::audit_trail::{AuditTrail, Noted, Verdict};

/// The exit code that says that the chain is broken. 1 says that it could not be read, 2 that the command was wrong.
pub const BROKEN: u8 = 3;

/// Why the audit could not be proved or copied.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// It cannot be read.
    #[error("the audit cannot be read: {0}. Name the gateway's data directory with --data.")]
    Store(#[from] StoreError),
    /// The copy cannot be written.
    #[error("the copy cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Carries the command out; what it finds goes to standard output.
///
/// # Errors
/// [`AuditError`] with what to do.
pub fn run(data: &Path, command: AuditCommand) -> Result<ExitCode, AuditError> {
    match command {
        AuditCommand::Verify { noted } => {
            let (text, code) = verify(data, noted.as_ref())?;
            println!("{text}");
            Ok(ExitCode::from(code))
        }
        AuditCommand::Export { to: Some(file) } => {
            let count = export(data, File::create(&file)?)?;
            println!("{count} rows were written to {}.", file.display());
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::Export { to: None } => {
            export(data, io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn verify(data: &Path, noted: Option<&Noted>) -> Result<(String, u8), AuditError> {
    Ok(match AuditTrail::open(data)?.verify(noted)? {
        Verdict::Holds(head) => {
            let against = match noted {
                Some(noted) => format!("and row {} is the one that was noted", noted.row),
                None => "note its head where nobody who can write the file can write".to_owned(),
            };
            let text = format!(
                "The audit holds: {} rows; {against}.\nHead: {head}",
                head.row
            );
            (text, 0)
        }
        Verdict::Broken { row, why } => {
            (format!("The audit is broken at row {row}: {why}."), BROKEN)
        }
    })
}

fn export(data: &Path, to: impl Write) -> Result<u64, AuditError> {
    let mut to = BufWriter::new(to);
    let count = AuditTrail::open(data)?.export(|row| writeln!(to, "{row}"))??;
    to.flush()?;
    Ok(count)
}
