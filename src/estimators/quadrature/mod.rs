//! Exact log p(x) and posterior for two latents: numerical integration.
//!
//! log p(x) = log of the integral of p(x|z) p(z). A scan of the plane finds where the posterior may have peaks
//! ([`Grid`], decoded once for a model); from there Newton's method climbs to each peak that counts; a lattice of the
//! highest peak's shape covers them all and is made finer until the four lattices of twice its spacing that lie in it
//! agree with it. Trained posteriors are a hundredth wide, so that no lattice over the whole plane would do.

mod against_draws;
mod climb;
mod grid;
mod joint;
mod lattice;
mod modes;
mod posterior;
mod square;
#[cfg(test)]
mod tests;

use crate::math::check_rows;
use crate::models::{Model, continuous_prior};
use crate::priors::Prior;
use crate::{Error, Result};

pub use against_draws::Comparison;
pub use grid::{Grid, posterior, posterior_from};
pub use joint::Fit;
pub use modes::Mode;
pub use posterior::{GridPosterior, SquareDensity};
use square::MAX_RESOLUTION;
pub use square::Square;

/// log p(seen, z) of each code, nats: every picture of a posterior is made from it. Minus infinity where it is not a number.
///
/// # Shapes
///
/// latents `[n, 2]` -> n values.
///
/// # Errors
///
/// [`Error::Unsupported`] unless the model has two latents with a density; [`Error::Shape`] for half a code; as `fit`.
pub fn log_joint(model: &dyn Model, fit: &Fit<'_>, latents: &[f32]) -> Result<Vec<f64>> {
    require_two_latents(model)?;
    check_rows("codes", latents, 2)?;
    let points: Vec<[f64; 2]> = latents
        .chunks_exact(2)
        .map(|z| [f64::from(z[0]), f64::from(z[1])])
        .collect();
    joint::LogJoint::new(model, fit).at(&points)
}

fn require_two_latents(model: &dyn Model) -> Result<Box<dyn Prior>> {
    let prior = continuous_prior(model)?;
    match model.latents() {
        2 => Ok(prior),
        latents => Err(Error::Unsupported(format!(
            "exact integration needs a model with 2 latents; this one has {latents}"
        ))),
    }
}
