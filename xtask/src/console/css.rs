//! The style sheets as one: imports joined in their order and layers, comments and needless space removed.

use std::path::Path;

use anyhow::{Context, Result, bail};

const IMPORTS_DEEP_MAX: usize = 8;

/// Joins a style sheet with all that it imports.
///
/// # Errors
/// When an import is missing, conditional, remote or circular.
pub fn bundle(path: &Path) -> Result<String> {
    bundle_at(path, 0)
}

fn bundle_at(path: &Path, depth: usize) -> Result<String> {
    if depth > IMPORTS_DEEP_MAX {
        bail!(
            "{}: imports are nested deeper than {IMPORTS_DEEP_MAX}: is there a circle?",
            path.display()
        );
    }
    let source = minify(&super::read_text(path)?);
    let mut joined = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some(start) = rest.find("@import ") {
        let Some(length) = rest[start..].find(';') else {
            bail!("{}: an @import has no end", path.display());
        };
        joined.push_str(&rest[..start]);
        let import = Import::parse(&rest[start + "@import ".len()..start + length])
            .with_context(|| format!("{}: @import", path.display()))?;
        let folder = path.parent().context("a style sheet has no folder")?;
        let inner = bundle_at(&folder.join(import.file), depth + 1)?;
        joined.push_str(&match import.layer {
            Some(layer) => format!("@layer {layer}{{{inner}}}"),
            None => inner,
        });
        rest = &rest[start + length + 1..];
    }
    joined.push_str(rest);
    Ok(joined)
}

struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    /// Reads `"a.css"`, `url("a.css")`, each with or without `layer(name)`.
    fn parse(text: &'a str) -> Result<Self> {
        let text = text.trim();
        let (address, after) = if let Some(inner) = text.strip_prefix("url(") {
            inner.split_once(')').context("`url(` has no end")?
        } else {
            let end = text[1..].find(['"', '\'']).context("the name has no end")? + 2;
            text.split_at(end)
        };
        let file = address.trim_matches(['"', '\'']);
        if file.contains("//") || file.starts_with('/') {
            bail!("“{file}” is not a file beside this one");
        }
        let after = after.trim();
        let layer = after
            .strip_prefix("layer(")
            .and_then(|rest| rest.strip_suffix(')'));
        if layer.is_none() && !after.is_empty() {
            bail!("“{after}” after the name: only layer(name) is supported");
        }
        Ok(Self { file, layer })
    }
}

/// Takes comments and needless white space out. Strings stay as they are.
pub fn minify(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    let mut quote = None;
    let mut space = false;
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            out.push(c);
            if c == '\\' {
                out.extend(chars.next());
            } else if c == open {
                quote = None;
            }
            continue;
        }
        if c == '/' && chars.peek() == Some(&'*') {
            chars.next();
            skip_comment(&mut chars);
            space = true;
            continue;
        }
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let tight = matches!(c, '{' | '}' | ';' | ',');
        if std::mem::take(&mut space)
            && !tight
            && !out.ends_with(['{', '}', ';', ','])
            && !out.is_empty()
        {
            out.push(' ');
        }
        if c == '}' && out.ends_with(';') {
            out.pop();
        }
        if matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        out.push(c);
    }
    out
}

fn skip_comment(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        if c == '*' && chars.peek() == Some(&'/') {
            chars.next();
            return;
        }
    }
}

/// Replaces what stands in `url(…)`. Addresses that carry their data stay.
///
/// # Errors
/// When `rename` knows no file of that name.
pub fn rewrite_urls(source: &str, rename: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find("url(") {
        let from = start + "url(".len();
        let length = rest[from..]
            .find(')')
            .context("a style sheet has a `url(` without end")?;
        let address = rest[from..from + length].trim().trim_matches(['"', '\'']);
        out.push_str(&rest[..from]);
        // `url(#name)` points into the page, not at a file.
        if address.starts_with("data:") || address.starts_with('#') {
            out.push_str(&rest[from..from + length]);
        } else {
            let path = address.trim_start_matches("../").trim_start_matches("./");
            let path = path.strip_prefix("public/").unwrap_or(path);
            let name = rename(path).with_context(|| {
                format!("a style sheet refers to “{address}”, which is not in public/")
            })?;
            out.push_str(&format!("\"{name}\""));
        }
        rest = &rest[from + length..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn space_that_means_something_stays() {
        for (source, small) in [
            ("a  b { color : red ; }\n", "a b{color : red}"),
            ("a :hover, a:hover{}", "a :hover,a:hover{}"),
            ("w{width:calc(1px + 2px)}", "w{width:calc(1px + 2px)}"),
            (
                "a::before { content: \"/* x  */ ;\" }",
                "a::before{content: \"/* x  */ ;\"}",
            ),
            ("a{content:'\\'  '}", "a{content:'\\'  '}"),
            ("/* one */a/* two */b{}", "a b{}"),
            (
                "@media (a) and (b) { x { y: z; } }",
                "@media (a) and (b){x{y: z}}",
            ),
        ] {
            assert_eq!(minify(source), small);
        }
    }

    #[test]
    fn imports_are_joined_in_order_and_in_their_layers() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("ui")).unwrap();
        write(
            "main.css",
            "@layer a, b; @import url('a.css') layer(a); @import \"ui/b.css\"; x{}",
        );
        write("a.css", "one { }");
        write("ui/b.css", "@import './c.css'; two{}");
        write("ui/c.css", "three{}");
        let joined = bundle(&folder.path().join("main.css")).unwrap();
        assert_eq!(joined, "@layer a,b;@layer a{one{}}three{}two{}x{}");
    }

    #[test]
    fn a_circle_a_remote_and_a_conditional_import_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.css");
        for source in [
            "@import 'main.css';",
            "@import 'https://example.org/a.css';",
            "@import 'main.css' print;",
            "@import 'missing.css';",
        ] {
            fs::write(&path, source).unwrap();
            assert!(bundle(&path).is_err(), "{source}");
        }
    }

    #[test]
    fn addresses_are_replaced_unless_they_carry_their_data() {
        let rename = |path: &str| (path == "fonts/a.woff2").then(|| "fonts/a-1.woff2".to_owned());
        let source = "a{b:url(../public/fonts/a.woff2) url('data:x')}c{mask:url(#m)}";
        assert_eq!(
            rewrite_urls(source, rename).unwrap(),
            "a{b:url(\"fonts/a-1.woff2\") url('data:x')}c{mask:url(#m)}"
        );
        assert!(rewrite_urls("a{b:url(other.png)}", rename).is_err());
    }
}
