//! Measuring colours: WCAG 2.1 contrast and CIEDE2000 difference.

use super::math::{atan2, cbrt, cos, exp, hypot, pow, sin};

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

impl Rgb {
    /// Reads `#rgb` or `#rrggbb`; other notations are not measured and therefore not taken over.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.is_ascii() {
            return None;
        }
        let read = |from: usize, to: usize| u8::from_str_radix(digits.get(from..to)?, 16).ok();
        match digits.len() {
            6 => Some(Self(read(0, 2)?, read(2, 4)?, read(4, 6)?)),
            3 => Some(Self(read(0, 1)? * 17, read(1, 2)? * 17, read(2, 3)? * 17)),
            _ => None,
        }
    }

    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|it| {
            let share = f64::from(it) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                pow((share + 0.055) / 1.055, 2.4)
            }
        })
    }

    /// Relative luminance, 0 (black) to 1 (white).
    pub(super) fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// CIE L*a*b* for daylight (D65).
    fn lab(self) -> [f64; 3] {
        let [red, green, blue] = self.linear();
        let x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.950_47;
        let y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.088_83;
        let root = |it: f64| {
            if it > 0.008_856 {
                cbrt(it)
            } else {
                7.787 * it + 16.0 / 116.0
            }
        };
        let [x, y, z] = [x, y, z].map(root);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }
}

/// Contrast of two colours, 1 to 21.
pub(super) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The same direction within 0 to 360 degrees.
fn full_turns_off(degrees: f64) -> f64 {
    degrees - (degrees / 360.0).floor() * 360.0
}

/// How different two colours look: CIEDE2000. Below about 2 nobody sees it; 15 is plainly another colour.
pub(super) fn difference(one: Rgb, other: Rgb) -> f64 {
    let ([l1, a1, b1], [l2, a2, b2]) = (one.lab(), other.lab());
    let mean_c = f64::midpoint(hypot(a1, b1), hypot(a2, b2));
    let seventh = |it: f64| (it.powi(7) / (it.powi(7) + 25_f64.powi(7))).sqrt();
    let stretch = 1.0 + 0.5 * (1.0 - seventh(mean_c));
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (hypot(a1, b1), hypot(a2, b2));
    let hue = |a: f64, b: f64| full_turns_off(atan2(b, a).to_degrees());
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let turn = full_turns_off(h2 - h1 + 180.0) - 180.0;
    let (grey, mean_l, mean_c) = (c1 * c2 == 0.0, f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let delta_h = if grey {
        0.0
    } else {
        2.0 * (c1 * c2).sqrt() * sin((turn / 2.0).to_radians())
    };
    let mean_h = if grey {
        h1 + h2
    } else {
        full_turns_off(h1 + turn / 2.0)
    };
    let cosine = |factor: f64, shift: f64| cos((factor * mean_h + shift).to_radians());
    let t = 1.0 - 0.17 * cosine(1.0, -30.0) + 0.24 * cosine(2.0, 0.0) + 0.32 * cosine(3.0, 6.0)
        - 0.2 * cosine(4.0, -63.0);
    let away = (mean_l - 50.0).powi(2);
    let lightness = (l2 - l1) / (1.0 + 0.015 * away / (20.0 + away).sqrt());
    let chroma = (c2 - c1) / (1.0 + 0.045 * mean_c);
    let hue_part = delta_h / (1.0 + 0.015 * mean_c * t);
    let turn_angle = (60.0 * exp(-((mean_h - 275.0) / 25.0).powi(2))).to_radians();
    let rotation = -2.0 * seventh(mean_c) * sin(turn_angle);
    (lightness.powi(2) + chroma.powi(2) + hue_part.powi(2) + rotation * chroma * hue_part)
        .max(0.0)
        .sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(text: &str) -> Rgb {
        Rgb::parse(text).unwrap_or(Rgb(0, 0, 0))
    }

    #[test]
    fn contrast_is_that_of_the_style_guide() {
        assert!((contrast(rgb("#6A1B4D"), rgb("#ffffff")) - 11.19).abs() < 0.01);
        assert!((contrast(rgb("#000"), rgb("#fff")) - 21.0).abs() < 0.01);
    }

    #[test]
    fn difference_is_that_of_the_style_guide() {
        // The nearest status to screen 09's accent, as the guide computed it.
        let statuses = ["#29775c", "#a2590c", "#950020", "#3d4145", "#1a349b"];
        let nearest = statuses
            .map(|it| difference(rgb("#6A1B4D"), rgb(it)))
            .into_iter()
            .fold(f64::MAX, f64::min);
        assert!((nearest - 20.4).abs() < 0.2, "{nearest}");
        assert!(difference(rgb("#123456"), rgb("#123456")) < 1e-9);
    }

    #[test]
    fn other_notations_are_not_read() {
        for text in [
            "",
            "#",
            "#12",
            "#1234567",
            "red",
            "rgb(1,2,3)",
            "#ééé",
            "#gggggg",
        ] {
            assert_eq!(Rgb::parse(text), None, "{text}");
        }
    }
}
