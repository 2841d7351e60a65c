//! How well latents keep known factors of variation apart, such as the slant and the thickness of a
//! stroke digit.
//!
//! Codes are the means of q(z|x), `[n, K]`; factors are numbers, `[n, F]`; a class
//! is its number where only its value counts (mutual information), and a column for each value where a line is drawn
//! through it ([`class_columns`]). All are plain slices: no model is needed.

pub mod importance;
pub mod information;
pub mod readout;

pub use importance::Importance;
pub use information::{MutualInformation, mutual_information};
pub use readout::{Readout, class_columns, linear_readout};

use crate::math::check_rows;
use crate::{Error, Result};

/// The number of rows of codes and factors that belong together.
fn check(codes: &[f32], latents: usize, factors: &[f64], factor_count: usize) -> Result<usize> {
    let rows = check_rows("codes", codes, latents)?;
    if factor_count == 0 || rows.checked_mul(factor_count) != Some(factors.len()) {
        return Err(Error::shape(format!(
            "{rows} codes need as many rows of {factor_count} factors; got {} numbers",
            factors.len()
        )));
    }
    match factors.iter().position(|v| !v.is_finite()) {
        Some(at) => Err(Error::NonFinite(format!(
            "factors must be finite; number {at} is {}",
            factors[at]
        ))),
        None => Ok(rows),
    }
}

fn constant(factor: usize) -> Error {
    Error::argument(format!(
        "factor {factor} is the same in every row, so nothing can be learned about it; leave it out"
    ))
}

#[cfg(test)]
mod samples {
    use crate::Rng;

    /// Every pair of 20 x 20 levels in random order: two factors that are exactly independent.
    pub fn grid() -> Vec<f64> {
        let mut pairs: Vec<[f64; 2]> = (0..400)
            .map(|at| [f64::from(at / 20), f64::from(at % 20)])
            .collect();
        Rng::from_seed(1).shuffle(&mut pairs);
        pairs.concat()
    }

    pub fn codes(factors: &[f64]) -> Vec<f32> {
        factors.iter().map(|v| *v as f32).collect()
    }

    /// The pairs turned by 45 degrees.
    pub fn turned(factors: &[f64]) -> Vec<f32> {
        let turn = |pair: &[f64]| [pair[0] + pair[1], pair[0] - pair[1]];
        codes(&factors.chunks_exact(2).flat_map(turn).collect::<Vec<f64>>())
    }
}
