//! Words that stand at given heights without covering each other.

/// Moves labels apart. Takes heights in pixels from the top in any order; returns by how many pixels each is to be
/// shifted, so that neighbours are at least `apart_px` away from each other and all stay between 0 and `height_px`
/// as long as they fit.
#[must_use]
pub fn spread(tops_px: &[f64], apart_px: f64, height_px: f64) -> Vec<f64> {
    let mut order: Vec<usize> = Vec::with_capacity(tops_px.len());
    for at in 0..tops_px.len() {
        let place = order.partition_point(|other| tops_px[*other] <= tops_px[at]);
        order.insert(place, at);
    }
    let mut placed: Vec<f64> = order.iter().map(|at| tops_px[*at]).collect();
    for at in 1..placed.len() {
        placed[at] = placed[at].max(placed[at - 1] + apart_px);
    }
    // What was pushed beyond the foot comes back up, from the lowest to the highest.
    let mut limit = height_px;
    for place in placed.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - apart_px;
    }
    let mut shifts = vec![0.0; tops_px.len()];
    for (rank, at) in order.into_iter().enumerate() {
        shifts[at] = placed[rank] - tops_px[at];
    }
    shifts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_with_room_stay() {
        assert_eq!(spread(&[80.0, 10.0, 40.0], 14.0, 96.0), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_crowded_label_moves_down_and_at_the_foot_up() {
        assert_eq!(spread(&[10.0, 12.0], 14.0, 96.0), [0.0, 12.0]);
        assert_eq!(spread(&[90.0, 95.0], 14.0, 96.0), [-8.0, 1.0]);
    }

    proptest! {
        #[test]
        fn neighbours_keep_their_distance(tops in prop::collection::vec(0.0_f64..96.0, 0..6)) {
            let shifts = spread(&tops, 14.0, 96.0);
            let mut placed: Vec<f64> = tops.iter().zip(&shifts).map(|(top, shift)| top + shift).collect();
            placed.sort_by(f64::total_cmp);
            prop_assert!(placed.windows(2).all(|pair| pair[1] - pair[0] >= 14.0 - 1e-9));
        }
    }
}
