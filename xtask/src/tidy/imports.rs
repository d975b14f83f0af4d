//! Which module of the console may use which.

use super::mask::{Blank, mask};
use super::{Finding, Source};

const DOMAINS: [&str; 9] = [
    "health",
    "charts",
    "alerts",
    "incidents",
    "errors",
    "logs",
    "targets",
    "wall",
    "embed",
];

/// The rules about directions, for the console's sources.
pub fn check(source: &Source) -> Vec<Finding> {
    let Some(inside) = source.path.strip_prefix("src/") else {
        return Vec::new();
    };
    if !source.path.ends_with(".rs") {
        return Vec::new();
    }
    let module = inside.split(['/', '.']).next().unwrap_or(inside);
    let code = mask(&source.text, Blank::CommentsAndStrings);
    let mut findings = Vec::new();
    for (line, path) in used_paths(&code) {
        if let Some(message) = broken_rule(module, &path) {
            findings.push(Finding::new(&source.path, line, message));
        }
    }
    findings.dedup();
    findings
}

fn broken_rule(module: &str, path: &str) -> Option<String> {
    let mut parts = path.split("::");
    let (root, first, second) = (
        parts.next()?,
        parts.next().unwrap_or(""),
        parts.next().unwrap_or(""),
    );
    match root {
        "crate" if module == "ui" && DOMAINS.contains(&first) => {
            Some(format!("`ui` knows no domain, but this uses `{first}`"))
        }
        "crate" if DOMAINS.contains(&module) && first != module && second == "store" => {
            DOMAINS.contains(&first).then(|| {
                format!(
                    "`{module}` uses the store of `{first}`: take the value as an argument instead"
                )
            })
        }
        "gloo_net" if first == "http" && module != "api" => {
            Some("HTTP is spoken in `src/api` only".to_owned())
        }
        "gloo_net" if first == "websocket" && module != "feed" => {
            Some("the WebSocket belongs to `src/feed`".to_owned())
        }
        "web_sys" if first == "WebSocket" && module != "feed" => {
            Some("the WebSocket belongs to `src/feed`".to_owned())
        }
        _ => None,
    }
}

/// Every path that starts at a crate root we care about, with its line; groups of a `use` are spelled out.
fn used_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "gloo_net::", "web_sys::"] {
        for (at, _) in code.match_indices(root) {
            if code[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || "_:".contains(c))
            {
                continue;
            }
            let line = 1 + code[..at].matches('\n').count();
            spell_out(&code[at..], "", line, &mut found);
        }
    }
    found.sort();
    found
}

/// Reads one path or tree of paths; returns how much of the text it took.
fn spell_out(text: &str, prefix: &str, line: usize, found: &mut Vec<(usize, String)>) -> usize {
    let taken = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..taken]);
    if !path.ends_with("::") || !text[taken..].starts_with('{') {
        found.push((line, path.trim_end_matches(':').to_owned()));
        return taken;
    }
    let mut at = taken + 1;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '}' => return at + 1,
            c if c.is_alphanumeric() || c == '_' => {
                let line = line + text[..at].matches('\n').count();
                at += spell_out(&text[at..], &path, line, found);
            }
            // `as name`, separators and white space.
            other => at += other.len_utf8(),
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> Vec<usize> {
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&source).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn ui_knows_no_domain() {
        assert_eq!(broken("src/ui/badge.rs", "use crate::alerts::Alert;"), [1]);
        assert!(broken("src/ui/badge.rs", "use crate::ui::icon;\nuse crate::clock;").is_empty());
    }

    #[test]
    fn a_domain_leaves_the_stores_of_others_alone() {
        assert_eq!(
            broken("src/wall/tile.rs", "use crate::health::store::Health;"),
            [1]
        );
        assert_eq!(
            broken(
                "src/wall/tile.rs",
                "use crate::{\n    clock,\n    health::{shape, store::Health},\n};"
            ),
            [3]
        );
        assert!(broken("src/health/view.rs", "use crate::health::store::Health;").is_empty());
        assert!(broken("src/app.rs", "use crate::health::store::Health;").is_empty());
        assert!(broken("src/wall/tile.rs", "use crate::health::shape;").is_empty());
    }

    #[test]
    fn the_network_has_two_doors() {
        let text =
            "fn f() { gloo_net::http::Request::get(x); gloo_net::websocket::Message::Text(y) }";
        assert_eq!(broken("src/api/mod.rs", text).len(), 1);
        assert_eq!(broken("src/feed/mod.rs", text).len(), 1);
        assert_eq!(broken("src/logs/view.rs", text).len(), 2);
        assert_eq!(
            broken("src/logs/view.rs", "use web_sys::{Event, WebSocket};"),
            [1]
        );
    }

    #[test]
    fn comments_strings_and_other_crates_do_not_count() {
        let text = "// crate::alerts::x\nlet a = \"crate::alerts::x\"; my_crate::alerts::x();";
        assert!(broken("src/ui/a.rs", text).is_empty());
        assert!(broken("crates/gateway/src/ui/a.rs", "use crate::alerts::x;").is_empty());
    }
}
