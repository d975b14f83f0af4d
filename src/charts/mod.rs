//! Charts. Pure: [`window`], [`ring`], [`track`], [`scale`], [`ticks`], [`thin`], [`hatch`], [`judge`],
//! [`labels`], [`drawing`]. Over them: [`history`] fetches and grows, [`paint`] puts a drawing on a canvas,
//! [`MetricChart`] and [`Sparkline`] are what pages show.

pub mod drawing;
pub mod hatch;
pub mod history;
pub mod judge;
pub mod labels;
mod metric_chart;
mod paint;
mod palette;
mod plot;
mod point_table;
pub mod ring;
pub mod scale;
mod series_chart;
mod sparkline;
mod surface;
pub mod thin;
pub mod ticks;
pub mod track;
pub mod window;

pub use history::{History, live_readings, use_history};
pub use metric_chart::MetricChart;
pub use series_chart::SeriesChart;
pub(crate) use metric_chart::BoardChart;
pub(crate) use plot::diamond;
pub use sparkline::{CountSparkline, Sparkline};
pub use window::Window;
