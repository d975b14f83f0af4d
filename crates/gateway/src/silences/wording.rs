//! Instants and silences in words, for timelines: `until 15:00 UTC`.

use watchfloor_wire::silence::{Silence, SilenceKind};
use watchfloor_wire::time::{DAY_MS, UnixMs};

use crate::instant::utc;

/// `15:00 UTC`; with the date when it is not within a day.
#[must_use]
pub fn time(at: UnixMs, now: UnixMs) -> String {
    let format = if at.since_ms(now).saturating_abs() < DAY_MS {
        "%H:%M UTC"
    } else {
        "%-d %b %Y %H:%M UTC"
    };
    utc(at).format(format).to_string()
}

/// `muted by silence SIL-7 until 15:00 UTC`.
#[must_use]
pub fn muted_by(silence: &Silence, now: UnixMs) -> String {
    format!("muted by {}", muter(silence, now))
}

/// `silence SIL-7 until 15:00 UTC`.
#[must_use]
pub fn muter(silence: &Silence, now: UnixMs) -> String {
    let what = match silence.kind {
        SilenceKind::Maintenance => "maintenance",
        SilenceKind::Silence => "silence",
    };
    let (id, until) = (silence.id, time(silence.expires_at, now));
    format!("{what} {id} until {until}")
}
