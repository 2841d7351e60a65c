//! The linear Gaussian factor model: z ~ N(0, 1), x = W z + mean + noise, noise_j ~ N(0, variance_j).
//!
//! Probabilistic principal components (Tipping & Bishop 1999) and factor analysis (Rubin & Thayer 1982)
//! are this model and differ only in how they fit it. Everything about it is Gaussian and exact:
//! with G = W^T diag(variance)^-1 W, p(z|x) = N((1 + G)^-1 W^T diag(variance)^-1 (x - mean), (1 + G)^-1).

use crate::linear_algebra::{Eigen, product_transposed, symmetric_eigen};
use crate::math::check_rows;
use crate::models::inference::BLOCK;
use crate::nn::fused::gemm::{Matrix, product};
use crate::{Error, Result, Rng};

/// Least variance of a pixel's noise that the fits allow: a standard deviation of 0.03, 8 of 255 grey
/// levels. A pixel that is the same in all images would have none, and an infinite density.
pub const LEAST_VARIANCE: f64 = 1e-3;

/// A linear Gaussian factor model of D numbers with K latents; see the module's documentation.
#[derive(Clone, Debug)]
pub struct FactorModel {
    latents: usize,
    weight: Vec<f64>,
    mean: Vec<f64>,
    variance: Vec<f64>,
    posterior_covariance: Vec<f64>,
    /// -1/2 [D ln 2 pi + ln det(W W^T + diag(variance))].
    log_normaliser: f64,
    /// `[D, K]` and, from x - mean to the mean of p(z|x), `[K, D]`.
    decoder: Vec<f32>,
    encoder: Vec<f32>,
}

/// Some rows as the model sees them.
#[derive(Clone, Debug)]
pub(super) struct Inferred {
    /// x - mean, `[n, D]`.
    pub(super) centred: Vec<f32>,
    /// Means of p(z|x), `[n, K]`.
    pub(super) means: Vec<f32>,
    /// log p(x), `[n]`.
    pub(super) log_likelihoods: Vec<f64>,
}

impl FactorModel {
    /// The model with these parameters.
    ///
    /// # Shapes
    ///
    /// weight `[D, K]`, mean `[D]`, variance `[D]`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when sizes do not fit; [`Error::InvalidArgument`] for a variance that is not above
    /// 0; [`Error::NonFinite`] for numbers that are not finite, or that leave no finite precision.
    pub fn new(weight: Vec<f64>, mean: Vec<f64>, variance: Vec<f64>) -> Result<Self> {
        let width = mean.len();
        let latents = weight.len() / width.max(1);
        if latents == 0 || weight.len() != width * latents || variance.len() != width {
            return Err(Error::shape(format!(
                "a factor model needs a weight [D, K], a mean [D] and variances [D]; got {}, {width} and {} \
                 numbers",
                weight.len(),
                variance.len()
            )));
        }
        if !mean.iter().all(|v| v.is_finite()) {
            return Err(Error::NonFinite("the mean must be finite".to_owned()));
        }
        if !variance.iter().all(|v| *v > 0.0 && v.is_finite()) {
            return Err(Error::argument("variances must be finite and above 0"));
        }
        let Eigen { values, vectors } = symmetric_eigen(&gram(&weight, &variance), latents)?;
        let log_variances: f64 = variance.iter().map(|v| v.ln()).sum();
        let log_determinant: f64 = values.iter().map(|v| v.max(0.0).ln_1p()).sum();
        let constant = width as f64 * std::f64::consts::TAU.ln();
        let posterior_covariance = posterior_covariance(&values, &vectors);
        // Row j of [D, K]: the weights of x_j - mean_j.
        let towards_latents = product_transposed(&weight, &posterior_covariance, latents);
        let encoder = (0..latents)
            .flat_map(|k| {
                let weights = towards_latents.iter().skip(k).step_by(latents);
                weights.zip(&variance).map(|(w, v)| (w / v) as f32)
            })
            .collect();
        Ok(Self {
            latents,
            decoder: weight.iter().map(|w| *w as f32).collect(),
            encoder,
            posterior_covariance,
            log_normaliser: -0.5 * (constant + log_variances + log_determinant),
            weight,
            mean,
            variance,
        })
    }

    /// Where a fit of rows in [0, 1] starts: in every pixel the same noise, the mean of m (1 - m), which is the
    /// most that a mean of m allows, and weights drawn to account for as much again.
    ///
    /// The mean is that of the data, and stays: no other is more likely, whatever the weights.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] unless 1 <= latents < width; as [`FactorModel::new`].
    pub fn start(mean: &[f32], latents: usize, rng: &mut Rng) -> Result<Self> {
        check_latents(mean.len(), latents)?;
        let mean: Vec<f64> = mean.iter().map(|m| f64::from(*m)).collect();
        let most: f64 = mean.iter().map(|m| m * (1.0 - m)).sum();
        let noise = (most / mean.len() as f64).max(LEAST_VARIANCE);
        let scale = (noise / latents as f64).sqrt();
        let draws = rng.normals(mean.len() * latents);
        let weight = draws.into_iter().map(|draw| scale * f64::from(draw));
        let variance = vec![noise; mean.len()];
        Self::new(weight.collect(), mean, variance)
    }

    /// The same p(x) with latents turned so that they are independent given x as well, the one that x
    /// tells most about first. Signs are fixed, so that equal fits look equal.
    ///
    /// # Errors
    ///
    /// As [`FactorModel::new`].
    pub fn turned_to_independent_latents(self) -> Result<Self> {
        let turn = symmetric_eigen(&gram(&self.weight, &self.variance), self.latents)?.vectors;
        let weight = product_transposed(&self.weight, &turn, self.latents);
        Self::new(weight, self.mean, self.variance)
    }

    /// D, the number of numbers in a row.
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// K, the number of latents.
    pub fn latents(&self) -> usize {
        self.latents
    }

    /// W, `[D, K]`.
    pub fn weight(&self) -> &[f64] {
        &self.weight
    }

    /// The mean of x, `[D]`.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The variances of the noise, `[D]`.
    pub fn variance(&self) -> &[f64] {
        &self.variance
    }

    /// The covariance of p(z|x), the same for every x, `[K, K]`.
    pub fn posterior_covariance(&self) -> &[f64] {
        &self.posterior_covariance
    }

    /// The mean of p(z|x) of each row.
    ///
    /// # Shapes
    ///
    /// rows `[n, D]` -> `[n, K]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn posterior_means(&self, rows: &[f32]) -> Result<Vec<f32>> {
        self.in_blocks(rows, |inferred, all: &mut Vec<f32>| {
            all.extend(inferred.means)
        })
    }

    /// log p(x) = log N(x; mean, W W^T + diag(variance)) of each row, in nats.
    ///
    /// # Shapes
    ///
    /// rows `[n, D]` -> `[n]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn log_likelihoods(&self, rows: &[f32]) -> Result<Vec<f64>> {
        self.in_blocks(rows, |inferred, all: &mut Vec<f64>| {
            all.extend(inferred.log_likelihoods);
        })
    }

    fn in_blocks<T: Default>(&self, rows: &[f32], take: impl Fn(Inferred, &mut T)) -> Result<T> {
        check_rows("rows", rows, self.width())?;
        let mut all = T::default();
        for block in rows.chunks(BLOCK * self.width()) {
            take(self.infer(block)?, &mut all);
        }
        Ok(all)
    }

    /// p(z|x) and p(x) of one block of rows.
    pub(super) fn infer(&self, rows: &[f32]) -> Result<Inferred> {
        let (width, latents) = (self.width(), self.latents);
        let count = check_rows("rows", rows, width)?;
        let mut centred = Vec::with_capacity(rows.len());
        for row in rows.chunks_exact(width) {
            let terms = row.iter().zip(&self.mean);
            centred.extend(terms.map(|(x, mean)| (f64::from(*x) - mean) as f32));
        }
        let encoder = Matrix::new(&self.encoder, latents, width);
        let decoder = Matrix::new(&self.decoder, width, latents);
        let means = product(Matrix::new(&centred, count, width), encoder.t())?;
        let fitted = product(Matrix::new(&means, count, latents), decoder.t())?;
        // The matrix inversion lemma as a minimum over z: (x - mean)^T (W W^T + diag(variance))^-1 (x - mean)
        // = min_z [|z|^2 + sum_j (x - mean - W z)_j^2 / variance_j], reached at the mean of p(z|x). A sum of
        // squares: nothing cancels, and an error of that mean counts only squared.
        let precision: Vec<f64> = self.variance.iter().map(|v| 1.0 / v).collect();
        let lines = centred.chunks_exact(width).zip(fitted.chunks_exact(width));
        let log_likelihoods = lines
            .zip(means.chunks_exact(latents))
            .map(|((centred, fitted), mean)| {
                let pairs = centred.iter().zip(fitted);
                let residuals: Vec<f64> =
                    pairs.map(|(c, f)| f64::from(*c) - f64::from(*f)).collect();
                let noise: f64 = residuals
                    .iter()
                    .zip(&precision)
                    .map(|(r, p)| r * r * p)
                    .sum();
                let prior: f64 = mean.iter().map(|m| f64::from(*m).powi(2)).sum();
                self.log_normaliser - 0.5 * (noise + prior)
            })
            .collect();
        Ok(Inferred {
            centred,
            means,
            log_likelihoods,
        })
    }
}

/// Fewer latents than numbers, or nothing is left for noise.
pub(super) fn check_latents(width: usize, latents: usize) -> Result<()> {
    if (1..width).contains(&latents) {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "rows of {width} numbers have 1 to {} latents and noise besides; got {latents}",
            width.saturating_sub(1)
        )))
    }
}

/// G = W^T diag(variance)^-1 W.
fn gram(weight: &[f64], variance: &[f64]) -> Vec<f64> {
    let latents = weight.len() / variance.len();
    let mut gram = vec![0.0; latents * latents];
    for (row, variance) in weight.chunks_exact(latents).zip(variance) {
        for (line, a) in gram.chunks_exact_mut(latents).zip(row) {
            let scaled = a / variance;
            let entries = line.iter_mut().zip(row);
            entries.for_each(|(entry, b)| *entry += scaled * b);
        }
    }
    gram
}

/// (1 + G)^-1 from the eigenvalues and eigenvectors of G.
fn posterior_covariance(values: &[f64], vectors: &[f64]) -> Vec<f64> {
    let latents = values.len();
    let mut covariance = vec![0.0; latents * latents];
    for (value, vector) in values.iter().zip(vectors.chunks_exact(latents)) {
        let variance = 1.0 / (1.0 + value.max(0.0));
        for (line, a) in covariance.chunks_exact_mut(latents).zip(vector) {
            let entries = line.iter_mut().zip(vector);
            entries.for_each(|(entry, b)| *entry += variance * a * b);
        }
    }
    covariance
}
