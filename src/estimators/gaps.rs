//! How far the evidence lower bound lies below log p(x), and why (Cremer et al. 2018).
//!
//! Let q* be the best diagonal Gaussian for one image. log p(x) - L(q*) is the approximation gap: the posterior is not a
//! diagonal Gaussian. L(q*) - L(q) is the amortisation gap: one encoder serves all images. Where the encoder's own q(z|x) is
//! more than a diagonal Gaussian (a full covariance, a flow), it may be better than q*, and the second gap is below 0.

use candle_core::Tensor;

use crate::approximate_posteriors::{ApproximatePosterior, Draw};
use crate::distributions::DiagonalGaussian;
use crate::models::{Model, continuous_prior};
use crate::nn::optimiser::{self, Moments, Optimiser};
use crate::nn::tensors::{flat_values, matrix};
use crate::nn::{Gradients, Parameters};
use crate::{Error, Result, Rng};

const STEPS: u64 = 400;
const DRAWS: usize = 32;
const LEARNING_RATE: f64 = 0.05;
/// How many draws the two bounds are compared with at the end; the same draws for both.
const COMPARED: usize = 2000;

/// The best diagonal Gaussian for one image, beside the encoder's.
#[derive(Clone, Debug, PartialEq)]
pub struct BestGaussian {
    /// Mean of q*, `[K]`.
    pub mean: Vec<f32>,
    /// Log of the variance of q*, `[K]`.
    pub log_var: Vec<f32>,
    /// L(q*), in nats.
    pub bound: f64,
    /// L(q) of the encoder's own q, of any shape, in nats, with the same noise. L(q*) minus this is the amortisation gap.
    pub encoder_bound: f64,
    /// Standard error of `bound`, in nats.
    pub standard_error: f64,
}

/// The best diagonal Gaussian for one image: a whole [`Climb`].
///
/// # Errors
///
/// As [`Climb::new`], [`Climb::advance`] and [`Climb::reached`].
pub fn best_gaussian(model: &dyn Model, pixels: &[f32], seed: u64) -> Result<BestGaussian> {
    let mut climb = Climb::new(model, pixels, seed)?;
    climb.advance(model, STEPS)?;
    climb.reached(model)
}

/// Gradient ascent on the bound of one image in mean and log_var, from the encoder's answer. The gradient leaves out its part
/// of mean 0 ("sticking the landing", Roeder et al. 2017). It can be stopped after any step, looked at, and continued.
#[derive(Debug)]
pub struct Climb {
    rng: Rng,
    x: Tensor,
    parameters: Parameters,
    q: DiagonalGaussian,
    moments: Moments,
    steps: u64,
}

impl Climb {
    /// How many steps a climb has.
    pub const STEPS: u64 = STEPS;

    /// At the encoder's answer, before the first step.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a model whose codes are discrete or have no prior; [`Error::Tensor`] when the
    /// image does not fit the model.
    pub fn new(model: &dyn Model, pixels: &[f32], seed: u64) -> Result<Self> {
        let x = matrix(pixels, pixels.len())?;
        continuous_prior(model)?;
        let start = model.encode(&x)?.moments()?;
        let mut parameters = Parameters::default();
        let q = DiagonalGaussian {
            mean: parameters
                .values_from("mean", start.mean.detach().copy()?)?
                .tensor,
            log_var: parameters
                .values_from("log_var", start.log_var.detach().copy()?)?
                .tensor,
        };
        Ok(Self {
            rng: Rng::from_seed(seed).split("best gaussian"),
            x,
            moments: Moments::zeros(&parameters),
            parameters,
            q,
            steps: 0,
        })
    }

    /// Takes `steps` more steps, but not more than are left.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] for a model other than the one it began with.
    pub fn advance(&mut self, model: &dyn Model, steps: u64) -> Result<()> {
        let latents = model.latents();
        let _guard = model.parameters().gradients(Gradients::Spared)?;
        let end = STEPS.min(self.steps.saturating_add(steps));
        for step in self.steps + 1..=end {
            let noise = self.rng.split_index("climb", step).normals(DRAWS * latents);
            let z = self
                .q
                .repeat(DRAWS)?
                .reparameterise(&matrix(&noise, latents)?)?;
            // The gradient reaches q only through z.
            let log_q = ApproximatePosterior::repeat(&self.q, DRAWS)?.held_log_prob(&z)?;
            let loss = log_ratios(model, &self.x, Draw { z, log_q })?
                .mean_all()?
                .neg()?;
            let rate = LEARNING_RATE * (1.0 - step as f64 / STEPS as f64);
            let gradients = loss.backward()?;
            let rule = Optimiser::Adam.at(rate, step);
            optimiser::update(&self.parameters, &gradients, &mut self.moments, rule)?;
            self.steps = step;
        }
        Ok(())
    }

    /// Steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The Gaussian reached so far, beside the encoder's answer; both bounds from the same 2000 draws.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] when a bound is not finite.
    pub fn reached(&self, model: &dyn Model) -> Result<BestGaussian> {
        self.compared(model, COMPARED)
    }

    /// The same from fewer draws, the first of the 2000: faster, and less exact.
    ///
    /// # Errors
    ///
    /// As [`Climb::reached`].
    pub fn compared(&self, model: &dyn Model, draws: usize) -> Result<BestGaussian> {
        let latents = model.latents();
        let draws = draws.clamp(2, COMPARED);
        let noise = self.rng.split("compare").normals(draws * latents);
        let noise = matrix(&noise, latents)?;
        let encoder = model.encode(&self.x)?;
        let _guard = model.parameters().gradients(Gradients::Spared)?;
        let bounds = |q: &dyn ApproximatePosterior| -> Result<(f64, f64)> {
            let draw = q.repeat(draws)?.draw(&noise)?;
            let ratios = flat_values(&log_ratios(model, &self.x, draw)?)?;
            let mean = ratios.iter().map(|v| f64::from(*v)).sum::<f64>() / draws as f64;
            let squares = ratios.iter().map(|v| (f64::from(*v) - mean).powi(2));
            let error = (squares.sum::<f64>() / (draws as f64 - 1.0) / draws as f64).sqrt();
            if mean.is_finite() {
                Ok((mean, error))
            } else {
                Err(Error::NonFinite(
                    "the bound is not finite: the model's weights have diverged".to_owned(),
                ))
            }
        };
        let (bound, standard_error) = bounds(&self.q)?;
        let (encoder_bound, _) = bounds(encoder.as_ref())?;
        Ok(BestGaussian {
            mean: flat_values(&self.q.mean)?,
            log_var: flat_values(&self.q.log_var)?,
            bound,
            encoder_bound,
            standard_error,
        })
    }
}

/// log p(x, z) - log q(z) of draws of z for the one image x.
fn log_ratios(model: &dyn Model, x: &Tensor, draw: Draw) -> Result<Tensor> {
    let Draw { z, log_q } = draw;
    let x = x.repeat((z.dim(0)?, 1))?;
    let log_likelihood = model.log_likelihood(&x, &model.decode(&z)?)?;
    Ok((log_likelihood + (model.log_prior(&z)? - log_q)?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::approximate_posteriors::FullGaussian;
    use crate::data::{Dataset, Showing};
    use crate::estimators::bound;
    use crate::estimators::quadrature::Grid;
    use crate::models::linear_gaussian::LinearGaussian;
    use crate::models::{self, ModelSpec};
    use crate::{PIXELS, checkpoint};

    /// The posterior is a diagonal Gaussian: no approximation gap, and the encoder's is a divergence known
    /// in closed form, sum_k (0.1 x_k)^2.
    #[test]
    fn both_gaps_are_what_a_linear_model_says() {
        let model = LinearGaussian::new(3);
        model
            .mean_slope
            .set(&(model.mean_slope.as_tensor() * 0.8).unwrap())
            .unwrap();
        let x = [2.0f32, -3.0, 1.0];
        let found = best_gaussian(&model, &x, 1).unwrap();
        let exact = LinearGaussian::log_likelihood_of(&x);
        assert!((found.bound - exact).abs() < 2e-3, "{found:?} {exact}");
        assert!(found.standard_error < 2e-3);
        let gap = 0.01 * x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        // Five standard errors of 2000 draws, whose deviation is the square root of twice the gap.
        let error = 5.0 * (2.0 * gap / COMPARED as f64).sqrt();
        assert!(
            (found.bound - found.encoder_bound - gap).abs() < error,
            "{found:?} {gap}"
        );
        for (mean, x) in found.mean.iter().zip(x) {
            assert!((mean - x / 2.0).abs() < 0.02);
        }
    }

    /// p(x|z) = N(A z, 1), A = [[1, 2], [0, 1]]: the posterior has the precision [[2, 2], [2, 6]], and the encoder
    /// answers with it.
    #[derive(Debug)]
    struct Correlated(LinearGaussian);

    impl Model for Correlated {
        fn spec(&self) -> &ModelSpec {
            self.0.spec()
        }
        fn parameters(&self) -> &Parameters {
            self.0.parameters()
        }
        fn latents(&self) -> usize {
            2
        }
        fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
            let to_mean = matrix(&[0.25, 0.25, -0.25, 0.25], 2)?;
            let conditional = DiagonalGaussian {
                mean: x.matmul(&to_mean)?,
                log_var: matrix(&[0.75f32.ln(), -(6f32.ln())], 2)?,
            };
            let lower = matrix(&[-0.25 / 0.75f32.sqrt()], 1)?;
            Ok(Box::new(FullGaussian::new(conditional, lower)))
        }
        fn decode(&self, z: &Tensor) -> Result<Tensor> {
            Ok(z.matmul(&matrix(&[1.0, 0.0, 2.0, 1.0], 2)?)?)
        }
        fn log_likelihood(&self, x: &Tensor, decoded: &Tensor) -> Result<Tensor> {
            self.0.log_likelihood(x, decoded)
        }
        fn initialise(&self, _: &Showing<'_>) -> Result<()> {
            Ok(())
        }
    }

    /// The encoder's bound is log p(x) itself, without noise; the diagonal of its moments would have a bound
    /// (1 - ln 1.5) / 2 = 0.297 nats lower, and the best diagonal has one ln(1.5) / 2 = 0.203 lower.
    #[test]
    fn a_full_covariance_is_taken_as_it_is() {
        let model = Correlated(LinearGaussian::new(2));
        let [a, b] = [1.5f64, -0.5];
        // The covariance of x is [[6, 2], [2, 2]], with the determinant 8.
        let square = (2.0 * a * a - 4.0 * a * b + 6.0 * b * b) / 8.0;
        let exact = -0.5 * (square + 8f64.ln() + 2.0 * std::f64::consts::TAU.ln());
        let found = best_gaussian(&model, &[a as f32, b as f32], 1).unwrap();
        assert!(
            (found.encoder_bound - exact).abs() < 1e-4,
            "{found:?} {exact}"
        );
        let approximation = exact - found.bound;
        let error = (approximation - 0.5 * 1.5f64.ln()).abs();
        assert!(error < 5.0 * found.standard_error, "{found:?} {exact}");
    }

    /// For every kind of q, L(q) is the evidence lower bound that [`bound::elbo`] gives: within nine standard errors of the
    /// difference, estimated from five blocks of draws (Student's t with four degrees of freedom: one false alarm in 1,000
    /// for each; the seeds are fixed).
    #[test]
    fn the_encoders_bound_is_its_own_evidence_lower_bound() {
        let pixels: Vec<f32> = (0..PIXELS).map(|pixel| (pixel % 3 / 2) as f32).collect();
        for posterior in ["diagonal", "full", "iaf", "planar"] {
            let spec = json!({"model": "vae", "latents": 3, "hidden": [6], "posterior": posterior});
            let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
            for (_, var) in model.parameters().iter() {
                var.set(&(var.as_tensor() * 3.0).unwrap()).unwrap();
            }
            let found = best_gaussian(model.as_ref(), &pixels, 1).unwrap();
            let elbo = |samples, seed| {
                bound::elbo(model.as_ref(), &pixels, samples, seed)
                    .unwrap()
                    .elbo
            };
            let blocks: Vec<f64> = (0..5).map(|seed| elbo(2000, seed)).collect();
            let mean = blocks.iter().sum::<f64>() / 5.0;
            let spread = blocks.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / 4.0;
            let error = spread.sqrt() * 1.2f64.sqrt();
            assert!(
                (found.encoder_bound - mean).abs() < 9.0 * error,
                "{posterior}: {found:?} {mean} {error}"
            );
        }
    }

    /// A climb that is looked at on its way ends where an uninterrupted one ends, bit for bit, and goes no further.
    #[test]
    fn a_climb_in_parts_is_one_climb() {
        let model = LinearGaussian::new(2);
        let whole = best_gaussian(&model, &[2.0, -1.0], 3).unwrap();
        let mut climb = Climb::new(&model, &[2.0, -1.0], 3).unwrap();
        let mut seen = Vec::new();
        while climb.steps() < Climb::STEPS {
            climb.advance(&model, 70).unwrap();
            seen.push(climb.compared(&model, 100).unwrap().standard_error);
        }
        climb.advance(&model, 70).unwrap();
        assert_eq!((seen.len(), climb.steps()), (6, Climb::STEPS));
        assert_eq!(climb.reached(&model).unwrap(), whole);
    }

    #[test]
    fn the_bounds_stand_in_order_below_the_exact_value() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let digits = Dataset::strokes(4, 3).unwrap();
        let grid = Grid::new(model.as_ref()).unwrap();
        for index in 0..4 {
            let grey = digits.images(index, 1).unwrap();
            let pixels: Vec<f32> = grey.iter().map(|v| v.round()).collect();
            assert_eq!(pixels.len(), PIXELS);
            let exact = grid
                .posterior(model.as_ref(), &pixels)
                .unwrap()
                .log_likelihood;
            let found = best_gaussian(model.as_ref(), &pixels, 1).unwrap();
            let slack = 5.0 * found.standard_error;
            assert!(found.bound < exact + slack, "{found:?} {exact}");
            assert!(found.bound > found.encoder_bound - slack, "{found:?}");
        }
    }
}
