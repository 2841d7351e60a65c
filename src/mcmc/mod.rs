//! Markov chains whose draws are draws from the posterior p(z|x).
//!
//! Several chains run at once, one row each, and a kernel moves all of them. Whether the chains agree (R-hat) and how quickly
//! their draws become independent (the effective sample size) show whether their draws can be trusted.

mod adaptation;
pub mod diagnostics;
pub mod hmc;
mod metropolis;
mod run;
mod target;

use crate::models::{Model, required_prior};
use crate::nn::tensors::flat_values;
use crate::priors;
use crate::{Error, Result, Rng};

pub use adaptation::DualAveraging;
pub use hmc::Hmc;
pub use metropolis::{Independence, PreconditionedCrankNicolson, RandomWalk};
pub use run::{Chains, Diagnosis, Draws, Options, Start, explore, sample};
pub use target::{Evidence, State, Target};

/// One move of every chain that leaves the distribution p(z) p(x|z)^beta unchanged.
pub trait Kernel: std::fmt::Debug {
    /// Moves the chains; gives the acceptance probability of each chain's proposal. `visit` is called with the places `[C, K]`
    /// on the way to the proposals: the points of an orbit in their order, the proposals themselves last.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] when the chains do not fit the target.
    fn step_along(
        &self,
        target: &Target<'_>,
        state: &mut State,
        rng: &mut Rng,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<Vec<f64>>;

    /// [`Kernel::step_along`] without `visit`.
    ///
    /// # Errors
    ///
    /// As [`Kernel::step_along`].
    fn step(&self, target: &Target<'_>, state: &mut State, rng: &mut Rng) -> Result<Vec<f64>> {
        self.step_along(target, state, rng, &mut |_| {})
    }

    /// The size of its moves, if it has one.
    fn scale(&mut self) -> Option<Scale<'_>>;
}

/// The size of a kernel's moves, and what is known of it.
#[derive(Debug)]
pub struct Scale<'a> {
    /// The size itself, above 0.
    pub size: &'a mut f64,
    /// Its upper limit.
    pub largest: f64,
    /// The rate of acceptance that the warm-up aims at.
    pub wanted_acceptance: f64,
}

/// The kernel of this name, with a first size of its moves.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for a name that is not among [`KERNELS`]; as the model's `encode`.
///
/// # Examples
///
/// ```
/// # use latent_canvas::models::{self, ModelSpec};
/// # let spec = serde_json::json!({ "model": "vae", "latents": 2, "hidden": [16] });
/// # let model = models::build(&ModelSpec::from_json(&spec)?, 1)?;
/// # let model = model.as_ref();
/// # use latent_canvas::data::Dataset;
/// # let digit = Dataset::strokes(1, 1)?.images(0, 1)?;
/// # let digit: Vec<f32> = digit.iter().map(|ink| ink.round()).collect();
/// use candle_core::{Device, Tensor};
/// use latent_canvas::mcmc;
///
/// let x = Tensor::from_slice(&digit, (1, 784), &Device::Cpu)?;
/// for name in mcmc::KERNELS {
///     mcmc::kernel(name, model, &x)?;
/// }
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn kernel(name: &str, model: &dyn Model, x: &candle_core::Tensor) -> Result<Box<dyn Kernel>> {
    Ok(match name {
        "random-walk" => Box::new(RandomWalk { step: 0.3 }),
        "independence" => {
            let q = model.encode(x)?.moments()?;
            Box::new(Independence::new(
                flat_values(&q.mean)?,
                flat_values(&q.log_var)?,
            ))
        }
        "pcn" => match required_prior(model)?.kind() {
            priors::Kind::UnitNormal => Box::new(PreconditionedCrankNicolson::new(0.3)?),
            _ => {
                return Err(Error::Unsupported(
                    "pCN keeps to a unit normal prior; this model has another, use random-walk or hmc"
                        .to_owned(),
                ));
            }
        },
        "hmc" => Box::new(Hmc {
            step: 0.1,
            leapfrogs: 10,
        }),
        _ => {
            return Err(Error::argument(format!(
                "there is no kernel \"{name}\"; there are {}",
                KERNELS.join(", ")
            )));
        }
    })
}

/// The names that [`kernel`] knows.
pub const KERNELS: [&str; 4] = ["random-walk", "independence", "pcn", "hmc"];
