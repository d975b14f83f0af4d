//! Silences in rows: what, until when, by whom, why, and what is muted by it now.

use leptos::prelude::*;
use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::session::Role;
use watchfloor_wire::silence::request::SilenceAnswer;
use watchfloor_wire::silence::{Recurrence, Silence, SilenceKind, SilenceState, Subject};
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use super::change::ChangeForm;
use super::cover::time;
use crate::api;
use crate::clock::use_clock;
use crate::sending::{Notice, Sender};
use crate::session::use_session;
use crate::store::use_stores;
use crate::ui::format::count_of;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, GlyphShape, format, use_toasts};

/// From so long before its end it is said that something still fires, in milliseconds.
const WARN_BEFORE_MS: i64 = 15 * MINUTE_MS;

/// What it mutes, in words.
pub(super) fn what(silence: &Silence) -> String {
    if silence.matchers.is_empty() {
        return "everything".to_owned();
    }
    let all: Vec<String> = silence.matchers.iter().map(ToString::to_string).collect();
    all.join(" and ")
}

/// Until when, in words: `until 15:00, 42 min 8 s left`.
fn until(silence: &Silence, now: UnixMs) -> String {
    let (starts, ends) = (time(silence.starts_at, now), time(silence.expires_at, now));
    match silence.state_at(now) {
        SilenceState::Active => {
            let left = format::span_fine(silence.expires_at.since_ms(now));
            format!("until {ends}, {left} left")
        }
        SilenceState::Pending => {
            let ahead = format::span_fine(silence.starts_at.since_ms(now).max(0));
            format!("{starts} to {ends}, in {ahead}")
        }
        SilenceState::Ended => {
            let at = silence.ended_at.unwrap_or(silence.expires_at);
            let by = silence
                .ended_by_name
                .as_ref()
                .map_or_else(String::new, |name| format!(" by {name}"));
            format!("ended {}{by}", format::ago(at, now))
        }
    }
}

/// `Sun 02:00 Europe/Berlin for 1 h`.
fn comes_back(it: &Recurrence) -> String {
    let days: Vec<&str> = it.days.iter().map(|day| day.word()).collect();
    let span = format::span_fine(it.duration_ms);
    format!("{} {} {} for {span}", days.join(", "), it.at, it.zone)
}

/// How many alerts fire under it.
fn firing(silence: &Silence, alerts: &[Alert], incidents: &[Incident]) -> usize {
    let fires = alerts.iter().filter(|it| it.state == AlertState::Firing);
    let hit = fires.filter(|it| {
        let incident = incidents.iter().find(|one| Some(one.id) == it.incident);
        silence.matches(&Subject::of_alert(it, incident))
    });
    hit.count()
}

/// What it covers now, and that this ends soon.
fn covers(silence: &Silence, count: usize, now: UnixMs) -> String {
    let soon = silence.expires_at.since_ms(now) <= WARN_BEFORE_MS;
    match (silence.state_at(now), count) {
        (SilenceState::Active, 0) => "nothing fires under it".to_owned(),
        (SilenceState::Active, _) if soon => {
            let alerts = count_of(count, "alert still fires", "alerts still fire");
            format!("{alerts} under it, and it ends soon")
        }
        (SilenceState::Active, _) => {
            count_of(count, "alert fires under it", "alerts fire under it")
        }
        _ => String::new(),
    }
}

/// A silence in a row.
#[component]
pub(super) fn SilenceRow(
    /// The silence.
    #[prop(into)]
    silence: Signal<Silence>,
) -> impl IntoView {
    let clock = use_clock();
    let stores = use_stores();
    let state = Memo::new(move |_| silence.with(|it| it.state_at(clock.now())));
    let count = Memo::new(move |_| {
        if state.get() != SilenceState::Active {
            return 0;
        }
        let (alerts, incidents) = (stores.alerts.all(), stores.incidents.all());
        silence.with(|it| firing(it, &alerts, &incidents))
    });
    let hit = Memo::new(move |_| {
        let now = clock.now();
        silence.with(|it| covers(it, count.get(), now))
    });
    let when = Memo::new(move |_| silence.with(|it| until(it, clock.now())));
    let soon = move || hit.with(|it| it.ends_with("soon")).then_some("");
    let back = move || silence.with(|it| it.recurrence.as_ref().map(comes_back));
    let shape = move || match silence.with(|it| it.kind) {
        SilenceKind::Maintenance => view! { <Glyph shape=GlyphShape::Announced/> }.into_any(),
        SilenceKind::Silence => view! { <Glyph shape=GlyphShape::Muted/> }.into_any(),
    };
    view! {
        <li
            class="mon-silence"
            data-silence=move || silence.with(|it| it.id.0)
            data-state=move || slug(state.get())
        >
            <span class="mon-silence-shape">{shape}</span>
            <div class="mon-silence-body">
                <p class="mon-silence-what-words">{move || silence.with(what)}</p>
                <p>{move || silence.with(|it| it.reason.clone())}</p>
                <p class="mon-meta">
                    {move || silence.with(|it| format!("{}, {} by {}", it.id, kind(it.kind), it.author_name))}
                    {move || back().map(|words| format!(" · {words}"))}
                </p>
            </div>
            <div class="mon-silence-until">
                <p><b>{move || when.get()}</b></p>
                <p class="mon-meta" data-soon=soon>{move || hit.get()}</p>
            </div>
            <Doings silence=silence state=state/>
        </li>
    }
}

const fn slug(state: SilenceState) -> &'static str {
    match state {
        SilenceState::Active => "active",
        SilenceState::Pending => "pending",
        SilenceState::Ended => "ended",
    }
}

const fn kind(kind: SilenceKind) -> &'static str {
    match kind {
        SilenceKind::Maintenance => "maintenance",
        SilenceKind::Silence => "silence",
    }
}

/// What can be done to it.
#[component]
fn Doings(silence: Signal<Silence>, state: Memo<SilenceState>) -> impl IntoView {
    let session = use_session();
    let (ending, changing) = (RwSignal::new(false), RwSignal::new(false));
    let may = Memo::new(move |_| {
        session.with(|it| {
            it.as_ref()
                .is_some_and(|it| matches!(it.role, Role::Operator | Role::Admin))
        })
    });
    let is_configured = Memo::new(move |_| silence.with(|it| it.configured.is_some()));
    // Of a configured window only the time that goes on can be ended.
    let can_end = move || match state.get() {
        SilenceState::Active => true,
        SilenceState::Pending => !is_configured.get(),
        SilenceState::Ended => false,
    };
    let can_change = move || state.get() != SilenceState::Ended && !is_configured.get();
    let close = Callback::new(move |()| changing.set(false));
    view! {
        <div class="mon-buttons mon-silence-doings">
            {move || (may.get() && can_change()).then(|| view! {
                <Button on_click=Callback::new(move |()| changing.set(true))>"Change…"</Button>
            })}
            {move || (may.get() && can_end()).then(|| view! {
                <Button on_click=Callback::new(move |()| ending.set(true))>"End now…"</Button>
            })}
        </div>
        <Dialog open=ending title="End now">
            <End silence=silence open=ending/>
        </Dialog>
        <Dialog open=changing title="Change">
            <ChangeForm before=silence.get_untracked() on_done=close/>
        </Dialog>
    }
}

#[component]
fn End(silence: Signal<Silence>, open: RwSignal<bool>) -> impl IntoView {
    let sender = Sender::new();
    let (stores, toasts) = (use_stores(), use_toasts());
    let end = move |()| {
        let id = silence.with_untracked(|it| it.id);
        sender.send(
            async move |key: String| api::expire_silence(id, &key).await,
            move |answer: SilenceAnswer| {
                stores.silence_answer(&answer);
                toasts.say(format!("{id} ended. People are told again."));
                let _ = open.try_set(false);
            },
        );
    };
    let question = move || {
        silence.with(|it| {
            let next = if it.configured.is_some() {
                " The next time comes as configured."
            } else {
                ""
            };
            format!(
                "{} mutes {}. Ended, people are told of it again.{next}",
                it.id,
                what(it)
            )
        })
    };
    view! {
        <div class="mon-form">
            <p>{question}</p>
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=ButtonKind::Primary busy=sender.is_locked() on_click=end>"End now"</Button>
            </div>
        </div>
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn silence(name: &str) -> Silence {
        let golden = match name {
            "window" => include_str!("../../crates/wire/golden/entity.silence_window.json"),
            "ended" => include_str!("../../crates/wire/golden/entity.silence_ended.json"),
            _ => include_str!("../../crates/wire/golden/entity.silence.json"),
        };
        serde_json::from_str(golden).unwrap()
    }

    #[test]
    fn it_says_until_when_and_how_long_that_is() {
        let it = silence("");
        let during = it.expires_at.plus_ms(-42 * MINUTE_MS);
        assert!(until(&it, during).ends_with(", 42 min 0 s left"));
        let before = it.starts_at.plus_ms(-MINUTE_MS);
        assert!(until(&it, before).ends_with(", in 1 min 0 s"));
        let ended = silence("ended");
        let after = ended.ended_at.unwrap().plus_ms(2 * MINUTE_MS);
        assert_eq!(until(&ended, after), "ended 2 min ago by Priya Raman");
    }

    #[test]
    fn what_it_mutes_reads_as_a_phrase() {
        assert_eq!(
            what(&silence("")),
            "product is chatpdd and title matches *error rate*|*latency*"
        );
        let mut all = silence("");
        all.matchers.clear();
        assert_eq!(what(&all), "everything");
        let window = silence("window").recurrence.unwrap();
        assert_eq!(comes_back(&window), "Sun 02:00 Europe/Berlin for 1 h 0 min");
    }

    #[test]
    fn an_end_that_is_near_is_said_while_something_fires() {
        let it = silence("");
        let early = it.starts_at;
        let late = it.expires_at.plus_ms(-WARN_BEFORE_MS);
        assert_eq!(covers(&it, 2, early), "2 alerts fire under it");
        assert_eq!(
            covers(&it, 1, late),
            "1 alert still fires under it, and it ends soon"
        );
        assert_eq!(covers(&it, 0, late), "nothing fires under it");
        assert_eq!(covers(&it, 2, it.expires_at), "");
    }
}
