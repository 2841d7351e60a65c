//! The ways to log p(x), by name, and which of them a model has.

use super::ais::{self, Ais};
use super::importance::Importance;
use super::naive::Naive;
use super::quadrature::Grid;
use super::{Estimate, StreamingEstimator, classes, exact};
use crate::math::{check_image, check_pixels};
use crate::models::{Model, require_one_class};
use crate::{Error, PIXELS, Result, Rng};

/// Most draws, or chains, for one image.
pub const MOST_DRAWS: usize = 1_000_000;

/// A way to log p(x).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// Draws from the prior.
    Naive,
    /// Draws from the encoder.
    Importance,
    /// Chains from the prior to the posterior.
    Annealed(ais::Options),
    /// Exact integration, for two latents.
    Quadrature,
    /// In closed form or as a finite sum, for models that know it.
    Exact,
}

impl Estimator {
    /// The names that [`Estimator::parse`] knows.
    pub const NAMES: [&'static str; 5] = ["naive", "importance", "annealed", "quadrature", "exact"];

    /// The estimator of this name, annealing as carefully as it does by default.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "naive" => Ok(Self::Naive),
            "importance" => Ok(Self::Importance),
            "annealed" if cfg!(feature = "complete") => Ok(Self::Annealed(ais::Options::default())),
            "quadrature" => Ok(Self::Quadrature),
            "exact" => Ok(Self::Exact),
            _ => Err(Error::argument(format!(
                "there is no estimator \"{name}\"; there are {}",
                Self::NAMES.join(", ")
            ))),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Importance => "importance",
            Self::Annealed(_) => "annealed",
            Self::Quadrature => "quadrature",
            Self::Exact => "exact",
        }
    }

    /// Whether its values may be called exact: their error is below [`super::EXACT_NATS`].
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Quadrature | Self::Exact)
    }

    /// The estimators that this model has, the best first; none for a model without p(x).
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a learned prior cannot be computed.
    pub fn of(model: &dyn Model) -> Result<Vec<Self>> {
        let Some(prior) = model.prior()? else {
            return Ok(Vec::new());
        };
        let is_continuous = prior.kind().is_continuous();
        let mut found = Vec::new();
        if model.capabilities().exact {
            found.push(Self::Exact);
        }
        if is_continuous && model.latents() == 2 {
            found.push(Self::Quadrature);
        }
        found.push(Self::Importance);
        if is_continuous && cfg!(feature = "complete") {
            found.push(Self::Annealed(ais::Options::default()));
        }
        found.push(Self::Naive);
        Ok(found)
    }

    /// How many draws (or chains) usually give a useful estimate; 0 for the exact ones.
    pub fn usual_draws(self) -> usize {
        match self {
            Self::Naive | Self::Importance => 500,
            Self::Annealed(_) => 16,
            Self::Quadrature | Self::Exact => 0,
        }
    }

    /// Ready to draw for one image.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for annealing options out of their ranges, and for an exact estimator, which draws nothing;
    /// [`Error::Tensor`] when the image does not fit the model; as [`require_one_class`].
    pub fn start<'a>(
        self,
        model: &'a dyn Model,
        pixels: &[f32],
        rng: Rng,
    ) -> Result<Box<dyn StreamingEstimator + 'a>> {
        require_one_class(model)?;
        Ok(match self {
            Self::Naive => Box::new(Naive::new(model, pixels, rng)?),
            Self::Importance => Box::new(Importance::new(model, pixels, rng)?),
            Self::Annealed(options) if cfg!(feature = "complete") => {
                Box::new(Ais::new(model, pixels, options, rng)?)
            }
            Self::Quadrature | Self::Exact | Self::Annealed(_) => {
                return Err(Error::argument(format!(
                    "\"{}\" gives its answer at once and draws nothing",
                    self.name()
                )));
            }
        })
    }
}

/// Which way to log p(x), and how far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The way.
    pub estimator: Estimator,
    /// Draws, or chains, for each image; the exact estimators ignore it.
    pub draws: usize,
    /// Fixes the draws.
    pub seed: u64,
}

impl Options {
    /// With the usual number of draws.
    pub fn usual(estimator: Estimator, seed: u64) -> Self {
        Self {
            estimator,
            draws: estimator.usual_draws(),
            seed,
        }
    }
}

/// log p(x) of one image, nats. For a model that sums over classes this is log sum_y p(y) p(x|y), and the number of draws
/// is for each class.
///
/// # Shapes
///
/// image `[784]`.
///
/// # Errors
///
/// As [`check_image`]; [`Error::Unsupported`] for an estimator that the model does not have (see [`Estimator::of`]);
/// [`Error::InvalidArgument`] for no draws or more than a million; [`Error::NonFinite`] when the model's weights have
/// diverged, when no draw explains the image at all, or when its posterior cannot be integrated.
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
/// use latent_canvas::estimators::{self, Estimator, Options};
///
/// let options = Options { draws: 200, ..Options::usual(Estimator::Importance, 1) };
/// let found = estimators::estimate(model, &digit, options)?;
/// assert!(found.log_likelihood < 0.0 && found.standard_error >= 0.0);
/// # Ok::<(), latent_canvas::Error>(())
/// ```
pub fn estimate(model: &dyn Model, image: &[f32], options: Options) -> Result<Estimate> {
    Estimation::new(model, options)?.estimate(model, image, 0)
}

/// log p(x) of each image, nats; image i draws from the stream (seed, i).
///
/// # Shapes
///
/// pixels `[n, 784]` -> n estimates.
///
/// # Errors
///
/// As [`estimate`] and [`check_pixels`].
pub fn estimates(model: &dyn Model, pixels: &[f32], options: Options) -> Result<Vec<Estimate>> {
    check_pixels(pixels)?;
    let estimation = Estimation::new(model, options)?;
    let images = pixels.chunks_exact(PIXELS).enumerate();
    images
        .map(|(index, image)| estimation.estimate(model, image, index))
        .collect()
}

/// What is prepared once for a model and used for every image.
#[derive(Clone, Debug)]
pub struct Estimation {
    options: Options,
    grid: Option<Grid>,
    /// The same for the model of each class, where the model sums over classes.
    of_each_class: Vec<Self>,
}

impl Estimation {
    /// Gets ready.
    ///
    /// # Errors
    ///
    /// As [`estimate`].
    pub fn new(model: &dyn Model, options: Options) -> Result<Self> {
        let Options {
            estimator, draws, ..
        } = options;
        if !estimator.is_exact() && !(1..=MOST_DRAWS).contains(&draws) {
            return Err(Error::argument(format!(
                "samples must be 1 to {MOST_DRAWS}; got {draws}"
            )));
        }
        let by_class = classes::of_each(model)?.into_iter();
        let of_each_class = by_class
            .map(|model| Self::new(model.as_ref(), options))
            .collect::<Result<Vec<_>>>()?;
        if !of_each_class.is_empty() {
            return Ok(Self {
                options,
                grid: None,
                of_each_class,
            });
        }
        let grid = if estimator == Estimator::Quadrature {
            Some(Grid::new(model)?)
        } else {
            None
        };
        Ok(Self {
            options,
            grid,
            of_each_class,
        })
    }

    /// log p(x) of one image by the model that this was made for. `index` is its place in a larger set, so that a set that is
    /// worked through in parts gives the same numbers as one in one piece.
    ///
    /// # Errors
    ///
    /// As [`estimate`].
    pub fn estimate(&self, model: &dyn Model, image: &[f32], index: usize) -> Result<Estimate> {
        check_image(image)?;
        if !self.of_each_class.is_empty() {
            let by_class = classes::of_each(model)?;
            if !self.options.estimator.is_exact() {
                return classes::draw(&by_class, image, self.options, self.rng(index));
            }
            let pairs = self.of_each_class.iter().zip(&by_class);
            let found = pairs.map(|(own, model)| own.estimate(model.as_ref(), image, index));
            return classes::sum(&found.collect::<Result<Vec<_>>>()?);
        }
        if let Some(grid) = &self.grid {
            return Ok(grid.posterior(model, image)?.estimate());
        }
        let Options {
            estimator, draws, ..
        } = self.options;
        if estimator == Estimator::Exact {
            return Ok(Estimate::exact(exact::log_likelihoods(model, image)?[0]));
        }
        estimator
            .start(model, image, self.rng(index))?
            .advance(draws)
    }

    fn rng(&self, index: usize) -> Rng {
        let Options {
            estimator, seed, ..
        } = self.options;
        let rng = Rng::from_seed(seed).split(estimator.name());
        rng.split_index("image", index as u64)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::{self, ModelSpec};

    fn names(spec: &serde_json::Value) -> Vec<&'static str> {
        let model = models::build(&ModelSpec::from_json(spec).unwrap(), 1).unwrap();
        let found = Estimator::of(model.as_ref()).unwrap();
        found.into_iter().map(Estimator::name).collect()
    }

    #[test]
    fn names_are_matched_both_ways() {
        for name in Estimator::NAMES {
            assert_eq!(Estimator::parse(name).unwrap().name(), name);
        }
        assert_eq!(
            Estimator::parse("grid").unwrap_err().code(),
            "invalid-argument"
        );
    }

    #[test]
    fn a_model_is_asked_for_what_it_has() {
        let drawing = ["importance", "annealed", "naive"];
        assert_eq!(
            names(&json!({"model": "vae", "latents": 8, "hidden": [4]})),
            drawing
        );
        let two = ["quadrature", "importance", "annealed", "naive"];
        assert_eq!(
            names(&json!({"model": "vae", "latents": 2, "hidden": [4]})),
            two
        );
        let linear = ["exact", "quadrature", "importance", "annealed", "naive"];
        assert_eq!(names(&json!({"model": "ppca", "latents": 2})), linear);
        assert_eq!(
            names(&json!({"model": "ae", "latents": 2, "hidden": [4]})),
            [""; 0]
        );
        // A sum over the values of one variable is short, over those of three it is not.
        let categorical = |variables| json!({"model": "categorical-vae", "variables": variables, "categories": 10, "hidden": [4]});
        assert_eq!(names(&categorical(1)), ["exact", "importance", "naive"]);
        assert_eq!(names(&categorical(12)), ["importance", "naive"]);
    }

    #[test]
    fn parts_give_the_numbers_of_the_whole() {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [8], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap();
        let x =
            crate::distributions::bernoulli::sample(&vec![0.4; 3 * PIXELS], &mut Rng::from_seed(1));
        let options = Options {
            estimator: Estimator::Importance,
            draws: 20,
            seed: 5,
        };
        let whole = estimates(model.as_ref(), &x, options).unwrap();
        let estimation = Estimation::new(model.as_ref(), options).unwrap();
        let last = estimation
            .estimate(model.as_ref(), &x[2 * PIXELS..], 2)
            .unwrap();
        assert_eq!(whole[2], last);
        let none = Options {
            draws: 0,
            ..options
        };
        assert_eq!(
            estimates(model.as_ref(), &x, none).unwrap_err().code(),
            "invalid-argument"
        );
    }
}
