//! What pages say of themselves with each pong, as metrics: memory that grows, documents that grow, and pages that cannot
//! keep up show here before anybody stands in front of them.

use metrics::{describe_histogram, histogram};
use watchfloor_wire::feed::PageHealth;

/// Upper ends of the buckets for a program's memory, in bytes: it grows by pages of 64 KiB from some 3 MB on.
pub const PROGRAM_BYTES: [f64; 7] = [4e6, 6e6, 8e6, 16e6, 32e6, 64e6, 128e6];
/// Upper ends of the buckets for the elements of a document.
pub const ELEMENTS: [f64; 6] = [500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 50_000.0];

/// What a client says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// A console of its own.
    Console,
    /// A board on a wall.
    Wall,
    /// A console within another page.
    Embed,
    /// Anything else.
    Other,
}

impl PageKind {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "console" => Self::Console,
            "wall" => Self::Wall,
            "embed" => Self::Embed,
            _ => Self::Other,
        }
    }

    /// Its word in metrics: never what the client sent, so that nobody fills them with words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Wall => "wall",
            Self::Embed => "embed",
            Self::Other => "other",
        }
    }
}

/// Says what the metrics of [`note`] are.
pub fn describe() {
    describe_histogram!(
        "watchfloor_page_program_bytes",
        "Memory of pages' programs, with each pong."
    );
    describe_histogram!(
        "watchfloor_page_elements",
        "Elements in pages' documents, with each pong."
    );
    describe_histogram!(
        "watchfloor_page_late_seconds",
        "How late the latest second of a visible page came since its last pong."
    );
}

/// Takes what a page of this kind said of itself.
pub fn note(kind: PageKind, health: &PageHealth) {
    let kind = kind.word();
    histogram!("watchfloor_page_program_bytes", "kind" => kind).record(health.program_bytes as f64);
    histogram!("watchfloor_page_elements", "kind" => kind).record(f64::from(health.elements));
    if let Some(late_ms) = health.late_ms {
        histogram!("watchfloor_page_late_seconds", "kind" => kind).record(f64::from(late_ms) / 1e3);
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use watchfloor_wire::feed::PageHealth;

    use super::{PageKind, note};

    #[test]
    fn pages_are_counted_by_kinds_that_are_known_and_hidden_ones_are_never_late() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            for (name, late_ms) in [("wall", Some(250)), ("wall", None), ("x\"} 1\n", Some(0))] {
                let health = PageHealth {
                    program_bytes: 4_194_304,
                    elements: 900,
                    late_ms,
                };
                note(PageKind::named(name), &health);
            }
        });
        let text = handle.render();
        for line in [
            "watchfloor_page_program_bytes_count{kind=\"wall\"} 2",
            "watchfloor_page_program_bytes_sum{kind=\"wall\"} 8388608",
            "watchfloor_page_elements_sum{kind=\"wall\"} 1800",
            "watchfloor_page_late_seconds_count{kind=\"wall\"} 1",
            "watchfloor_page_late_seconds_sum{kind=\"wall\"} 0.25",
            "watchfloor_page_elements_count{kind=\"other\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
