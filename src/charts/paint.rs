//! Puts a [`Drawing`] on a canvas with plotters, in device pixels. Words are not drawn here: they stand in the
//! page, where they can be read aloud, copied and enlarged.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::RGBAColor;
use plotters_canvas::CanvasBackend;
use web_sys::HtmlCanvasElement;

use super::drawing::{Drawing, LevelKind, Place};
use super::hatch::hatch;
use super::palette::Palette;

/// The zone beyond critical shows through this much.
const ZONE_OPACITY: f64 = 0.09;
/// The band where the target is missed.
const BAND_OPACITY: f64 = 0.055;
/// Lines of other series.
const OTHERS_OPACITY: f64 = 0.75;

type Error = Box<dyn std::error::Error>;
type Chart<'a> = ChartContext<'a, CanvasBackend, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A canvas with what is needed to draw on it.
struct Painter<'a> {
    area: DrawingArea<CanvasBackend, plotters::coord::Shift>,
    chart: Chart<'a>,
    palette: Palette,
    width: i32,
    height: i32,
    /// Device pixels for one CSS pixel.
    ratio: f64,
}

/// Draws; the canvas must have been sized in device pixels before. A canvas without an area is left as it is.
///
/// # Errors
/// When the canvas refuses, which the chart says in words.
pub(super) fn paint(canvas: HtmlCanvasElement, drawing: &Drawing, palette: Palette, ratio: f64) -> Result<(), Error> {
    let (width, height) = (i32::try_from(canvas.width())?, i32::try_from(canvas.height())?);
    if width == 0 || height == 0 {
        return Ok(());
    }
    clear(&canvas);
    let backend = CanvasBackend::with_canvas_object(canvas).ok_or("the canvas has no context")?;
    let area = backend.into_drawing_area();
    // Places are shares, so this range is the only one there ever is: plotters hangs on infinite ones.
    let chart = ChartBuilder::on(&area).build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    let mut painter = Painter { area: area.clone(), chart, palette, width, height, ratio };
    painter.ground(drawing)?;
    painter.levels(drawing)?;
    painter.series(drawing)?;
    area.present()?;
    Ok(())
}

fn clear(canvas: &HtmlCanvasElement) {
    use wasm_bindgen::JsCast;
    let context = canvas
        .get_context("2d")
        .ok()
        .flatten()
        .and_then(|it| it.dyn_into::<web_sys::CanvasRenderingContext2d>().ok());
    if let Some(context) = context {
        context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
        context.set_line_join("round");
        context.set_line_cap("butt");
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels of a screen fit; a float beyond the range saturates at the edge"
)]
impl Painter<'_> {
    fn px(&self, css_px: f64) -> i32 {
        ((css_px * self.ratio).round() as i32).max(1)
    }

    fn stroke(&self, css_px: f64) -> u32 {
        ((css_px * self.ratio).round() as u32).max(1)
    }

    fn x(&self, place: f64) -> i32 {
        (place * f64::from(self.width)).round() as i32
    }

    fn y(&self, place: f64) -> i32 {
        ((1.0 - place) * f64::from(self.height)).round() as i32
    }

    fn fill(&self, x: (i32, i32), y: (i32, i32), colour: RGBAColor) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([(x.0, y.0), (x.1, y.1)], colour.filled()))?;
        Ok(())
    }

    /// A horizontal line that covers whole pixels, so that it is sharp; `dash` in CSS pixels on and off.
    fn rule(&self, place: f64, css_px: f64, dash: Option<(f64, f64)>, colour: RGBAColor) -> Result<(), Error> {
        let thick = self.px(css_px);
        let top = (self.y(place) - thick / 2).clamp(0, self.height - thick);
        let (on, off) = dash.map_or((self.width, 0), |(on, off)| (self.px(on), self.px(off)));
        let mut left = 0;
        while left < self.width {
            self.fill((left, (left + on).min(self.width)), (top, top + thick), colour)?;
            left += on + off;
        }
        Ok(())
    }

    fn ground(&self, drawing: &Drawing) -> Result<(), Error> {
        let all = (0, self.width);
        if let Some((low, high)) = drawing.missed_band {
            self.fill(all, (self.y(high), self.y(low)), self.palette.ink_1.mix(BAND_OPACITY))?;
        }
        if let Some((low, high)) = drawing.critical_zone {
            self.fill(all, (self.y(high), self.y(low)), self.palette.critical.mix(ZONE_OPACITY))?;
        }
        for (number, place) in drawing.grid.iter().enumerate() {
            let colour = if number == 0 { self.palette.control } else { self.palette.line };
            self.rule(*place, 1.0, None, colour.mix(1.0))?;
        }
        for (from, to) in &drawing.gaps {
            self.hatch(self.x(*from), self.x(*to))?;
        }
        Ok(())
    }

    fn hatch(&self, left: i32, right: i32) -> Result<(), Error> {
        let style = self.palette.hatch.stroke_width(self.stroke(1.5));
        for (from, to) in hatch(left, 0, right, self.height, self.px(7.0)) {
            self.area.draw(&PathElement::new(vec![from, to], style))?;
        }
        Ok(())
    }

    fn levels(&self, drawing: &Drawing) -> Result<(), Error> {
        for level in &drawing.levels {
            let (colour, css_px, dash) = match level.kind {
                LevelKind::Critical => (self.palette.critical, 1.25, None),
                LevelKind::Warning => (self.palette.warning, 1.25, Some((5.0, 3.0))),
                LevelKind::Target => (self.palette.ink_2, 1.0, Some((1.5, 3.0))),
            };
            self.rule(level.y, css_px, dash, colour.mix(1.0))?;
        }
        for place in &drawing.deploys {
            self.deploy(self.x(*place))?;
        }
        Ok(())
    }

    fn deploy(&self, x: i32) -> Result<(), Error> {
        let (thick, step) = (self.px(1.0), self.px(3.0));
        let left = x.clamp(0, self.width - thick);
        let mut top = 0;
        while top < self.height {
            self.fill((left, left + thick), (top, top + thick), self.palette.ink_2.mix(1.0))?;
            top += step;
        }
        Ok(())
    }

    fn series(&mut self, drawing: &Drawing) -> Result<(), Error> {
        let thin = self.palette.ink_3.mix(OTHERS_OPACITY).stroke_width(self.stroke(1.0));
        for line in &drawing.others {
            self.line(line, thin)?;
        }
        let strong = self.palette.series.mix(1.0).stroke_width(self.stroke(2.0));
        for line in &drawing.lines {
            self.line(line, strong)?;
        }
        if let Some((x, y)) = drawing.end {
            let radius = self.px(3.0);
            let centre = (
                self.x(x).clamp(radius, self.width - radius),
                self.y(y).clamp(radius, self.height - radius),
            );
            self.area.draw(&Circle::new(centre, radius, self.palette.series.filled()))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &[Place], style: ShapeStyle) -> Result<(), Error> {
        match line {
            [] => {}
            // One reading between two gaps has no line, but it must not vanish.
            [(x, y)] => {
                let dot = Circle::new((self.x(*x), self.y(*y)), self.px(1.5), style.filled());
                self.area.draw(&dot)?;
            }
            _ => {
                self.chart.draw_series(LineSeries::new(line.iter().copied(), style))?;
            }
        }
        Ok(())
    }
}
