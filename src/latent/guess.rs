//! Codes guessed at, for a model that has no prior to draw them from.

use crate::linear_algebra::{Moments, cholesky};
use crate::{Result, Rng};

/// Keeps the covariance of codes that lie in a plane from having no root.
const RIDGE: f64 = 1e-9;

/// Draws from the Gaussian that has the mean and the covariance of these codes: the usual guess at how a plain
/// autoencoder's codes are distributed.
///
/// # Shapes
///
/// codes `[n, latents]` -> `[count, latents]`.
///
/// # Errors
///
/// As [`crate::math::check_rows`]; [`crate::Error::InvalidArgument`] when the codes are all the same.
pub fn gaussian_codes(
    codes: &[f32],
    latents: usize,
    count: usize,
    rng: &mut Rng,
) -> Result<Vec<f32>> {
    let moments = Moments::of(codes, latents)?;
    let mut covariance = moments.covariance((codes.len() / latents) as f64);
    let largest = covariance.iter().fold(0f64, |most, v| most.max(v.abs()));
    let diagonal = covariance.iter_mut().step_by(latents + 1);
    diagonal.for_each(|variance| *variance += RIDGE * largest);
    let root = cholesky(&covariance, latents)?;
    let mut drawn = Vec::with_capacity(count * latents);
    for _ in 0..count {
        let noise = rng.normals(latents);
        for (mean, row) in moments.mean.iter().zip(root.chunks_exact(latents)) {
            let step: f64 = row.iter().zip(&noise).map(|(l, e)| l * f64::from(*e)).sum();
            drawn.push((mean + step) as f32);
        }
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 50,000 draws; five standard errors of the moments, false alarms below 1e-5.
    #[test]
    fn draws_have_the_moments_of_the_codes() {
        let mut rng = Rng::from_seed(3);
        let codes: Vec<f32> = (0..1000)
            .flat_map(|_| {
                let [a, b] = [rng.normal(), rng.normal()];
                [2.0 + a, a - 0.5 * b]
            })
            .collect();
        let count = 50_000;
        let drawn = gaussian_codes(&codes, 2, count, &mut rng).unwrap();
        let (wanted, found) = (
            Moments::of(&codes, 2).unwrap(),
            Moments::of(&drawn, 2).unwrap(),
        );
        let (of_codes, of_drawn) = (wanted.covariance(1000.0), found.covariance(count as f64));
        let error = 5.0 / (count as f64).sqrt();
        for at in 0..2 {
            assert!((wanted.mean[at] - found.mean[at]).abs() < 2.0 * error);
        }
        for (a, b) in of_codes.iter().zip(&of_drawn) {
            assert!((a - b).abs() < 3.0 * error, "{a} {b}");
        }
        assert!(gaussian_codes(&[1.0, 1.0], 1, 3, &mut rng).is_err());
    }
}
