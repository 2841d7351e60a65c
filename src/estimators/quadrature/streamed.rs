//! log p(x) of many images on a grid too fine to keep.

use super::grid::of_squares;
use super::{MAX_RESOLUTION, Square, require_two_latents};
use crate::math::check_pixels;
use crate::models::Model;
use crate::models::inference::BLOCK;
use crate::nn::fused::gemm::matrix_product;
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result};

/// log p(x) of many images on one grid over [-extent, extent]^2, in nats; the grid is decoded once and
/// never held whole.
///
/// # Shapes
///
/// pixels `[n, 784]` -> n values.
///
/// # Errors
///
/// As [`check_pixels`] and [`Grid::new`](super::Grid::new), except that a side may have up to 2,048 cells.
pub fn log_likelihoods(
    model: &dyn Model,
    pixels: &[f32],
    resolution: usize,
    extent: f32,
) -> Result<Vec<f64>> {
    require_two_latents(model)?;
    let images = check_pixels(pixels)?;
    let square = Square {
        centre: [0.0, 0.0],
        half_width: extent,
        resolution,
    };
    if resolution > 2048 {
        return Err(Error::argument(
            "the grid's resolution must be at most 2048 cells",
        ));
    }
    Square {
        resolution: resolution.min(MAX_RESOLUTION),
        ..square
    }
    .validate()?;
    let x = matrix(pixels, PIXELS)?;
    let likelihood = model.likelihood();
    let mut sums = vec![(f64::NEG_INFINITY, 0f64); images];
    for points in square.points().chunks(2 * BLOCK) {
        let z = matrix(points, 2)?;
        let mut decoded = flat_values(&model.decode(&z)?)?;
        let constants = flat_values(&model.log_prior(&z)?)?;
        let without_ink = likelihood.log_prob_of_one(&decoded, &[0.0; PIXELS])?;
        likelihood.to_natural(&mut decoded)?;
        let constants: Vec<f32> = constants
            .iter()
            .zip(without_ink)
            .map(|(prior, fit)| prior + fit)
            .collect();
        let products = flat_values(&matrix_product(&x, &matrix(&decoded, PIXELS)?.t()?)?)?;
        for (sum, row) in sums.iter_mut().zip(products.chunks_exact(constants.len())) {
            accumulate(sum, row, &constants);
        }
    }
    let log_area = square.cell_area().ln();
    let mut values: Vec<f64> = sums
        .into_iter()
        .map(|(peak, sum)| peak + sum.ln() + log_area)
        .collect();
    if let Some(coefficients) = likelihood.of_squares()? {
        for (value, x) in values.iter_mut().zip(pixels.chunks_exact(PIXELS)) {
            *value += of_squares(&coefficients, x);
        }
    }
    Ok(values)
}

/// Adds exp(row + constants) to a sum that is held as sum * exp(peak).
fn accumulate((peak, sum): &mut (f64, f64), row: &[f32], constants: &[f32]) {
    let highest = row
        .iter()
        .zip(constants)
        .map(|(r, c)| r + c)
        .fold(f32::NEG_INFINITY, f32::max);
    if f64::from(highest) > *peak {
        *sum *= (*peak - f64::from(highest)).exp();
        *peak = f64::from(highest);
    }
    let shift = *peak as f32;
    let block: f32 = row
        .iter()
        .zip(constants)
        .map(|(r, c)| crate::math::exp_nonpositive(r + c - shift))
        .sum();
    *sum += f64::from(block);
}
