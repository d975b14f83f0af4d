//! Who is on call. Pure: no clock, no storage, no network but in [`fetch`].
//!
//! A rotation's turns stand in the configuration ([`turns`]) or in a calendar ([`calendar`], which [`import`] reads);
//! overrides ([`action`]) go before both. [`Roster`] is all of it: at each instant it names one person a rotation at
//! most, and who that is changes at stated instants only.

pub mod action;
pub mod calendar;
pub mod fetch;
pub mod import;
#[cfg(test)]
mod tests;
pub mod turns;

use std::collections::BTreeMap;

use watchfloor_wire::id::ProductId;
use watchfloor_wire::on_call::{OnCallBoard, Override, OverrideId, Person, Rotation, Shift};
use watchfloor_wire::time::UnixMs;

use crate::config::Config;
use crate::config::on_call::{PersonConfig, RotationConfig};
use calendar::CalendarCopy;
use turns::Turns;

/// How many overrides are held: those that are not over, and as many that lately were.
const KEPT_OVERRIDES: usize = 2 * action::MAX_OVERRIDES;
/// How many turns of a rotation are told.
const SHIFTS_TOLD: usize = 8;
/// How many changes are looked at for them. A turn that goes on beyond has no end in sight.
const CHANGES_SEEN: usize = 64;

/// People, rotations and overrides.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    people: Vec<PersonConfig>,
    rotations: Vec<Known>,
    overrides: BTreeMap<OverrideId, Override>,
    last_override: u64,
}

/// A rotation with where its turns come from.
#[derive(Clone, Debug)]
struct Known {
    config: RotationConfig,
    products: Vec<ProductId>,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Turns(Turns),
    /// `None` until it was tried.
    Calendar(Option<CalendarCopy>),
    /// Never with a configuration that was checked.
    Nothing,
}

/// What a store keeps of who is on call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredOnCall {
    /// Overrides that are not over, or were not long ago.
    pub overrides: Vec<Override>,
    /// What was read of calendars.
    pub calendars: Vec<CalendarCopy>,
    /// The highest number that an override ever had; 0 before the first.
    pub last_override: u64,
}

/// What a transaction writes about who is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnCallChange {
    /// An override as it is from now on.
    Override(Override),
    /// What is kept of a rotation's calendar.
    Calendar(CalendarCopy),
    /// The rotation has no calendar any more.
    ForgetCalendar(String),
}

impl Roster {
    /// The people and rotations of a configuration, without overrides and before any calendar was read.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let rotations = config.gateway.rotations.iter();
        Self {
            people: config.gateway.people.clone(),
            rotations: rotations.map(|it| Known::new(it, config)).collect(),
            ..Self::default()
        }
    }

    /// With what was stored. What is stored of a calendar that is no longer configured is left aside.
    #[must_use]
    pub fn with(mut self, stored: StoredOnCall) -> Self {
        self.last_override = stored.last_override;
        for copy in stored.calendars {
            self.adopt_calendar(copy);
        }
        for it in stored.overrides {
            self.adopt(it);
        }
        self
    }

    /// Takes an override over, once it is stored.
    pub fn adopt(&mut self, it: Override) {
        self.last_override = self.last_override.max(it.id.0);
        self.overrides.insert(it.id, it);
        if self.overrides.len() > KEPT_OVERRIDES {
            let first_over = self.overrides.values().min_by_key(|it| it.over_at());
            if let Some(id) = first_over.map(|it| it.id) {
                self.overrides.remove(&id);
            }
        }
    }

    /// Takes what was read of a calendar over, once it is stored.
    pub fn adopt_calendar(&mut self, copy: CalendarCopy) {
        let of = |it: &&mut Known| it.config.id == copy.rotation;
        let known = self.rotations.iter_mut().find(of);
        if let Some(Source::Calendar(kept)) = known.map(|it| &mut it.source) {
            *kept = Some(copy);
        }
    }

    /// What is kept of a rotation's calendar; `None` when it has none, or it was not tried yet.
    #[must_use]
    pub fn calendar(&self, rotation: &str) -> Option<&CalendarCopy> {
        match &self.known(rotation)?.source {
            Source::Calendar(copy) => copy.as_ref(),
            Source::Turns(_) | Source::Nothing => None,
        }
    }

    /// Whether a calendar says whose turn it is in the rotation.
    #[must_use]
    pub fn is_by_calendar(&self, rotation: &str) -> bool {
        let source = self.known(rotation).map(|it| &it.source);
        matches!(source, Some(Source::Calendar(_)))
    }

    fn known(&self, rotation: &str) -> Option<&Known> {
        self.rotations.iter().find(|it| it.config.id == rotation)
    }

    fn person(&self, id: &str) -> Option<&PersonConfig> {
        self.people.iter().find(|it| it.id == id)
    }

    /// Who is on call; `None` when nobody is, or there is no such rotation.
    #[must_use]
    pub fn on_call(&self, rotation: &str, at: UnixMs) -> Option<&PersonConfig> {
        self.duty(self.known(rotation)?, at).map(|(it, _)| it)
    }

    /// Who is on call, and by which override. What names somebody who is no longer configured counts for nothing.
    fn duty(&self, known: &Known, at: UnixMs) -> Option<(&PersonConfig, Option<OverrideId>)> {
        let newest_first = self.overrides.values().rev();
        let mut counting =
            newest_first.filter(|it| it.rotation == known.config.id && it.covers(at));
        let by_override = counting.find_map(|it| Some((self.person(&it.person)?, Some(it.id))));
        by_override.or_else(|| Some((self.person(known.source.person_at(at)?)?, None)))
    }

    /// The first instant after `at` at which somebody else may be on call.
    fn change_after(&self, known: &Known, at: UnixMs) -> Option<UnixMs> {
        let own = self.overrides.values();
        let own = own.filter(|it| it.rotation == known.config.id && it.over_at() > it.starts_at);
        let edges = own.flat_map(|it| [it.starts_at, it.over_at()]);
        let edges = edges.chain(known.source.change_after(at));
        edges.filter(|it| *it > at).min()
    }

    /// Who has which turn from `at` on, soonest first.
    #[must_use]
    pub fn shifts(&self, rotation: &str, at: UnixMs) -> Vec<Shift> {
        let known = self.known(rotation);
        known.map_or_else(Vec::new, |it| self.shifts_of(it, at))
    }

    fn shifts_of(&self, known: &Known, at: UnixMs) -> Vec<Shift> {
        let mut shifts: Vec<Shift> = Vec::new();
        let mut from = at;
        for _ in 0..CHANGES_SEEN {
            let until = self.change_after(known, from);
            if let Some((person, by_override)) = self.duty(known, from) {
                let goes_on = |last: &&mut Shift| {
                    last.ends_at == Some(from)
                        && last.person == person.id
                        && last.by_override == by_override
                };
                let is_full = shifts.len() == SHIFTS_TOLD;
                match shifts.last_mut().filter(goes_on) {
                    Some(last) => last.ends_at = until,
                    None if is_full => return shifts,
                    None => shifts.push(Shift {
                        person: person.id.clone(),
                        name: person.name.clone(),
                        starts_at: from,
                        ends_at: until,
                        by_override,
                    }),
                }
            }
            let Some(until) = until else {
                return shifts;
            };
            from = until;
        }
        // The same person through all that was looked at: no end is in sight.
        if let Some(last) = shifts.last_mut().filter(|it| it.ends_at == Some(from)) {
            last.ends_at = None;
        }
        shifts
    }

    /// Everything as people see it.
    #[must_use]
    pub fn board(&self, at: UnixMs) -> OnCallBoard {
        let people = self.people.iter().map(|it| Person {
            id: it.id.clone(),
            name: it.name.clone(),
            contact: it.contact.clone(),
        });
        OnCallBoard {
            at,
            rotations: self.rotations.iter().map(|it| self.told(it, at)).collect(),
            people: people.collect(),
        }
    }

    fn told(&self, known: &Known, at: UnixMs) -> Rotation {
        let own = self.overrides.values();
        let own =
            own.filter(|it| it.rotation == known.config.id && it.over_at() > at.max(it.starts_at));
        let mut overrides: Vec<Override> = own.cloned().collect();
        overrides.sort_by_key(|it| it.starts_at);
        Rotation {
            id: known.config.id.clone(),
            name: known.config.name.clone(),
            products: known.products.clone(),
            shifts: self.shifts_of(known, at),
            overrides,
            calendar: match &known.source {
                Source::Calendar(copy) => {
                    Some(copy.as_ref().map_or_else(not_tried, CalendarCopy::state))
                }
                Source::Turns(_) | Source::Nothing => None,
            },
        }
    }
}

const fn not_tried() -> watchfloor_wire::on_call::CalendarState {
    watchfloor_wire::on_call::CalendarState {
        read_at: None,
        tried_at: None,
        problem: String::new(),
    }
}

impl Known {
    fn new(rotation: &RotationConfig, config: &Config) -> Self {
        let names_it = |product: &&crate::config::ProductConfig| {
            let steps = product.response.values().flat_map(|it| &it.escalation);
            let mut named = steps.filter_map(|it| it.on_call.as_ref());
            named.any(|it| *it == rotation.id)
        };
        let products = config.products.iter().filter(names_it);
        let source = if rotation.is_by_calendar() {
            Source::Calendar(None)
        } else {
            Turns::new(rotation).map_or(Source::Nothing, Source::Turns)
        };
        Self {
            config: rotation.clone(),
            products: products.map(|it| ProductId::from(it.id.as_str())).collect(),
            source,
        }
    }
}

impl Source {
    fn person_at(&self, at: UnixMs) -> Option<&str> {
        match self {
            Self::Turns(turns) => turns.person_at(at),
            Self::Calendar(copy) => copy.as_ref()?.person_at(at),
            Self::Nothing => None,
        }
    }

    fn change_after(&self, at: UnixMs) -> Option<UnixMs> {
        match self {
            Self::Turns(turns) => turns.change_after(at),
            Self::Calendar(copy) => copy.as_ref()?.change_after(at),
            Self::Nothing => None,
        }
    }
}
