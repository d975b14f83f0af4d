//! How long files and functions may be, and what they may be called.

use super::mask::{Blank, mask};
use super::{Finding, Source};

/// Above this a file is counted, not refused.
pub const LONG_LINES: usize = 300;
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
/// Names that say nothing about what is inside, so that everything ends up there.
const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "manager", "misc", "managers",
];
const CODE: [&str; 5] = [".rs", ".css", ".js", ".html", ".py"];

/// The rules about length and names.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = check_name(&source.path);
    if is_code(source) && source.text.lines().count() > FILE_LINES_MAX {
        let message = format!(
            "{} lines, at most {FILE_LINES_MAX} are allowed: which part is a thing of its own?",
            source.text.lines().count()
        );
        findings.push(Finding::new(&source.path, 0, message));
    }
    if source.path.ends_with(".rs") {
        findings.extend(check_functions(source));
    }
    findings
}

/// Whether the file should be looked at for parts of its own.
pub fn is_long(source: &Source) -> bool {
    is_code(source) && source.text.lines().count() > LONG_LINES
}

fn is_code(source: &Source) -> bool {
    CODE.iter().any(|ending| source.path.ends_with(ending))
}

fn check_name(path: &str) -> Vec<Finding> {
    let is_ours = path.ends_with(".rs") || path.ends_with(".css") || path.ends_with(".js");
    let parts = path
        .split('/')
        .map(|part| part.split('.').next().unwrap_or(part));
    parts
        .filter(|part| is_ours && EMPTY_NAMES.contains(part))
        .map(|part| {
            Finding::new(
                path,
                0,
                format!("“{part}” is no name for a module: say what it is about"),
            )
        })
        .collect()
}

fn check_functions(source: &Source) -> Vec<Finding> {
    functions(&mask(&source.text, Blank::CommentsAndStrings))
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LINES_MAX)
        .map(|function| {
            let message = format!(
                "`{}` has {} lines, at most {FUNCTION_LINES_MAX} are allowed: name its parts",
                function.name, function.lines
            );
            Finding::new(&source.path, function.first_line, message)
        })
        .collect()
}

struct Function {
    name: String,
    first_line: usize,
    lines: usize,
}

fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_word = code[..at].chars().next_back().is_none_or(|c| !is_word(c));
        let name: String = code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        let Some(open) = body_start(&code[at..]) else {
            continue;
        };
        let length = block_length(&code[at + open..]);
        let first_line = 1 + code[..at].matches('\n').count();
        let lines = 1 + code[at..at + open + length].matches('\n').count();
        found.push(Function {
            name,
            first_line,
            lines,
        });
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the body's brace is; `None` for a function that is only declared.
fn body_start(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn block_length(text: &str) -> usize {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: String) -> Source {
        Source {
            path: path.to_owned(),
            text,
        }
    }

    fn function_of(lines: usize) -> String {
        format!(
            "/// }}\nfn long() {{\n{}}}\n",
            "    x();\n".repeat(lines - 2)
        )
    }

    #[test]
    fn a_function_may_have_70_lines_and_not_71() {
        assert!(check(&source("src/a.rs", function_of(70))).is_empty());
        let findings = check(&source("src/a.rs", function_of(71)));
        assert_eq!((findings.len(), findings[0].line), (1, 2));
        assert!(findings[0].message.contains("`long` has 71 lines"));
    }

    #[test]
    fn a_declaration_and_a_function_type_are_no_functions() {
        let code = "trait T { fn a(&self, x: [u8; 2]) -> u8; }\nlet f: fn (u8) -> u8 = g;";
        assert!(functions(code).is_empty());
    }

    #[test]
    fn a_file_may_have_500_lines_and_not_501() {
        assert!(check(&source("style/a.css", "a{}\n".repeat(500))).is_empty());
        assert_eq!(check(&source("style/a.css", "a{}\n".repeat(501))).len(), 1);
        assert!(check(&source("Cargo.lock", "a\n".repeat(501))).is_empty());
    }

    #[test]
    fn a_name_that_says_nothing_is_refused_as_file_and_as_folder() {
        for path in [
            "src/utils.rs",
            "src/common/a.rs",
            "crates/x/src/manager/mod.rs",
        ] {
            assert_eq!(check(&source(path, String::new())).len(), 1, "{path}");
        }
        for path in ["docs/common-bugs.md", "src/commonly.rs", "node/utils.json"] {
            assert!(check(&source(path, String::new())).is_empty(), "{path}");
        }
    }
}
