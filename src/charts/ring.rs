//! A list that forgets its oldest when it is full.

use std::collections::VecDeque;

/// At most `capacity` items, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring<T> {
    items: VecDeque<T>,
    capacity: usize,
}

impl<T> Ring<T> {
    /// An empty ring; a capacity of 0 is taken as 1.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            items: VecDeque::new(),
            capacity: capacity.max(1),
        }
    }

    /// Appends, and forgets the oldest when full.
    pub fn push(&mut self, item: T) {
        if self.items.len() == self.capacity {
            self.items.pop_front();
        }
        self.items.push_back(item);
    }

    /// Forgets the oldest items as long as they are `outdated`.
    pub fn drop_while(&mut self, outdated: impl Fn(&T) -> bool) {
        while self.items.front().is_some_and(&outdated) {
            self.items.pop_front();
        }
    }

    /// The items, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.iter()
    }

    /// The newest.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.items.back()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;

    #[test]
    fn a_full_ring_forgets_its_oldest() {
        let mut ring = Ring::new(2);
        for item in 1..=3 {
            ring.push(item);
        }
        assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn outdated_items_go_up_to_the_first_that_is_not() {
        let mut ring = Ring::new(5);
        for item in [1, 2, 9, 3] {
            ring.push(item);
        }
        ring.drop_while(|item| *item < 5);
        assert_eq!(ring.iter().copied().collect::<Vec<_>>(), [9, 3]);
        assert_eq!(ring.last(), Some(&3));
    }
}
