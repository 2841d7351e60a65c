//! A mixture of products of Bernoullis, p(x) = sum_c pi_c prod_j mu_cj^x_j (1 - mu_cj)^(1 - x_j), fitted
//! by expectation maximisation (Bishop 2006, section 9.3.3). log p(x) is an exact finite sum.

use crate::math::{check_rows, exp_nonpositive};
use crate::models::inference::BLOCK;
use crate::models::moments::add_to;
use crate::nn::fused::gemm::{Matrix, Start, multiply, product};
use crate::nn::fused::parallel::vectorised;
use crate::{Error, Result, Rng};

/// Nats below the likeliest component from where on a responsibility counts as 0: what is left out is
/// below the rounding of the sum, and no product meets numbers too small to be normal.
const NEGLIGIBLE: f32 = -60.0;

/// A mixture of C products of D Bernoullis.
#[derive(Clone, Debug)]
pub struct BernoulliMixture {
    components: usize,
    /// log(mu / (1 - mu)), `[D, C]`.
    logits: Vec<f32>,
    /// log pi, `[C]`.
    log_weights: Vec<f64>,
    /// log pi_c + sum_j log(1 - mu_cj), which is log p(x = 0, c), `[C]`.
    log_blank: Vec<f64>,
}

/// What is known before any row is seen, as rows that count as seen: each component is shown a grey image
/// `pseudo_rows` times. It keeps means off 0 and 1, where one pixel would make an image impossible, and
/// weights off 0.
#[derive(Clone, Debug)]
pub struct Prior {
    image: Vec<f64>,
    pseudo_rows: f64,
}

impl Prior {
    /// `pseudo_rows` of the mean of the data, each of its pixels kept within [0.001, 0.999].
    ///
    /// # Errors
    ///
    /// As [`check_rows`]; [`Error::InvalidArgument`] for a count that is not above 0.
    pub fn new(mean: &[f32], pseudo_rows: f64) -> Result<Self> {
        check_rows("the mean", mean, mean.len())?;
        if !(pseudo_rows > 0.0 && pseudo_rows.is_finite()) {
            return Err(Error::argument(format!(
                "the prior must count as more than 0 rows; got {pseudo_rows}"
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
    /// logits `[D, C]`, log_weights `[C]`, whose exponentials sum to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when sizes do not fit; [`Error::NonFinite`] for a logit that is not finite;
    /// [`Error::InvalidArgument`] when the weights do not sum to 1.
    pub fn new(logits: Vec<f32>, log_weights: Vec<f64>) -> Result<Self> {
        let components = log_weights.len();
        check_rows("the logits of a mixture", &logits, components)?;
        let total: f64 = log_weights.iter().map(|w| w.exp()).sum();
        if (total - 1.0).abs() > 1e-3 || total.is_nan() {
            return Err(Error::argument(format!(
                "the weights of a mixture must sum to 1; got {total}"
            )));
        }
        let mut log_blank = log_weights.clone();
        for row in logits.chunks_exact(components) {
            let terms = log_blank.iter_mut().zip(row);
            terms.for_each(|(sum, logit)| *sum -= softplus(f64::from(*logit)));
        }
        Ok(Self {
            components,
            logits,
            log_weights,
            log_blank,
        })
    }

    /// Where a fit starts: each component has seen one row, and the prior.
    ///
    /// # Shapes
    ///
    /// rows `[C, D]`, drawn from the data.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn from_rows(rows: &[f32], prior: &Prior) -> Result<Self> {
        let width = prior.image.len();
        let components = check_rows("rows", rows, width)?;
        let ink = (0..width).flat_map(|j| rows.iter().skip(j).step_by(width));
        let ink: Vec<f64> = ink.map(|x| f64::from(*x)).collect();
        most_likely(&ink, &vec![1.0; components], prior)
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
        let mut all = Vec::new();
        for block in rows.chunks(BLOCK * self.width()) {
            all.extend(self.infer(block)?.1);
        }
        Ok(all)
    }

    /// p(c|x) of each row.
    ///
    /// # Shapes
    ///
    /// rows `[n, D]` -> `[n, C]`.
    ///
    /// # Errors
    ///
    /// As [`BernoulliMixture::log_likelihoods`].
    pub fn responsibilities(&self, rows: &[f32]) -> Result<Vec<f32>> {
        let mut all = Vec::new();
        for block in rows.chunks(BLOCK * self.width()) {
            all.extend(self.infer(block)?.0);
        }
        Ok(all)
    }

    /// A component drawn by its weight.
    pub fn draw_component(&self, rng: &mut Rng) -> usize {
        let mut left = f64::from(rng.uniform());
        let reached = self.log_weights.iter().position(|log_weight| {
            left -= log_weight.exp();
            left < 0.0
        });
        reached.unwrap_or(self.components - 1)
    }

    /// p(c|x) `[n, C]` and log p(x) `[n]` of some hundred rows.
    fn infer(&self, rows: &[f32]) -> Result<(Vec<f32>, Vec<f64>)> {
        let width = self.width();
        let count = check_rows("rows", rows, width)?;
        if let Some(wrong) = rows.iter().find(|x| !(0.0..=1.0).contains(*x)) {
            return Err(Error::argument(format!(
                "pixels must lie in [0, 1]; got {wrong}"
            )));
        }
        let logits = Matrix::new(&self.logits, width, self.components);
        let mut joint = product(Matrix::new(rows, count, width), logits)?;
        let lines = joint.chunks_exact_mut(self.components);
        let log_likelihoods = lines.map(|line| self.normalise(line)).collect();
        Ok((joint, log_likelihoods))
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

/// The means and weights of greatest posterior density: of what a component has seen, and the prior.
///
/// # Shapes
///
/// ink `[D, C]`, the sum of what each component saw; seen `[C]`, how many rows it saw.
fn most_likely(ink: &[f64], seen: &[f64], prior: &Prior) -> Result<BernoulliMixture> {
    let Prior { image, pseudo_rows } = prior;
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

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// One iteration: give it every row of the data once, in blocks.
#[derive(Debug)]
pub struct Iteration<'a> {
    mixture: &'a BernoulliMixture,
    prior: &'a Prior,
    log_likelihood: f64,
    /// sum p(c|x) x, `[D, C]`.
    ink: Vec<f64>,
    /// sum p(c|x), `[C]`.
    seen: Vec<f64>,
    block: Vec<f32>,
}

impl<'a> Iteration<'a> {
    /// From this mixture on.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when the prior's image has another width.
    pub fn of(mixture: &'a BernoulliMixture, prior: &'a Prior) -> Result<Self> {
        if mixture.width() != prior.image.len() {
            return Err(Error::shape(format!(
                "the mixture has rows of {} numbers, the prior one of {}",
                mixture.width(),
                prior.image.len()
            )));
        }
        Ok(Self {
            mixture,
            prior,
            log_likelihood: 0.0,
            ink: vec![0.0; mixture.logits.len()],
            seen: vec![0.0; mixture.components],
            block: vec![0.0; mixture.logits.len()],
        })
    }

    /// The expectation step of some hundred rows.
    ///
    /// # Errors
    ///
    /// As [`BernoulliMixture::log_likelihoods`].
    pub fn add(&mut self, rows: &[f32]) -> Result<()> {
        let (responsibilities, log_likelihoods) = self.mixture.infer(rows)?;
        let (count, components) = (log_likelihoods.len(), self.mixture.components);
        for line in responsibilities.chunks_exact(components) {
            add_to(&mut self.seen, line);
        }
        let rows = Matrix::new(rows, count, self.mixture.width());
        let responsibilities = Matrix::new(&responsibilities, count, components);
        multiply(&mut self.block, rows.t(), responsibilities, Start::Zero)?;
        add_to(&mut self.ink, &self.block);
        self.log_likelihood += log_likelihoods.iter().sum::<f64>();
        Ok(())
    }

    /// The maximisation step: the next mixture, log p of all rows under the last one, and the log of the
    /// last one's prior density but for a constant, both in nats. Their sum never falls from one iteration
    /// to the next.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when numbers overflow.
    pub fn finish(self) -> Result<(BernoulliMixture, f64, f64)> {
        let mixture = self.mixture;
        let mut of_prior_image = mixture.log_blank.clone();
        let lines = mixture.logits.chunks_exact(mixture.components);
        for (line, grey) in lines.zip(&self.prior.image) {
            let terms = of_prior_image.iter_mut().zip(line);
            terms.for_each(|(sum, logit)| *sum += grey * f64::from(*logit));
        }
        let log_prior = self.prior.pseudo_rows * of_prior_image.iter().sum::<f64>();
        let next = most_likely(&self.ink, &self.seen, self.prior)?;
        Ok((next, self.log_likelihood, log_prior))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::logsumexp;

    const WIDTH: usize = 12;

    /// Three noisy prototypes.
    fn rows(count: usize) -> Vec<f32> {
        let mut rng = Rng::from_seed(5);
        (0..count)
            .flat_map(|_| {
                let kind = rng.below(3);
                let ink = |j: usize| if j % 3 == kind { 0.9 } else { 0.1 };
                (0..WIDTH)
                    .map(|j| f32::from(u8::from(rng.uniform() < ink(j))))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn mean(rows: &[f32]) -> Vec<f32> {
        let count = (rows.len() / WIDTH) as f32;
        let column = |j: usize| rows.iter().skip(j).step_by(WIDTH).sum::<f32>();
        (0..WIDTH).map(|j| column(j) / count).collect()
    }

    #[test]
    fn log_p_is_the_sum_over_components() {
        let mixture = BernoulliMixture::new(
            Rng::from_seed(1).normals(WIDTH * 4),
            [0.1f64, 0.2, 0.3, 0.4].map(f64::ln).to_vec(),
        )
        .unwrap();
        let rows = rows(30);
        let found = mixture.log_likelihoods(&rows).unwrap();
        let responsibilities = mixture.responsibilities(&rows).unwrap();
        for ((row, found), line) in rows
            .chunks(WIDTH)
            .zip(found)
            .zip(responsibilities.chunks(4))
        {
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
            for (found, joint) in line.iter().zip(joint) {
                assert!((f64::from(*found) - (joint - exact).exp()).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_objective_never_falls_and_the_prototypes_are_found() {
        let rows = rows(900);
        let prior = Prior::new(&mean(&rows), 0.5).unwrap();
        let mut mixture = BernoulliMixture::from_rows(&rows[..8 * WIDTH], &prior).unwrap();
        let mut last = f64::NEG_INFINITY;
        for _ in 0..60 {
            let mut iteration = Iteration::of(&mixture, &prior).unwrap();
            rows.chunks(WIDTH * 250)
                .for_each(|block| iteration.add(block).unwrap());
            let (next, log_likelihood, log_prior) = iteration.finish().unwrap();
            let objective = log_likelihood + log_prior;
            assert!(objective > last - 1e-6 * last.abs(), "{objective} {last}");
            (mixture, last) = (next, objective);
        }
        // The likelihood of the rows under the truth, which a fit of these very rows exceeds.
        let prototypes: Vec<f32> = (0..3 * WIDTH)
            .map(|at| {
                if at / 3 % 3 == at % 3 {
                    9f32.ln()
                } else {
                    -9f32.ln()
                }
            })
            .collect();
        let truth = BernoulliMixture::new(prototypes, vec![(1f64 / 3.0).ln(); 3]).unwrap();
        let total = |mixture: &BernoulliMixture| {
            mixture.log_likelihoods(&rows).unwrap().iter().sum::<f64>()
        };
        assert!(
            total(&mixture) > total(&truth),
            "{} {}",
            total(&mixture),
            total(&truth)
        );
    }

    #[test]
    fn no_pixel_and_no_component_becomes_impossible() {
        // All rows are blank, and there are more components than rows.
        let blank = [0.0; 2 * WIDTH];
        let prior = Prior::new(&[0.0; WIDTH], 1.0).unwrap();
        let mixture = BernoulliMixture::from_rows(&[0.0; 5 * WIDTH], &prior).unwrap();
        let mut iteration = Iteration::of(&mixture, &prior).unwrap();
        iteration.add(&blank).unwrap();
        let (mixture, ..) = iteration.finish().unwrap();
        let full = mixture.log_likelihoods(&[1.0; WIDTH]).unwrap()[0];
        assert!(full.is_finite() && full < -50.0);
        assert!(
            mixture
                .log_weights()
                .iter()
                .all(|w| (w - 0.2f64.ln()).abs() < 1e-6)
        );
    }

    /// Five standard errors: false alarms below 1e-6.
    #[test]
    fn components_are_drawn_by_their_weights() {
        let weights = [0.5f64, 0.2, 0.3];
        let log_weights = weights.map(f64::ln).to_vec();
        let mixture = BernoulliMixture::new(vec![0.0; 3], log_weights).unwrap();
        let mut rng = Rng::from_seed(2);
        let mut seen = [0usize; 3];
        (0..20_000).for_each(|_| seen[mixture.draw_component(&mut rng)] += 1);
        for (seen, weight) in seen.into_iter().zip(weights) {
            let error = (weight * (1.0 - weight) / 20_000.0).sqrt();
            assert!((seen as f64 / 20_000.0 - weight).abs() < 5.0 * error);
        }
    }

    #[test]
    fn what_makes_no_mixture_is_refused() {
        assert!(BernoulliMixture::new(vec![0.0; 4], vec![]).is_err());
        assert!(BernoulliMixture::new(vec![0.0; 4], vec![0.0, 0.0]).is_err());
        assert!(BernoulliMixture::new(vec![f32::NAN; 2], vec![0.0]).is_err());
        assert!(Prior::new(&[0.5], 0.0).is_err() && Prior::new(&[], 1.0).is_err());
        let mixture = BernoulliMixture::new(vec![0.0; 2], vec![0.0]).unwrap();
        assert_eq!(
            mixture.log_likelihoods(&[0.5, 1.5]).unwrap_err().code(),
            "invalid-argument"
        );
        assert!(Iteration::of(&mixture, &Prior::new(&[0.5], 1.0).unwrap()).is_err());
    }
}
