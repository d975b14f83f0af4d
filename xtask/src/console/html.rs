//! The page: final names and integrity go in, build instructions come out, and nothing inline may stand in it.

use anyhow::{Result, bail};

use super::pack::Renamed;

/// Rewrites the page for the packed names.
///
/// # Errors
/// When it refers to a file that was not packed, or holds anything that the content security policy refuses.
pub fn rewrite(source: &str, packed: &[Renamed], build: &str) -> Result<String> {
    let mut page = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..].find('>') else {
            bail!("index.html: a tag has no end")
        };
        let (before, tag) = (&rest[..start], &rest[start..=start + length]);
        rest = &rest[start + length + 1..];
        page.push_str(before);
        if tag.contains(" data-trunk ") {
            // The line is Trunk's; drop its line end as well.
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            continue;
        }
        page.push_str(&rewrite_tag(tag, packed, build)?);
    }
    page.push_str(rest);
    refuse_inline(&page)?;
    Ok(page)
}

fn rewrite_tag(tag: &str, packed: &[Renamed], build: &str) -> Result<String> {
    if tag.starts_with("<meta name=\"watchfloor-build\"") {
        return Ok(format!(
            "<meta name=\"watchfloor-build\" content=\"{build}\">"
        ));
    }
    if tag.starts_with("<base ") {
        return Ok(tag.to_owned());
    }
    let Some(address) = attribute(tag, "href").or_else(|| attribute(tag, "src")) else {
        return Ok(tag.to_owned());
    };
    let Some(file) = packed.iter().find(|file| file.source == address) else {
        bail!("index.html refers to “{address}”, which is neither built nor in public/");
    };
    let tag = tag.replace(&format!("\"{address}\""), &format!("\"{}\"", file.path));
    if !takes_integrity(&tag) {
        return Ok(tag);
    }
    let open = tag.trim_end_matches('>');
    Ok(format!("{open} integrity=\"{}\">", file.integrity))
}

// A browser warns about `integrity` on other kinds of preload, because it ignores it there.
fn takes_integrity(tag: &str) -> bool {
    tag.starts_with("<script")
        || matches!(attribute(tag, "rel"), Some("stylesheet" | "modulepreload"))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[from..]
        .find('"')
        .map(|length| &tag[from..from + length])
}

fn refuse_inline(page: &str) -> Result<()> {
    let lower = page.to_lowercase();
    for forbidden in [
        "<style",
        " style=",
        "javascript:",
        "<script>",
        " onload=",
        " onerror=",
        " onclick=",
    ] {
        if lower.contains(forbidden) {
            bail!("index.html holds `{forbidden}`, which the content security policy refuses");
        }
    }
    if lower
        .split("<script")
        .skip(1)
        .any(|script| !script.contains("></script>"))
    {
        bail!("index.html holds a script with a body, which the content security policy refuses");
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    fn packed() -> Vec<Renamed> {
        ["boot.js", "console.css", "a.wasm"]
            .iter()
            .map(|source| Renamed {
                source: (*source).to_owned(),
                path: source.replace('.', "-1."),
                integrity: "sha256-x".to_owned(),
            })
            .collect()
    }

    #[test]
    fn scripts_and_style_sheets_get_names_and_integrity() {
        let source =
            "<link rel=\"stylesheet\" href=\"console.css\"><script src=\"boot.js\"></script>";
        assert_eq!(
            rewrite(source, &packed(), "b").unwrap(),
            "<link rel=\"stylesheet\" href=\"console-1.css\" integrity=\"sha256-x\">\
             <script src=\"boot-1.js\" integrity=\"sha256-x\"></script>"
        );
    }

    #[test]
    fn a_preload_of_the_program_gets_its_name_only() {
        let tag = "<link rel=\"preload\" as=\"fetch\" href=\"a.wasm\">";
        assert_eq!(
            rewrite(tag, &packed(), "b").unwrap(),
            tag.replace("a.wasm", "a-1.wasm")
        );
    }

    #[test]
    fn the_base_stays_a_placeholder_and_the_build_is_filled_in() {
        let source = "<base href=\"{{BASE}}/\"><meta name=\"watchfloor-build\" content=\"x\">";
        let page = rewrite(source, &packed(), "b1").unwrap();
        assert_eq!(page, source.replace("\"x\"", "\"b1\""));
    }

    #[test]
    fn build_instructions_are_taken_out_with_their_line() {
        let source = "a\n<link data-trunk rel=\"rust\" href=\"Cargo.toml\">\nb";
        assert_eq!(rewrite(source, &packed(), "b").unwrap(), "a\nb");
    }

    #[test]
    fn what_the_policy_refuses_or_what_is_missing_does_not_pass() {
        for source in [
            "<p style=\"color:red\">x</p>",
            "<noscript><style>p{}</style></noscript>",
            "<script>alert(1)</script>",
            "<script type=\"module\">alert(1)</script>",
            "<body onload=\"x()\">",
            "<link href=\"other.css\">",
        ] {
            assert!(rewrite(source, &packed(), "b").is_err(), "{source}");
        }
    }
}
