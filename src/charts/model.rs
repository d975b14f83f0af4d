//! What a chart shows, all of it derived from history, feed and clock.

use leptos::prelude::*;
use watchfloor_wire::deploy::DeployKind;
use watchfloor_wire::id::{ProductId, SeriesId};
use watchfloor_wire::product::ChartSpec;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::drawing::{Content, Drawing, draw};
use super::history::{History, live_readings};
use super::judge::{judge, newest, sentence};
use super::plot::{self, DeployMark, Words};
use super::scale::Scale;
use super::ticks::place;
use super::track::{Span, Track};
use crate::clock::use_clock;
use crate::store::use_stores;
use crate::ui::{format, minute_of_day, second_of_day};

/// Points are thinned for this many columns; a chart is rarely wider.
const COLUMNS: u32 = 900;

/// What a chart shows, all derived. A copy is the same chart.
#[derive(Clone, Copy)]
pub(super) struct Model {
    pub(super) spec: StoredValue<ChartSpec>,
    pub(super) track: Memo<Track>,
    pub(super) span: Memo<Span>,
    pub(super) scale: Memo<Scale>,
    pub(super) drawing: Memo<Drawing>,
    pub(super) words: Memo<Words>,
    pub(super) is_current: Memo<bool>,
    pub(super) cursor: RwSignal<Option<UnixMs>>,
    pub(super) detail: bool,
}

pub(super) fn model(
    spec: ChartSpec,
    product: ProductId,
    history: History,
    others: Vec<SeriesId>,
    detail: bool,
) -> Model {
    let clock = use_clock();
    let readings = use_stores().readings;
    let series = spec.series.clone();
    let track = history.track(series.clone(), live_readings(series.clone()));
    let others: Vec<Memo<Track>> = others
        .into_iter()
        .map(|id| history.track(id.clone(), live_readings(id)))
        .collect();
    let others = StoredValue::new(others);
    let span = Memo::new(move |_| {
        let window = history.window().get();
        let to = window.end(clock.now());
        Span {
            from: to.plus_ms(-window.span_ms()),
            to,
        }
    });
    let spec = StoredValue::new(spec);
    let scale = Memo::new(move |before: Option<&Scale>| {
        scale_of(spec, track, span.get(), others).hold(before)
    });
    let deploys = deploy_marks(product, span);
    let drawing = Memo::new(move |_| {
        let others: Vec<Track> = others.with_value(|all| all.iter().map(Get::get).collect());
        let instants: Vec<UnixMs> = deploys.with(|all| all.iter().map(|it| it.0).collect());
        let (track, scale) = (track.get(), scale.get());
        spec.with_value(|spec| {
            draw(Content {
                track: &track,
                others: &others,
                levels: &spec.levels,
                deploys: &instants,
                span: span.get(),
                scale: &scale,
                columns: COLUMNS,
            })
        })
    });
    let words = Memo::new(move |_| {
        let (scale, drawing, deploys) = (scale.get(), drawing.get(), deploys.get());
        spec.with_value(|spec| plot::words(spec, &scale, span.get(), &drawing, &deploys, detail))
    });
    let is_current = Memo::new(move |_| {
        readings
            .value(&series.0)
            .is_some_and(|it| it.value.is_some() && clock.now() <= it.valid_until)
    });
    Model {
        spec,
        track,
        span,
        scale,
        drawing,
        words,
        is_current,
        cursor: RwSignal::new(None),
        detail,
    }
}

fn scale_of(
    spec: StoredValue<ChartSpec>,
    track: Memo<Track>,
    span: Span,
    others: StoredValue<Vec<Memo<Track>>>,
) -> Scale {
    let mut extents: Vec<(f64, f64)> = others.with_value(|all| {
        all.iter()
            .filter_map(|it| it.with(|track| track.extent(span)))
            .collect()
    });
    extents.extend(track.with(|it| it.extent(span)));
    let values = extents.into_iter().flat_map(|(low, high)| [low, high]);
    spec.with_value(|it| Scale::fit(values, &it.levels))
}

fn deploy_marks(product: ProductId, span: Memo<Span>) -> Memo<Vec<DeployMark>> {
    let deploys = use_stores().deploys;
    Memo::new(move |_| {
        let from = span.get().from;
        deploys
            .all()
            .into_iter()
            .filter(|it| it.product == product && it.at >= from)
            .map(|it| {
                let back = if it.kind == DeployKind::Rollback {
                    "back to "
                } else {
                    ""
                };
                (it.at, format!("{back}{}", it.version))
            })
            .collect()
    })
}

impl Model {
    pub(super) fn status(self) -> Status {
        if !self.is_current.get() {
            return Status::Unknown;
        }
        let value = self.track.with(newest);
        value.map_or(Status::Unknown, |(_, value)| {
            self.spec.with_value(|it| judge(value, &it.levels))
        })
    }

    pub(super) fn said(self) -> String {
        let value = self.track.with(newest);
        match value {
            Some((_, value)) if self.is_current.get() => {
                self.spec.with_value(|it| format::value(value, it.unit))
            }
            Some((at, _)) => format!("no data since {}", second_of_day(at)),
            None => format::NO_READING.to_owned(),
        }
    }

    pub(super) fn sentence(self) -> String {
        let (span, is_current) = (self.span.get(), self.is_current.get());
        self.track.with(|track| {
            self.spec
                .with_value(|spec| sentence(spec, track, span, is_current))
        })
    }

    /// Moves the cursor to the value that is nearest to a place on the time axis.
    pub(super) fn point_at(self, share: f64) {
        let span = self.span.get_untracked();
        let nearest = self.track.with_untracked(|track| {
            track
                .points()
                .filter(|it| it.value.is_some() && it.at >= span.from)
                .min_by(|a, b| {
                    (place(a.at, span) - share)
                        .abs()
                        .total_cmp(&(place(b.at, span) - share).abs())
                })
                .map(|it| it.at)
        });
        self.cursor.set(nearest);
    }

    /// Moves the cursor by one value.
    pub(super) fn step(self, forward: bool) {
        let now = self.cursor.get_untracked();
        let next = self.track.with_untracked(|track| {
            let mut known = track
                .points()
                .filter(|it| it.value.is_some())
                .map(|it| it.at);
            match (now, forward) {
                (None, _) => known.next_back(),
                (Some(at), true) => known.find(|it| *it > at).or(Some(at)),
                (Some(at), false) => known.rfind(|it| *it < at).or(Some(at)),
            }
        });
        self.cursor.set(next);
    }

    /// The cursor's place and words.
    pub(super) fn tip(self) -> Option<(f64, f64, String, String)> {
        let at = self.cursor.get()?;
        let value = self.track.with(|track| {
            track
                .points()
                .rev()
                .find(|it| it.at == at)
                .and_then(|it| it.value)
        })?;
        let (x, y) = (place(at, self.span.get()), self.scale.get().height(value));
        let said = self.spec.with_value(|it| format::value(value, it.unit));
        Some((x, y, minute_of_day(at), said))
    }
}
