//! What is allowed but most likely not meant: rules that say nothing, promises that nothing watches, steps that reach
//! nobody. Warnings, with file, line and key like the problems of [`super::check`].

mod on_call;
mod response;
mod rule;
mod target;

use super::catalogue::Catalogue;
use super::check::Findings;
use super::gateway::{GatewayConfig, Retention};
use super::product::ProductConfig;

/// Adds every warning about a gateway's file that [`super::check`] found sound.
pub fn gateway(gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    on_call::lint(gateway, findings);
}

/// Adds every warning about a product that [`super::check`] found sound.
pub fn product(product: &ProductConfig, retention: &Retention, findings: &mut Findings<'_>) {
    let catalogue = Catalogue::new([product]);
    rule::lint(product, &catalogue, retention, findings);
    target::lint(product, &catalogue, findings);
    response::lint(product, findings);
}
