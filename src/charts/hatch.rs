//! Rising diagonal lines inside a box: how missing data is drawn.

/// A line from one corner to another, in pixels.
pub type Segment = ((i32, i32), (i32, i32));

/// The most lines of one box; a box that would need more gets wider spaces.
const LINES_MAX: i32 = 600;

/// Diagonals from the lower left to the upper right, `every` pixels apart along the top, cut at the box from
/// `(left, top)` to `(right, bottom)`. They line up over neighbouring boxes, because they do not start with the box.
#[must_use]
pub fn hatch(left: i32, top: i32, right: i32, bottom: i32, every: i32) -> Vec<Segment> {
    let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
    if width <= 0 || height <= 0 {
        return Vec::new();
    }
    let fewest = width.saturating_add(height) / LINES_MAX + 1;
    let every = every.max(fewest);
    // On such a line x + y is the same everywhere.
    let first = (left + top).div_euclid(every) * every + every;
    let mut segments = Vec::new();
    let mut sum = first;
    while sum < right.saturating_add(bottom) {
        let lower_x = left.max(sum - bottom);
        let upper_x = right.min(sum - top);
        if lower_x < upper_x {
            segments.push(((lower_x, sum - lower_x), (upper_x, sum - upper_x)));
        }
        sum += every;
    }
    segments
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_box_has_no_lines() {
        assert!(hatch(5, 5, 5, 50, 6).is_empty());
    }

    proptest! {
        #[test]
        fn lines_stay_inside_their_box(
            left in -50_i32..500, top in -50_i32..500, width in 0_i32..4_000, height in 0_i32..2_000, every in 0_i32..20,
        ) {
            let (right, bottom) = (left + width, top + height);
            let segments = hatch(left, top, right, bottom, every);
            prop_assert!(segments.len() <= LINES_MAX as usize + 2);
            for (from, to) in segments {
                for (x, y) in [from, to] {
                    prop_assert!((left..=right).contains(&x) && (top..=bottom).contains(&y));
                }
            }
        }
    }
}
