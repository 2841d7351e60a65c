//! What the chains explore: p(z) p(x|z)^beta of one image, or of a part of one, up to a constant.

use candle_core::{Tensor, Var};

use crate::Result;
use crate::models::{Handle, Model, continuous_prior};
use crate::nn::Gradients;
use crate::nn::tensors::{flat_values, matrix};
use crate::priors::{MixturePrior, Prior};

/// An observation whose probability depends on z through the decoder.
pub trait Evidence: std::fmt::Debug {
    /// log p(seen|z) of each row, nats, with its gradient.
    ///
    /// # Shapes
    ///
    /// decoded `[B, D]` -> `[B]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Unsupported`] for a model whose pixels are of another kind; [`crate::Error::Tensor`] when
    /// shapes differ.
    fn log_likelihood(&self, model: &dyn Model, decoded: &Tensor) -> Result<Tensor>;
}

#[derive(Debug)]
enum Seen<'a> {
    /// A whole image, repeated for each chain.
    Image(Tensor),
    Evidence(&'a dyn Evidence),
}

/// The posterior given what was seen (beta = 1), the prior (beta = 0), or a distribution between them.
#[derive(Debug)]
pub struct Target<'a> {
    model: Handle<'a>,
    prior: Box<dyn Prior>,
    seen: Seen<'a>,
    beta: f64,
}

/// Where the chains are.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    z: Vec<f32>,
    log_prior: Vec<f64>,
    log_likelihood: Vec<f64>,
}

impl State {
    /// `[C, K]`.
    pub fn z(&self) -> &[f32] {
        &self.z
    }

    /// log p(x|z) of each chain, nats.
    pub fn log_likelihood(&self) -> &[f64] {
        &self.log_likelihood
    }

    /// log p(z) + beta log p(x|z) of a chain, nats.
    pub fn log_joint(&self, chain: usize, beta: f64) -> f64 {
        self.log_prior[chain] + self.weighed_log_likelihood(chain, beta)
    }

    /// beta log p(x|z) of a chain, nats.
    pub(super) fn weighed_log_likelihood(&self, chain: usize, beta: f64) -> f64 {
        match beta {
            // 0 times minus infinity counts as 0.
            0.0 => 0.0,
            _ => beta * self.log_likelihood[chain],
        }
    }

    /// Goes to the proposed places where `accepts` says so.
    pub(super) fn take(&mut self, proposed: &Self, accepts: impl Fn(usize) -> bool) {
        let latents = self.z.len() / self.log_prior.len();
        for chain in (0..self.log_prior.len()).filter(|chain| accepts(*chain)) {
            let row = chain * latents..(chain + 1) * latents;
            self.z[row.clone()].copy_from_slice(&proposed.z[row]);
            self.log_prior[chain] = proposed.log_prior[chain];
            self.log_likelihood[chain] = proposed.log_likelihood[chain];
        }
    }
}

impl<'a> Target<'a> {
    /// The posterior of the image x `[1, D]`, for this number of chains.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Unsupported`] for a model whose codes are discrete or have no prior; [`crate::Error::Tensor`]
    /// when x is not one row.
    pub fn new(model: &'a dyn Model, x: &Tensor, chains: usize) -> Result<Self> {
        Self::held(Handle::Borrowed(model), x, chains)
    }

    /// [`Target::new`] of a model that is shared or borrowed.
    ///
    /// # Errors
    ///
    /// As [`Target::new`].
    pub fn held(model: Handle<'a>, x: &Tensor, chains: usize) -> Result<Self> {
        let seen = Seen::Image(x.narrow(0, 0, 1)?.repeat((chains, 1))?);
        Self::of_seen(model, seen)
    }

    /// The posterior given another observation than a whole image, for any number of chains.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Unsupported`] for a model whose codes are discrete or have no prior.
    pub fn of(model: &'a dyn Model, evidence: &'a dyn Evidence) -> Result<Self> {
        Self::of_seen(Handle::Borrowed(model), Seen::Evidence(evidence))
    }

    fn of_seen(model: Handle<'a>, seen: Seen<'a>) -> Result<Self> {
        let prior = continuous_prior(&*model)?;
        // Only z moves: nobody needs the gradients of a prior that the encoder computes from hundreds of images.
        let fixed = prior.mixture().map(MixturePrior::fixed);
        Ok(Self {
            prior: match fixed {
                Some(mixture) => Box::new(mixture),
                None => prior,
            },
            model,
            seen,
            beta: 1.0,
        })
    }

    /// The same target at another beta.
    #[must_use]
    pub fn at(mut self, beta: f64) -> Self {
        self.set_beta(beta);
        self
    }

    /// Changes the power of the likelihood.
    pub fn set_beta(&mut self, beta: f64) {
        self.beta = beta;
    }

    /// The power of the likelihood.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    pub(super) fn prior(&self) -> &dyn Prior {
        self.prior.as_ref()
    }

    pub(super) fn model(&self) -> &dyn Model {
        &*self.model
    }

    fn log_likelihood(&self, decoded: &Tensor) -> Result<Tensor> {
        match &self.seen {
            Seen::Image(x) => self.model.log_likelihood(x, decoded),
            Seen::Evidence(evidence) => evidence.log_likelihood(&*self.model, decoded),
        }
    }

    /// Chains at these places `[C, K]`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] when they do not fit the model.
    pub fn state(&self, z: Vec<f32>) -> Result<State> {
        let rows = matrix(&z, self.model.latents())?;
        let decoded = self.model.decode(&rows)?.detach();
        let log_likelihood = self.log_likelihood(&decoded)?;
        Ok(State {
            log_prior: doubles(&self.prior.log_prob(&rows)?)?,
            log_likelihood: doubles(&log_likelihood)?,
            z,
        })
    }

    /// The same with the gradient of log p(z) + beta log p(x|z) towards z, `[C, K]`.
    ///
    /// # Errors
    ///
    /// As [`Target::state`].
    pub fn state_and_gradient(&self, z: Vec<f32>) -> Result<(State, Vec<f32>)> {
        let _guard = self.model.parameters().gradients(Gradients::Spared)?;
        let rows = Var::from_tensor(&matrix(&z, self.model.latents())?)?;
        let log_likelihood = self.log_likelihood(&self.model.decode(rows.as_tensor())?)?;
        let log_prior = self.prior.log_prob(rows.as_tensor())?;
        let joint = (&log_prior + log_likelihood.affine(self.beta, 0.0)?)?;
        let gradient = match joint.sum_all()?.backward()?.get(&rows) {
            Some(gradient) => flat_values(gradient)?,
            None => vec![0.0; z.len()],
        };
        let state = State {
            log_prior: doubles(&log_prior)?,
            log_likelihood: doubles(&log_likelihood)?,
            z,
        };
        Ok((state, gradient))
    }
}

fn doubles(tensor: &Tensor) -> Result<Vec<f64>> {
    Ok(flat_values(tensor)?.into_iter().map(f64::from).collect())
}
