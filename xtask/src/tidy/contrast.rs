//! The gate for colours: what is read has contrast 4.5, what is seen 3, and statuses look different.

use super::tokens::{Theme, themes};
use super::{Finding, Source};

const TEXT_MIN: f64 = 4.5;
const GRAPHIC_MIN: f64 = 3.0;
const STATUS_DIFFERENCE_MIN: f64 = 12.0;

const SURFACES: [&str; 3] = ["canvas", "surface-1", "surface-2"];
const STATUSES: [&str; 5] = ["ok", "degraded", "down", "unknown", "maintenance"];
const ON_SURFACES: [&str; 8] = [
    "ink-1",
    "ink-2",
    "ink-3",
    "ok",
    "degraded",
    "down",
    "unknown",
    "maintenance",
];
/// Text on fills and tints: the text, what is under it.
const ON_FILLS: [(&str, &str); 7] = [
    ("on-down", "fill-down"),
    ("ink-2", "tint-degraded"),
    ("degraded", "tint-degraded"),
    ("ink-2", "tint-maint"),
    ("maintenance", "tint-maint"),
    ("ink-2", "hatch-soft"),
    ("unknown", "hatch-soft"),
];
const GRAPHICS: [(&str, &str); 12] = [
    ("control", "canvas"),
    ("control", "surface-1"),
    ("control", "surface-2"),
    ("fill-down", "canvas"),
    ("ok-muted", "canvas"),
    ("ok-muted", "surface-1"),
    ("chart-1", "surface-1"),
    ("chart-2", "surface-1"),
    ("chart-3", "surface-1"),
    ("chart-4", "surface-1"),
    ("chart-5", "surface-1"),
    ("chart-6", "surface-1"),
];

/// What the gate found, and how much it looked at.
pub struct Report {
    /// Pairs that were measured.
    pub pairs: usize,
    /// Themes that were found.
    pub themes: usize,
    /// Pairs that fail, and tokens that are missing.
    pub findings: Vec<Finding>,
}

/// Measures every theme of the tokens.
pub fn check(source: &Source) -> Report {
    let themes = themes(&source.text);
    let mut report = Report {
        pairs: 0,
        themes: themes.len(),
        findings: Vec::new(),
    };
    if themes.is_empty() {
        let message = "no theme found: none of its blocks sets --mon-canvas";
        report.findings.push(Finding::new(&source.path, 0, message));
    }
    for theme in &themes {
        let mut gate = Gate {
            theme,
            path: &source.path,
            report: &mut report,
        };
        gate.check();
    }
    report
}

struct Gate<'a> {
    theme: &'a Theme,
    path: &'a str,
    report: &'a mut Report,
}

impl Gate<'_> {
    fn check(&mut self) {
        for surface in SURFACES {
            for token in ON_SURFACES {
                self.require(token, surface);
                self.contrast(token, surface, TEXT_MIN);
            }
        }
        for (text, fill) in ON_FILLS {
            self.contrast(text, fill, TEXT_MIN);
        }
        for (graphic, surface) in GRAPHICS {
            self.contrast(graphic, surface, GRAPHIC_MIN);
        }
        for (index, one) in STATUSES.iter().enumerate() {
            for other in &STATUSES[index + 1..] {
                self.difference(one, other);
            }
        }
    }

    fn require(&mut self, token: &str, surface: &str) {
        for name in [token, surface] {
            if self.theme.color(name).is_none() {
                self.find(format!("--mon-{name} is missing or not a plain colour"));
            }
        }
    }

    fn contrast(&mut self, front: &str, back: &str, min: f64) {
        let (Some(a), Some(b)) = (self.theme.color(front), self.theme.color(back)) else {
            return;
        };
        self.report.pairs += 1;
        let found = a.contrast(b);
        if found < min {
            self.find(format!(
                "{front} on {back} has contrast {found:.2}, at least {min} is needed"
            ));
        }
    }

    fn difference(&mut self, one: &str, other: &str) {
        let (Some(a), Some(b)) = (self.theme.color(one), self.theme.color(other)) else {
            return;
        };
        self.report.pairs += 1;
        let found = a.difference(b);
        if found < STATUS_DIFFERENCE_MIN {
            self.find(format!(
                "{one} and {other} differ by {found:.1} (CIEDE2000), at least {STATUS_DIFFERENCE_MIN} is needed"
            ));
        }
    }

    fn find(&mut self, message: String) {
        let message = format!("{}: {message}", self.theme.name);
        let finding = Finding::new(self.path, self.theme.line, message);
        if !self.report.findings.contains(&finding) {
            self.report.findings.push(finding);
        }
    }
}

/// A style sheet with its comments blanked, line ends kept.
pub fn without_comments(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        text.push_str(&rest[..start]);
        let end = rest[start..]
            .find("*/")
            .map_or(rest.len(), |length| start + length + 2);
        text.extend(rest[start..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DARK: &str = ":root {
        --mon-canvas: #0B0E11; --mon-surface-1: #12161A; --mon-surface-2: #191E24; --mon-control: #66727E;
        --mon-ink-1: #E9EDF1; --mon-ink-2: #AAB3BD; --mon-ink-3: #808B97; --mon-ok: #3DE0BD;
        --mon-degraded: #FDDD5F; --mon-down: #FE4539; --mon-unknown: #878C91; --mon-maintenance: #5387F1;
        --mon-fill-down: #C8170F; --mon-on-down: #FFFFFF; --mon-tint-degraded: #2A2614; /* x */
        --mon-tint-maint: #141F36; --mon-ok-muted: #2B7E6C; --mon-hatch-soft: #1D2328;
        --mon-chart-1: #E9EDF1; --mon-chart-2: #2468BC; --mon-chart-3: #816475; --mon-chart-4: #C08248;
        --mon-chart-5: #6EACAA; --mon-chart-6: #BB8CFD }";

    fn report(css: &str) -> Report {
        check(&Source {
            path: "style/tokens.css".to_owned(),
            text: css.to_owned(),
        })
    }

    #[test]
    fn the_designed_dark_theme_passes_in_every_pair() {
        let report = report(DARK);
        assert_eq!(report.findings, []);
        assert_eq!((report.themes, report.pairs), (1, 24 + 7 + 12 + 10));
    }

    #[test]
    fn a_token_that_is_too_faint_is_named_with_its_figure() {
        let report = report(&DARK.replace("#808B97", "#5A636C"));
        assert_eq!(report.findings.len(), 3);
        assert!(
            report.findings[0]
                .message
                .contains("ink-3 on canvas has contrast 3.")
        );
    }

    #[test]
    fn statuses_that_look_alike_are_refused() {
        let report = report(&DARK.replace("--mon-ok: #3DE0BD", "--mon-ok: #F2D95F"));
        let messages: Vec<&str> = report.findings.iter().map(|f| f.message.as_str()).collect();
        assert!(
            messages
                .iter()
                .any(|m| m.contains("ok and degraded differ")),
            "{messages:?}"
        );
    }

    #[test]
    fn a_missing_token_and_a_file_without_theme_are_findings() {
        assert_eq!(
            report(&DARK.replace("--mon-ink-3", "--mon-ink-4"))
                .findings
                .len(),
            1
        );
        assert_eq!(report("a { b: c }").findings.len(), 1);
    }
}
