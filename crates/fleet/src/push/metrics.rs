//! The metrics that products send in rather than show.

use serde_json::{Value, json};

use crate::model::Signal;
use crate::product::Product;
use crate::world::Scene;

/// A pushed metric: `<check>.<metric>`, its signal, the unit that the gateway's configuration names.
type Row = (&'static str, Signal, &'static str);

const fn rows(product: Product) -> &'static [Row] {
    match product {
        Product::Donna => &[
            ("email.delivered_ratio", Signal::EmailDelivered, "ratio"),
            ("email.handover_ms", Signal::Email, "ms"),
        ],
        // What these count stands in their own answers.
        Product::Pourtrait | Product::Chatpdd | Product::UniversalAssistant => &[],
        Product::Deedpro => &[
            ("documents.success_ratio", Signal::Succeeded, "ratio"),
            ("documents.made_per_hour", Signal::Business, "count"),
        ],
    }
}

/// One point a metric.
pub(super) fn points(scene: &Scene, at: &Value) -> Vec<Value> {
    rows(scene.product)
        .iter()
        .map(|(name, signal, unit)| {
            let value = if *unit == "count" {
                scene.get(*signal).round()
            } else {
                scene.rounded(*signal, 4)
            };
            json!({ "at": at, "name": name, "value": value, "unit": unit })
        })
        .collect()
}
