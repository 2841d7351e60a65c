//! The mixture on plain numbers.

use crate::math::{check_rows, exp_nonpositive, log1p_unit, logsumexp};
use crate::models::inference::BLOCK;
use crate::nn::fused::gemm::{Matrix, product};
use crate::nn::fused::parallel::vectorised;
use crate::{Error, Result};

/// Nats below the likeliest component from where on a responsibility counts as 0: what is left out is
/// below the rounding of the sum, and no product meets numbers too small to be normal.
const NEGLIGIBLE: f32 = -60.0;

/// p(x) = sum_c pi_c prod_j mu_cj^x_j (1 - mu_cj)^(1 - x_j), a mixture of C products of D Bernoullis.
#[derive(Clone, Debug)]
pub struct BernoulliMixture {
    components: usize,
    /// log(mu / (1 - mu)), `[D, C]`.
    logits: Vec<f32>,
    /// log pi, `[C]`.
    log_weights: Vec<f64>,
    /// log pi_c + sum_j log(1 - mu_cj), which is log p(x = 0, c), `[C]`.
    pub(super) log_blank: Vec<f64>,
}

/// What is known before any row is seen, as rows that count as seen: each component is shown a grey image
/// `pseudo_rows` times. It keeps means off 0 and 1, where one pixel would make an image impossible, and
/// weights off 0.
#[derive(Clone, Debug)]
pub struct Smoothing {
    pub(super) image: Vec<f64>,
    pub(super) pseudo_rows: f64,
}

impl Smoothing {
    /// `pseudo_rows` of the mean of the data, each of its pixels kept within [0.001, 0.999].
    ///
    /// # Errors
    ///
    /// As [`check_rows`]; [`Error::InvalidArgument`] for a count that is not above 0.
    pub fn new(mean: &[f32], pseudo_rows: f64) -> Result<Self> {
        check_rows("the mean", mean, mean.len())?;
        if !(pseudo_rows > 0.0 && pseudo_rows.is_finite()) {
            return Err(Error::argument(format!(
                "the smoothing must count as more than 0 rows; got {pseudo_rows}"
            )));
        }
        let image = mean.iter().map(|m| f64::from(*m).clamp(0.001, 0.999));
        Ok(Self {
            image: image.collect(),
            pseudo_rows,
        })
    }
}

impl BernoulliMixture {
    /// The mixture with these parameters.
    ///
    /// # Shapes
    ///
    /// logits `[D, C]`; log_weights `[C]`, to which a constant is added that makes their exponentials sum to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when sizes do not fit; [`Error::NonFinite`] for a number that is not finite.
    pub fn new(logits: Vec<f32>, mut log_weights: Vec<f64>) -> Result<Self> {
        let components = log_weights.len();
        check_rows("the logits of a mixture", &logits, components)?;
        let total = logsumexp(&log_weights);
        log_weights.iter_mut().for_each(|weight| *weight -= total);
        if !log_weights.iter().all(|weight| weight.is_finite()) {
            return Err(Error::NonFinite(
                "the log-weights of a mixture must be finite".to_owned(),
            ));
        }
        let mut log_blank = log_weights.clone();
        vectorised(|| {
            for row in logits.chunks_exact(components) {
                let terms = log_blank.iter_mut().zip(row);
                terms.for_each(|(sum, logit)| *sum -= softplus(*logit));
            }
        });
        Ok(Self {
            components,
            logits,
            log_weights,
            log_blank,
        })
    }

    /// Where a fit starts: each component has seen one row, and the smoothing.
    ///
    /// # Shapes
    ///
    /// rows `[C, D]`, drawn from the data.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn from_rows(rows: &[f32], smoothing: &Smoothing) -> Result<Self> {
        let width = smoothing.image.len();
        let components = check_rows("rows", rows, width)?;
        let ink = (0..width).flat_map(|j| rows.iter().skip(j).step_by(width));
        let ink: Vec<f64> = ink.map(|x| f64::from(*x)).collect();
        most_likely(&ink, &vec![1.0; components], smoothing)
    }

    /// C, the number of components.
    pub fn components(&self) -> usize {
        self.components
    }

    /// D, the number of numbers in a row.
    pub fn width(&self) -> usize {
        self.logits.len() / self.components
    }

    /// The logits of the means, `[D, C]`.
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// The logs of the weights, `[C]`.
    pub fn log_weights(&self) -> &[f64] {
        &self.log_weights
    }

    /// log p(x) of each row, in nats; for grey x, with its cross-entropy in place of log p(x|c).
    ///
    /// # Shapes
    ///
    /// rows `[n, D]` -> `[n]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`]; [`Error::InvalidArgument`] for numbers outside [0, 1].
    pub fn log_likelihoods(&self, rows: &[f32]) -> Result<Vec<f64>> {
        check_rows("rows", rows, self.width())?;
        let mut all = Vec::new();
        for block in rows.chunks(BLOCK * self.width()) {
            all.extend(self.infer(block)?.1);
        }
        Ok(all)
    }

    /// log p(x, c) of each row, in nats.
    ///
    /// # Shapes
    ///
    /// rows `[n, D]` -> `[n, C]`.
    ///
    /// # Errors
    ///
    /// As [`BernoulliMixture::log_likelihoods`].
    pub fn log_joint(&self, rows: &[f32]) -> Result<Vec<f32>> {
        let mut joint = self.scores(rows)?;
        for line in joint.chunks_exact_mut(self.components) {
            let terms = line.iter_mut().zip(&self.log_blank);
            terms.for_each(|(score, blank)| *score = (f64::from(*score) + blank) as f32);
        }
        Ok(joint)
    }

    /// p(c|x) `[n, C]` and log p(x) `[n]` of some hundred rows.
    pub(super) fn infer(&self, rows: &[f32]) -> Result<(Vec<f32>, Vec<f64>)> {
        let mut scores = self.scores(rows)?;
        let lines = scores.chunks_exact_mut(self.components);
        let log_likelihoods = lines.map(|line| self.normalise(line)).collect();
        Ok((scores, log_likelihoods))
    }

    /// x . logits_c, `[n, C]`.
    fn scores(&self, rows: &[f32]) -> Result<Vec<f32>> {
        let width = self.width();
        let count = check_rows("rows", rows, width)?;
        if let Some(wrong) = rows.iter().find(|x| !(0.0..=1.0).contains(*x)) {
            return Err(Error::argument(format!(
                "pixels must lie in [0, 1]; got {wrong}"
            )));
        }
        let logits = Matrix::new(&self.logits, width, self.components);
        Ok(product(Matrix::new(rows, count, width), logits)?)
    }

    /// Turns x . logits_c of one row into p(c|x); gives log p(x).
    fn normalise(&self, line: &mut [f32]) -> f64 {
        let joint = |(score, blank): (&f32, &f64)| f64::from(*score) + blank;
        let scores = line.iter().zip(&self.log_blank);
        let most = scores.map(joint).fold(f64::NEG_INFINITY, f64::max);
        let total: f32 = vectorised(|| {
            for (score, blank) in line.iter_mut().zip(&self.log_blank) {
                let below = (joint((score, blank)) - most) as f32;
                let likelihood = exp_nonpositive(below);
                *score = if below > NEGLIGIBLE { likelihood } else { 0.0 };
            }
            line.iter().sum()
        });
        line.iter_mut().for_each(|likelihood| *likelihood /= total);
        most + f64::from(total).ln()
    }
}

/// The means and weights of greatest posterior density: of what a component has seen, and the smoothing.
///
/// # Shapes
///
/// ink `[D, C]`, the sum of what each component saw; seen `[C]`, how many rows it saw.
pub(super) fn most_likely(
    ink: &[f64],
    seen: &[f64],
    smoothing: &Smoothing,
) -> Result<BernoulliMixture> {
    let Smoothing { image, pseudo_rows } = smoothing;
    let all: f64 = seen.iter().map(|seen| seen + pseudo_rows).sum();
    let lines = ink.chunks_exact(seen.len()).zip(image);
    let logits = lines.flat_map(|(line, grey)| {
        line.iter().zip(seen).map(move |(ink, seen)| {
            let ones = ink.max(0.0) + pseudo_rows * grey;
            let zeros = (seen - ink).max(0.0) + pseudo_rows * (1.0 - grey);
            (ones / zeros).ln() as f32
        })
    });
    let log_weights = seen.iter().map(|seen| ((seen + pseudo_rows) / all).ln());
    BernoulliMixture::new(logits.collect(), log_weights.collect())
}

/// log(1 + exp(x)), absolute error below 3e-7 for every x: hundreds of them are added up.
#[inline(always)]
fn softplus(x: f32) -> f64 {
    f64::from(x.max(0.0)) + f64::from(log1p_unit(exp_nonpositive(-x.abs())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    const WIDTH: usize = 12;

    #[test]
    fn a_softplus_keeps_its_bound_however_large() {
        for at in -4000..4000 {
            let x = at as f32 / 40.0;
            let wide = f64::from(x);
            let exact = wide.max(0.0) + (-wide.abs()).exp().ln_1p();
            assert!((softplus(x) - exact).abs() < 3e-7, "{x}");
        }
    }

    #[test]
    fn log_p_is_the_sum_over_components() {
        let mixture = BernoulliMixture::new(
            Rng::from_seed(1).normals(WIDTH * 4),
            [0.1f64, 0.2, 0.3, 0.4].map(f64::ln).to_vec(),
        )
        .unwrap();
        let mut rng = Rng::from_seed(5);
        let rows: Vec<f32> = (0..30 * WIDTH)
            .map(|_| f32::from(rng.uniform() < 0.4))
            .collect();
        let found = mixture.log_likelihoods(&rows).unwrap();
        let (responsibilities, _) = mixture.infer(&rows).unwrap();
        let joints = mixture.log_joint(&rows).unwrap();
        let lines = responsibilities.chunks(4).zip(joints.chunks(4));
        for ((row, found), (line, joints)) in rows.chunks(WIDTH).zip(found).zip(lines) {
            let joint: Vec<f64> = (0..4)
                .map(|c| {
                    let pixels = row.iter().enumerate().map(|(j, x)| {
                        let mu = 1.0 / (1.0 + (-f64::from(mixture.logits()[4 * j + c])).exp());
                        if *x > 0.5 { mu.ln() } else { (1.0 - mu).ln() }
                    });
                    mixture.log_weights()[c] + pixels.sum::<f64>()
                })
                .collect();
            let exact = logsumexp(&joint);
            assert!((found - exact).abs() < 1e-5, "{found} {exact}");
            for ((found, joint), exact_joint) in line.iter().zip(joints).zip(joint) {
                assert!((f64::from(*joint) - exact_joint).abs() < 1e-5);
                assert!((f64::from(*found) - (exact_joint - exact).exp()).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn what_makes_no_mixture_is_refused() {
        assert!(BernoulliMixture::new(vec![0.0; 4], vec![]).is_err());
        assert!(BernoulliMixture::new(vec![0.0; 4], vec![0.0, f64::NEG_INFINITY]).is_err());
        assert!(BernoulliMixture::new(vec![f32::NAN; 2], vec![0.0]).is_err());
        assert!(Smoothing::new(&[0.5], 0.0).is_err() && Smoothing::new(&[], 1.0).is_err());
        let mixture = BernoulliMixture::new(vec![0.0; 2], vec![0.0]).unwrap();
        assert_eq!(
            mixture.log_likelihoods(&[0.5, 1.5]).unwrap_err().code(),
            "invalid-argument"
        );
    }
}
