//! What may not stand where: clocks, raw HTML, inline styles, third parties, dependencies.

use super::mask::{Blank, mask};
use super::{Finding, Source};

/// Text that may not stand in a file of some places, unless the file is where it belongs.
struct Banned {
    words: &'static [&'static str],
    /// Starts of paths under the rule.
    within: &'static [&'static str],
    /// Starts or parts of paths that are exempt.
    except: &'static [&'static str],
    message: &'static str,
}

const BANNED: [Banned; 3] = [
    Banned {
        words: &["Instant::now", "SystemTime::now", "Utc::now", "Local::now"],
        within: &["src/", "crates/"],
        except: &[
            "src/clock",
            "crates/gateway/src/clock",
            // They measure.
            "crates/gateway/examples/",
            "crates/fleet/",
            "crates/sim/src/kill/",
            "/tests/",
        ],
        message: "time is read in `clock` only and handed on, so that tests can set it",
    },
    Banned {
        words: &[
            "inner_html",
            "outer_html",
            "insert_adjacent_html",
            "document.write",
        ],
        within: &["src/"],
        except: &[],
        message: "raw HTML is an open door for what a log line holds: build elements",
    },
    Banned {
        words: &[" style=", "\tstyle="],
        within: &["src/"],
        except: &[],
        message: "the content security policy refuses a style attribute: use a class or `style:name=`",
    },
];

const WIRE_MAY_USE: [&str; 2] = ["serde", "serde_json"];
/// What the contract may use where a feature asks for it, which the console never does.
const WIRE_MAY_OFFER: [&str; 1] = ["schemars"];
/// Names that are reserved for examples, and the one that names XML namespaces.
const HARMLESS_HOSTS: [&str; 4] = ["www.w3.org", "example", "localhost", "127.0.0.1"];
const SHIPPED: [&str; 4] = ["src/", "public/", "style/", "index.html"];
/// The licence must stay as it was written.
const LICENCE: &str = "public/fonts/OFL.txt";

/// All rules of this kind.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.path.ends_with(".rs") {
        let code = mask(&source.text, Blank::CommentsAndStrings);
        findings.extend(
            BANNED
                .iter()
                .flat_map(|banned| check_banned(banned, &source.path, &code)),
        );
    }
    if SHIPPED.iter().any(|start| source.path.starts_with(start)) && source.path != LICENCE {
        findings.extend(check_hosts(source));
    }
    match source.path.as_str() {
        "index.html" => findings.extend(check_page(source)),
        "crates/wire/Cargo.toml" => findings.extend(check_wire(source)),
        "package-lock.json" => findings.extend(check_lock(source)),
        _ => {}
    }
    findings
}

fn check_banned(banned: &Banned, path: &str, code: &str) -> Vec<Finding> {
    let applies = banned.within.iter().any(|start| path.starts_with(start))
        && !banned
            .except
            .iter()
            .any(|part| path.starts_with(part) || path.contains(part));
    lines_with(code, |line| {
        applies && banned.words.iter().any(|word| line.contains(word))
    })
    .map(|line| Finding::new(path, line, banned.message))
    .collect()
}

fn check_hosts(source: &Source) -> Vec<Finding> {
    let text = if source.path.ends_with(".rs") {
        mask(&source.text, Blank::Comments)
    } else {
        source.text.clone()
    };
    let message = "the console asks nobody but its gateway: no address of a third party";
    lines_with(&text, |line| {
        ["http://", "https://", "ws://", "wss://"]
            .iter()
            .any(|scheme| {
                line.match_indices(scheme)
                    .any(|(at, _)| !is_harmless(&line[at + scheme.len()..]))
            })
    })
    .map(|line| Finding::new(&source.path, line, message))
    .collect()
}

/// Whether what follows a scheme names nobody.
fn is_harmless(rest: &str) -> bool {
    let host: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        .collect();
    let is_example = host
        .rsplit('.')
        .any(|label| label == "example" || label == "test");
    // Without a dot it is no name of the public internet.
    !host.contains('.') || is_example || HARMLESS_HOSTS.contains(&host.as_str())
}

fn check_page(source: &Source) -> Vec<Finding> {
    lines_with(&source.text, |line| {
        line.contains("style=\"") || line.contains("<style")
    })
    .map(|line| {
        Finding::new(
            &source.path,
            line,
            "the content security policy refuses inline styles",
        )
    })
    .collect()
}

fn check_wire(source: &Source) -> Vec<Finding> {
    let parsed: Result<toml::Table, _> = toml::from_str(&source.text);
    let Ok(manifest) = parsed else {
        return vec![Finding::new(&source.path, 0, "not valid TOML")];
    };
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    dependencies
        .into_iter()
        .flatten()
        .filter(|(name, settings)| {
            let is_optional = settings.get("optional").and_then(toml::Value::as_bool);
            let is_offered = WIRE_MAY_OFFER.contains(&name.as_str()) && is_optional == Some(true);
            !WIRE_MAY_USE.contains(&name.as_str()) && !is_offered
        })
        .map(|(name, _)| {
            let line = source
                .text
                .lines()
                .position(|line| line.trim_start().starts_with(name.as_str()));
            let message =
                format!("the contract depends on serde and serde_json only, not on {name}");
            Finding::new(&source.path, line.map_or(0, |line| line + 1), message)
        })
        .collect()
}

fn check_lock(source: &Source) -> Vec<Finding> {
    let message =
        "a download address: write the lock file with omit-lockfile-registry-resolved=true";
    lines_with(&source.text, |line| line.contains("\"resolved\""))
        .map(|line| Finding::new(&source.path, line, message))
        .collect()
}

fn lines_with(text: &str, broken: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
    text.lines()
        .enumerate()
        .filter(move |(_, line)| broken(line))
        .map(|(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&source).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn clocks_are_read_in_their_module_only() {
        let text = "// Instant::now\nlet t = Instant::now();";
        assert_eq!(lines("crates/gateway/src/store/mod.rs", text), [2]);
        assert_eq!(lines("src/feed/mod.rs", text), [2]);
        for path in [
            "crates/gateway/src/clock.rs",
            "crates/gateway/src/clock/system.rs",
            "src/clock.rs",
            "crates/fleet/src/main.rs",
            "crates/gateway/tests/router.rs",
            "xtask/src/main.rs",
        ] {
            assert!(lines(path, text).is_empty(), "{path}");
        }
    }

    #[test]
    fn raw_html_and_style_attributes_are_refused_in_views() {
        assert_eq!(lines("src/ui/a.rs", "view! { <p inner_html=x /> }"), [1]);
        assert_eq!(
            lines("src/ui/a.rs", "view! {\n <p style=\"color:red\"/> }"),
            [2]
        );
        assert!(lines("src/ui/a.rs", "view! { <p style:width=w /> }").is_empty());
        assert!(lines("src/ui/a.rs", "let style = 1;").is_empty());
    }

    #[test]
    fn addresses_of_third_parties_are_refused_in_what_is_shipped() {
        assert_eq!(
            lines("src/a.rs", "let a = \"https://fonts.gstatic.com/x\";"),
            [1]
        );
        assert_eq!(
            lines("style/a.css", "a{}\n@import url(http://cdn.net/a.css);"),
            [2]
        );
        assert!(lines("src/a.rs", "// https://docs.rs\nlet a = \"https://\";").is_empty());
        assert!(lines("public/a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\">").is_empty());
        assert!(lines("src/a.rs", "\"https://status.example/x https://wiki/x\"").is_empty());
        assert!(lines("docs/a.md", "https://docs.rs").is_empty());
    }

    #[test]
    fn the_contract_depends_on_serde_only() {
        let text = "[dependencies]\nserde.workspace = true\ntokio = \"1\"\n[dev-dependencies]\nproptest = \"1\"";
        assert_eq!(lines("crates/wire/Cargo.toml", text), [3]);
        let schemas = |how: &str| format!("[dependencies]\nschemars = {{ workspace = true{how} }}");
        assert_eq!(lines("crates/wire/Cargo.toml", &schemas("")), [2]);
        assert!(lines("crates/wire/Cargo.toml", &schemas(", optional = true")).is_empty());
        assert!(lines("crates/fleet/Cargo.toml", text).is_empty());
    }

    #[test]
    fn a_lock_file_names_no_host() {
        assert_eq!(lines("package-lock.json", "{\n\"resolved\": \"x\"}"), [2]);
    }
}
