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
            ("oauth-flow.success_ratio", Signal::OauthSucceeded, "ratio"),
        ],
        Product::Pourtrait => &[
            ("business.wines_added_per_hour", Signal::Business, "count"),
            ("business.active_users", Signal::ActiveUsers, "count"),
        ],
        Product::Chatpdd => &[
            ("teams.active_users", Signal::ActiveUsers, "count"),
            ("teams.upload_success_ratio", Signal::Succeeded, "ratio"),
        ],
        Product::UniversalAssistant => &[
            ("usage.active_users", Signal::ActiveUsers, "count"),
            ("usage.recovered_ratio", Signal::Succeeded, "ratio"),
        ],
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
