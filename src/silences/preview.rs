//! What the conditions hit, as they are being typed.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::silence::Matcher;
use watchfloor_wire::silence::check::matcher_problems;
use watchfloor_wire::silence::request::{FiredBefore, PreviewRequest, SilencePreview};
use watchfloor_wire::time::{DAY_MS, HOUR_MS, UnixMs};

use super::cover::time;
use super::draft::trimmed;
use crate::api;
use crate::clock::{Clock, use_clock};
use crate::remote::{Remote, fetched};
use crate::store::{Stores, use_stores};
use crate::ui::format::count_of;
use crate::ui::{Age, Button, ButtonKind};

/// How long nothing must be typed before it is asked.
const PAUSE: Duration = Duration::from_millis(350);
/// How often it is looked whether other alerts fire, in milliseconds.
const LOOK_EVERY_MS: i64 = 3_000;
/// How far back the gateway looks, in milliseconds.
const LOOK_BACK_MS: i64 = 7 * DAY_MS;

/// What the gateway says of the conditions; `None` while they cannot be asked about.
pub(super) type Previewed = Signal<Remote<Option<SilencePreview>>>;

/// Asks what the conditions hit, a moment after they were last changed.
pub(super) fn previewed(matchers: Memo<Vec<Matcher>>) -> (Previewed, Callback<()>) {
    let settled = RwSignal::new(matchers.get_untracked());
    let waiting: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    // A timer is the outside world.
    Effect::new(move |_| {
        let newest = matchers.get();
        if let Some(before) = waiting.get_value() {
            before.clear();
        }
        let handle = set_timeout_with_handle(move || settled.set(newest), PAUSE);
        waiting.set_value(handle.ok());
    });
    on_cleanup(move || {
        if let Some(before) = waiting.try_get_value().flatten() {
            before.clear();
        }
    });
    let firing = firing(use_stores(), use_clock());
    fetched(
        move || (settled.get(), firing.get()),
        |(matchers, _): (Vec<Matcher>, _)| async move {
            let matchers: Vec<Matcher> = matchers.iter().map(trimmed).collect();
            if !matcher_problems(&matchers).is_empty() {
                return Ok(None);
            }
            api::preview_silence(&PreviewRequest { matchers })
                .await
                .map(Some)
        },
    )
}

/// What fires, so that what is shown to be hit does not grow old; looked at every few seconds, because in a storm alerts
/// come faster than it is worth asking.
fn firing(stores: Stores, clock: Clock) -> Memo<Vec<String>> {
    let moment = Memo::new(move |_| clock.now().0.div_euclid(LOOK_EVERY_MS));
    Memo::new(move |_| {
        moment.track();
        untrack(|| {
            let all = stores.alerts.all();
            let fires = all.iter().filter(|it| it.state == AlertState::Firing);
            fires.map(|it| it.fingerprint.0.clone()).collect()
        })
    })
}

/// `Hits 3 alerts now, mutes 1 incident; 12 in the last 7 days.`
fn summary(it: &SilencePreview, now: UnixMs) -> String {
    let alerts = count_of(it.alerts_now as usize, "alert", "alerts");
    let incidents = match it.incidents_now.len() {
        0 => String::new(),
        count => format!(", mutes {}", count_of(count, "incident", "incidents")),
    };
    let span_ms = now.since_ms(it.history_from).max(0);
    let span = if it.undecided_before > 0 {
        let unknown = count_of(it.undecided_before as usize, "alert", "alerts");
        let from = time(it.history_from, now);
        format!("since {from}; of {unknown} before that the labels were not kept")
    } else if span_ms + HOUR_MS >= LOOK_BACK_MS {
        "in the last 7 days".to_owned()
    } else {
        format!(
            "since {}, before which nothing is known",
            time(it.history_from, now)
        )
    };
    format!(
        "Hits {alerts} now{incidents}. Fired {} {span}.",
        times(it.fired_before)
    )
}

fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// What would be muted.
#[component]
pub(super) fn Preview(previewed: Previewed, retry: Callback<()>) -> impl IntoView {
    let clock = use_clock();
    let shown = move || {
        previewed.with(|it| match (it.value(), it.error()) {
            (_, Some(error)) => {
                let words = error.words();
                view! {
                    <p class="mon-error">{words}</p>
                    <Button kind=ButtonKind::Quiet on_click=retry>"Ask again"</Button>
                }
                .into_any()
            }
            (Some(Some(preview)), None) => hits(preview, clock.now_untracked()),
            (Some(None), None) => {
                view! { <p class="mon-meta">"Complete the conditions to see what they hit."</p> }
                    .into_any()
            }
            (None, None) => view! { <p class="mon-meta">"Looking what this hits…"</p> }.into_any(),
        })
    };
    view! {
        <section class="mon-preview" aria-label="What this mutes" role="status">
            {shown}
        </section>
    }
}

fn hits(it: &SilencePreview, now: UnixMs) -> AnyView {
    let more = (it.alerts_now as usize).saturating_sub(it.alerts.len());
    let alerts = it.alerts.iter().map(|alert| {
        let since = alert.firing_since.unwrap_or(alert.since);
        let words = format!("{}: {}", alert.severity.word(), alert.summary);
        view! {
            <li>
                <span>{words}</span>
                <Age at=Signal::stored(since)/>
            </li>
        }
    });
    let before = it.history.iter().map(fired);
    view! {
        <p><b>{summary(it, now)}</b></p>
        <ul class="mon-preview-list" data-part="now">{alerts.collect_view()}</ul>
        {(more > 0).then(|| view! { <p class="mon-meta">{format!("and {more} more")}</p> })}
        {(!it.history.is_empty()).then(|| view! { <p class="mon-meta">"What fired, most often first:"</p> })}
        <ul class="mon-preview-list" data-part="before">{before.collect_view()}</ul>
    }
    .into_any()
}

fn fired(it: &FiredBefore) -> AnyView {
    let words = format!("{}: {}", it.rule, it.title);
    let at = it.last_at;
    view! {
        <li>
            <span>{words}</span>
            <span class="mon-meta">{times(it.times)} ", last " <Age at=Signal::stored(at)/></span>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::IncidentId;

    use super::*;

    fn preview(from: i64) -> SilencePreview {
        SilencePreview {
            everything: false,
            alerts_now: 3,
            incidents_now: vec![IncidentId(1)],
            alerts: Vec::new(),
            fired_before: 12,
            history: Vec::new(),
            history_from: UnixMs(from),
            undecided_before: 0,
        }
    }

    #[test]
    fn it_says_how_far_back_it_knows() {
        let now = UnixMs(20 * DAY_MS);
        assert_eq!(
            summary(&preview(13 * DAY_MS), now),
            "Hits 3 alerts now, mutes 1 incident. Fired 12 times in the last 7 days."
        );
        let mut young = preview(20 * DAY_MS - 2 * HOUR_MS);
        (young.fired_before, young.alerts_now) = (0, 1);
        young.incidents_now.clear();
        assert_eq!(
            summary(&young, now),
            "Hits 1 alert now. Fired never since 22:00, before which nothing is known."
        );
        young.undecided_before = 4;
        assert_eq!(
            summary(&young, now),
            "Hits 1 alert now. Fired never since 22:00; of 4 alerts before that the labels were not kept."
        );
    }
}
