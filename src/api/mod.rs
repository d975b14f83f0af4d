//! The only HTTP of the console.

mod error;

pub use error::ApiError;

use watchfloor_wire::id::SeriesId;
use watchfloor_wire::series::SeriesAnswer;
use watchfloor_wire::time::UnixMs;

/// History of series between two instants, thinned to about `points` each.
///
/// # Errors
/// See [`ApiError`].
pub async fn series(
    ids: &[SeriesId],
    from: UnixMs,
    to: UnixMs,
    points: u32,
) -> Result<SeriesAnswer, ApiError> {
    let _ = (ids, from, to, points);
    Err(ApiError::Network)
}
