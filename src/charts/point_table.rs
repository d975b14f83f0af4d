//! A chart's points as a table: the same numbers for those who cannot see or do not trust a line.

use leptos::prelude::*;
use watchfloor_wire::series::Unit;
use watchfloor_wire::time::DAY_MS;

use super::track::{Span, Track};
use crate::ui::{date, format, second_of_day};

/// The most rows shown, newest first.
const ROWS_MAX: usize = 200;

/// The points of a track within a span, newest first.
pub(super) fn point_table(title: &str, track: &Track, span: Span, unit: Unit) -> AnyView {
    let with_date = span.to.since_ms(span.from) >= DAY_MS;
    let rows: Vec<_> = track
        .points()
        .rev()
        .filter(|it| it.at >= span.from)
        .take(ROWS_MAX)
        .map(|it| {
            let time = second_of_day(it.at);
            let time = if with_date { format!("{} {time}", date(it.at)) } else { time };
            (time, it.value.map_or_else(|| format::NO_READING.to_owned(), |value| format::value(value, unit)))
        })
        .collect();
    let label = format!("{title}, newest first");
    view! {
        <div class="mon-table-scroll mon-chart-table" tabindex="0" role="region" aria-label=label>
            <table class="mon-table">
                <thead>
                    <tr>
                        <th scope="col">"Time, UTC"</th>
                        <th scope="col" data-align="end">"Value"</th>
                    </tr>
                </thead>
                <tbody>
                    {rows
                        .into_iter()
                        .map(|(time, value)| {
                            view! {
                                <tr>
                                    <td>{time}</td>
                                    <td data-align="end">{value}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
