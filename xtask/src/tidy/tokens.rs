//! The colour tokens of a style sheet, theme by theme.

use std::collections::BTreeMap;

use super::color::Color;

/// A theme: every token's colour by name, without `--mon-`.
pub struct Theme {
    /// The selector, or the media query with it.
    pub name: String,
    /// The line where it starts, from 1.
    pub line: usize,
    colors: BTreeMap<String, Color>,
}

impl Theme {
    /// A token's colour; `None` when the theme has no such token or it is not a plain colour.
    pub fn color(&self, token: &str) -> Option<Color> {
        self.colors.get(token).copied()
    }
}

/// One block of declarations with the selectors and conditions around it.
struct Block {
    name: String,
    line: usize,
    values: Vec<(String, String)>,
}

const PUBLIC: &str = "--mon-";
const MARKS_A_THEME: &str = "--mon-canvas";

/// Every block that sets the canvas is a theme. What it does not set it takes from the first one.
pub fn themes(css: &str) -> Vec<Theme> {
    let blocks = blocks(&super::contrast::without_comments(css));
    let raw: BTreeMap<&str, &str> = blocks
        .iter()
        .flat_map(|block| &block.values)
        .filter(|(name, _)| !name.starts_with(PUBLIC))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut themes: Vec<Theme> = Vec::new();
    for block in blocks
        .iter()
        .filter(|block| block.values.iter().any(|(name, _)| name == MARKS_A_THEME))
    {
        let has_two = block
            .values
            .iter()
            .any(|(_, value)| value.starts_with("light-dark("));
        for side in 0..=usize::from(has_two) {
            let mut colors = themes
                .first()
                .map(|first| first.colors.clone())
                .unwrap_or_default();
            for (name, value) in &block.values {
                let Some(token) = name.strip_prefix(PUBLIC) else {
                    continue;
                };
                colors.remove(token);
                if let Some(color) = resolve(value, side, &raw, block) {
                    colors.insert(token.to_owned(), color);
                }
            }
            let name = if has_two {
                format!("{} ({})", block.name, ["light", "dark"][side])
            } else {
                block.name.clone()
            };
            themes.push(Theme {
                name,
                line: block.line,
                colors,
            });
        }
    }
    themes
}

fn resolve(value: &str, side: usize, raw: &BTreeMap<&str, &str>, block: &Block) -> Option<Color> {
    let mut value = value.trim();
    // A chain of references is short; a circle must not hang the check.
    for _ in 0..8 {
        if let Some(both) = value
            .strip_prefix("light-dark(")
            .and_then(|v| v.strip_suffix(')'))
        {
            value = split_top(both).nth(side)?;
        } else if let Some(name) = value.strip_prefix("var(").and_then(|v| v.strip_suffix(')')) {
            let name = name.split(',').next()?.trim();
            let own = block
                .values
                .iter()
                .find(|(own, _)| own == name)
                .map(|(_, v)| v.as_str());
            value = own.or_else(|| raw.get(name).copied())?.trim();
        } else {
            return Color::parse(value);
        }
    }
    None
}

/// Splits at commas outside of brackets.
fn split_top(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .map(str::trim)
}

fn blocks(css: &str) -> Vec<Block> {
    let mut open: Vec<Block> = Vec::new();
    let mut closed = Vec::new();
    let (mut text, mut line) = (String::new(), 1);
    for c in css.chars() {
        match c {
            '{' => {
                let outer = open
                    .last()
                    .map(|block| format!("{} ", block.name))
                    .unwrap_or_default();
                let name = format!(
                    "{outer}{}",
                    text.split_whitespace().collect::<Vec<_>>().join(" ")
                );
                open.push(Block {
                    name,
                    line,
                    values: Vec::new(),
                });
                text.clear();
            }
            '}' | ';' => {
                if let (Some(block), Some((name, value))) = (open.last_mut(), text.split_once(':'))
                {
                    block
                        .values
                        .push((name.trim().to_owned(), value.trim().to_owned()));
                }
                text.clear();
                if c == '}' {
                    closed.extend(open.pop());
                }
            }
            other => {
                line += usize::from(other == '\n');
                text.push(other);
            }
        }
    }
    closed.sort_by_key(|block| block.line);
    closed
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn themes_are_found_in_layers_and_conditions_and_inherit() {
        let css = ":root { --g: #111; --mon-canvas: var(--g); --mon-ok: #0f0; --mon-r: 4px }\n\
                   @media (x) { [data-theme='light'] { --mon-canvas: #fff; } }";
        let themes = themes(css);
        assert_eq!(themes.len(), 2);
        assert_eq!(themes[0].color("canvas"), Color::parse("#111"));
        assert_eq!(themes[0].color("r"), None);
        assert_eq!(
            (themes[1].line, themes[1].color("ok")),
            (2, Color::parse("#0f0"))
        );
        assert_eq!(themes[1].name, "@media (x) [data-theme='light']");
    }

    #[test]
    fn light_dark_is_two_themes() {
        let found = themes(":root { --mon-canvas: light-dark(#fff, var(--k)); --k: #000 }");
        let canvas: Vec<_> = found
            .iter()
            .map(|theme| theme.color("canvas").unwrap())
            .collect();
        assert_eq!(
            canvas,
            ["#fff", "#000"].map(|text| Color::parse(text).unwrap())
        );
    }

    #[test]
    fn a_circle_of_references_ends() {
        let found = themes(":root { --mon-canvas: var(--a); --a: var(--b); --b: var(--a) }");
        assert_eq!(found[0].color("canvas"), None);
    }
}
