//! Fewer points for the same picture: of every column of pixels its first, lowest, highest and last point stay,
//! so no peak is lost.

/// Thins a line, given as places 0 to 1 across `columns` pixels, in order. Lines that are short enough stay.
#[must_use]
pub fn thin(line: &[(f64, f64)], columns: u32) -> Vec<(f64, f64)> {
    let columns = columns.max(1);
    if line.len() <= columns as usize * 2 {
        return line.to_vec();
    }
    let mut thinned = Vec::with_capacity(columns as usize * 4);
    let mut start = 0;
    while start < line.len() {
        let column = column_of(line[start].0, columns);
        let length = line[start..]
            .iter()
            .take_while(|(x, _)| column_of(*x, columns) == column)
            .count()
            .max(1);
        keep_corners(&line[start..start + length], &mut thinned);
        start += length;
    }
    thinned
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond the range saturates, which is the edge column"
)]
fn column_of(x: f64, columns: u32) -> u32 {
    ((x * f64::from(columns)) as u32).min(columns - 1)
}

fn keep_corners(column: &[(f64, f64)], out: &mut Vec<(f64, f64)>) {
    let by_height = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
    let indices = || 0..column.len();
    let kept = [
        indices().next(),
        indices().min_by(by_height),
        indices().max_by(by_height),
        indices().next_back(),
    ];
    let is_kept = |at: &usize| kept.contains(&Some(*at));
    out.extend(indices().filter(is_kept).map(|at| column[at]));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn highest(line: &[(f64, f64)]) -> f64 {
        line.iter().map(|it| it.1).fold(f64::MIN, f64::max)
    }

    #[test]
    fn a_single_spike_survives() {
        let mut line: Vec<(f64, f64)> = (0..10_000)
            .map(|n| (f64::from(n) / 10_000.0, 0.2))
            .collect();
        line[4_321].1 = 0.9;
        let thinned = thin(&line, 100);
        assert!(thinned.len() <= 400);
        assert!((highest(&thinned) - 0.9).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn ends_and_extremes_stay(heights in prop::collection::vec(0.0_f64..1.0, 1..500), columns in 1_u32..60) {
            let count = heights.len();
            let line: Vec<(f64, f64)> = heights
                .into_iter()
                .enumerate()
                .map(|(at, height)| (at as f64 / count as f64, height))
                .collect();
            let thinned = thin(&line, columns);
            prop_assert_eq!(thinned.first(), line.first());
            prop_assert_eq!(thinned.last(), line.last());
            prop_assert_eq!(highest(&thinned).to_bits(), highest(&line).to_bits());
            prop_assert!(thinned.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
