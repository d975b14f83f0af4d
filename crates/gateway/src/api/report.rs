//! `POST /api/health {"action":"generate-report"}`: how the last hours went, in one JSON document.

use axum::Json as Answer;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::freshness::{rollup, status_at};
use watchfloor_wire::id::{CheckId, ProductId};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::status::Status;
use watchfloor_wire::target::Target;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, UnixMs};
use watchfloor_wire::uptime;

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::openapi::about::About;

/// The longest period, in hours: as many days as uptime is kept for.
const MAX_HOURS: i64 = 90 * 24;
/// Incidents are read in pages of this size.
const PAGE: usize = 200;
/// The most incidents in a report.
const MAX_INCIDENTS: usize = 2_000;

/// What is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// `generate-report`.
    action: String,
    /// How far back, in hours: 1 to 2,160. Default 24.
    #[serde(default = "day")]
    hours: i64,
}

const fn day() -> i64 {
    24
}

/// The report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    generated_at: UnixMs,
    from: UnixMs,
    to: UnixMs,
    products: Vec<ProductReport>,
    incidents: IncidentsReport,
    targets: Vec<Target>,
    /// Error groups that were seen within the period, most events first.
    errors: Vec<ErrorGroup>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ProductReport {
    id: ProductId,
    name: String,
    status: Status,
    reason: String,
    since: UnixMs,
    /// Over the UTC days that the period touches, 0 to 1; `null` when nothing was seen.
    uptime_ratio: Option<f64>,
    uptime_target_ratio: Option<f64>,
    error_budget_left_ms: Option<i64>,
    checks_not_ok: Vec<CheckId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct IncidentsReport {
    /// Not resolved now.
    open: usize,
    /// Opened within the period.
    opened: usize,
    /// Resolved within the period.
    resolved: usize,
    /// Mean time from opening to the first acknowledgement, of those opened within the period, in milliseconds.
    mean_time_to_acknowledge_ms: Option<i64>,
    /// Mean time from opening to the end, of those resolved within the period, in milliseconds.
    mean_time_to_resolve_ms: Option<i64>,
    /// All of these, newest first.
    list: Vec<Incident>,
}

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new("makeReport", "How the last hours went, in one document.")
        .takes::<ReportRequest>()
        .answers::<Report>(200, "The report.")
        .fails(429, "More than 12 a minute.")
}

/// Makes a report of the time up to now.
pub async fn report(
    State(api): State<Api>,
    body: Json<ReportRequest>,
) -> Result<Answer<Report>, Failure> {
    let ReportRequest { action, hours } = body.value;
    if action != "generate-report" {
        return Err(Failure::fields(vec![FieldProblem::new(
            "action",
            "The only action here is `generate-report`.",
        )]));
    }
    if !(1..=MAX_HOURS).contains(&hours) {
        return Err(Failure::fields(vec![FieldProblem {
            field: "hours".to_owned(),
            text: format!("Ask for 1 to {MAX_HOURS} hours; this is {hours}."),
        }]));
    }
    api.rates().report()?;
    let to = api.clock().now();
    let from = to.plus_ms(-hours * HOUR_MS);
    let incidents = read_incidents(&api, from).await?;
    Ok(Answer(assemble(api.hub().state(), incidents, from, to)))
}

/// Incidents that were open at some time since `from`. They come newest first, and an old one may still be
/// open, so all pages are read, up to a bound.
async fn read_incidents(api: &Api, from: UnixMs) -> Result<Vec<Incident>, Failure> {
    let (mut found, mut before) = (Vec::new(), None);
    while found.len() < MAX_INCIDENTS {
        let page = api.engine().incidents(before, PAGE, false).await;
        let page =
            page.map_err(|error| Failure::unavailable("Incidents could not be read", &error))?;
        let within = |it: &Incident| it.resolution.as_ref().is_none_or(|end| end.at >= from);
        found.extend(page.incidents.into_iter().filter(within));
        match page.next_before {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    Ok(found)
}

fn assemble(state: Snapshot, incidents: Vec<Incident>, from: UnixMs, to: UnixMs) -> Report {
    let products = state
        .products
        .iter()
        .map(|product| product_report(&state, product, from, to))
        .collect();
    let mut errors: Vec<ErrorGroup> = state
        .errors
        .into_iter()
        .filter(|group| group.last_seen_at >= from)
        .collect();
    errors.sort_by_key(|group| std::cmp::Reverse(group.count));
    Report {
        generated_at: to,
        from,
        to,
        products,
        incidents: incidents_report(incidents, from),
        targets: state.targets,
        errors,
    }
}

fn product_report(
    state: &Snapshot,
    product: &watchfloor_wire::product::Product,
    from: UnixMs,
    to: UnixMs,
) -> ProductReport {
    let checks = || state.checks.iter().filter(|it| it.product == product.id);
    let rollup = rollup(product, checks(), to);
    let uptime = state.uptime.iter().find(|it| it.product == product.id);
    let first_day = from.0.div_euclid(DAY_MS);
    let days = uptime.iter().flat_map(|it| it.days.iter());
    let days = days.filter(|it| i64::from(it.day) >= first_day).copied();
    ProductReport {
        id: product.id.clone(),
        name: product.name.clone(),
        status: rollup.status,
        reason: rollup.reason,
        since: rollup.since,
        uptime_ratio: uptime::ratio(days),
        uptime_target_ratio: uptime.and_then(|it| it.target_ratio),
        error_budget_left_ms: uptime.and_then(|it| it.budget_left_ms),
        checks_not_ok: checks()
            .filter(|check| status_at(check, to) != Status::Ok)
            .map(|check| check.id.clone())
            .collect(),
    }
}

fn incidents_report(list: Vec<Incident>, from: UnixMs) -> IncidentsReport {
    let opened = || list.iter().filter(|it| it.opened_at >= from);
    let resolved = || {
        list.iter()
            .filter_map(|it| it.resolution.as_ref().map(|end| (it, end)))
    };
    let to_answer = opened().filter_map(|it| it.answered_at.map(|at| at.since_ms(it.opened_at)));
    let to_end = resolved().map(|(it, end)| end.at.since_ms(it.opened_at));
    IncidentsReport {
        open: list
            .iter()
            .filter(|it| it.status != IncidentStatus::Resolved)
            .count(),
        opened: opened().count(),
        resolved: resolved().count(),
        mean_time_to_acknowledge_ms: mean(to_answer),
        mean_time_to_resolve_ms: mean(to_end),
        list,
    }
}

fn mean(spans_ms: impl Iterator<Item = i64>) -> Option<i64> {
    let (sum, count) = spans_ms.fold((0_i64, 0_i64), |(sum, count), ms| {
        (sum.saturating_add(ms), count + 1)
    });
    (count > 0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::mean;

    #[test]
    fn the_mean_of_nothing_is_nothing() {
        assert_eq!(mean([].into_iter()), None);
        assert_eq!(mean([10, 20].into_iter()), Some(15));
    }
}
