//! One product's life: its model, what is broken, and what it has to say to the gateway.

use crate::fault::{Active, Fault};
use crate::model::Model;
use crate::product::Product;
use crate::push::{Push, Voice};
use crate::world::{ActiveFault, Scene};

/// One product.
pub(crate) struct Life {
    product: Product,
    model: Model,
    active: Active,
    tick: u64,
    /// What its answers show while its payload is stale.
    frozen: Option<Scene>,
    voice: Voice,
    /// Deploys and rollbacks that were made between two ticks.
    waiting: Vec<Push>,
}

impl Life {
    pub(crate) fn new(product: Product, seed: u64, now_ms: i64) -> Self {
        let model = Model::new(product, seed);
        Self {
            product,
            model,
            active: Active::default(),
            tick: 0,
            frozen: None,
            voice: Voice::new(product, seed, now_ms),
            waiting: Vec::new(),
        }
    }

    pub(crate) const fn product(&self) -> Product {
        self.product
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.active.contains(fault)
    }

    pub(crate) fn tick(&mut self, now_ms: i64) -> Vec<Push> {
        self.tick += 1;
        if self.active.expire(self.tick).contains(&Fault::StalePayload) {
            self.frozen = None;
        }
        self.model.step(&self.active.effects());
        let mut pushes = std::mem::take(&mut self.waiting);
        let scene = self.scene(now_ms);
        let said = self.voice.speak(&scene);
        // A process that is gone says nothing.
        if !self.has(Fault::ProcessGone) {
            pushes.extend(said);
        }
        pushes
    }

    pub(crate) fn scene(&self, now_ms: i64) -> Scene {
        Scene {
            product: self.product,
            tick: self.tick,
            now_ms,
            version: self.voice.version(),
            values: self.model.values(),
            totals: self.model.totals(),
            faults: self.active.clone(),
        }
    }

    /// What answers show. The other faults are the present ones even when the numbers are not.
    pub(crate) fn shown(&self, now_ms: i64) -> Scene {
        self.frozen.as_ref().map_or_else(
            || self.scene(now_ms),
            |frozen| Scene {
                faults: self.active.clone(),
                ..frozen.clone()
            },
        )
    }

    pub(crate) fn break_with(&mut self, fault: Fault, for_s: Option<u64>, now_ms: i64) {
        if fault.row().after_deploy && !self.has(fault) {
            self.waiting.push(self.voice.deploy(now_ms));
        }
        if fault == Fault::StalePayload && self.frozen.is_none() {
            self.frozen = Some(self.scene(now_ms));
        }
        let until = for_s.map(|for_s| self.tick.saturating_add(for_s));
        self.active.insert(fault, until);
    }

    pub(crate) fn mend(&mut self, fault: Option<Fault>, now_ms: i64) -> usize {
        let ending: Vec<Fault> = self
            .active
            .iter()
            .map(|(it, _)| it)
            .filter(|it| fault.is_none_or(|fault| fault == *it))
            .collect();
        for it in &ending {
            self.active.remove(*it);
            if it.row().after_deploy {
                self.waiting.extend(self.voice.roll_back(now_ms));
            }
            if *it == Fault::StalePayload {
                self.frozen = None;
            }
        }
        ending.len()
    }

    pub(crate) fn active(&self) -> Vec<ActiveFault> {
        self.active
            .iter()
            .map(|(fault, until)| ActiveFault {
                product: self.product,
                fault,
                ends_in_s: until.map(|until| until.saturating_sub(self.tick)),
            })
            .collect()
    }
}
