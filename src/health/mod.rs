//! Products and their services: the overview, the page of one product, and the pure roll-up behind both and the
//! wall.

pub mod board;
mod chart_row;
mod overview;
mod product_card;
mod product_page;
mod recent;
mod service_tile;
mod services;
mod trends;
mod uptime_bars;
pub mod verdict;

pub use board::{Board, ProductRow, use_board};
pub use overview::OverviewPage;
pub use product_page::ProductPage;
