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
    let begin = || Climb::new(&model, &[2.0, -1.0], 3, ClimbStart::Encoder).unwrap();
    let mut whole = begin();
    whole.advance(&model, Climb::STEPS).unwrap();
    let mut climb = begin();
    let mut seen = Vec::new();
    while climb.steps() < Climb::STEPS {
        climb.advance(&model, 70).unwrap();
        seen.push(climb.compared(&model, 100).unwrap().standard_error);
    }
    climb.advance(&model, 70).unwrap();
    assert_eq!((seen.len(), climb.steps()), (6, Climb::STEPS));
    assert_eq!(
        climb.reached(&model).unwrap(),
        whole.reached(&model).unwrap()
    );
}

/// Of these stroke digits the model, which was trained on MNIST, finds some far from where its posterior is: there the climb
/// from its answer ends on a lower hill, ten nats and more below log p(x). The posteriors themselves are nearly Gaussian.
#[test]
fn the_best_gaussian_is_on_the_highest_hill() {
    let bytes = include_bytes!("../../../www/public/models/mnist-2d.safetensors");
    let model = checkpoint::load(bytes).unwrap().model;
    let digits = Dataset::strokes(10, 7).unwrap();
    let grid = Grid::new(model.as_ref()).unwrap();
    for (index, is_far) in [(0, false), (4, true), (8, true)] {
        let grey = digits.images(index, 1).unwrap();
        let pixels: Vec<f32> = grey.iter().map(|v| v.round()).collect();
        let exact = grid
            .posterior(model.as_ref(), &pixels)
            .unwrap()
            .log_likelihood;
        let mut near = Climb::new(model.as_ref(), &pixels, 1, ClimbStart::Encoder).unwrap();
        near.advance(model.as_ref(), STEPS).unwrap();
        let near = near.reached(model.as_ref()).unwrap();
        assert_eq!(
            exact - near.bound > 10.0,
            is_far,
            "{index}: {near:?} {exact}"
        );
        let best = best_gaussian(model.as_ref(), &pixels, 1).unwrap();
        assert!(exact - best.bound < 0.3, "{index}: {best:?} {exact}");
    }
}

#[test]
fn the_bounds_stand_in_order_below_the_exact_value() {
    let bytes = include_bytes!("../../../www/public/models/strokes-2d.safetensors");
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
