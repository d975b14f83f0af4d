//! A script of faults.

use serde::Deserialize;

use crate::fault::Fault;
use crate::product::Product;
use crate::world::World;

/// A scenario file: `[[fault]]` tables.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The steps, in any order.
    #[serde(default, rename = "fault")]
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Seconds after the start.
    pub at_s: u64,
    /// Which product.
    pub product: Product,
    /// What breaks.
    pub fault: Fault,
    /// For how long, in seconds; missing: until told otherwise.
    #[serde(default)]
    pub for_s: Option<u64>,
}

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not of the shape.
    #[error("the scenario cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// A step names a fault that its product cannot have.
    #[error("step {place}: `{fault}` does not apply to {product}")]
    NotApplicable {
        /// Which step, from 1.
        place: usize,
        /// The fault.
        fault: Fault,
        /// The product.
        product: Product,
    },
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`].
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        for (index, step) in scenario.steps.iter().enumerate() {
            if !step.fault.applies_to(step.product) {
                return Err(ScenarioError::NotApplicable {
                    place: index + 1,
                    fault: step.fault,
                    product: step.product,
                });
            }
        }
        Ok(scenario)
    }

    /// Carries out the steps of second `tick`.
    pub fn play(&self, world: &World, tick: u64) {
        for step in self.steps.iter().filter(|step| step.at_s == tick) {
            match world.break_product(step.product, step.fault, step.for_s) {
                Ok(()) => tracing::info!(product = %step.product, fault = %step.fault, "scenario"),
                Err(why) => tracing::warn!("{why}"),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_step_breaks_its_product_at_its_second_and_for_its_time() {
        let text =
            "[[fault]]\nat_s = 3\nproduct = \"chatpdd\"\nfault = \"slow-database\"\nfor_s = 2\n";
        let scenario = Scenario::parse(text).unwrap();
        let world = World::new(1, Arc::new(|| 0));
        let mut broken = Vec::new();
        for tick in 0..8 {
            scenario.play(&world, tick);
            broken.push(world.active().len());
            world.tick();
        }
        assert_eq!(broken, [0, 0, 0, 1, 1, 0, 0, 0]);
    }

    #[test]
    fn a_step_that_cannot_be_is_refused_before_the_start() {
        let text = "[[fault]]\nat_s = 0\nproduct = \"chatpdd\"\nfault = \"origin-refused\"\n";
        let refused = Scenario::parse(text)
            .map(|_| ())
            .map_err(|it| it.to_string());
        let expected = "step 1: `origin-refused` does not apply to chatpdd";
        assert_eq!(refused, Err(expected.to_owned()));
        assert!(Scenario::parse("[[fault]]\nat = 1\n").is_err());
    }
}
