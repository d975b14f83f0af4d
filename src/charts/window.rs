//! How far back charts look.

use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

/// A span that ends now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// 15 minutes.
    Quarter,
    /// 60 minutes.
    #[default]
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Window {
    /// All of them, shortest first.
    pub const ALL: [Self; 5] = [
        Self::Quarter,
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// Its length in milliseconds.
    #[must_use]
    pub const fn span_ms(self) -> i64 {
        match self {
            Self::Quarter => 15 * MINUTE_MS,
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
        }
    }

    /// Its name on the switch.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Quarter => "15 min",
            Self::Hour => "60 min",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
        }
    }

    /// How far a chart moves at a time, in milliseconds: about half a pixel, so that it is not redrawn for nothing.
    #[must_use]
    pub const fn shift_ms(self) -> i64 {
        match self {
            Self::Quarter => 5 * SECOND_MS,
            Self::Hour => 10 * SECOND_MS,
            Self::Day => 3 * MINUTE_MS,
            Self::Week => 20 * MINUTE_MS,
            Self::Month => 90 * MINUTE_MS,
        }
    }

    /// After how long history is fetched anew, in milliseconds: long windows are thinned by the gateway, and
    /// readings that were appended since are not.
    #[must_use]
    pub const fn refetch_ms(self) -> i64 {
        match self {
            Self::Quarter | Self::Hour => 30 * MINUTE_MS,
            Self::Day => 15 * MINUTE_MS,
            Self::Week => HOUR_MS,
            Self::Month => 4 * HOUR_MS,
        }
    }

    /// Where the window ends at `now`: whole steps of [`Self::shift_ms`], rounded up so that now is inside.
    #[must_use]
    pub const fn end(self, now: UnixMs) -> UnixMs {
        let shift = self.shift_ms();
        UnixMs((now.0.div_euclid(shift) + 1) * shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_inside_its_window() {
        for window in Window::ALL {
            let now = UnixMs(1_794_925_928_000);
            let end = window.end(now);
            assert!(end > now && end.since_ms(now) <= window.shift_ms());
        }
    }
}
