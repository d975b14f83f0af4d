//! What happens in the day, one kind of event after the other.

use super::*;

impl Day {
    fn middle(&mut self, key: &Key, value: f64) -> f64 {
        *self.middles.entry(key.clone()).or_insert(value)
    }

    /// A check is observed, and with it the readings of its series.
    pub(super) fn observe(&mut self, at: UnixMs, key: &Key) -> Vec<Entity> {
        let Some(Entity::Check(mut check)) = self.entities.get(key).cloned() else {
            return Vec::new();
        };
        let every_ms = check.interval_ms.max(SECOND_MS);
        let next = at.plus_ms(every_ms);
        self.agenda.insert((next, Event::Observe(key.clone())));
        let valid_until = at.plus_ms(2 * every_ms + 5 * SECOND_MS);
        check.observed_at = Some(at);
        check.valid_until = Some(valid_until);
        if let Some(value) = &mut check.value {
            value.value = value_at(key.id(), self.middle(key, value.value), at);
        }
        let mut observed = vec![Entity::Check(check)];
        let first = Key::new(Kind::Reading, &format!("{}.", key.id()));
        let readings: Vec<_> = self
            .entities
            .range(first.clone()..)
            .take_while(|it| it.0.as_str().starts_with(first.as_str()))
            .filter_map(|(key, entity)| match entity {
                Entity::Reading(it) => Some((key.clone(), it.clone())),
                _ => None,
            })
            .collect();
        for (key, mut reading) in readings {
            let middle = self.middle(&key, reading.value.unwrap_or(1.0));
            reading.value = Some(value_at(key.id(), middle, at));
            reading.observed_at = at;
            reading.valid_until = valid_until;
            observed.push(Entity::Reading(reading));
        }
        observed
    }

    /// Something is rolled up anew: a target, or a product's uptime.
    pub(super) fn touch(&mut self, at: UnixMs, key: &Key) -> Option<Entity> {
        match self.entities.get(key).cloned()? {
            Entity::Target(mut it) => {
                it.observed_at = at;
                it.valid_until = at.plus_ms(3 * ROLLED_UP_EVERY_MS);
                it.value = it.value.map(|value| {
                    let middle = self.middle(key, value);
                    value_at(key.id(), middle, at)
                });
                Some(Entity::Target(it))
            }
            Entity::Uptime(mut it) => {
                it.observed_at = at;
                let today = i32::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
                match it.days.last_mut() {
                    Some(last) if last.day == today => last.ok_ms += ROLLED_UP_EVERY_MS,
                    _ => {
                        let day = watchfloor_wire::uptime::DayUptime {
                            day: today,
                            ok_ms: ROLLED_UP_EVERY_MS,
                            ..Default::default()
                        };
                        it.days.push(day);
                        // Ninety days are kept.
                        let surplus = it.days.len().saturating_sub(90);
                        it.days.drain(..surplus);
                    }
                }
                Some(Entity::Uptime(it))
            }
            _ => None,
        }
    }

    /// An error comes again.
    pub(super) fn error(&mut self, at: UnixMs, number: usize) -> Option<Entity> {
        let groups = self.of_kind(Kind::Error);
        let key = groups.get(number % groups.len().max(1))?;
        let Some(Entity::Error(mut group)) = self.entities.get(key).cloned() else {
            return None;
        };
        group.count += 1;
        group.last_seen_at = at;
        if !group.per_minute.is_empty() {
            group.per_minute.rotate_left(1);
            if let Some(last) = group.per_minute.last_mut() {
                *last = u32::try_from(number % 5).unwrap_or(0);
            }
        }
        Some(Entity::Error(group))
    }

    /// A check goes down: check, product, alert and incident in one frame, as the gateway commits them.
    pub(super) fn begin(&mut self, at: UnixMs, number: usize) -> Vec<Entity> {
        let Some(incident) = self.incident(number, at) else {
            return Vec::new();
        };
        let id = incident.id;
        self.agenda
            .insert((at.plus_ms(ANSWERED_AFTER_MS), Event::Answer(id)));
        self.agenda
            .insert((at.plus_ms(MENDED_AFTER_MS), Event::Mend(id)));
        let mut begun = self.set_status(&incident, Status::Down, "HTTP 503 from the service", at);
        begun.push(Entity::Alert(Alert {
            fingerprint: fingerprint(&incident),
            product: incident.product.clone(),
            check: incident.check.clone(),
            rule: "Service is down".to_owned(),
            severity: Severity::Critical,
            state: AlertState::Firing,
            summary: incident.title.clone(),
            value: None,
            threshold: None,
            since: at,
            firing_since: Some(at),
            runbook_url: None,
            incident: Some(id),
            labels: BTreeMap::new(),
            owner: None,
            no_data_since: None,
            clear_since: None,
            flapping: None,
            turned_at: Vec::new(),
        }));
        begun.push(Entity::Incident(incident));
        begun
    }

    /// Somebody takes the incident.
    pub(super) fn answer(&mut self, at: UnixMs, id: IncidentId) -> Option<Entity> {
        let mut incident = self.known_incident(id)?;
        incident.version += 1;
        incident.status = IncidentStatus::Acknowledged;
        incident.answered_at = Some(at);
        incident.lease = Some(Lease {
            owner: "priya".to_owned(),
            owner_name: "Priya Raman".to_owned(),
            note: "Looking at the connection pool.".to_owned(),
            since: at,
            until: at.plus_ms(HOUR_MS),
            scope: LeaseScope::Severity,
            offer: None,
            undo: None,
        });
        Some(Entity::Incident(incident))
    }

    /// The check is well again.
    pub(super) fn mend(&mut self, at: UnixMs, id: IncidentId) -> Vec<(Key, Option<Entity>)> {
        let Some(mut incident) = self.known_incident(id) else {
            return Vec::new();
        };
        close(&mut incident, at);
        let mut mended: Vec<(Key, Option<Entity>)> = self
            .set_status(&incident, Status::Ok, "", at)
            .into_iter()
            .map(|it| (it.key(), Some(it)))
            .collect();
        mended.push((Key::new(Kind::Alert, &fingerprint(&incident)), None));
        let entity = Entity::Incident(incident);
        let key = entity.key();
        self.agenda
            .insert((at.plus_ms(DAY_MS), Event::Forget(key.clone())));
        mended.push((key, Some(entity)));
        mended
    }

    pub(super) fn incident(&mut self, number: usize, opened_at: UnixMs) -> Option<Incident> {
        let checks = self.of_kind(Kind::Check);
        let key = checks.get(number * 7 % checks.len().max(1))?;
        let Some(Entity::Check(check)) = self.entities.get(key) else {
            return None;
        };
        self.incidents += 1;
        Some(Incident {
            id: IncidentId(self.incidents),
            version: 1,
            product: check.product.clone(),
            check: Some(check.id.clone()),
            title: format!("{} is down", check.name),
            priority: Priority::P1,
            severity: Severity::Critical,
            status: IncidentStatus::Triggered,
            opened_at,
            respond_by: opened_at.plus_ms(15 * MINUTE_MS),
            answered_at: None,
            alerts: vec![Fingerprint(format!("soak-{}", check.id))],
            symptoms: Vec::new(),
            lease: None,
            escalation: Vec::new(),
            resolution: None,
            series: check.series.clone(),
            runbook_url: None,
            notified_at: None,
            opened_by_name: None,
            covers: Vec::new(),
            links: Vec::new(),
        })
    }

    pub(super) fn deploy(&mut self, number: usize, at: UnixMs) -> Option<Deploy> {
        let products = self.of_kind(Kind::Product);
        let product = products.get(number % products.len().max(1))?.id();
        Some(Deploy {
            id: DeployId(format!("{product}-{}", at.0)),
            product: product.into(),
            version: format!("v2.{}", at.0.div_euclid(DEPLOY_EVERY_MS) % 1_000),
            at,
            kind: DeployKind::Deploy,
            commit: None,
            note: String::new(),
        })
    }

    /// The check and the product of an incident, with another status.
    fn set_status(
        &self,
        incident: &Incident,
        status: Status,
        reason: &str,
        at: UnixMs,
    ) -> Vec<Entity> {
        let mut changed = Vec::new();
        let check = incident
            .check
            .as_ref()
            .map(|id: &CheckId| Key::new(Kind::Check, id));
        if let Some(Entity::Check(it)) = check.and_then(|key| self.entities.get(&key)) {
            let mut check = it.clone();
            (check.status, check.reason, check.since) = (status, reason.to_owned(), at);
            changed.push(Entity::Check(check));
        }
        let product = Key::new(Kind::Product, &incident.product);
        if let Some(Entity::Product(it)) = self.entities.get(&product) {
            let mut product = it.clone();
            (product.status, product.reason, product.since) = (status, reason.to_owned(), at);
            changed.push(Entity::Product(product));
        }
        changed
    }

    fn known_incident(&self, id: IncidentId) -> Option<Incident> {
        match self.entities.get(&Key::new(Kind::Incident, &id.0))? {
            Entity::Incident(it) => Some(it.clone()),
            _ => None,
        }
    }

    fn of_kind(&self, kind: Kind) -> Vec<Key> {
        let keys = self.entities.keys();
        keys.filter(|it| it.kind() == Some(kind)).cloned().collect()
    }
}

fn fingerprint(incident: &Incident) -> Fingerprint {
    incident
        .alerts
        .first()
        .cloned()
        .unwrap_or_else(|| Fingerprint("soak".to_owned()))
}

pub(super) fn close(incident: &mut Incident, at: UnixMs) {
    incident.version += 1;
    incident.status = IncidentStatus::Resolved;
    incident.lease = None;
    incident.resolution = Some(Resolution {
        at,
        by_name: None,
        note: String::new(),
        merged_into: None,
    });
}
