//! `cargo xtask tidy`: the project's own rules, each with file and line.

mod color;
mod contrast;
mod imports;
mod mask;
mod rules;
mod shape;
mod tokens;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::command::{command, output};
use crate::step::{note, step};
use crate::workspace::Workspace;

/// A broken rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the top folder.
    pub path: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

/// A file under a rule.
pub struct Source {
    /// From the top folder, with `/`.
    pub path: String,
    /// As it stands.
    pub text: String,
}

/// Checks all rules over all files that git knows or would add.
///
/// # Errors
/// When git cannot list the files, or a rule is broken.
pub fn tidy(workspace: &Workspace) -> Result<()> {
    step("tidy", || {
        let sources = sources(workspace)?;
        let mut findings: Vec<Finding> = sources.iter().flat_map(check).collect();
        if let Some(tokens) = sources
            .iter()
            .find(|source| source.path == "style/tokens.css")
        {
            let report = contrast::check(tokens);
            note(format!(
                "{} colour pairs measured in {} themes",
                report.pairs, report.themes
            ));
            findings.extend(report.findings);
        }
        findings.sort();
        for Finding {
            path,
            line,
            message,
        } in &findings
        {
            println!("{path}:{line}: {message}");
        }
        let long = sources
            .iter()
            .filter(|source| shape::is_long(source))
            .count();
        note(format!(
            "{} files, {long} of them over {} lines",
            sources.len(),
            shape::LONG_LINES
        ));
        if !findings.is_empty() {
            bail!("{} findings", findings.len());
        }
        Ok(())
    })
}

fn check(source: &Source) -> Vec<Finding> {
    let mut findings = shape::check(source);
    findings.extend(rules::check(source));
    findings.extend(imports::check(source));
    findings
}

fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    let mut git = command(workspace, "git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = output(&mut git).context("`git ls-files` failed: tidy needs a git checkout")?;
    let mut sources = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // Neither a deleted file nor one that is not text has anything to be checked.
        if let Ok(text) = fs::read_to_string(workspace.path(path)) {
            sources.push(Source {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(sources)
}
