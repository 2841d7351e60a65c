//! Disentanglement, completeness and informativeness of a linear read-out (DCI, Eastwood & Williams 2018).

use super::Readout;

/// The scores, each at best 1.
///
/// The importance R_kj of latent k for factor j is the magnitude of its coefficient in the
/// least-squares read-out, all variables in standard deviations. The paper uses the lasso; a ridge too
/// small to be seen is used here, because it has one exact solution with no penalty to tune and lets
/// copies of a latent share the weight, which completeness should count against them, where the lasso
/// keeps one of them by chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// R, `[K, F]`.
    pub matrix: Vec<f64>,
    /// Whether a latent serves one factor: sum_k rho_k (1 - H(R_k. / sum) / log F), with rho_k the share
    /// of all importance that is latent k's. 1 for a single factor.
    pub disentanglement: f64,
    /// Whether one latent serves a factor: the mean over factors of 1 - H(R_.j / sum) / log K. 1 for a
    /// single latent.
    pub completeness: f64,
    /// How well the factors are read: the mean of the held-out R^2. (The paper gives an error instead.)
    pub informativeness: f64,
}

impl Importance {
    /// The scores of a read-out.
    pub fn of(readout: &Readout) -> Self {
        let factors = readout.r_squared.len();
        let matrix: Vec<f64> = readout.coefficients.iter().map(|w| w.abs()).collect();
        let total: f64 = matrix.iter().sum();
        let rows = matrix.chunks_exact(factors).map(<[f64]>::to_vec);
        let columns = (0..factors).map(|factor| {
            let column = matrix.iter().skip(factor).step_by(factors);
            column.copied().collect::<Vec<f64>>()
        });
        let weighted = rows.map(|row| row.iter().sum::<f64>() * concentration(&row));
        let disentanglement = if total > 0.0 {
            weighted.sum::<f64>() / total
        } else {
            0.0
        };
        let completeness = columns.map(|column| concentration(&column)).sum::<f64>();
        Self {
            disentanglement,
            completeness: completeness / factors as f64,
            informativeness: readout.r_squared.iter().sum::<f64>() / factors as f64,
            matrix,
        }
    }
}

/// 1 - entropy / log(number): 1 when all weight is on one, 0 when it is spread evenly or there is none.
fn concentration(weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        return 0.0;
    }
    let shares = weights.iter().map(|w| w / total).filter(|p| *p > 0.0);
    let entropy: f64 = shares.map(|p| -p * p.ln()).sum();
    match weights.len() {
        1 => 1.0,
        number => 1.0 - entropy / (number as f64).ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::linear_readout;
    use super::super::samples::{codes, grid, turned};
    use super::*;

    #[test]
    fn latents_that_are_the_factors_score_one() {
        let factors = grid();
        let readout = linear_readout(&codes(&factors), 2, &factors, 2).unwrap();
        let found = Importance::of(&readout);
        for score in [
            found.disentanglement,
            found.completeness,
            found.informativeness,
        ] {
            assert!((score - 1.0).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn a_turn_by_45_degrees_leaves_only_informativeness() {
        // Each row twice, so that both halves hold the whole grid and the importances are equal.
        let factors: Vec<f64> = grid()
            .chunks_exact(2)
            .flat_map(|pair| [pair, pair].concat())
            .collect();
        let readout = linear_readout(&turned(&factors), 2, &factors, 2).unwrap();
        let found = Importance::of(&readout);
        assert!(found.disentanglement.abs() < 1e-9 && found.completeness.abs() < 1e-9);
        assert!((found.informativeness - 1.0).abs() < 1e-9);
    }

    #[test]
    fn an_uneven_table_has_a_closed_form() {
        // Latents serve (3, 1), (0, 0) and (0, 4).
        let readout = Readout {
            r_squared: vec![0.5, 0.7],
            coefficients: vec![3.0, -1.0, 0.0, 0.0, 0.0, 4.0],
        };
        let found = Importance::of(&readout);
        let entropy = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
        let disentanglement = 0.5 * (1.0 - entropy(0.75) / 2f64.ln()) + 0.5;
        let completeness = 0.5 + 0.5 * (1.0 - entropy(0.2) / 3f64.ln());
        assert!((found.disentanglement - disentanglement).abs() < 1e-12);
        assert!((found.completeness - completeness).abs() < 1e-12);
        assert!((found.informativeness - 0.6).abs() < 1e-12);
        let nothing = Readout {
            r_squared: vec![0.0],
            coefficients: vec![0.0, 0.0],
        };
        let found = Importance::of(&nothing);
        assert_eq!((found.disentanglement, found.completeness), (0.0, 0.0));
    }
}
