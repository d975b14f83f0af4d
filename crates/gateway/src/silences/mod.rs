//! Silences and maintenance windows: what is not told to anybody, until when. Pure: no clock, no storage.
//!
//! The rules of matching are the contract's ([`watchfloor_wire::silence`]), because the console shows by them what is
//! muted. Here [`action`] is what people do, [`time`] what time does, [`recurrence`] when windows come back,
//! [`configured`] what the configuration says, [`known`] which names there are, and [`preview`] what would be hit.

pub mod action;
pub mod configured;
pub mod known;
pub mod preview;
mod record;
pub mod recurrence;
#[cfg(test)]
mod tests;
pub mod time;
pub mod wording;

use std::collections::{BTreeMap, BTreeSet};

use watchfloor_wire::alert::Alert;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::silence::{self, Silence, SilenceId, Subject};
use watchfloor_wire::time::UnixMs;

use crate::change::AuditRow;
use crate::config::Config;
use known::Known;

/// How many may be there at once that are not over.
pub const MAX_SILENCES: usize = 500;

/// All silences that are not over, or were until a day ago.
#[derive(Clone, Debug)]
pub struct Silences {
    known: Known,
    all: BTreeMap<SilenceId, Silence>,
    last_id: u64,
    /// Those that muted when time was last looked at.
    active: BTreeSet<SilenceId>,
    /// Those that changed or left and are not stored yet.
    touched: BTreeSet<SilenceId>,
}

impl Silences {
    /// Begins with the stored ones, and with what the configuration says now. `last_id` is the highest number that a
    /// silence ever had.
    #[must_use]
    pub fn new(
        config: &Config,
        stored: impl IntoIterator<Item = Silence>,
        last_id: u64,
        now: UnixMs,
        audit: &mut Vec<AuditRow>,
    ) -> Self {
        let all: BTreeMap<SilenceId, Silence> = stored.into_iter().map(|it| (it.id, it)).collect();
        let newest = all.keys().next_back().map_or(0, |id| id.0);
        let mut silences = Self {
            known: Known::new(config),
            all,
            last_id: last_id.max(newest),
            active: BTreeSet::new(),
            touched: BTreeSet::new(),
        };
        silences.configure(config, now, audit);
        // What muted before the restart was told then.
        silences.active = silences.active_ids(now);
        silences
    }

    /// The silence, while it is not over and for a day after.
    #[must_use]
    pub fn get(&self, id: SilenceId) -> Option<&Silence> {
        self.all.get(&id)
    }

    /// All of them, by number.
    pub fn all(&self) -> impl Iterator<Item = &Silence> {
        self.all.values()
    }

    /// The silence that mutes notifications about the subject at `now`: of several, the one that lasts longest.
    /// `None`: tell people.
    #[must_use]
    pub fn muting(&self, subject: &Subject<'_>, now: UnixMs) -> Option<&Silence> {
        silence::muting(self.all.values(), subject, now)
    }

    /// The silence that mutes notifications about the incident at `now`. Each of its firing alerts must be muted;
    /// `alerts` are at least those that it lists. `None`: tell people.
    #[must_use]
    pub fn muting_incident<'a>(
        &self,
        incident: &Incident,
        alerts: impl IntoIterator<Item = &'a Alert>,
        now: UnixMs,
    ) -> Option<&Silence> {
        if self.active.is_empty() && !self.all.values().any(|it| it.is_active(now)) {
            return None;
        }
        silence::muting_incident(self.all.values(), incident, alerts, now)
    }

    /// The checks that maintenance windows cover at `now`, and until when.
    #[must_use]
    pub fn maintained(&self, now: UnixMs) -> BTreeMap<CheckId, UnixMs> {
        let windows: Vec<&Silence> = self.all.values().filter(|it| it.is_active(now)).collect();
        if windows.is_empty() {
            return BTreeMap::new();
        }
        let covered = self.known.checks().filter_map(|(product, check)| {
            let own = windows
                .iter()
                .filter(|it| it.maintains(product, check, now));
            Some((check.clone(), own.map(|it| it.expires_at).max()?))
        });
        covered.collect()
    }

    /// Which names there are.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// Those that changed or left and are not stored yet.
    #[must_use]
    pub const fn touched(&self) -> &BTreeSet<SilenceId> {
        &self.touched
    }

    /// What [`Self::touched`] names is stored.
    pub fn stored(&mut self) {
        self.touched.clear();
    }

    /// Takes over a silence that somebody made or changed, once that is stored.
    pub fn adopt(&mut self, silence: Silence) {
        self.last_id = self.last_id.max(silence.id.0);
        self.all.insert(silence.id, silence);
    }

    fn active_ids(&self, now: UnixMs) -> BTreeSet<SilenceId> {
        let active = self.all.values().filter(|it| it.is_active(now));
        active.map(|it| it.id).collect()
    }

    fn next_id(&self) -> SilenceId {
        SilenceId(self.last_id + 1)
    }
}
