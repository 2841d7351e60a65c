//! What a model of two latents believes of an image while its pixels become known, one after another.
//!
//! The decoder's answer on every cell of a square is kept, so that a pixel that becomes known costs one row of logarithms,
//! and all other pixels one weighted sum of rows. That is quick enough to follow a pen.

use super::heavy_cells::HeavyCells;
use super::{Degradation, Noise, Observation, Operator};
use crate::estimators::EXACT_NATS;
use crate::estimators::quadrature::{self, GridPosterior, Mode, Square, SquareDensity};
use crate::math::logsumexp;
use crate::models::inference::{self, BLOCK, decode_raw};
use crate::models::{Model, continuous_prior};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, PIXELS, Result};

/// Where the codes lie that are looked at: all but a hundred-thousandth of a unit normal.
const HALF_WIDTH: f32 = 4.5;
/// Cells along a side of the square: pictures of parts of digits leave posteriors that are wider than a cell.
const RESOLUTION: usize = 96;
/// A probability of ink is not taken to be nearer to 0 or 1: one pixel alone must not make a code impossible.
const SMALLEST: f32 = 1e-12;

/// What is known of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Seen {
    /// Nothing.
    #[default]
    Unknown,
    /// White.
    Paper,
    /// Black.
    Ink,
}

/// p(z|what is known) on a square, and p(x = 1|what is known) of every pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// log p(what is known), nats.
    pub log_evidence: f64,
    /// Nats: more than the error of `log_evidence`; none where the square's cells are too wide to say.
    pub tolerance: Option<f64>,
    /// p(z|what is known).
    pub posterior: SquareDensity,
    /// `[784]`: what is known, and the probability of ink of every other pixel.
    pub mean: Vec<f32>,
    /// The hills of the posterior.
    pub modes: Vec<Mode>,
    /// What each hill's top decodes to, `[modes, 784]`.
    pub images: Vec<f32>,
}

/// Follows an image of which more and more is known.
#[derive(Debug)]
pub struct Belief {
    square: Square,
    /// Pixel-major `[784, cells]`.
    ink: Vec<f32>,
    log_prior: Vec<f64>,
    seen: Vec<Seen>,
    /// log p(what is known|z) of each cell.
    log_likelihood: Vec<f64>,
}

impl Belief {
    /// Decodes every cell, 9,216 of them; nothing is known yet.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless the model has two latents with a unit normal prior and black or white pixels.
    pub fn new(model: &dyn Model) -> Result<Self> {
        let is_normal = continuous_prior(model)?.kind() == crate::priors::Kind::UnitNormal;
        if model.latents() != 2 || !is_normal || !model.likelihood().is_binary() {
            return Err(Error::Unsupported(
                "beliefs about single pixels are computed for models with 2 latents, a unit normal prior and black or \
                 white pixels"
                    .to_owned(),
            ));
        }
        let square = Square {
            centre: [0.0, 0.0],
            half_width: HALF_WIDTH,
            resolution: RESOLUTION,
        };
        let points = square.points();
        let cells = points.len() / 2;
        let mut ink = vec![0f32; PIXELS * cells];
        for (block, points) in points.chunks(2 * BLOCK).enumerate() {
            let decoded = inference::decode(model, points)?;
            for (row, image) in decoded.chunks_exact(PIXELS).enumerate() {
                for (pixel, p) in image.iter().enumerate() {
                    ink[pixel * cells + block * BLOCK + row] = *p;
                }
            }
        }
        let log_prior = flat_values(&model.log_prior(&matrix(&points, 2)?)?)?;
        Ok(Self {
            square,
            ink,
            log_prior: log_prior.into_iter().map(f64::from).collect(),
            seen: vec![Seen::Unknown; PIXELS],
            log_likelihood: vec![0.0; cells],
        })
    }

    /// What is believed now that this is known; quick where little has changed since the last time.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] unless 784 pixels are given; as [`inference::decode`].
    pub fn look(&mut self, model: &dyn Model, seen: &[Seen]) -> Result<Picture> {
        self.learn(seen)?;
        let log_joint = self.log_joint();
        let total = logsumexp(&log_joint);
        let weights: Vec<f32> = log_joint.iter().map(|v| (v - total).exp() as f32).collect();
        let area = self.square.cell_area();
        let posterior = SquareDensity {
            square: self.square,
            density: weights
                .iter()
                .map(|w| (f64::from(*w) / area) as f32)
                .collect(),
        };
        let cells = weights.len();
        let heavy = HeavyCells::of(&weights);
        let mean = self.ink.chunks_exact(cells).map(|row| heavy.mean(row));
        let spread = self.spread(&log_joint, total);
        self.picture(
            model,
            total + area.ln(),
            (spread <= EXACT_NATS).then_some(spread),
            posterior,
            mean.collect(),
        )
    }

    /// The same for what was last looked at, integrated as finely as the posterior needs.
    ///
    /// # Errors
    ///
    /// As [`quadrature::posterior`] and [`Belief::look`].
    pub fn settle(&mut self, model: &dyn Model) -> Result<Picture> {
        let observation = self.observation()?;
        let fit = |decoded: &[f32]| -> Result<Vec<f64>> {
            let values = observation.explain(model, &mut decoded.to_vec())?;
            Ok(values.into_iter().map(f64::from).collect())
        };
        let found = quadrature::posterior_from(model, &fit, self.square, &self.log_joint())?;
        let mean = mean_over(model, &found)?;
        self.picture(
            model,
            found.log_likelihood,
            Some(found.tolerance),
            found.picture(),
            mean,
        )
    }

    /// Brings log p(what is known|z) up to date.
    fn learn(&mut self, seen: &[Seen]) -> Result<()> {
        if seen.len() != PIXELS {
            return Err(Error::shape(format!(
                "what is known must be told of {PIXELS} pixels; got {}",
                seen.len()
            )));
        }
        let cells = self.log_likelihood.len();
        let rows = self.ink.chunks_exact(cells);
        for ((row, before), now) in rows.zip(&mut self.seen).zip(seen) {
            if before == now {
                continue;
            }
            for (known, sign) in [(*before, -1.0), (*now, 1.0)] {
                let sums = self.log_likelihood.iter_mut().zip(row);
                match known {
                    Seen::Unknown => {}
                    Seen::Ink => sums.for_each(|(sum, p)| *sum += sign * log(*p)),
                    Seen::Paper => sums.for_each(|(sum, p)| *sum += sign * log(1.0 - *p)),
                }
            }
            *before = *now;
        }
        if self.seen.iter().all(|seen| *seen == Seen::Unknown) {
            // Adding and taking away leaves rounding errors behind.
            self.log_likelihood.fill(0.0);
        }
        Ok(())
    }

    fn log_joint(&self) -> Vec<f64> {
        let sums = self.log_likelihood.iter().zip(&self.log_prior);
        sums.map(|(likelihood, prior)| likelihood + prior).collect()
    }

    /// By how much, in nats, the sum over all cells differs from that over one in four of them, at most: those are a
    /// lattice of twice the spacing, so that this is more than the error of the sum.
    fn spread(&self, log_joint: &[f64], total: f64) -> f64 {
        let side = self.square.resolution;
        let of_quarter = |quarter: usize| {
            let cells = (0..log_joint.len())
                .filter(|cell| cell % side % 2 + 2 * (cell / side % 2) == quarter);
            let values: Vec<f64> = cells.map(|cell| log_joint[cell]).collect();
            (logsumexp(&values) + 4f64.ln() - total).abs()
        };
        (0..4).map(of_quarter).fold(0.0, f64::max)
    }

    fn observation(&self) -> Result<Observation> {
        let known = |seen: &Seen| *seen != Seen::Unknown;
        let mask = self.seen.iter().map(known).collect();
        let y: Vec<f32> = (self.seen.iter())
            .map(|seen| if *seen == Seen::Ink { 1.0 } else { 0.0 })
            .collect();
        Degradation::new(Operator::Mask(mask), Noise::None)?.observe(&y)
    }

    fn picture(
        &self,
        model: &dyn Model,
        log_evidence: f64,
        tolerance: Option<f64>,
        posterior: SquareDensity,
        mut mean: Vec<f32>,
    ) -> Result<Picture> {
        let modes = posterior.modes();
        let tops: Vec<f32> = modes.iter().flat_map(|mode| mode.z).collect();
        let mut images = if tops.is_empty() {
            Vec::new()
        } else {
            inference::decode(model, &tops)?
        };
        images
            .chunks_exact_mut(PIXELS)
            .for_each(|image| self.fill_in(image));
        self.fill_in(&mut mean);
        Ok(Picture {
            log_evidence,
            tolerance,
            posterior,
            mean,
            modes,
            images,
        })
    }

    /// Puts what is known into an image.
    fn fill_in(&self, image: &mut [f32]) {
        for (pixel, seen) in image.iter_mut().zip(&self.seen) {
            match seen {
                Seen::Unknown => {}
                Seen::Ink => *pixel = 1.0,
                Seen::Paper => *pixel = 0.0,
            }
        }
    }
}

/// Of a probability, in f64.
fn log(p: f32) -> f64 {
    f64::from(p.max(SMALLEST)).ln()
}

/// E[x|z] over the points that carry the posterior, `[784]`.
fn mean_over(model: &dyn Model, found: &GridPosterior) -> Result<Vec<f32>> {
    let mut sums = vec![0f64; PIXELS];
    let blocks = found.points.chunks(2 * BLOCK);
    for (points, weights) in blocks.zip(found.weights.chunks(BLOCK)) {
        let decoded = model
            .likelihood()
            .mean(&matrix(&decode_raw(model, points)?, PIXELS)?)?;
        let decoded = flat_values(&decoded)?;
        for (row, weight) in decoded.chunks_exact(PIXELS).zip(weights) {
            for (sum, p) in sums.iter_mut().zip(row) {
                *sum += weight * f64::from(*p);
            }
        }
    }
    Ok(sums.into_iter().map(|sum| sum as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{self, ModelSpec};
    use crate::repair::posterior::on_grid;

    fn model() -> Box<dyn Model> {
        let spec =
            serde_json::json!({"model": "vae", "latents": 2, "hidden": [16], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
        // Untrained decoders hardly depend on z: wider weights give them something to say.
        let mut values = model.parameters().values().unwrap();
        values.iter_mut().flatten().for_each(|v| *v *= 2.5);
        model.parameters().set_values(&values).unwrap();
        model
    }

    /// Every third pixel of some image.
    fn third(of: usize) -> Vec<Seen> {
        (0..PIXELS)
            .map(|pixel| match (pixel % 3 == 0, (pixel / 7) % of == 0) {
                (false, _) => Seen::Unknown,
                (true, true) => Seen::Ink,
                (true, false) => Seen::Paper,
            })
            .collect()
    }

    #[test]
    fn with_nothing_known_it_is_the_prior() {
        let model = model();
        let found = Belief::new(model.as_ref())
            .unwrap()
            .look(model.as_ref(), &[Seen::Unknown; PIXELS])
            .unwrap();
        assert!(found.log_evidence.abs() < 1e-4, "{}", found.log_evidence);
        assert!(found.tolerance.unwrap() < 1e-4);
        assert_eq!(found.modes.len(), 1);
    }

    #[test]
    fn it_is_what_exact_integration_says() {
        let model = model();
        let mut belief = Belief::new(model.as_ref()).unwrap();
        for known in [third(2), third(5)] {
            let quick = belief.look(model.as_ref(), &known).unwrap();
            let settled = belief.settle(model.as_ref()).unwrap();
            let wanted = on_grid(model.as_ref(), &belief.observation().unwrap()).unwrap();
            let tolerance = 2.0 * EXACT_NATS;
            assert!((settled.log_evidence - wanted.log_likelihood).abs() < tolerance);
            if quick.tolerance.is_some() {
                assert!((quick.log_evidence - wanted.log_likelihood).abs() < tolerance);
            }
            for (pixel, (quick, settled)) in quick.mean.iter().zip(&settled.mean).enumerate() {
                assert!((quick - settled).abs() < 0.01, "{pixel}: {quick} {settled}");
            }
            let repaired = crate::repair::repair(
                model.as_ref(),
                &belief.observation().unwrap(),
                crate::repair::Options::default(),
            );
            for (settled, wanted) in settled.mean.iter().zip(&repaired.unwrap().mean) {
                assert!((settled - wanted).abs() < 1e-3, "{settled} {wanted}");
            }
        }
    }

    #[test]
    fn of_a_whole_image_it_is_log_p_of_x() {
        let model = model();
        let mut belief = Belief::new(model.as_ref()).unwrap();
        let whole: Vec<Seen> = (0..PIXELS)
            .map(|pixel| match (pixel / 7) % 3 {
                0 => Seen::Ink,
                _ => Seen::Paper,
            })
            .collect();
        let quick = belief.look(model.as_ref(), &whole).unwrap();
        let settled = belief.settle(model.as_ref()).unwrap();
        let pixels: Vec<f32> = whole
            .iter()
            .map(|seen| f32::from(*seen == Seen::Ink))
            .collect();
        let wanted = quadrature::Grid::new(model.as_ref())
            .unwrap()
            .posterior(model.as_ref(), &pixels)
            .unwrap();
        assert!((settled.log_evidence - wanted.log_likelihood).abs() < 2.0 * EXACT_NATS);
        assert_eq!(settled.mean, pixels);
        assert_eq!(quick.mean, pixels);
    }

    #[test]
    fn the_way_to_what_is_known_does_not_matter() {
        let model = model();
        let mut belief = Belief::new(model.as_ref()).unwrap();
        let direct = belief.look(model.as_ref(), &third(5)).unwrap();
        belief.look(model.as_ref(), &third(2)).unwrap();
        belief
            .look(model.as_ref(), &[Seen::Unknown; PIXELS])
            .unwrap();
        let again = belief.look(model.as_ref(), &third(5)).unwrap();
        assert!((direct.log_evidence - again.log_evidence).abs() < 1e-6);
        assert!(belief.look(model.as_ref(), &[Seen::Ink; 3]).is_err());
    }

    #[test]
    fn other_models_are_refused() {
        let spec = serde_json::json!({"model": "vae", "latents": 3, "hidden": [8]});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
        assert_eq!(
            Belief::new(model.as_ref()).unwrap_err().code(),
            "unsupported"
        );
    }
}
