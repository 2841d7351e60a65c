//! Means over the cells of a square, of which only some have weight.

/// The cells that have a share in a mean, in groups: once some strokes are seen, most cells have none.
pub(super) struct HeavyCells<'a> {
    weights: &'a [f32],
    groups: Vec<usize>,
}

impl<'a> HeavyCells<'a> {
    /// Cells of a group: as many sums at once, which the compiler turns into vectors.
    const GROUP: usize = 16;
    /// A group that weighs less is left out: all of them together weigh less than a millionth.
    const NEGLIGIBLE: f32 = 1e-9;

    /// Of weights that sum to 1, whose number is a multiple of [`Self::GROUP`].
    pub fn of(weights: &'a [f32]) -> Self {
        let groups = weights.chunks_exact(Self::GROUP).enumerate();
        let heavy = groups.filter(|(_, group)| group.iter().sum::<f32>() > Self::NEGLIGIBLE);
        Self {
            weights,
            groups: heavy.map(|(at, _)| at * Self::GROUP).collect(),
        }
    }

    /// The mean of a row of probabilities.
    pub fn mean(&self, row: &[f32]) -> f32 {
        let mut sums = [0f32; Self::GROUP];
        for &from in &self.groups {
            let group = from..from + Self::GROUP;
            let terms = row[group.clone()].iter().zip(&self.weights[group]);
            for (sum, (p, weight)) in sums.iter_mut().zip(terms) {
                *sum += p * weight;
            }
        }
        sums.iter().sum::<f32>().clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_without_weight_do_not_change_a_mean() {
        let mut rng = crate::Rng::from_seed(4);
        let mut weights: Vec<f32> = (0..9216)
            .map(|cell| match cell % 97 {
                0 => rng.uniform(),
                _ => 1e-14 * rng.uniform(),
            })
            .collect();
        weights[4000..].fill(1e-14);
        let total: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        let row: Vec<f32> = weights.iter().map(|_| rng.uniform()).collect();
        let heavy = HeavyCells::of(&weights);
        assert!(heavy.groups.len() < 50, "{}", heavy.groups.len());
        let terms = row.iter().zip(&weights);
        let exact: f64 = terms.map(|(p, w)| f64::from(*p) * f64::from(*w)).sum();
        assert!((f64::from(heavy.mean(&row)) - exact).abs() < 2e-6);
    }
}
