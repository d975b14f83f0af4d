//! What is muted now, and the mark that says so: a shape and a word beside the status, which stays as it is.

use leptos::prelude::*;
use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::id::{CheckId, ProductId};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::silence::{Silence, SilenceId, SilenceKind, Subject, muting, muting_incident};
use watchfloor_wire::time::{DAY_MS, UnixMs};

use crate::clock::{Clock, use_clock};
use crate::lasting::forget_reader;
use crate::store::Stores;
use crate::ui::{Glyph, GlyphShape, date, minute_of_day};

/// That something is muted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Why.
    pub kind: SilenceKind,
    /// Until when.
    pub until: UnixMs,
    /// By which silence.
    pub id: SilenceId,
}

impl Mark {
    fn of(silence: &Silence) -> Self {
        Self {
            kind: silence.kind,
            until: silence.expires_at,
            id: silence.id,
        }
    }

    /// `silenced until 15:00`; with the date when that is not within a day.
    #[must_use]
    pub fn words(&self, now: UnixMs) -> String {
        let verb = match self.kind {
            SilenceKind::Maintenance => "maintenance",
            SilenceKind::Silence => "silenced",
        };
        format!("{verb} until {}", time(self.until, now))
    }

    const fn shape(&self) -> GlyphShape {
        match self.kind {
            SilenceKind::Maintenance => GlyphShape::Announced,
            SilenceKind::Silence => GlyphShape::Muted,
        }
    }
}

/// `15:00`; with the date when that is not within a day.
pub(super) fn time(at: UnixMs, now: UnixMs) -> String {
    let clock = minute_of_day(at);
    if at.since_ms(now).abs() < DAY_MS {
        clock
    } else {
        format!("{} {clock}", date(at))
    }
}

/// What is muted, by key. There are few at a time, so they are looked for one by one.
#[derive(Clone, Debug, Default, PartialEq)]
struct Cover(Vec<(Key, Mark)>);

impl Cover {
    fn get(&self, key: &Key) -> Option<Mark> {
        let found = self.0.iter().find(|(it, _)| it == key);
        found.map(|(_, mark)| *mark)
    }

    fn add(&mut self, kind: Kind, id: &str, silence: Option<&Silence>) {
        let mark = silence.map(|it| (Key::new(kind, &id), Mark::of(it)));
        self.0.extend(mark);
    }
}

/// What these active silences cover. Whatever fires and is not muted takes the mark away: a mark says that nobody is
/// told of anything there.
fn cover(
    active: &[Silence],
    checks: &[String],
    alerts: &[Alert],
    incidents: &[Incident],
    now: UnixMs,
) -> Cover {
    let mut cover = Cover::default();
    for incident in incidents.iter().filter(|it| is_open(it)) {
        let by = muting_incident(active.iter(), incident, alerts, now);
        cover.add(Kind::Incident, &incident.id.0.to_string(), by);
    }
    let mut products: Vec<(&str, Option<&Silence>)> = Vec::new();
    for id in checks {
        let check = CheckId::from(id.as_str());
        let by = of_check(active, &check, alerts, incidents, now);
        cover.add(Kind::Check, id, by);
        let product = id.split('.').next().unwrap_or_default();
        match products.iter_mut().find(|(it, _)| *it == product) {
            Some((_, worst)) => *worst = earlier(*worst, by),
            None => products.push((product, by)),
        }
    }
    for (product, whole) in products {
        let mut open = incidents
            .iter()
            .filter(|it| is_open(it) && it.product.0 == product);
        let by = whole.or_else(|| {
            let first = open.next()?;
            let by = muting_incident(active.iter(), first, alerts, now);
            open.fold(by, |by, it| {
                earlier(by, muting_incident(active.iter(), it, alerts, now))
            })
        });
        cover.add(Kind::Product, product, by);
    }
    cover
}

fn is_open(incident: &Incident) -> bool {
    incident.status != IncidentStatus::Resolved
}

/// Of two parts that make a whole: the one that is told of first.
fn earlier<'s>(one: Option<&'s Silence>, other: Option<&'s Silence>) -> Option<&'s Silence> {
    let (one, other) = (one?, other?);
    Some(if one.expires_at <= other.expires_at {
        one
    } else {
        other
    })
}

/// The silence of a check: the one of all that fires there; else one that names the check as such.
fn of_check<'s>(
    active: &'s [Silence],
    check: &CheckId,
    alerts: &[Alert],
    incidents: &[Incident],
    now: UnixMs,
) -> Option<&'s Silence> {
    let mut fires = false;
    let mut first_to_end: Option<&Silence> = None;
    for alert in alerts {
        if alert.state != AlertState::Firing || alert.check.as_ref() != Some(check) {
            continue;
        }
        let incident = incidents.iter().find(|it| Some(it.id) == alert.incident);
        let by = muting(active.iter(), &Subject::of_alert(alert, incident), now)?;
        first_to_end = if fires {
            earlier(first_to_end, Some(by))
        } else {
            Some(by)
        };
        fires = true;
    }
    let product = ProductId::from(check.product());
    let whole = active.iter().filter(|it| it.covers_check(&product, check));
    first_to_end.or_else(|| whole.max_by_key(|it| it.expires_at.0))
}

/// Keeps what is muted for everything below the caller.
pub(crate) fn provide_cover(clock: Clock, stores: Stores) {
    let active = Memo::new(move |_| {
        let now = clock.now();
        let mut all = stores.silences.all();
        all.retain(|it| it.is_active(now));
        all
    });
    // While nothing is muted, no change of an alert is looked at.
    let covered = Memo::new(move |_| {
        let active = active.get();
        if active.is_empty() {
            return Cover::default();
        }
        let now = clock.now_untracked();
        let (alerts, incidents) = (stores.alerts.all(), stores.incidents.all());
        cover(&active, &stores.checks.ids(), &alerts, &incidents, now)
    });
    provide_context(Covered(covered));
}

#[derive(Clone, Copy)]
struct Covered(Memo<Cover>);

/// What mutes an entity now; `None` when nothing does.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_mark(kind: Kind, id: &str) -> Memo<Option<Mark>> {
    let Covered(cover) = expect_context();
    let key = Key::new(kind, &id);
    Memo::new(move |_| {
        forget_reader(&ArcMemo::from(cover));
        cover.with(|it| it.get(&key))
    })
}

/// Says that something is muted, until when; nothing when it is not.
#[component]
pub fn SilenceMark(
    /// What mutes it.
    mark: Memo<Option<Mark>>,
) -> impl IntoView {
    let clock = use_clock();
    move || {
        mark.get().map(|it| {
            let words = Memo::new(move |_| it.words(clock.now()));
            view! {
                <span class="mon-mark" data-silence=it.id.0>
                    <Glyph shape=it.shape()/>
                    {move || words.get()}
                </span>
            }
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use watchfloor_wire::silence::{MatchField, MatchOperator, Matcher};

    use super::*;

    fn silence(id: u64, field: MatchField, value: &str, expires_at: i64) -> Silence {
        let json = format!(
            r#"{{"id":{id},"version":1,"kind":"silence","matchers":[],"starts_at":0,"expires_at":{expires_at},
            "reason":"r","author":"a","author_name":"A","created_at":0}}"#
        );
        let mut it: Silence = serde_json::from_str(&json).unwrap();
        it.matchers = vec![Matcher::new(field, MatchOperator::Is, value)];
        it
    }

    fn alert(name: &str, check: &str, incident: u64) -> Alert {
        let json = format!(
            r#"{{"fingerprint":"{name}","product":"p","check":"{check}","rule":"{name}","severity":"high",
            "state":"firing","summary":"s","since":0,"incident":{incident}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn marked(active: &[Silence], alerts: &[Alert]) -> Vec<String> {
        let golden = include_str!("../../crates/wire/golden/entity.incident.json");
        let mut open: Incident = serde_json::from_str(golden).unwrap();
        open.id = watchfloor_wire::id::IncidentId(1);
        open.product = ProductId::from("p");
        open.check = None;
        open.alerts = alerts.iter().map(|it| it.fingerprint.clone()).collect();
        let checks = ["p.api".to_owned(), "p.db".to_owned(), "q.web".to_owned()];
        let cover = cover(active, &checks, alerts, &[open], UnixMs(5));
        let word = |(key, mark): &(Key, Mark)| format!("{key} {}", mark.until.0);
        cover.0.iter().map(word).collect()
    }

    #[test]
    fn a_rule_that_is_muted_marks_its_check_incident_and_product() {
        let by_rule = [silence(1, MatchField::Rule, "slow", 60)];
        let slow = alert("slow", "p.api", 1);
        assert_eq!(
            marked(&by_rule, std::slice::from_ref(&slow)),
            ["incident/1 60", "check/p.api 60", "product/p 60"]
        );
        // Another rule that fires there is told of, so nothing is marked.
        let down = alert("down", "p.api", 1);
        assert!(marked(&by_rule, &[slow, down]).is_empty());
    }

    #[test]
    fn a_label_that_is_muted_marks_what_has_it_alone() {
        let mut by_label = silence(1, MatchField::Label, "core", 60);
        by_label.matchers[0].label = Some("team".to_owned());
        let by_label = [by_label];
        let mut core = alert("slow", "p.api", 1);
        core.labels.insert("team".to_owned(), "core".to_owned());
        assert_eq!(
            marked(&by_label, std::slice::from_ref(&core)),
            ["incident/1 60", "check/p.api 60", "product/p 60"]
        );
        let other = alert("down", "p.db", 1);
        assert_eq!(marked(&by_label, &[core, other]), ["check/p.api 60"]);
        assert!(marked(&by_label, &[]).is_empty());
    }

    #[test]
    fn what_names_a_check_marks_it_whether_or_not_something_fires() {
        let all = [
            silence(1, MatchField::Check, "p.api", 60),
            silence(2, MatchField::Product, "q", 70),
        ];
        assert_eq!(
            marked(&all, &[]),
            ["check/p.api 60", "check/q.web 70", "product/q 70"]
        );
    }

    #[test]
    fn a_mark_names_the_day_when_it_is_not_today() {
        let mark = |until| Mark {
            kind: SilenceKind::Silence,
            until: UnixMs(until),
            id: SilenceId(1),
        };
        assert_eq!(mark(54_000_000).words(UnixMs(0)), "silenced until 15:00");
        assert_eq!(
            mark(54_000_000 + DAY_MS).words(UnixMs(0)),
            "silenced until 2 Jan 1970 15:00"
        );
    }
}
