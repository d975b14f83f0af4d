//! One series over time: what is known, and where nothing is.

use watchfloor_wire::series::SeriesColumns;
use watchfloor_wire::time::UnixMs;

use super::ring::Ring;

/// The most points that one track keeps.
const POINTS_MAX: usize = 2_000;
/// Two readings further apart than this many steps have a gap between them.
const GAP_STEPS: f64 = 2.5;

/// What counts as a gap, in milliseconds, while the series' step is not known.
const GAP_MS_UNKNOWN_STEP: i64 = 150_000;

/// A reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When it was measured.
    pub at: UnixMs,
    /// The value, finite; `None` where the source answered without one.
    pub value: Option<f64>,
}

/// A series' readings, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    points: Ring<Point>,
    gap_ms: i64,
    thinned: bool,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its start.
    pub from: UnixMs,
    /// Its end.
    pub to: UnixMs,
}

/// A track cut at its gaps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pieces {
    /// Unbroken lines: instants with finite values, in order.
    pub lines: Vec<Vec<(UnixMs, f64)>>,
    /// Where nothing is known.
    pub gaps: Vec<Span>,
}

impl Default for Track {
    fn default() -> Self {
        Self {
            points: Ring::new(POINTS_MAX),
            gap_ms: GAP_MS_UNKNOWN_STEP,
            thinned: false,
        }
    }
}

impl Track {
    /// Reads columns. Values that are not finite count as missing; instants that do not rise are left out.
    #[must_use]
    pub fn from_columns(columns: &SeriesColumns) -> Self {
        let mut track = Self {
            gap_ms: gap_ms(columns),
            thinned: columns.thinned,
            ..Self::default()
        };
        for (at, value) in columns.at.iter().zip(&columns.value) {
            track.grow(UnixMs(*at), *value);
        }
        track
    }

    /// Appends a reading; older ones than the newest are not news.
    pub fn grow(&mut self, at: UnixMs, value: Option<f64>) {
        if self.points.last().is_none_or(|last| at > last.at) {
            let value = value.filter(|it| it.is_finite());
            self.points.push(Point { at, value });
        }
    }

    /// Takes over the readings of `other` that are newer than its own.
    pub fn grow_by(&mut self, other: &Self) {
        for point in other.points.iter() {
            self.grow(point.at, point.value);
        }
    }

    /// Forgets what is older than `from`, but for the last point before it, from which a line comes in.
    pub fn forget_before(&mut self, from: UnixMs) {
        let kept = self.points.iter().rev().find(|it| it.at < from).map(|it| it.at);
        if let Some(kept) = kept {
            self.points.drop_while(|it| it.at < kept);
        }
    }

    /// The readings, oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = &Point> + ExactSizeIterator {
        self.points.iter()
    }

    /// The newest reading.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }

    /// Whether several readings became one point.
    #[must_use]
    pub const fn is_thinned(&self) -> bool {
        self.thinned
    }

    /// Whether nothing was ever read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The smallest and largest value within a span; `None` without any.
    #[must_use]
    pub fn extent(&self, span: Span) -> Option<(f64, f64)> {
        self.points()
            .filter(|it| it.at >= span.from && it.at <= span.to)
            .filter_map(|it| it.value)
            .fold(None, |so_far, value| {
                Some(so_far.map_or((value, value), |(low, high): (f64, f64)| {
                    (low.min(value), high.max(value))
                }))
            })
    }

    /// Cuts the track at its gaps within a span. A gap at the end reaches to the end of the span: what is not
    /// known yet is not known.
    #[must_use]
    pub fn pieces(&self, span: Span) -> Pieces {
        let mut pieces = Pieces::default();
        let mut line: Vec<(UnixMs, f64)> = Vec::new();
        let mut known_until = span.from;
        let mut is_first = true;
        let inside = self.points().filter(|it| it.at >= span.from && it.at <= span.to);
        for point in inside {
            let Some(value) = point.value else { continue };
            let apart_ms = point.at.since_ms(known_until);
            let broken = apart_ms > self.gap_ms || (!is_first && self.is_missing_between(known_until, point.at));
            if broken {
                pieces.gaps.push(Span { from: known_until, to: point.at });
                if !line.is_empty() {
                    pieces.lines.push(std::mem::take(&mut line));
                }
            }
            line.push((point.at, value));
            known_until = point.at;
            is_first = false;
        }
        if !line.is_empty() {
            pieces.lines.push(line);
        }
        let ends_missing = self.is_missing_between(known_until, span.to);
        if is_first || ends_missing || span.to.since_ms(known_until) > self.gap_ms {
            pieces.gaps.push(Span { from: known_until, to: span.to });
        }
        pieces
    }

    /// Whether the source itself said "nothing" strictly between two instants.
    fn is_missing_between(&self, from: UnixMs, to: UnixMs) -> bool {
        self.points()
            .rev()
            .skip_while(|it| it.at > to)
            .take_while(|it| it.at > from)
            .any(|it| it.value.is_none())
    }
}

/// From which distance two readings have a gap between them. Thinned columns lie further apart than their
/// source's step, so the usual distance counts too.
fn gap_ms(columns: &SeriesColumns) -> i64 {
    let mut apart: Vec<i64> = columns.at.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    apart.sort_unstable();
    let usual = if columns.thinned {
        // Of each stretch two points are kept, so every other distance is short: the larger ones count.
        apart.get(apart.len() * 3 / 4).copied().unwrap_or(0)
    } else {
        0
    };
    let step_ms = columns.step_ms.max(usual).max(1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "steps are minutes or hours; a float that is too large saturates"
    )]
    let gap = (step_ms as f64 * GAP_STEPS) as i64;
    gap
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
