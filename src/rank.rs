//! The order of rows, whatever they are rows of.
//!
//! Every list of the console is put in order by the one sort of this file: the standard library's is compiled anew
//! for each type that is sorted, at five kilobytes of WebAssembly each.

/// Where a row stands: the smaller comes first, number by number, then by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    numbers: [i64; 4],
    name: String,
}

impl Rank {
    /// A rank by up to four numbers, the first of which counts most.
    #[must_use]
    pub fn of<const N: usize>(numbers: [i64; N]) -> Self {
        const { assert!(N <= 4, "a rank has at most four numbers") };
        let mut rank = Self::default();
        for (place, number) in rank.numbers.iter_mut().zip(numbers) {
            *place = number;
        }
        rank
    }

    /// The same rank, told apart by a name.
    #[must_use]
    pub fn then(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }
}

/// Puts rows in order; equals keep theirs.
pub fn sort_by_rank<T>(rows: &mut Vec<T>, rank: impl Fn(&T) -> Rank) {
    let order = in_order(rows.iter().map(rank).collect());
    let mut taken: Vec<Option<T>> = rows.drain(..).map(Some).collect();
    rows.extend(
        order
            .into_iter()
            .filter_map(|at| taken.get_mut(at).and_then(Option::take)),
    );
}

/// The names of the rows in their order; equals keep theirs.
#[must_use]
pub fn names_by_rank(rows: Vec<(Rank, String)>) -> Vec<String> {
    let (ranks, mut names): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let order = in_order(ranks).into_iter();
    let name = |at| names.get_mut(at).map(std::mem::take);
    order.filter_map(name).collect()
}

/// The places of the ranks, smallest first.
fn in_order(ranks: Vec<Rank>) -> Vec<usize> {
    let mut placed: Vec<(Rank, usize)> = ranks.into_iter().zip(0..).collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_follow_their_ranks() {
        let row = |number, name: &str| (Rank::of([number]), name.to_owned());
        let rows = vec![row(2, "c"), row(1, "a"), row(2, "d"), row(1, "b")];
        assert_eq!(names_by_rank(rows), ["a", "b", "c", "d"]);
    }

    proptest! {
        #[test]
        fn it_is_the_stable_sort_by_numbers_and_name(
            rows in prop::collection::vec((0_i64..4, 0_i64..4, "[ab]{0,2}"), 0..40),
        ) {
            let mut rows: Vec<(usize, (i64, i64, String))> = rows.into_iter().enumerate().collect();
            let mut expected = rows.clone();
            expected.sort_by(|a, b| a.1.cmp(&b.1));
            sort_by_rank(&mut rows, |(_, it)| Rank::of([it.0, it.1]).then(&it.2));
            prop_assert_eq!(rows, expected);
        }
    }
}
