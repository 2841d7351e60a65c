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
mod posterior;
mod square;
#[cfg(test)]
mod tests;

use crate::models::{Model, continuous_prior};
use crate::priors::Prior;
use crate::{Error, Result};

pub use against_draws::Comparison;
pub use grid::{Grid, posterior};
pub use joint::Fit;
pub use posterior::{GridPosterior, SquareDensity};
use square::MAX_RESOLUTION;
pub use square::Square;

fn require_two_latents(model: &dyn Model) -> Result<Box<dyn Prior>> {
    let prior = continuous_prior(model)?;
    match model.latents() {
        2 => Ok(prior),
        latents => Err(Error::Unsupported(format!(
            "exact integration needs a model with 2 latents; this one has {latents}"
        ))),
    }
}
