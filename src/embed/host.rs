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
const TEXTS: [&str; 4] = [
    "--mon-font",
    "--mon-mono",
    "--mon-radius",
    "--mon-radius-control",
];

/// Words need this contrast, graphics that one.
const TEXT_CONTRAST: f64 = 4.5;
const GRAPHIC_CONTRAST: f64 = 3.0;
/// An accent that is nearer than this to a status could be taken for one.
const STATUS_DISTANCE: f64 = 15.0;
/// Longer texts are no font list.
const TEXT_MAX_BYTES: usize = 200;

/// What is taken over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Adopted {
    /// The own theme that is nearest to the host's canvas; `None` when the host says nothing about it.
    pub(super) theme: Option<&'static str>,
    /// Custom properties with their values.
    pub(super) properties: Vec<(&'static str, String)>,
}

/// One of the own themes, in colours that can be measured.
struct Own {
    surfaces: [&'static str; 3],
    inks: [&'static str; 3],
    statuses: [&'static str; 5],
}

const LIGHT: Own = Own {
    surfaces: ["#f4f5f7", "#ffffff", "#eceef1"],
    inks: ["#14181d", "#47515b", "#606a75"],
    statuses: ["#29775c", "#a2590c", "#950020", "#3d4145", "#1a349b"],
};
const DARK: Own = Own {
    surfaces: ["#0b0e11", "#12161a", "#191e24"],
    inks: ["#e9edf1", "#aab3bd", "#808b97"],
    statuses: ["#3de0bd", "#fddd5f", "#fe4539", "#878c91", "#5387f1"],
};

/// What the page will stand on, and the statuses that stand there.
struct Ground {
    surfaces: Vec<Rgb>,
    statuses: Vec<Rgb>,
}

impl Ground {
    fn own(theme: &Own) -> Self {
        Self {
            surfaces: theme.surfaces.into_iter().filter_map(Rgb::parse).collect(),
            statuses: theme.statuses.into_iter().filter_map(Rgb::parse).collect(),
        }
    }

    fn carries(&self, front: &[Rgb], least: f64) -> bool {
        let on = |back: &Rgb| front.iter().all(|it| contrast(*it, *back) >= least);
        self.surfaces.iter().all(on)
    }

    /// Whether a graphic of this colour is seen here and is not taken for a status.
    fn shows(&self, colour: Rgb) -> bool {
        let apart = |status: &Rgb| difference(colour, *status) >= STATUS_DISTANCE;
        self.carries(&[colour], GRAPHIC_CONTRAST) && self.statuses.iter().all(apart)
    }
}

/// What a host asks for.
struct Asked<'a>(&'a [(&'static str, String)]);

impl Asked<'_> {
    fn colour(&self, name: &str) -> Option<Rgb> {
        let value = &self.0.iter().find(|it| it.0 == name)?.1;
        Rgb::parse(value)
    }

    fn or_own(&self, names: [&str; 3], own: [&str; 3]) -> Vec<Rgb> {
        let pairs = names.into_iter().zip(own);
        pairs
            .filter_map(|(name, own)| self.colour(name).or_else(|| Rgb::parse(own)))
            .collect()
    }

    /// The host's surfaces, when every word and every status can be read on them. Surfaces and inks are judged
    /// together: one without the other would be somebody's unreadable page.
    fn ground(&self, theme: &Own) -> Option<Ground> {
        let ground = Ground {
            surfaces: self.or_own(SURFACES, theme.surfaces),
            ..Ground::own(theme)
        };
        let inks = self.or_own(INKS, theme.inks);
        let readable = ground.carries(&inks, TEXT_CONTRAST)
            && ground.carries(&ground.statuses, GRAPHIC_CONTRAST);
        readable.then_some(ground)
    }

    fn accent_passes(&self, ground: &Ground) -> bool {
        self.colour("--mon-accent").is_some_and(|accent| {
            let on_accent = self.colour("--mon-on-accent").unwrap_or(ground.surfaces[0]);
            contrast(accent, on_accent) >= TEXT_CONTRAST && ground.shows(accent)
        })
    }

    fn chart_passes(&self, ground: &Ground) -> bool {
        let chart = self.colour("--mon-chart-1");
        chart.is_some_and(|it| ground.shows(it))
    }
}

/// Decides what of `asked` is taken over.
pub(super) fn adopt(asked: &[(&'static str, String)]) -> Adopted {
    let host = Asked(asked);
    let canvas = host
        .colour("--mon-canvas")
        .or_else(|| host.colour("--mon-surface-1"));
    let theme = canvas.map(|it| match it.luminance() {
        light if light > 0.18 => ("light", LIGHT),
        _ => ("dark", DARK),
    });
    let host_ground = theme.as_ref().and_then(|(_, own)| host.ground(own));
    let takes_ground = host_ground.is_some();
    // What stands on the page is measured on what the page will be. Without a word about the canvas the theme
    // is the reader's, so it must do on both.
    let grounds = match (host_ground, &theme) {
        (Some(ground), _) => vec![ground],
        (None, Some((_, own))) => vec![Ground::own(own)],
        (None, None) => vec![Ground::own(&LIGHT), Ground::own(&DARK)],
    };
    let takes_accent = grounds.iter().all(|it| host.accent_passes(it));
    let takes_chart = grounds.iter().all(|it| host.chart_passes(it));
    let is_granted = |name: &str, value: &str| match name {
        _ if TEXTS.contains(&name) => value.len() <= TEXT_MAX_BYTES,
        "--mon-accent" | "--mon-on-accent" => takes_accent && Rgb::parse(value).is_some(),
        "--mon-chart-1" => takes_chart,
        _ => takes_ground && Rgb::parse(value).is_some(),
    };
    let granted = asked.iter().filter(|(name, value)| is_granted(name, value));
    Adopted {
        theme: theme.map(|(name, _)| name),
        properties: granted.cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
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
        let it = adopt(&asked(&[
            ("--mon-canvas", "#ffffff"),
            ("--mon-accent", "#990022"),
            ("--mon-on-accent", "#ffffff"),
        ]));
        assert_eq!(names(&it), ["--mon-canvas"]);
    }

    #[test]
    fn words_that_nobody_could_read_are_refused_with_their_ground() {
        let it = adopt(&asked(&[
            ("--mon-canvas", "#ffffff"),
            ("--mon-ink-3", "#bbbbbb"),
            ("--mon-font", "Lora"),
        ]));
        assert_eq!(it.theme, Some("light"));
        assert_eq!(names(&it), ["--mon-font"]);
    }

    #[test]
    fn an_accent_alone_must_do_on_both_themes() {
        let alone = |accent| names(&adopt(&asked(&[("--mon-accent", accent)]))).len();
        // Pale on light, deep on dark; the one between is seen on both, but carries no words on both.
        assert_eq!(
            [alone("#c9a7ff"), alone("#4c0d67"), alone("#007788")],
            [0, 0, 0]
        );
        let with_words = adopt(&asked(&[
            ("--mon-accent", "#007788"),
            ("--mon-on-accent", "#ffffff"),
        ]));
        assert_eq!(names(&with_words), ["--mon-accent", "--mon-on-accent"]);
        assert_eq!(with_words.theme, None);
    }

    #[test]
    fn an_accent_is_measured_on_the_own_surfaces_when_those_of_the_host_are_refused() {
        let refused = [("--mon-canvas", "#7a7a7a"), ("--mon-accent", "#101010")];
        assert_eq!(names(&adopt(&asked(&refused))), ["--mon-accent"]);
        let same_as_own = [("--mon-canvas", "#7a7a7a"), ("--mon-accent", "#f4f5f7")];
        assert_eq!(names(&adopt(&asked(&same_as_own))), Vec::<&str>::new());
    }

    #[test]
    fn what_cannot_be_measured_is_not_taken_over() {
        let it = adopt(&asked(&[
            ("--mon-canvas", "oklch(1 0 0)"),
            ("--mon-accent", "plum"),
        ]));
        assert_eq!(it, Adopted::default());
    }
}
