//! The style sheet's colours for the canvas, which cannot read custom properties by itself.

use plotters::style::RGBColor;
use web_sys::{CssStyleDeclaration, Element};

/// Colours of a chart, as the element's theme, host and feed state have them now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Palette {
    pub(super) ink_1: RGBColor,
    pub(super) ink_2: RGBColor,
    pub(super) ink_3: RGBColor,
    pub(super) line: RGBColor,
    pub(super) control: RGBColor,
    pub(super) hatch: RGBColor,
    pub(super) series: RGBColor,
    pub(super) critical: RGBColor,
    pub(super) warning: RGBColor,
}

/// What stands where a colour cannot be read: visible on both themes, and no status.
const FALLBACK: RGBColor = RGBColor(0x80, 0x8b, 0x97);

impl Palette {
    /// Reads the colours that apply to an element.
    pub(super) fn of(element: &Element) -> Self {
        let style = leptos::prelude::window().get_computed_style(element).ok().flatten();
        let read = |name: &str| colour(style.as_ref(), name);
        Self {
            ink_1: read("--mon-ink-1"),
            ink_2: read("--mon-ink-2"),
            ink_3: read("--mon-ink-3"),
            line: read("--mon-line"),
            control: read("--mon-control"),
            hatch: read("--mon-hatch"),
            series: read("--mon-chart-1"),
            critical: read("--mon-down"),
            warning: read("--mon-degraded"),
        }
    }
}

fn colour(style: Option<&CssStyleDeclaration>, name: &str) -> RGBColor {
    style
        .and_then(|it| it.get_property_value(name).ok())
        .and_then(|text| parse(text.trim()))
        .unwrap_or(FALLBACK)
}

/// Reads `#rgb` and `#rrggbb`, which is how the tokens are written.
fn parse(text: &str) -> Option<RGBColor> {
    let digits = text.strip_prefix('#')?;
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    match digits.len() {
        6 => Some(RGBColor(pair(0)?, pair(2)?, pair(4)?)),
        3 => {
            let one = |at: usize| Some(u8::from_str_radix(digits.get(at..=at)?, 16).ok()? * 17);
            Some(RGBColor(one(0)?, one(1)?, one(2)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_in_both_lengths() {
        assert_eq!(parse("#fe4539"), Some(RGBColor(254, 69, 57)));
        assert_eq!(parse("#fff"), Some(RGBColor(255, 255, 255)));
        assert_eq!(parse("red"), None);
        assert_eq!(parse("#12é4"), None);
    }

    /// The light theme stands in the sheet twice, because CSS cannot join a media query and an attribute.
    #[test]
    fn both_light_themes_are_the_same() {
        let sheet = include_str!("../../style/tokens.css");
        let block = |start: &str| -> Vec<&str> {
            let after = sheet.split_once(start).map_or("", |it| it.1);
            let inner = after.split_once('}').map_or("", |it| it.0);
            inner.lines().map(str::trim).filter(|line| line.contains(':')).collect()
        };
        let by_system = block(":root:not([data-theme=\"dark\"]) {");
        assert!(by_system.len() > 25);
        assert_eq!(by_system, block(":root[data-theme=\"light\"] {"));
    }
}
