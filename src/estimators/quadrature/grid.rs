//! A coarse scan of the whole plane, which finds where the posterior may have peaks.

use super::climb::{Peak, climb, promising};
use super::joint::{LogJoint, or_impossible};
use super::lattice::{Lattice, NEGLIGIBLE_NATS};
use super::{Fit, GridPosterior, Square, require_two_latents};
use crate::estimators::EXACT_NATS;
use crate::likelihoods::Likelihood;
use crate::math::{check_image, check_pixels};
use crate::models::Model;
use crate::models::inference::{self, BLOCK};
use crate::nn::fused::gemm::{Matrix, product};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result};

/// Images whose scans share one product.
const SCANNED_AT_ONCE: usize = 32;

/// The decoder's answer at every cell of a square. It is kept, so that the scan for a new image costs only a weighted sum of
/// its rows.
#[derive(Clone, Debug)]
pub struct Grid {
    square: Square,
    /// Feature-major, mostly `[784, cells]`: only the rows of pixels with ink are touched for an image.
    natural_by_feature: Vec<f32>,
    /// log p(z) + log p(0|z) of each cell: the part that is the same for every image.
    constants: Vec<f64>,
    /// The part of log p(x|z) that is the same for every z, if there is one.
    of_squares: Option<Vec<f32>>,
}

impl Grid {
    /// Decodes 64 x 64 cells of a square that holds the prior.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless the model has two latents with a density.
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
    /// use latent_canvas::estimators::quadrature::Grid;
    ///
    /// // Once for a model; then each image costs milliseconds.
    /// let posterior = Grid::new(model)?.posterior(model, &digit)?;
    /// assert!((posterior.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    /// assert!(posterior.tolerance < 0.01);
    /// # Ok::<(), latent_canvas::Error>(())
    /// ```
    pub fn new(model: &dyn Model) -> Result<Self> {
        let prior = require_two_latents(model)?;
        let square = Square::of_prior(prior.as_ref())?;
        let likelihood = model.likelihood();
        let points = square.points();
        let cells = points.len() / 2;
        let features = likelihood.numbers() * PIXELS;
        let mut natural_by_feature = vec![0f32; features * cells];
        let log_prior = flat_values(&model.log_prior(&matrix(&points, 2)?)?)?;
        let mut constants: Vec<f64> = log_prior.into_iter().map(f64::from).collect();
        for (block, points) in points.chunks(2 * BLOCK).enumerate() {
            let mut decoded = inference::decode_raw(model, points)?;
            let without_ink = likelihood.log_prob_of_one(&decoded, &[0.0; PIXELS])?;
            likelihood.to_natural(&mut decoded)?;
            for (row, natural) in decoded.chunks_exact(features).enumerate() {
                let cell = block * BLOCK + row;
                constants[cell] += without_ink[row];
                for (feature, natural) in natural.iter().enumerate() {
                    natural_by_feature[feature * cells + cell] = *natural;
                }
            }
        }
        Ok(Self {
            square,
            natural_by_feature,
            constants,
            of_squares: likelihood.of_squares()?,
        })
    }

    /// The square and its cells.
    pub fn square(&self) -> Square {
        self.square
    }

    /// The exact posterior of one image. `model` is the one that the grid was made from.
    ///
    /// # Errors
    ///
    /// As [`check_image`]; [`Error::NonFinite`] when the model's weights have grown too large, or the posterior is too narrow
    /// or too ragged to be integrated.
    pub fn posterior(&self, model: &dyn Model, pixels: &[f32]) -> Result<GridPosterior> {
        check_image(pixels)?;
        let features = model.likelihood().features(pixels);
        self.after_scan(model, pixels, &self.log_joint(pixels, &features))
    }

    /// The exact log p(x) of each of some images, nats. `model` is the one that the grid was made from.
    ///
    /// # Errors
    ///
    /// As [`Grid::posterior`], for images that are not `[n, 784]`.
    pub fn log_likelihoods(&self, model: &dyn Model, pixels: &[f32]) -> Result<Vec<f64>> {
        check_pixels(pixels)?;
        let mut found = Vec::new();
        for block in pixels.chunks(SCANNED_AT_ONCE * PIXELS) {
            let images = block.chunks_exact(PIXELS);
            for (image, scanned) in images.zip(self.log_joints(model.likelihood(), block)?) {
                found.push(self.after_scan(model, image, &scanned)?.log_likelihood);
            }
        }
        Ok(found)
    }

    /// The exact posterior of an image whose log p(x, z) is known at the middle of each cell.
    fn after_scan(
        &self,
        model: &dyn Model,
        pixels: &[f32],
        scanned: &[f64],
    ) -> Result<GridPosterior> {
        let fit = |decoded: &[f32]| model.likelihood().log_prob_of_one(decoded, pixels);
        let joint = LogJoint::new(model, &fit);
        let answer = flat_values(&model.encode(&matrix(pixels, PIXELS)?)?.moments()?.mean)?;
        integrate(
            &joint,
            self.square,
            scanned,
            &[[f64::from(answer[0]), f64::from(answer[1])]],
        )
    }

    /// [`Grid::log_joint`] of each of some images. Where nothing cancels, they share one product in f32: it only has to show
    /// where peaks may be.
    fn log_joints(&self, likelihood: &dyn Likelihood, pixels: &[f32]) -> Result<Vec<Vec<f64>>> {
        let images = pixels.chunks_exact(PIXELS);
        let count = images.len();
        if count == 1 || likelihood.numbers() > 1 || self.of_squares.is_some() {
            let one = |x| self.log_joint(x, &likelihood.features(x));
            return Ok(images.map(one).collect());
        }
        let features: Vec<f32> = images.flat_map(|x| likelihood.features(x)).collect();
        let cells = self.constants.len();
        let sums = product(
            Matrix::new(&features, count, PIXELS),
            Matrix::new(&self.natural_by_feature, PIXELS, cells),
        )?;
        let joint = |(sum, constant): (&f32, &f64)| or_impossible(f64::from(*sum) + constant);
        let rows = sums.chunks_exact(cells);
        Ok(rows
            .map(|row| row.iter().zip(&self.constants).map(joint).collect())
            .collect())
    }

    /// log p(x|z) + log p(z) of each cell. With a Gaussian likelihood large terms cancel, hence sums in f64.
    fn log_joint(&self, pixels: &[f32], features: &[f32]) -> Vec<f64> {
        let mut log_joint = self.constants.clone();
        let rows = self.natural_by_feature.chunks_exact(log_joint.len());
        let inked = features
            .iter()
            .zip(rows)
            .filter(|(value, _)| **value != 0.0);
        for (value, natural) in inked {
            let value = f64::from(*value);
            for (sum, natural) in log_joint.iter_mut().zip(natural) {
                *sum += value * f64::from(*natural);
            }
        }
        if let Some(coefficients) = &self.of_squares {
            let terms = coefficients.iter().zip(pixels);
            let constant: f64 = terms
                .map(|(c, x)| f64::from(*c) * f64::from(*x).powi(2))
                .sum();
            log_joint.iter_mut().for_each(|value| *value += constant);
        }
        log_joint.into_iter().map(or_impossible).collect()
    }
}

/// The exact posterior given any observation whose probability depends on z through the decoder.
///
/// # Shapes
///
/// `fit` gives log p(seen|z) of each row of what was decoded, `[n, D]` -> n, nats.
///
/// # Errors
///
/// As [`Grid::new`], [`Grid::posterior`] and `fit`.
pub fn posterior(model: &dyn Model, fit: &Fit<'_>) -> Result<GridPosterior> {
    let prior = require_two_latents(model)?;
    let square = Square::of_prior(prior.as_ref())?;
    let joint = LogJoint::new(model, fit);
    let points = square.points();
    let points: Vec<[f64; 2]> = points
        .chunks_exact(2)
        .map(|z| [f64::from(z[0]), f64::from(z[1])])
        .collect();
    let scanned = joint.at(&points)?;
    integrate(&joint, square, &scanned, &[])
}

/// [`posterior`] where log p(seen|z) + log p(z) is already known at the middle of each cell of a square that holds the mass of
/// the prior.
///
/// # Shapes
///
/// `scanned`: in the order of [`Square::points`].
///
/// # Errors
///
/// As [`posterior`].
pub fn posterior_from(
    model: &dyn Model,
    fit: &Fit<'_>,
    square: Square,
    scanned: &[f64],
) -> Result<GridPosterior> {
    require_two_latents(model)?;
    integrate(&LogJoint::new(model, fit), square, scanned, &[])
}

/// From the scan of a square, and points that may lie near a peak, to the integral.
fn integrate(
    joint: &LogJoint<'_>,
    square: Square,
    scanned: &[f64],
    near: &[[f64; 2]],
) -> Result<GridPosterior> {
    let surface = |points: &[[f64; 2]]| joint.at(points);
    let reach = f64::from(square.spacing()) / 2.0;
    let candidates = summits(square, scanned);
    if candidates.is_empty() {
        return Err(Error::NonFinite(
            "log p(x, z) is nowhere finite: the model's weights have grown too large".to_owned(),
        ));
    }
    // The highest start first: its peak shows which other starts need no climb.
    let highest = candidates.iter().max_by(|a, b| a.value.total_cmp(&b.value));
    let mut peaks: Vec<Peak> = Vec::new();
    let mut floor = f64::NEG_INFINITY;
    let mut visit = |peaks: &mut Vec<Peak>, starts: Vec<[f64; 2]>| -> Result<f64> {
        for z in starts {
            if let Some(peak) = climb(&surface, z, reach, floor)? {
                floor = floor.max(peak.log_joint - NEGLIGIBLE_NATS);
                peaks.push(peak);
            }
        }
        Ok(floor)
    };
    let uncovered = |peaks: &[Peak], z: &[f64; 2]| !peaks.iter().any(|peak| covers(peak, *z));
    visit(
        &mut peaks,
        highest.map(|summit| summit.z).into_iter().collect(),
    )?;
    let elsewhere = near
        .iter()
        .copied()
        .filter(|z| uncovered(&peaks, z))
        .collect();
    let floor_so_far = visit(&mut peaks, elsewhere)?;
    let others = candidates
        .iter()
        .filter(|summit| summit.at_most >= floor_so_far);
    let others = others
        .map(|summit| summit.z)
        .filter(|z| uncovered(&peaks, z))
        .collect();
    let others = promising(&surface, others, reach, floor_so_far)?;
    let floor = visit(&mut peaks, others)?;
    peaks.retain(|peak| peak.log_joint >= floor);
    let (lattice, spread) = Lattice::integrate(&surface, &peaks, EXACT_NATS)?;
    Ok(GridPosterior::new(lattice, spread, joint.evaluations.get()))
}

/// Whether a point lies within four standard deviations of a peak: the lattice covers that area anyway.
fn covers(peak: &Peak, z: [f64; 2]) -> bool {
    let away = [z[0] - peak.z[0], z[1] - peak.z[1]];
    let square = |axis: [f64; 2]| {
        let length = axis[0].powi(2) + axis[1].powi(2);
        ((away[0] * axis[0] + away[1] * axis[1]) / length).powi(2)
    };
    square(peak.axes[0]) + square(peak.axes[1]) < 16.0
}

/// A cell of the scan that is not lower than any of the eight around it.
struct Summit {
    z: [f64; 2],
    value: f64,
    /// An upper limit for a peak near it. Peaks narrower than a cell lie between the middles of the cells and may be far
    /// higher: at most by the difference to a neighbouring cell.
    at_most: f64,
}

fn summits(square: Square, scanned: &[f64]) -> Vec<Summit> {
    let side = square.resolution as i64;
    let value = |column: i64, row: i64| {
        let inside = (0..side).contains(&column) && (0..side).contains(&row);
        inside.then(|| scanned[(row * side + column) as usize])
    };
    let points = square.points();
    let mut found = Vec::new();
    for (cell, here) in scanned
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, v)| v.is_finite())
    {
        let (column, row) = (cell as i64 % side, cell as i64 / side);
        let mut is_summit = true;
        let mut step: f64 = 0.0;
        for (a, b) in (-1..=1).flat_map(|a| (-1..=1).map(move |b| (a, b))) {
            let Some(next) = value(column + a, row + b) else {
                continue;
            };
            is_summit &= next <= here;
            if a == 0 || b == 0 {
                step = step.max(if next.is_finite() {
                    here - next
                } else {
                    f64::INFINITY
                });
            }
        }
        if is_summit {
            found.push(Summit {
                z: [0, 1].map(|axis| f64::from(points[2 * cell + axis])),
                value: here,
                at_most: here + step,
            });
        }
    }
    found
}
