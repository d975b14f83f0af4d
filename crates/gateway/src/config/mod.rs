//! Configuration: the types as written in TOML. Loading and checking them is in `load`; see `config/` in the
//! repository for complete examples with comments.

pub mod gateway;
pub mod probe;
pub mod product;
pub mod rule;
pub mod span;

pub use gateway::GatewayConfig;
pub use product::ProductConfig;

/// Everything that was configured, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The gateway's own settings.
    pub gateway: GatewayConfig,
    /// The products, in the order in which the gateway's file names them.
    pub products: Vec<ProductConfig>,
}
