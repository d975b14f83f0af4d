//! The lines that are shown and those that wait until somebody has read. Pure, and bounded.

use std::sync::Arc;

use watchfloor_wire::log::LogLine;

/// How many lines are kept, shown and waiting each.
pub(super) const LINES_MAX: usize = 1_000;

/// Lines, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tail {
    shown: Vec<Arc<LogLine>>,
    waiting: Vec<Arc<LogLine>>,
    /// Hand this in for older lines; `None` when there are none, or when they would be dropped at once.
    next_before: Option<u64>,
}

impl Tail {
    /// The lines to draw.
    pub(super) fn shown(&self) -> &[Arc<LogLine>] {
        &self.shown
    }

    /// How many lines wait.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Where older lines begin, while there is room for them.
    pub(super) fn next_before(&self) -> Option<u64> {
        self.next_before.filter(|_| self.shown.len() < LINES_MAX)
    }

    /// The newest line that came, shown or not.
    pub(super) fn newest(&self) -> Option<u64> {
        let first = self.waiting.first().or_else(|| self.shown.first());
        first.map(|it| it.id)
    }

    /// Starts again with these lines.
    pub(super) fn restart(&mut self, lines: Vec<LogLine>, next_before: Option<u64>) {
        *self = Self {
            shown: lines.into_iter().map(Arc::new).collect(),
            waiting: Vec::new(),
            next_before,
        };
        self.shown.truncate(LINES_MAX);
    }

    /// Takes newer lines; while `held` they wait, so that nothing moves under the reader's eyes.
    pub(super) fn newer(&mut self, lines: Vec<LogLine>, held: bool) {
        let newest = self.newest();
        let fresh = lines
            .into_iter()
            .filter(|it| newest.is_none_or(|newest| it.id > newest))
            .map(Arc::new);
        self.waiting.splice(0..0, fresh);
        self.waiting.truncate(LINES_MAX);
        if !held {
            self.release();
        }
    }

    /// Shows what waits.
    pub(super) fn release(&mut self) {
        self.shown.splice(0..0, self.waiting.drain(..));
        if self.shown.len() > LINES_MAX {
            self.shown.truncate(LINES_MAX);
            // What was cut off can be asked for again.
            self.next_before = self.shown.last().map(|it| it.id);
        }
    }

    /// Takes older lines at the end.
    pub(super) fn older(&mut self, lines: Vec<LogLine>, next_before: Option<u64>) {
        let last = self.shown.last().or_else(|| self.waiting.last());
        let oldest = last.map(|it| it.id);
        let fresh = lines
            .into_iter()
            .filter(|it| oldest.is_none_or(|oldest| it.id < oldest))
            .map(Arc::new);
        self.shown.extend(fresh);
        self.shown.truncate(LINES_MAX);
        self.next_before = next_before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use watchfloor_wire::id::ProductId;
    use watchfloor_wire::log::Level;
    use watchfloor_wire::time::UnixMs;

    fn line(id: u64) -> LogLine {
        LogLine {
            id,
            at: UnixMs(0),
            product: ProductId::from("p"),
            service: String::new(),
            level: Level::Info,
            message: String::new(),
            fields: BTreeMap::new(),
        }
    }

    fn lines(ids: impl DoubleEndedIterator<Item = u64>) -> Vec<LogLine> {
        ids.rev().map(line).collect()
    }

    fn ids(tail: &Tail) -> Vec<u64> {
        tail.shown().iter().map(|it| it.id).collect()
    }

    #[test]
    fn held_lines_wait_and_are_counted() {
        let mut tail = Tail::default();
        tail.restart(lines(1..3), None);
        tail.newer(lines(3..6), true);
        assert_eq!(ids(&tail), [2, 1]);
        assert_eq!((tail.waiting(), tail.newest()), (3, Some(5)));
        tail.release();
        assert_eq!(ids(&tail), [5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_line_that_comes_twice_is_shown_once() {
        let mut tail = Tail::default();
        tail.restart(lines(1..3), None);
        tail.newer(lines(2..4), false);
        assert_eq!(ids(&tail), [3, 2, 1]);
        tail.older(lines(0..2), None);
        assert_eq!(ids(&tail), [3, 2, 1, 0]);
    }

    #[test]
    fn a_waiting_line_is_not_also_an_older_one() {
        let mut tail = Tail::default();
        tail.newer(lines(3..4), true);
        tail.older(lines(0..4), None);
        tail.release();
        assert_eq!(ids(&tail), [3, 2, 1, 0]);
    }

    #[test]
    fn what_is_cut_off_can_be_asked_for_again() {
        let mut tail = Tail::default();
        tail.restart(lines(0..LINES_MAX as u64), None);
        assert_eq!(tail.next_before(), None);
        tail.newer(lines(1_000..1_002), false);
        assert_eq!(tail.shown().len(), LINES_MAX);
        assert_eq!(tail.next_before, Some(2));
        assert_eq!(tail.next_before(), None, "no room for older lines");
    }

    proptest! {
        #[test]
        fn it_stays_sorted_unique_and_bounded(
            steps in prop::collection::vec((0_u64..3_000, 0_u64..1_500, any::<bool>(), any::<bool>()), 1..20),
        ) {
            let mut tail = Tail::default();
            for (from, count, held, upwards) in steps {
                let batch = lines(from..from + count);
                if upwards { tail.newer(batch, held) } else { tail.older(batch, None) }
                let all = ids(&tail);
                prop_assert!(all.windows(2).all(|pair| pair[0] > pair[1]));
                prop_assert!(all.len() <= LINES_MAX && tail.waiting() <= LINES_MAX);
            }
        }
    }
}
