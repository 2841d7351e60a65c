//! Pixels with Gaussian noise; the decoder gives the means.

use candle_core::{Device, Tensor};

use super::Likelihood;
use crate::math::LN_TWO_PI;
use crate::nn::Parameters;
use crate::nn::fused::affine;
use crate::{PIXELS, Result, Rng};

/// Smallest standard deviation that is learned: two grey levels and a half of 255. Without it a pixel that never
/// changes, as those at the edges, would make the likelihood infinite.
pub const LEAST_DEVIATION: f64 = 0.01;

/// p(x|z) = N(x; decoded, variance), log p(x|z) a density, which can be positive. The variance is fixed, or learned as
/// [`LEAST_DEVIATION`]^2 + exp(parameter): one for all pixels, or one for each.
#[derive(Clone, Debug)]
pub struct Gaussian(Variance);

#[derive(Clone, Debug)]
enum Variance {
    Fixed(Tensor),
    /// The logarithm, `[D]`, that whoever fits the model keeps above a floor.
    Fitted(Tensor),
    /// `[1]` or `[D]`.
    LearnedAboveFloor(Tensor),
}

impl Gaussian {
    /// Every pixel with this standard deviation.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if a tensor cannot be made.
    pub fn fixed(deviation: f64) -> Result<Self> {
        let variance = Tensor::from_vec(vec![(deviation * deviation) as f32], 1, &Device::Cpu)?;
        Ok(Self(Variance::Fixed(variance)))
    }

    /// With the logarithms of the variances, `[D]`, that a model fits by itself.
    pub(crate) fn fitted(log_var: Tensor) -> Self {
        Self(Variance::Fitted(log_var))
    }

    /// With the parameter `decoder.log_var`, `[1]` or, `by_pixel`, `[784]`; it starts at a deviation of 1.
    pub(crate) fn learned(parameters: &mut Parameters, by_pixel: bool) -> Result<Self> {
        let count = if by_pixel { PIXELS } else { 1 };
        let log_var = parameters.zeros("decoder.log_var", count)?;
        Ok(Self(Variance::LearnedAboveFloor(log_var.tensor)))
    }

    /// `[1]` or `[D]`.
    fn variance(&self) -> Result<Tensor> {
        Ok(match &self.0 {
            Variance::Fixed(variance) => variance.clone(),
            Variance::Fitted(log_var) => log_var.exp()?,
            Variance::LearnedAboveFloor(log_var) => {
                log_var.exp()?.affine(1.0, LEAST_DEVIATION.powi(2))?
            }
        })
    }

    /// One for each of `width` pixels, for all of a row.
    fn variances(&self, width: usize) -> Result<Vec<f32>> {
        let variance = self.variance()?.broadcast_as(width)?;
        Ok(variance.to_vec1()?)
    }
}

impl Likelihood for Gaussian {
    fn log_prob(&self, decoded: &Tensor, x: &Tensor) -> Result<Tensor> {
        let (rows, width) = decoded.dims2()?;
        let variance = self.variance()?.broadcast_as(width)?.contiguous()?;
        let constants = variance
            .log()?
            .affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?
            .sum_keepdim(0)?;
        let weights = variance.recip()?.affine(-0.5, 0.0)?.unsqueeze(0)?;
        let squares = (decoded - x)?.sqr()?;
        Ok(affine::computed(&squares, &weights, &constants)?.reshape(rows)?)
    }

    fn log_prob_of_one(&self, decoded: &[f32], x: &[f32]) -> Result<Vec<f64>> {
        let variances = self.variances(x.len())?;
        // Sums in f64: the squares of a small variance are large and so is what they are compared with.
        let constant = |v: &f32| f64::from(*v).ln() + f64::from(LN_TWO_PI);
        let constants: f64 = variances.iter().map(constant).sum();
        let of_row = |row: &[f32]| {
            let pixels = row.iter().zip(x).zip(&variances);
            let square =
                |((mean, x), v): ((&f32, &f32), &f32)| f64::from(x - mean).powi(2) / f64::from(*v);
            -0.5 * (pixels.map(square).sum::<f64>() + constants)
        };
        Ok(decoded.chunks_exact(x.len()).map(of_row).collect())
    }

    /// mean / variance.
    fn to_natural(&self, decoded: &mut [f32]) -> Result<()> {
        let variances = self.variances(PIXELS)?;
        for row in decoded.chunks_exact_mut(PIXELS) {
            row.iter_mut()
                .zip(&variances)
                .for_each(|(mean, v)| *mean /= v);
        }
        Ok(())
    }

    /// -1 / (2 variance).
    fn of_squares(&self) -> Result<Option<Vec<f32>>> {
        let variances = self.variances(PIXELS)?.into_iter();
        Ok(Some(variances.map(|v| -0.5 / v).collect()))
    }

    fn to_mean(&self, _decoded: &mut Vec<f32>) {}

    fn mean(&self, decoded: &Tensor) -> Result<Tensor> {
        Ok(decoded.clone())
    }

    fn sample(&self, decoded: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let variances = self.variances(PIXELS)?;
        let pixels = decoded.iter().zip(variances.iter().cycle());
        Ok(pixels
            .map(|(mean, v)| mean + v.sqrt() * rng.normal())
            .collect())
    }

    fn of_mean(&self, mean: f32) -> f32 {
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::likelihoods::properties;

    /// Fixed, one learned, one learned for each pixel, with the parameters and every pixel's variance in f64.
    fn all() -> Vec<(Gaussian, Parameters, Vec<f64>)> {
        let fixed = Gaussian::fixed(0.4).unwrap();
        let mut cases = vec![(fixed, Parameters::default(), vec![0.4f64.powi(2); PIXELS])];
        for by_pixel in [false, true] {
            let mut parameters = Parameters::default();
            let learned = Gaussian::learned(&mut parameters, by_pixel).unwrap();
            let var = parameters.get("decoder.log_var").unwrap();
            let log_vars = Rng::from_seed(2).normals(var.elem_count());
            var.set(&Tensor::from_slice(&log_vars, log_vars.len(), &Device::Cpu).unwrap())
                .unwrap();
            let variances = log_vars.iter().cycle().take(PIXELS);
            let variances = variances.map(|v| f64::from(*v).exp() + 1e-4).collect();
            cases.push((learned, parameters, variances));
        }
        cases
    }

    #[test]
    fn the_density_is_that_of_the_definition_in_f64() {
        for (gaussian, _, variances) in all() {
            properties::is_the_sum_of(&gaussian, 0.5, |pixel, mean, x| {
                let v = variances[pixel];
                -0.5 * ((x - mean).powi(2) / v + (2.0 * std::f64::consts::PI * v).ln())
            });
        }
    }

    #[test]
    fn it_is_a_density_with_its_mean_and_draws() {
        for (gaussian, _, _) in &all()[..2] {
            properties::is_a_density(gaussian, 0.3, (-8.0, 8.6));
        }
    }

    /// 20,000 images of the learned variances, within five standard errors.
    #[test]
    fn draws_have_the_variance_of_their_pixel() {
        let (gaussian, _, variances) = all().pop().unwrap();
        let count = 20_000;
        let draws = gaussian.sample(&vec![0.0; count * PIXELS], &mut Rng::from_seed(4));
        let draws = draws.unwrap();
        for pixel in [0, 1, 400, 783] {
            let squares = draws.chunks(PIXELS).map(|x| f64::from(x[pixel]).powi(2));
            let ratio = squares.sum::<f64>() / count as f64 / variances[pixel];
            assert!((ratio - 1.0).abs() < 5.0 * (2.0 / count as f64).sqrt());
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        for (gaussian, parameters, _) in all() {
            properties::gradients_match(&gaussian, &parameters);
        }
    }

    #[test]
    fn the_deviation_has_a_floor() {
        let mut parameters = Parameters::default();
        let learned = Gaussian::learned(&mut parameters, false).unwrap();
        parameters.set_values(&[vec![-500.0]]).unwrap();
        let variance = f64::from(learned.variances(1).unwrap()[0]);
        assert!((variance.sqrt() - LEAST_DEVIATION).abs() < 1e-6);
    }
}
