//! Which of a host's wishes are granted. Status colours, shapes and sizes are not for a host to set.

use super::colour::{Rgb, contrast, difference};

/// What a host may set.
pub(super) const TAKEN: [&str; 17] = [
    "--mon-font",
    "--mon-mono",
    "--mon-radius",
    "--mon-radius-control",
    "--mon-accent",
    "--mon-on-accent",
    "--mon-canvas",
    "--mon-surface-1",
    "--mon-surface-2",
    "--mon-line",
    "--mon-control",
    "--mon-ink-1",
    "--mon-ink-2",
    "--mon-ink-3",
    "--mon-chart-1",
    "--mon-hatch",
    "--mon-band",
];
const SURFACES: [&str; 3] = ["--mon-canvas", "--mon-surface-1", "--mon-surface-2"];
const INKS: [&str; 3] = ["--mon-ink-1", "--mon-ink-2", "--mon-ink-3"];
const TEXTS: [&str; 4] = ["--mon-font", "--mon-mono", "--mon-radius", "--mon-radius-control"];

/// Words need this contrast, graphics that one.
const TEXT_CONTRAST: f64 = 4.5;
const GRAPHIC_CONTRAST: f64 = 3.0;
/// An accent that is nearer than this to a status could be taken for one.
const STATUS_DISTANCE: f64 = 15.0;
/// Longer texts are no font list.
const TEXT_MAX_BYTES: usize = 200;

/// Status colours, which stand on the host's surfaces: light and dark theme.
const LIGHT_STATUSES: [&str; 5] = ["#29775c", "#a2590c", "#950020", "#3d4145", "#1a349b"];
const DARK_STATUSES: [&str; 5] = ["#3de0bd", "#fddd5f", "#fe4539", "#878c91", "#5387f1"];
/// The own surfaces and inks, for what the host leaves out.
const LIGHT: [&str; 6] = ["#f4f5f7", "#ffffff", "#eceef1", "#14181d", "#47515b", "#606a75"];
const DARK: [&str; 6] = ["#0b0e11", "#12161a", "#191e24", "#e9edf1", "#aab3bd", "#808b97"];

/// What is taken over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Adopted {
    /// The own theme that is nearest to the host's canvas; `None` when the host says nothing about it.
    pub(super) theme: Option<&'static str>,
    /// Custom properties with their values.
    pub(super) properties: Vec<(&'static str, String)>,
}

/// Decides what of `asked` is taken over.
pub(super) fn adopt(asked: &[(&'static str, String)]) -> Adopted {
    let colour = |name: &str| asked.iter().find(|it| it.0 == name).and_then(|it| Rgb::parse(&it.1));
    let canvas = colour("--mon-canvas").or_else(|| colour("--mon-surface-1"));
    let theme = canvas.map(|it| if it.luminance() > 0.18 { "light" } else { "dark" });
    let is_light = theme == Some("light");
    let own = if is_light { LIGHT } else { DARK };
    let or_own = |names: [&str; 3], at: usize| -> Vec<Rgb> {
        let pairs = names.into_iter().zip(&own[at..]);
        pairs.filter_map(|(name, own)| colour(name).or_else(|| Rgb::parse(own))).collect()
    };
    let statuses: Vec<Rgb> = if is_light { LIGHT_STATUSES } else { DARK_STATUSES }.into_iter().filter_map(Rgb::parse).collect();
    let (surfaces, inks) = (or_own(SURFACES, 0), or_own(INKS, 3));
    let stands_on_all = |front: &[Rgb], least: f64| surfaces.iter().all(|back| front.iter().all(|it| contrast(*it, *back) >= least));
    // Surfaces and inks are judged together: one without the other would be somebody's unreadable page.
    let grounds_pass = theme.is_some() && stands_on_all(&inks, TEXT_CONTRAST) && stands_on_all(&statuses, GRAPHIC_CONTRAST);
    let accent_passes = colour("--mon-accent").is_some_and(|accent| {
        let on_accent = colour("--mon-on-accent").unwrap_or(surfaces[0]);
        contrast(accent, on_accent) >= TEXT_CONTRAST
            && stands_on_all(&[accent], GRAPHIC_CONTRAST)
            && statuses.iter().all(|it| difference(accent, *it) >= STATUS_DISTANCE)
    });
    let chart_passes = colour("--mon-chart-1").is_some_and(|it| {
        stands_on_all(&[it], GRAPHIC_CONTRAST) && statuses.iter().all(|status| difference(it, *status) >= STATUS_DISTANCE)
    });
    let is_granted = |name: &str, value: &str| match name {
        _ if TEXTS.contains(&name) => value.len() <= TEXT_MAX_BYTES,
        "--mon-accent" | "--mon-on-accent" => accent_passes && Rgb::parse(value).is_some(),
        "--mon-chart-1" => chart_passes,
        _ => grounds_pass && Rgb::parse(value).is_some(),
    };
    let granted = asked.iter().filter(|(name, value)| is_granted(name, value));
    Adopted { theme, properties: granted.cloned().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    fn names(adopted: &Adopted) -> Vec<&'static str> {
        adopted.properties.iter().map(|it| it.0).collect()
    }

    #[test]
    fn the_wine_red_of_a_host_becomes_the_accent() {
        let it = adopt(&asked(&[
            ("--mon-canvas", "#fbf7f1"),
            ("--mon-surface-1", "#ffffff"),
            ("--mon-accent", "#6A1B4D"),
            ("--mon-on-accent", "#ffffff"),
        ]));
        assert_eq!(it.theme, Some("light"));
        assert_eq!(it.properties.len(), 4);
    }

    #[test]
    fn an_accent_like_a_status_is_refused() {
        let it = adopt(&asked(&[("--mon-canvas", "#ffffff"), ("--mon-accent", "#990022"), ("--mon-on-accent", "#ffffff")]));
        assert_eq!(names(&it), ["--mon-canvas"]);
    }

    #[test]
    fn words_that_nobody_could_read_are_refused_with_their_ground() {
        let it = adopt(&asked(&[("--mon-canvas", "#ffffff"), ("--mon-ink-3", "#bbbbbb"), ("--mon-font", "Lora")]));
        assert_eq!(it.theme, Some("light"));
        assert_eq!(names(&it), ["--mon-font"]);
    }

    #[test]
    fn what_cannot_be_measured_is_not_taken_over() {
        let it = adopt(&asked(&[("--mon-canvas", "oklch(1 0 0)"), ("--mon-accent", "plum")]));
        assert_eq!(it, Adopted::default());
    }
}
