//! Maintenance that comes back: on which days, when, for how long, and until when the series goes on.

use leptos::prelude::*;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::silence::{Recurrence, Weekday};
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

use crate::ui::{Field, Moment, Segmented, field_text, instant_of};

/// How long the series goes on when nothing else is written, in milliseconds.
const SERIES_MS: i64 = 90 * DAY_MS;

/// The part of the form that says how a window comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weekly {
    /// The days on which it begins, Monday first.
    pub(super) days: Vec<Weekday>,
    /// When it begins, `HH:MM`, as it was written.
    pub(super) at: String,
    /// How long each one lasts, in milliseconds.
    pub(super) duration_ms: i64,
    /// Whose days and times are meant.
    pub(super) zone: String,
    /// When the series ends, as the browser's field writes it.
    pub(super) until: String,
}

impl Weekly {
    /// Sunday night, where `zone` is, for three months.
    pub(super) fn new(zone: String, now: UnixMs) -> Self {
        Self {
            days: vec![Weekday::Sun],
            at: "02:00".to_owned(),
            duration_ms: HOUR_MS,
            zone,
            until: field_text(now.plus_ms(SERIES_MS)),
        }
    }

    /// How it comes back; what is wrong with it is judged with the request.
    pub(super) fn recurrence(&self) -> Recurrence {
        Recurrence {
            days: self.days.clone(),
            at: self.at.trim().chars().take(5).collect(),
            duration_ms: self.duration_ms,
            zone: self.zone.trim().to_owned(),
            until: None,
        }
    }

    /// When the series ends.
    ///
    /// # Errors
    /// What is wrong with the time that is written.
    pub(super) fn ends_at(&self) -> Result<UnixMs, FieldProblem> {
        instant_of(&self.until).ok_or_else(|| {
            FieldProblem::new(
                "expires_at",
                "Enter the day on which the series ends, in UTC.",
            )
        })
    }

    fn toggle(&mut self, day: Weekday) {
        let chosen = |it: &Weekday| self.days.contains(it) != (*it == day);
        self.days = Weekday::ALL.into_iter().filter(chosen).collect();
    }
}

/// The zone of this browser; `UTC` where it does not say.
pub(super) fn own_zone() -> String {
    let nothing = js_sys::Object::new();
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &nothing);
    let zone = js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into());
    let zone = zone.ok().and_then(|it| it.as_string());
    zone.filter(|it| !it.is_empty())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// Days, time, span, zone and end.
#[component]
pub(super) fn WeeklyFields(
    weekly: RwSignal<Weekly>,
    problem: Callback<String, Option<String>>,
) -> impl IntoView {
    let wrong = move |field: &'static str| Signal::derive(move || problem.run(field.to_owned()));
    let spans = [
        (30 * MINUTE_MS, "30 min"),
        (HOUR_MS, "1 h"),
        (2 * HOUR_MS, "2 h"),
        (4 * HOUR_MS, "4 h"),
    ];
    let span = RwSignal::new(weekly.with_untracked(|it| it.duration_ms));
    let until = RwSignal::new(weekly.with_untracked(|it| it.until.clone()));
    // The components below own a signal each; the draft follows them.
    Effect::new(move |_| {
        let (span, until) = (span.get(), until.get());
        weekly.update(|it| (it.duration_ms, it.until) = (span, until));
    });
    let options = spans.map(|(ms, words)| (ms, words.to_owned())).to_vec();
    view! {
        <Days weekly=weekly error=wrong("recurrence.days")/>
        <div class="mon-weekly">
            <Field control="silence-at" label="Begins at" error=wrong("recurrence.at")>
                <input
                    class="mon-input"
                    id="silence-at"
                    type="time"
                    aria-describedby="silence-at-note"
                    prop:value=move || weekly.with(|it| it.at.clone())
                    on:input=move |event| weekly.update(|it| it.at = event_target_value(&event))
                />
            </Field>
            <Field
                control="silence-zone"
                label="Time zone"
                hint="For example Europe/Berlin or UTC"
                error=wrong("recurrence.zone")
            >
                <input
                    class="mon-input"
                    id="silence-zone"
                    type="text"
                    maxlength="64"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="silence-zone-note"
                    prop:value=move || weekly.with(|it| it.zone.clone())
                    on:input=move |event| weekly.update(|it| it.zone = event_target_value(&event))
                />
            </Field>
        </div>
        <div class="mon-field">
            <span class="mon-label" aria-hidden="true">"Each lasts"</span>
            <Segmented legend="Each lasts" options=options selected=span kind="choice"/>
            <p class="mon-hint">{move || problem.run("recurrence.duration_ms".to_owned())}</p>
        </div>
        <Moment control="silence-series-end" label="Series ends" aside="UTC" value=until error=wrong("expires_at")/>
    }
}

#[component]
fn Days(weekly: RwSignal<Weekly>, error: Signal<Option<String>>) -> impl IntoView {
    let boxes = Weekday::ALL.map(|day| {
        let is_chosen = move || weekly.with(|it| it.days.contains(&day));
        view! {
            <label class="mon-option">
                <input
                    type="checkbox"
                    prop:checked=is_chosen
                    on:change=move |_| weekly.update(|it| it.toggle(day))
                />
                <span>{day.word()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="mon-days" aria-describedby="silence-days-note">
            <legend class="mon-label">"Days"</legend>
            {boxes.into_iter().collect_view()}
            <p class="mon-error" id="silence-days-note">{move || error.get()}</p>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_795_761_000_000);

    #[test]
    fn a_day_is_chosen_and_taken_away_and_days_keep_their_order() {
        let mut it = Weekly::new("UTC".to_owned(), NOW);
        it.toggle(Weekday::Wed);
        it.toggle(Weekday::Mon);
        assert_eq!(it.days, [Weekday::Mon, Weekday::Wed, Weekday::Sun]);
        it.toggle(Weekday::Sun);
        assert_eq!(it.days, [Weekday::Mon, Weekday::Wed]);
    }

    #[test]
    fn seconds_that_a_browser_adds_to_a_time_are_not_sent() {
        let mut it = Weekly::new(" Europe/Berlin ".to_owned(), NOW);
        it.at = "02:30:00".to_owned();
        let recurrence = it.recurrence();
        assert_eq!(
            (recurrence.at.as_str(), recurrence.zone.as_str()),
            ("02:30", "Europe/Berlin")
        );
        assert_eq!(it.ends_at(), Ok(NOW.plus_ms(SERIES_MS)));
    }
}
