//! `GET /api/monitoring/metrics`: history of series.

use axum::Json;
use axum::extract::State;
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::series::SeriesAnswer;
use watchfloor_wire::time::{HOUR_MS, UnixMs};

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::query::{Params, Query, wrong};

/// The most series in one request.
pub const MAX_SERIES: usize = 64;
/// The most points of one series.
pub const MAX_POINTS: usize = 2_000;
/// Points when nothing is asked.
const DEFAULT_POINTS: usize = 300;

const PARAMETERS: &[Parameter] = &[
    Parameter::query(
        "series",
        "1 to 64 series, separated by commas, for example `chatpdd.api.error_ratio`.",
        Values::Text { max_chars: 8_192 },
    )
    .needed(),
    Parameter::query(
        "from",
        "The first instant, in milliseconds since 1970. Default: an hour before `to`.",
        Values::Whole {
            min: 0,
            max: i64::MAX.cast_unsigned(),
        },
    ),
    Parameter::query(
        "to",
        "The last instant, in milliseconds since 1970. Default: now.",
        Values::Whole {
            min: 0,
            max: i64::MAX.cast_unsigned(),
        },
    ),
    Parameter::query(
        "points",
        "The most points of one series. Default 300.",
        Values::Whole {
            min: 2,
            max: MAX_POINTS as u64,
        },
    ),
];

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "readSeries",
        "History of series, thinned to what fits a chart.",
    )
    .parameters(PARAMETERS)
    .answers::<SeriesAnswer>(200, "The series that are known, in the order asked.")
}

/// Answers with the named series between two instants.
pub async fn series(State(api): State<Api>, query: Query) -> Result<Json<SeriesAnswer>, Failure> {
    let params = query.only(PARAMETERS)?;
    let now = api.clock().now();
    let wanted = Wanted::read(&params, now)?;
    let series = api
        .records()
        .series(wanted.ids, wanted.from, wanted.to, wanted.points)
        .await
        .map_err(|error| Failure::unavailable("The history could not be read", &error))?;
    Ok(Json(SeriesAnswer { now, series }))
}

#[derive(Debug, PartialEq)]
struct Wanted {
    ids: Vec<SeriesId>,
    from: UnixMs,
    to: UnixMs,
    points: usize,
}

impl Wanted {
    fn read(params: &Params, now: UnixMs) -> Result<Self, Failure> {
        let ids: Vec<SeriesId> = params
            .text("series")
            .unwrap_or_default()
            .split(',')
            .filter(|id| !id.is_empty())
            .map(SeriesId::from)
            .collect();
        if ids.is_empty() || ids.len() > MAX_SERIES {
            let text = format!(
                "Name 1 to {MAX_SERIES} series, separated by commas; these are {}.",
                ids.len()
            );
            return Err(wrong("series", text));
        }
        let to = params.number("to", 0..=i64::MAX)?.map_or(now, UnixMs);
        let hour_before = to.plus_ms(-HOUR_MS);
        let from = params
            .number("from", 0..=i64::MAX)?
            .map_or(hour_before, UnixMs);
        if from >= to {
            let text = "`from` must be before `to`; both are milliseconds since 1970.".to_owned();
            return Err(wrong("from", text));
        }
        let points = params.number("points", 2..=MAX_POINTS)?;
        Ok(Self {
            ids,
            from,
            to,
            points: points.unwrap_or(DEFAULT_POINTS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Option<Wanted> {
        let params = Query::parse(query).only(PARAMETERS);
        Wanted::read(&params.ok()?, UnixMs(2 * HOUR_MS)).ok()
    }

    #[test]
    fn without_times_it_is_the_last_hour() {
        let expected = Wanted {
            ids: vec![SeriesId::from("a.b.c"), SeriesId::from("d.e.f")],
            from: UnixMs(HOUR_MS),
            to: UnixMs(2 * HOUR_MS),
            points: DEFAULT_POINTS,
        };
        assert_eq!(read("series=a.b.c,d.e.f"), Some(expected));
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let many = |count: usize| format!("series={}", vec!["a.b.c"; count].join(","));
        for (query, fine) in [
            (String::new(), false),
            ("series=,".to_owned(), false),
            (many(64), true),
            (many(65), false),
            ("series=a&points=2000".to_owned(), true),
            ("series=a&points=2001".to_owned(), false),
            ("series=a&points=1".to_owned(), false),
            ("series=a&from=5&to=6".to_owned(), true),
            ("series=a&from=6&to=6".to_owned(), false),
            ("series=a&from=-1".to_owned(), false),
            ("series=a&from=2026-11-17".to_owned(), false),
        ] {
            assert_eq!(read(&query).is_some(), fine, "{query}");
        }
    }
}
