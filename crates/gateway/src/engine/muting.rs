//! What silences do to the rest of the judgement: nothing is hidden by them and nothing stops for them. Steps of the
//! ladder say that they were muted, uptime counts announced work as such, and timelines tell what became of a silence.

use std::collections::BTreeMap;

use watchfloor_wire::alert::Alert;
use watchfloor_wire::entity::Entity;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::silence::{Silence, SilenceKind, Subject, muting_incident};
use watchfloor_wire::time::UnixMs;

use super::core::Core;
use crate::change::{Change, Transaction};
use crate::evaluate::Evaluator;
use crate::incidents::{Desk, is_open};
use crate::notify::claim::Muting;
use crate::silences::Silences;
use crate::silences::action::{Decided, SilenceObjection, SilenceOrder};
use crate::silences::time::SilenceNews;
use crate::silences::wording;

impl Core {
    /// The silences: whoever is about to tell somebody of something asks them first.
    #[must_use]
    pub const fn silences(&self) -> &Silences {
        &self.silences
    }

    /// The silence that mutes notifications about the incident at `now`; `None`: tell people.
    #[must_use]
    pub fn muting(&self, incident: &Incident, now: UnixMs) -> Option<&Silence> {
        self.silences
            .muting_incident(incident, alerts_of(incident, &self.evaluator), now)
    }

    /// Carries an order out in thought; nothing changes before the transaction is stored and what was decided handed
    /// to [`Self::adopt_silences`].
    ///
    /// # Errors
    /// The [`SilenceObjection`].
    pub fn decide_silence(
        &self,
        order: &SilenceOrder,
        found: Option<&Silence>,
        now: UnixMs,
    ) -> Result<(Decided, Transaction), SilenceObjection> {
        let decided = self.silences.decide(order, found, now)?;
        let changed = (!decided.audit.is_empty()).then_some(&decided.silence);
        let silences = decided.replaced.iter().chain(changed);
        let transaction = Transaction {
            changes: silences
                .map(|it| Change::Upsert(Entity::Silence(it.clone())))
                .collect(),
            audit: decided.audit.clone(),
            answers: vec![decided.answer.clone()],
            ..Transaction::default()
        };
        Ok((decided, transaction))
    }

    /// Takes over what was decided, once that is stored. What it means for incidents is seen at the next tick.
    pub fn adopt_silences(&mut self, decided: Decided) {
        if !decided.audit.is_empty() {
            self.silences.adopt(decided.silence);
        }
        if let Some(replaced) = decided.replaced {
            self.silences.adopt(replaced);
        }
    }

    pub(super) fn tick_silences(&mut self, now: UnixMs) -> Vec<SilenceNews> {
        let Self {
            evaluator,
            desk,
            silences,
            log,
            ..
        } = self;
        let firing = |silence: &Silence| {
            let hit = |alert: &&Alert| silence.matches(&subject(alert, desk));
            evaluator.firing().filter(hit).count()
        };
        silences.tick(now, firing, &mut log.audit)
    }

    /// Tells the timelines of the incidents that a silence is about.
    pub(super) fn tell_of_silences(&mut self, news: &[SilenceNews], now: UnixMs) {
        for it in news {
            let (SilenceNews::Began(id) | SilenceNews::EndsSoon(id, _) | SilenceNews::Ended(id)) =
                *it;
            let Some(silence) = self.silences.get(id) else {
                continue;
            };
            let text = words(silence, *it, now);
            for incident in self.covered(silence) {
                self.desk
                    .silenced(incident, text.clone(), now, &mut self.log);
            }
        }
    }

    /// The open incidents that the silence mutes alone, or would while it goes on.
    fn covered(&self, silence: &Silence) -> Vec<IncidentId> {
        let at = silence.starts_at;
        let as_it_was = Silence {
            expires_at: silence.expires_at.max(at.plus_ms(1)),
            ended_at: None,
            ..silence.clone()
        };
        let open = self.desk.all().filter(|it| is_open(it));
        let covered = open.filter(|it| {
            let alerts = alerts_of(it, &self.evaluator);
            muting_incident(std::iter::once(&as_it_was), it, alerts, at).is_some()
        });
        covered.map(|it| it.id).collect()
    }

    /// Tells the desk which of the incidents that have a step to take are muted, in the words that the timeline will
    /// use.
    pub(super) fn mute(&mut self, now: UnixMs) {
        let is_due = |it: &&Incident| {
            let next = it.next_step();
            is_open(it) && next.is_some_and(|step| step.due_at <= now)
        };
        let due = self.desk.all().filter(is_due);
        let muted: BTreeMap<IncidentId, String> = due
            .filter_map(|it| Some((it.id, wording::muted_by(self.muting(it, now)?, now))))
            .collect();
        self.desk.mute(muted);
    }
}

/// The one place where it is asked whether people are told.
impl Muting for Core {
    fn muted_by(&self, incident: &Incident, now: UnixMs) -> Option<String> {
        self.muting(incident, now)
            .map(|silence| wording::muter(silence, now))
    }
}

fn alerts_of<'e>(
    incident: &'e Incident,
    evaluator: &'e Evaluator,
) -> impl Iterator<Item = &'e Alert> {
    let fingerprints = incident.alerts.iter();
    fingerprints.filter_map(|it| evaluator.alert(it))
}

fn subject<'a>(alert: &'a Alert, desk: &'a Desk) -> Subject<'a> {
    let incident = alert.incident.and_then(|id| desk.get(id));
    Subject::of_alert(alert, incident)
}

fn words(silence: &Silence, news: SilenceNews, now: UnixMs) -> String {
    let what = match silence.kind {
        SilenceKind::Maintenance => "Maintenance",
        SilenceKind::Silence => "Silence",
    };
    let (id, name) = (silence.id, &silence.author_name);
    let until = wording::time(silence.expires_at, now);
    match news {
        SilenceNews::Began(_) => format!(
            "{what} {id} by {name} mutes it until {until}: {}",
            silence.reason
        ),
        SilenceNews::EndsSoon(_, count) => {
            let alerts = if count == 1 {
                "1 alert still fires"
            } else {
                &format!("{count} alerts still fire")
            };
            format!("{what} {id} ends at {until}, and {alerts} under it")
        }
        SilenceNews::Ended(_) => format!("{what} {id} ended"),
    }
}
