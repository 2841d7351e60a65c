//! Pixels with Gaussian noise whose size the decoder gives as well (Kingma & Welling 2014, appendix C.2).

use candle_core::{D, Tensor};

use super::Likelihood;
use super::gaussian::LEAST_DEVIATION;
use crate::math::LN_TWO_PI;
use crate::{PIXELS, Result, Rng};

/// p(x|z) = N(x; mean(z), sigma(z)^2), sigma(z)^2 = [`LEAST_DEVIATION`]^2 + exp(s(z)): what is decoded are the means of all pixels,
/// then s of all pixels. log p(x|z) is a density, which can be positive.
#[derive(Clone, Copy, Debug)]
pub struct DecodedGaussian;

/// The means and the variances in a row of what was decoded.
fn of_row(row: &[f32]) -> (&[f32], impl Iterator<Item = f32>) {
    let (means, sizes) = row.split_at(row.len() / 2);
    (means, sizes.iter().copied().map(variance))
}

fn variance(s: f32) -> f32 {
    s.exp() + LEAST_DEVIATION.powi(2) as f32
}

/// The means and s, `[B, D]` each, of what was decoded, `[B, 2 D]`.
fn halves(decoded: &Tensor) -> Result<(Tensor, Tensor)> {
    let width = decoded.dim(D::Minus1)? / 2;
    Ok((
        decoded.narrow(1, 0, width)?,
        decoded.narrow(1, width, width)?,
    ))
}

impl Likelihood for DecodedGaussian {
    fn numbers(&self) -> usize {
        2
    }

    fn log_prob(&self, decoded: &Tensor, x: &Tensor) -> Result<Tensor> {
        let (means, s) = halves(decoded)?;
        let variances = s.exp()?.affine(1.0, LEAST_DEVIATION.powi(2))?;
        let squares = ((means - x)?.sqr()? / &variances)?;
        let terms = (squares + variances.log()?)?;
        Ok(terms.affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?.sum(1)?)
    }

    fn log_prob_of_one(&self, decoded: &[f32], x: &[f32]) -> Result<Vec<f64>> {
        // Sums in f64: the squares of a small variance are large and so is what they are compared with.
        let of_one = |row: &[f32]| {
            let (means, variances) = of_row(row);
            let pixels = means.iter().zip(variances).zip(x);
            let term = |((mean, v), x): ((&f32, f32), &f32)| {
                let v = f64::from(v);
                f64::from(x - mean).powi(2) / v + v.ln() + f64::from(LN_TWO_PI)
            };
            -0.5 * pixels.map(term).sum::<f64>()
        };
        Ok(decoded.chunks_exact(2 * x.len()).map(of_one).collect())
    }

    /// x and x^2.
    fn features(&self, x: &[f32]) -> Vec<f32> {
        let squares = x.iter().map(|x| x * x);
        x.iter().copied().chain(squares).collect()
    }

    /// mean / variance of all pixels, then -1 / (2 variance).
    fn to_natural(&self, decoded: &mut [f32]) -> Result<()> {
        for row in decoded.chunks_exact_mut(2 * PIXELS) {
            let (means, sizes) = row.split_at_mut(PIXELS);
            for (mean, s) in means.iter_mut().zip(sizes) {
                let v = variance(*s);
                *mean /= v;
                *s = -0.5 / v;
            }
        }
        Ok(())
    }

    fn to_mean(&self, decoded: &mut Vec<f32>) {
        let rows = decoded.chunks_exact(2 * PIXELS);
        *decoded = rows.flat_map(|row| of_row(row).0).copied().collect();
    }

    fn mean(&self, decoded: &Tensor) -> Result<Tensor> {
        Ok(halves(decoded)?.0.contiguous()?)
    }

    fn sample(&self, decoded: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let rows = decoded.chunks_exact(2 * PIXELS);
        let draws = rows.flat_map(|row| {
            let (means, variances) = of_row(row);
            means.iter().zip(variances)
        });
        Ok(draws
            .map(|(mean, v)| mean + v.sqrt() * rng.normal())
            .collect())
    }

    fn of_mean(&self, mean: f32) -> f32 {
        mean
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::nn::gradient_check;
    use crate::nn::tensors::matrix;

    /// Three rows of means and s, and images.
    fn rows() -> (Vec<f32>, Vec<f32>) {
        let mut rng = Rng::from_seed(5);
        let decoded = rng.normals(3 * 2 * PIXELS);
        (decoded, (0..3 * PIXELS).map(|_| rng.uniform()).collect())
    }

    /// log p(x|z) in f64; the same for one image by itself; and features . natural(z) + log p(0|z).
    #[test]
    fn the_density_is_that_of_the_definition_in_f64() {
        let (decoded, x) = rows();
        let likelihood = DecodedGaussian;
        let both = (
            matrix(&decoded, 2 * PIXELS).unwrap(),
            matrix(&x, PIXELS).unwrap(),
        );
        let found = likelihood.log_prob(&both.0, &both.1).unwrap();
        let of_nothing = likelihood
            .log_prob_of_one(&decoded, &[0.0; PIXELS])
            .unwrap();
        let mut natural = decoded.clone();
        likelihood.to_natural(&mut natural).unwrap();
        for (row, found) in found.to_vec1::<f32>().unwrap().into_iter().enumerate() {
            let of_row = row * 2 * PIXELS..(row + 1) * 2 * PIXELS;
            let (means, s) = decoded[of_row.clone()].split_at(PIXELS);
            let x = &x[row * PIXELS..(row + 1) * PIXELS];
            let wanted: f64 = (0..PIXELS)
                .map(|pixel| {
                    let v = f64::from(s[pixel]).exp() + 1e-4;
                    let square = f64::from(x[pixel] - means[pixel]).powi(2);
                    -0.5 * (square / v + (2.0 * std::f64::consts::PI * v).ln())
                })
                .sum();
            let close = |value: f64| (value - wanted).abs() < 2e-6 * wanted.abs().max(500.0);
            assert!(close(f64::from(found)), "{found} {wanted}");
            let alone = likelihood
                .log_prob_of_one(&decoded[of_row.clone()], x)
                .unwrap()[0];
            assert!(close(alone), "{alone} {wanted}");
            let features = likelihood.features(x);
            let pairs = features.iter().zip(&natural[of_row]);
            let product: f64 = pairs.map(|(f, n)| f64::from(*f) * f64::from(*n)).sum();
            assert!(close(of_nothing[row] + product));
        }
    }

    /// 20,000 images, within five standard errors: each pixel has its own mean and variance.
    #[test]
    fn draws_have_the_mean_and_variance_of_their_pixel() {
        let count = 20_000;
        let mut row = vec![0.25; PIXELS];
        row.extend((0..PIXELS).map(|pixel| -3.0 + pixel as f32 / 300.0));
        let likelihood = DecodedGaussian;
        let draws = likelihood
            .sample(&row.repeat(count), &mut Rng::from_seed(4))
            .unwrap();
        let mut mean = row.clone();
        likelihood.to_mean(&mut mean);
        assert_eq!(mean, vec![0.25; PIXELS]);
        for pixel in [0, 400, 783] {
            let variance = f64::from(row[PIXELS + pixel]).exp() + 1e-4;
            let away = draws.chunks(PIXELS).map(|x| f64::from(x[pixel]) - 0.25);
            let (sum, squares) = away.fold((0.0, 0.0), |(a, b), v| (a + v, b + v * v));
            let n = count as f64;
            assert!((sum / n).abs() < 5.0 * (variance / n).sqrt());
            assert!((squares / n / variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (decoded, x) = rows();
        let decoded = Tensor::from_vec(decoded, (3, 2 * PIXELS), &Device::Cpu).unwrap();
        let decoded = Var::from_tensor(&decoded).unwrap();
        let x = matrix(&x, PIXELS).unwrap();
        gradient_check::along_gradients([("decoded", &decoded)], 5e-3, || {
            let log_prob = DecodedGaussian.log_prob(&decoded, &x).unwrap();
            log_prob.mean_all().unwrap()
        });
    }
}
