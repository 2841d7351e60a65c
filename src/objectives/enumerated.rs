//! The evidence lower bound of codes with few values, by an exact sum over them.

use candle_core::Tensor;

use super::coupled::{self, Made};
use super::{Bound, ElboOptions, Images, elbo};
use crate::models::{Model, enumeration, required_prior};
use crate::{Error, Result};

/// The bound without any draw: sum_z q(z|x) [log p(x|z) + beta (log p(z) - log q(z|x))]. With q the posterior it is
/// log p(x).
///
/// # Shapes
///
/// x `[B, D]`, values `[M, K]`: all that a code can be.
///
/// # Errors
///
/// [`Error::Unsupported`] when q does not know the probability of each value; [`Error::Tensor`] when shapes do
/// not fit the model.
pub fn sample<'a>(
    model: &dyn Model,
    images: impl Into<Images<'a>>,
    values: &Tensor,
    options: ElboOptions,
) -> Result<Bound> {
    let made = made(model, images.into(), values)?;
    let charge = elbo::charge(model, &made.held, options)?;
    coupled::bound(made.reconstruction, charge)
}

/// The bound of images in its two parts. Held is the KL of each, `[B, 1]`. Shapes as [`sample`]'s.
pub(super) fn made(model: &dyn Model, images: Images<'_>, values: &Tensor) -> Result<Made> {
    let q = model.encode(images.seen)?;
    let log_q = q
        .log_probabilities()?
        .ok_or_else(|| Error::Unsupported("this posterior cannot be summed over".to_owned()))?;
    let fits = enumeration::log_likelihoods(model, images.x, values)?;
    let log_prior = required_prior(model)?.log_prob(values)?;
    let log_prior = log_prior.reshape((1, log_prior.elem_count()))?;
    let weights = log_q.exp()?;
    let expected = |terms: Tensor| (&weights * terms)?.sum(1);
    let reconstruction = expected(fits)?.mean_all()?;
    Ok(Made {
        held: vec![expected(log_q.broadcast_sub(&log_prior)?)?.unsqueeze(1)?],
        reconstruction: Some(reconstruction),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::approximate_posteriors::{ApproximatePosterior, Categorical};
    use crate::models::{self, ModelSpec};
    use crate::nn::tensors::matrix;
    use crate::objectives::Objective;
    use crate::{PIXELS, Rng};

    /// A model whose encoder answers with the posterior.
    #[derive(Debug)]
    struct Knowing(Box<dyn Model>);

    impl Model for Knowing {
        fn spec(&self) -> &ModelSpec {
            self.0.spec()
        }
        fn parameters(&self) -> &crate::nn::Parameters {
            self.0.parameters()
        }
        fn latents(&self) -> usize {
            self.0.latents()
        }
        fn encode(&self, x: &Tensor) -> Result<Box<dyn ApproximatePosterior>> {
            let values = self.0.values()?.unwrap();
            let log_joint = enumeration::log_joint(self.0.as_ref(), x, &values)?;
            Ok(Box::new(Categorical::new(&log_joint, self.latents(), 1.0)?))
        }
        fn decode(&self, z: &Tensor) -> Result<Tensor> {
            self.0.decode(z)
        }
        fn prior(&self) -> Result<Option<Box<dyn crate::priors::Prior>>> {
            self.0.prior()
        }
        fn values(&self) -> Result<Option<Tensor>> {
            self.0.values()
        }
        fn initialise(&self, data: &crate::data::Showing<'_>) -> Result<()> {
            self.0.initialise(data)
        }
    }

    #[test]
    fn with_the_posterior_the_bound_is_the_exact_sum_and_else_below_it() {
        let spec = json!({"model": "categorical-vae", "categories": 5, "hidden": [6]});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        // Away from the untrained start, where every category decodes to much the same.
        for (_, var) in model.parameters().iter() {
            var.set(&(var.as_tensor() * 3.0).unwrap()).unwrap();
        }
        let mut rng = Rng::from_seed(1);
        let pixels: Vec<f32> = (0..4 * PIXELS).map(|_| rng.uniform().round()).collect();
        let x = matrix(&pixels, PIXELS).unwrap();
        let noise = matrix(&[0.0; 20], 5).unwrap();
        let exact = model.exact_log_likelihood(&x).unwrap().unwrap();
        // The definition, one code after another.
        let values = model.values().unwrap().unwrap();
        let decoded = model.decode(&values).unwrap();
        for (image, exact) in exact.iter().enumerate() {
            let x = x.narrow(0, image, 1).unwrap().repeat((5, 1)).unwrap();
            let terms: Vec<f64> = model
                .log_likelihood(&x, &decoded)
                .unwrap()
                .to_vec1::<f32>()
                .unwrap()
                .iter()
                .map(|fit| f64::from(*fit) - 5f64.ln())
                .collect();
            assert!((crate::math::logsumexp(&terms) - exact).abs() < 1e-3);
        }
        let mean = exact.iter().sum::<f64>() / 4.0;
        let loss = |model: &dyn Model| {
            let bound = Objective::Elbo
                .sample(model, &x, None, &noise, ElboOptions::default())
                .unwrap();
            f64::from(bound.loss.to_scalar::<f32>().unwrap())
        };
        assert!(-loss(model.as_ref()) < mean - 0.01);
        let found = loss(&Knowing(model));
        assert!((found + mean).abs() < 1e-3, "{found} {mean}");
    }
}
