//! Configuration: the types as written in TOML ([`gateway`], [`product`], [`probe`], [`rule`], [`maintenance`]), reading them
//! ([`load`]), checking what the types cannot say ([`check`]), warning of what is most likely not meant ([`lint`]), and
//! the list of all checks and series that comes of it ([`catalogue`]). See `config/` in the repository for complete
//! examples with comments.

pub mod acknowledge;
pub mod catalogue;
pub mod channel;
pub mod check;
pub mod document;
pub mod gateway;
pub mod inhibit;
pub mod interpolate;
pub mod lint;
pub mod load;
pub mod maintenance;
pub mod on_call;
pub mod place;
pub mod probe;
pub mod problem;
pub mod product;
pub mod rule;
pub mod span;
#[cfg(test)]
mod tests;
pub mod words;

pub use catalogue::Catalogue;
pub use gateway::GatewayConfig;
pub use load::{load, load_and_lint};
pub use problem::{ConfigError, Problem};
pub use product::ProductConfig;

/// Everything that was configured, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The gateway's own settings.
    pub gateway: GatewayConfig,
    /// The products, in the order in which the gateway's file names them.
    pub products: Vec<ProductConfig>,
}

impl Config {
    /// Every check and series of all products.
    #[must_use]
    pub fn catalogue(&self) -> Catalogue {
        Catalogue::new(&self.products)
    }
}
