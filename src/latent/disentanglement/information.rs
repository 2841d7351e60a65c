//! Mutual information of latents and factors, and its gap (MIG, Chen et al. 2018).

use super::{check, constant};
use crate::Result;

/// Bins of a histogram, of equal width from the least to the largest value.
pub const BINS: usize = 20;

/// What each latent tells of each factor, in nats, by histograms.
#[derive(Clone, Debug, PartialEq)]
pub struct MutualInformation {
    /// I(z_k; v_j), `[K, F]`.
    pub matrix: Vec<f64>,
    /// H(v_j), `[F]`.
    pub entropies: Vec<f64>,
}

impl MutualInformation {
    /// MIG: the mean over factors of (I_1 - I_2) / H(v), with I_1 and I_2 the largest and second largest
    /// information that a latent has of the factor; from 0 to 1. A single latent has I_2 = 0.
    pub fn gap(&self) -> f64 {
        let factors = self.entropies.len();
        let gaps = self.entropies.iter().enumerate().map(|(factor, entropy)| {
            let (mut first, mut second) = (0f64, 0f64);
            for information in self.matrix.iter().skip(factor).step_by(factors) {
                second = second.max(information.min(first));
                first = first.max(*information);
            }
            (first - second) / entropy
        });
        gaps.sum::<f64>() / factors as f64
    }
}

/// Mutual information of each latent and each factor, in nats, both in histograms of [`BINS`] bins.
///
/// A factor of up to 20 whole numbers without gaps, such as a class, has a bin for each. The estimate
/// for independent variables is not 0 but about (bins - 1)^2 / (2 n) nats: use thousands of rows.
///
/// # Shapes
///
/// codes `[n, latents]`, factors `[n, factor_count]`.
///
/// # Errors
///
/// As [`crate::math::check_rows`], for factors too; [`crate::Error::InvalidArgument`] for a factor that
/// never changes.
pub fn mutual_information(
    codes: &[f32],
    latents: usize,
    factors: &[f64],
    factor_count: usize,
) -> Result<MutualInformation> {
    check(codes, latents, factors, factor_count)?;
    let factors: Vec<Vec<usize>> = (0..factor_count)
        .map(|factor| bins(factors.iter().skip(factor).step_by(factor_count).copied()))
        .collect();
    let entropies: Vec<f64> = factors.iter().map(|bins| entropy(bins)).collect();
    if let Some(factor) = entropies.iter().position(|entropy| *entropy == 0.0) {
        return Err(constant(factor));
    }
    let mut matrix = Vec::with_capacity(latents * factor_count);
    for latent in 0..latents {
        let latent = bins(
            codes
                .iter()
                .skip(latent)
                .step_by(latents)
                .map(|v| f64::from(*v)),
        );
        let alone = entropy(&latent);
        for (factor, entropy_of_factor) in factors.iter().zip(&entropies) {
            let joint: Vec<usize> = latent
                .iter()
                .zip(factor)
                .map(|(z, v)| z * BINS + v)
                .collect();
            matrix.push((alone + entropy_of_factor - entropy(&joint)).max(0.0));
        }
    }
    Ok(MutualInformation { matrix, entropies })
}

/// The bin of each value.
fn bins(values: impl Iterator<Item = f64> + Clone) -> Vec<usize> {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
    // Halves, so that the difference of the largest numbers does not overflow.
    let width = high / 2.0 - low / 2.0;
    let place = |value: f64| {
        if width > 0.0 {
            ((value / 2.0 - low / 2.0) / width * BINS as f64) as usize
        } else {
            0
        }
    };
    values.map(|value| place(value).min(BINS - 1)).collect()
}

/// Entropy in nats of the frequencies of numbers below [`BINS`]^2.
fn entropy(numbers: &[usize]) -> f64 {
    let mut counts = [0usize; BINS * BINS];
    numbers.iter().for_each(|number| counts[*number] += 1);
    let total = numbers.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0);
    shares
        .map(|count| *count as f64 / total)
        .map(|share| -share * share.ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{codes, grid, turned};
    use super::*;
    use crate::Rng;

    #[test]
    fn latents_that_are_the_factors_have_the_whole_gap() {
        let factors = grid();
        let found = mutual_information(&codes(&factors), 2, &factors, 2).unwrap();
        let all = 20f64.ln();
        let wanted = [all, 0.0, 0.0, all];
        assert!(
            found
                .matrix
                .iter()
                .zip(wanted)
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        assert!((found.gap() - 1.0).abs() < 1e-12);
        // A second copy of a latent closes the gap of its factor.
        let copied: Vec<f32> = factors
            .chunks_exact(2)
            .flat_map(|pair| [pair[0], pair[1], pair[1]].map(|v| v as f32))
            .collect();
        let found = mutual_information(&copied, 3, &factors, 2).unwrap();
        assert!((found.gap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_turn_by_45_degrees_closes_the_gap() {
        let factors = grid();
        let found = mutual_information(&turned(&factors), 2, &factors, 2).unwrap();
        // The sum and the difference say the same of either factor, up to where the bins fall.
        assert!(found.matrix.iter().all(|information| *information > 0.3));
        assert!(found.gap() < 0.01, "{}", found.gap());
    }

    #[test]
    fn two_by_two_tables_have_a_closed_form() {
        // Of 8 rows 3, 1, 1, 3 in the four cells: sum p log(p / (1/4)).
        let factors = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let latents = [-2.0, -2.0, -2.0, 5.0, -2.0, 5.0, 5.0, 5.0];
        let exact = 0.75 * 1.5f64.ln() + 0.25 * 0.5f64.ln();
        let found = mutual_information(&latents, 1, &factors, 1).unwrap();
        assert!((found.matrix[0] - exact).abs() < 1e-12);
        assert!((found.gap() - exact / 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn noise_tells_no_more_than_its_bias() {
        let (rows, mut rng) = (20_000, Rng::from_seed(2));
        let noise = rng.normals(3 * rows);
        let factors: Vec<f64> = (0..rows).map(|_| f64::from(rng.uniform())).collect();
        let found = mutual_information(&noise, 3, &factors, 1).unwrap();
        // 2 n I is chi-square with at most 361 degrees of freedom: under 361 + 6 sqrt(722) but for one
        // in a million.
        let most = (361.0 + 6.0 * 722f64.sqrt()) / (2.0 * rows as f64);
        assert!(found.matrix.iter().all(|information| *information < most));
        assert!(found.gap() < most / found.entropies[0]);
    }

    #[test]
    fn malformed_input_is_refused() {
        let refused = |codes: &[f32], latents, factors: &[f64], count| {
            mutual_information(codes, latents, factors, count).is_err()
        };
        assert!(refused(&[], 1, &[], 1));
        assert!(refused(&[0.0, 1.0], 1, &[0.0], 1));
        assert!(refused(&[0.0, 1.0], 1, &[], 0));
        assert!(refused(&[0.0, 1.0], 1, &[0.0, f64::NAN], 1));
        assert!(refused(&[0.0, 1.0], 1, &[2.0, 2.0], 1));
        // A latent that never changes tells nothing, and is no fault.
        let found = mutual_information(&[1.0, 1.0], 1, &[0.0, 1.0], 1).unwrap();
        assert_eq!(found.matrix, [0.0]);
    }
}
