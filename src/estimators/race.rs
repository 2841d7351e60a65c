//! Estimators of log p(x) that run in short pieces, so that they can be watched side by side.

use std::rc::Rc;

use super::ais::{self, AnnealingSteps, Direction};
use super::importance::Importance;
use super::iwae::Iwae;
use super::naive::Naive;
use super::{Estimate, StreamingEstimator, classes};
use crate::math::check_image;
use crate::models::{Handle, Model};
use crate::{Error, Result, Rng};

/// How a runner estimates log p(x).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Draws from the prior: unbiased for p(x).
    Naive,
    /// Draws from the encoder: unbiased for p(x).
    Importance,
    /// Groups of this many draws from the encoder: a lower bound in expectation.
    Iwae(usize),
    /// Annealed chains from the prior or from the posterior: a bound in expectation.
    Annealed(ais::Options, Direction),
}

impl Way {
    /// The names that [`Way::parse`] knows.
    pub const NAMES: [&'static str; 5] = [
        "naive",
        "importance",
        "iwae",
        "annealed",
        "reverse-annealed",
    ];

    /// The way of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str, in_group: usize, annealing: ais::Options) -> Result<Self> {
        Ok(match name {
            "naive" => Self::Naive,
            "importance" => Self::Importance,
            "iwae" => Self::Iwae(in_group),
            "annealed" => Self::Annealed(annealing, Direction::Up),
            "reverse-annealed" => Self::Annealed(annealing, Direction::Down),
            _ => {
                return Err(Error::argument(format!(
                    "nobody runs as \"{name}\"; there are {}",
                    Self::NAMES.join(", ")
                )));
            }
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Importance => "importance",
            Self::Iwae(_) => "iwae",
            Self::Annealed(_, Direction::Up) => "annealed",
            Self::Annealed(_, Direction::Down) => "reverse-annealed",
        }
    }
}

#[derive(Debug)]
enum Stream {
    /// Of the model; or of the model of each class, where p(x) sums over them.
    Draws(Vec<Box<dyn StreamingEstimator>>),
    Groups(Iwae<'static>),
    Annealing(Box<AnnealingSteps<'static>>),
}

/// log p(x) of one image by one way, a piece at a time. It keeps its model.
#[derive(Debug)]
pub struct Runner {
    stream: Stream,
    decoder_evaluations: usize,
}

impl Runner {
    /// Ready to go. Naive and importance draws are those of [`super::estimate`] with the same seed.
    ///
    /// # Errors
    ///
    /// As [`check_image`]; [`Error::Unsupported`] for a way that the model does not have;
    /// [`Error::InvalidArgument`] for sizes out of their ranges.
    pub fn new(model: Rc<dyn Model>, image: &[f32], way: Way, seed: u64) -> Result<Self> {
        check_image(image)?;
        let rng = Rng::from_seed(seed)
            .split(way.name())
            .split_index("image", 0);
        let of_each: Vec<Rc<dyn Model>> = classes::of_each(model.as_ref())?
            .into_iter()
            .map(Rc::from)
            .collect();
        let summed = !of_each.is_empty();
        let models = || {
            let models = if summed {
                of_each.clone()
            } else {
                vec![model.clone()]
            };
            models.into_iter().map(Handle::Shared)
        };
        let rng_of = |class: usize| {
            if summed {
                rng.split_index("class", class as u64)
            } else {
                rng.clone()
            }
        };
        let stream = match way {
            Way::Naive => Stream::Draws(
                models()
                    .enumerate()
                    .map(|(class, model)| {
                        let naive = Naive::held(model, image, rng_of(class))?;
                        Ok(Box::new(naive) as Box<dyn StreamingEstimator>)
                    })
                    .collect::<Result<_>>()?,
            ),
            Way::Importance => Stream::Draws(
                models()
                    .enumerate()
                    .map(|(class, model)| {
                        let importance = Importance::held(model, image, rng_of(class))?;
                        Ok(Box::new(importance) as Box<dyn StreamingEstimator>)
                    })
                    .collect::<Result<_>>()?,
            ),
            Way::Iwae(in_group) => {
                Stream::Groups(Iwae::held(models().collect(), image, in_group, rng)?)
            }
            Way::Annealed(options, direction) => Stream::Annealing(Box::new(AnnealingSteps::new(
                Handle::Shared(model.clone()),
                image,
                options,
                direction,
                rng,
            )?)),
        };
        let mut runner = Self {
            stream,
            decoder_evaluations: 0,
        };
        if let Stream::Annealing(steps) = &runner.stream {
            runner.decoder_evaluations = steps.decoder_evaluations();
        }
        Ok(runner)
    }

    /// Takes `draws` more draws (of each class, where p(x) sums over classes), groups of draws, or temperatures of the chains
    /// on their way; gives the estimate from everything so far, once there is one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for no draws; as [`StreamingEstimator::advance`].
    pub fn advance(&mut self, draws: usize) -> Result<Option<Estimate>> {
        if draws == 0 {
            return Err(Error::argument("a runner goes on by at least one draw"));
        }
        let found = match &mut self.stream {
            Stream::Draws(streams) => {
                let found = streams.iter_mut().map(|stream| stream.advance(draws));
                let found = found.collect::<Result<Vec<_>>>()?;
                match found.as_slice() {
                    [one] => Some(*one),
                    of_each => Some(classes::sum(of_each)?),
                }
            }
            Stream::Groups(groups) => Some(groups.advance(draws)?),
            Stream::Annealing(steps) => steps.advance(draws)?,
        };
        self.decoder_evaluations = match (&self.stream, &found) {
            (Stream::Annealing(steps), _) => steps.decoder_evaluations(),
            (_, Some(found)) => found.decoder_evaluations,
            (_, None) => self.decoder_evaluations,
        };
        Ok(found)
    }

    /// How many codes were decoded so far, including those of chains that are still on their way.
    pub fn decoder_evaluations(&self) -> usize {
        self.decoder_evaluations
    }

    /// Whether the chains that give the upper bound start from draws of the posterior itself, not from other chains.
    pub fn starts_at_posterior(&self) -> bool {
        match &self.stream {
            Stream::Annealing(steps) => steps.starts_at_posterior(),
            Stream::Draws(_) | Stream::Groups(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::data::Dataset;
    use crate::distributions::bernoulli;
    use crate::estimators::{Estimator, Options, estimate};
    use crate::models::{self, ModelSpec, inference};
    use crate::{PIXELS, checkpoint};

    const ANNEALING: ais::Options = ais::Options {
        temperatures: 60,
        leapfrogs: 4,
    };

    fn runner(model: &Rc<dyn Model>, image: &[f32], way: Way) -> Runner {
        Runner::new(model.clone(), image, way, 5).unwrap()
    }

    fn built(spec: &serde_json::Value) -> Rc<dyn Model> {
        Rc::from(models::build(&ModelSpec::from_json(spec).unwrap(), 4).unwrap())
    }

    /// Draws in pieces are the draws of the command line with the same seed.
    #[test]
    fn pieces_add_up_to_the_estimate_of_the_same_seed() {
        let model =
            built(&json!({"model": "vae", "latents": 2, "hidden": [8], "activation": "tanh"}));
        let image = bernoulli::sample(&[0.4; PIXELS], &mut Rng::from_seed(1));
        for (way, estimator) in [
            (Way::Naive, Estimator::Naive),
            (Way::Importance, Estimator::Importance),
        ] {
            let mut runner = runner(&model, &image, way);
            for draws in [1, 2, 17] {
                runner.advance(draws).unwrap();
            }
            let found = runner.advance(80).unwrap().unwrap();
            let options = Options {
                estimator,
                draws: 100,
                seed: 5,
            };
            let whole = estimate(model.as_ref(), &image, options).unwrap();
            assert_eq!(found.decoder_evaluations, 100);
            assert!((found.log_likelihood - whole.log_likelihood).abs() < 1e-4);
        }
    }

    /// On a digit and the shipped model of stroke digits, where integration gives the true value: importance sampling agrees
    /// within its errors, each bound lies on its side and near, and the first naive draws all miss.
    #[test]
    fn runners_come_at_the_exact_value_from_their_sides() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model: Rc<dyn Model> = Rc::from(checkpoint::load(bytes).unwrap().model);
        let grey = Dataset::strokes(4, 3).unwrap().images(2, 1).unwrap();
        let image = inference::as_drawn(model.as_ref(), grey);
        let exact = estimate(
            model.as_ref(),
            &image,
            Options::usual(Estimator::Quadrature, 1),
        );
        let exact = exact.unwrap().log_likelihood;
        let run = |way, pieces: usize, draws: usize| {
            let mut runner = runner(&model, &image, way);
            let found = (0..pieces).map(|_| runner.advance(draws).unwrap());
            (
                found.last().flatten().unwrap(),
                runner.starts_at_posterior(),
            )
        };
        let (importance, _) = run(Way::Importance, 40, 100);
        let error = (importance.log_likelihood - exact).abs();
        assert!(
            error < 5.0 * importance.standard_error,
            "{importance:?} {exact}"
        );
        let (naive, _) = run(Way::Naive, 3, 10);
        assert!(naive.log_likelihood < exact - 1.0, "{naive:?} {exact}");
        let (bound, _) = run(Way::Iwae(5), 400, 1);
        let error = 5.0 * bound.standard_error;
        assert!(bound.log_likelihood < exact + error, "{bound:?} {exact}");
        let up = Way::Annealed(ANNEALING, Direction::Up);
        let (below, _) = run(up, 60 * 11, 1);
        let down = Way::Annealed(ANNEALING, Direction::Down);
        let (above, starts_at_posterior) = run(down, 60 * 11, 1);
        assert!(starts_at_posterior);
        let error = 5.0 * below.standard_error;
        assert!(
            (below.log_likelihood - exact).abs() < error + 0.1,
            "{below:?} {exact}"
        );
        let error = 5.0 * above.standard_error;
        assert!(
            (above.log_likelihood - exact).abs() < error + 0.1,
            "{above:?} {exact}"
        );
    }

    /// A closed form: 32 principal components, whose q(z|x) is the posterior.
    #[test]
    fn principal_components_are_come_at_from_above() {
        let bytes = include_bytes!("../../www/public/models/ppca-32.safetensors");
        let model: Rc<dyn Model> = Rc::from(checkpoint::load(bytes).unwrap().model);
        let image = Dataset::strokes(4, 3).unwrap().images(2, 1).unwrap();
        let exact = estimate(model.as_ref(), &image, Options::usual(Estimator::Exact, 1));
        let exact = exact.unwrap().log_likelihood;
        let careful = ais::Options {
            temperatures: 300,
            leapfrogs: 8,
        };
        let down = Way::Annealed(careful, Direction::Down);
        let mut from_above = runner(&model, &image, down);
        assert!(from_above.starts_at_posterior());
        let above = from_above.advance(300 * 5).unwrap().unwrap();
        let error = 5.0 * above.standard_error + 0.5;
        assert!(above.log_likelihood > exact - error, "{above:?} {exact}");
        assert!(above.log_likelihood < exact + 40.0, "{above:?} {exact}");
        let found = runner(&model, &image, Way::Importance)
            .advance(50)
            .unwrap()
            .unwrap();
        assert!(
            (found.log_likelihood - exact).abs() < 0.1,
            "{found:?} {exact}"
        );
    }

    /// p(x) = sum_y p(y) p(x|y): the same number of draws for each class.
    #[test]
    fn a_model_that_sums_over_classes_runs_in_all_of_them() {
        let model =
            built(&json!({"model": "cvae", "latents": 2, "hidden": [8], "activation": "tanh"}));
        let image = bernoulli::sample(&[0.4; PIXELS], &mut Rng::from_seed(1));
        let exact = estimate(
            model.as_ref(),
            &image,
            Options::usual(Estimator::Quadrature, 1),
        );
        let exact = exact.unwrap().log_likelihood;
        let found = runner(&model, &image, Way::Importance)
            .advance(4000)
            .unwrap()
            .unwrap();
        assert_eq!(found.decoder_evaluations, 40_000);
        let error = 5.0 * found.standard_error + 0.005;
        assert!(
            (found.log_likelihood - exact).abs() < error,
            "{found:?} {exact}"
        );
        let bound = runner(&model, &image, Way::Iwae(20))
            .advance(200)
            .unwrap()
            .unwrap();
        assert_eq!(bound.decoder_evaluations, 40_000);
        assert!(bound.log_likelihood < exact + 5.0 * bound.standard_error);
        let way = Way::Annealed(ANNEALING, Direction::Up);
        let refused = Runner::new(model, &image, way, 1).unwrap_err();
        assert_eq!(refused.code(), "unsupported");
    }

    #[test]
    fn who_cannot_run_is_refused() {
        let ways = Way::NAMES.map(|name| Way::parse(name, 5, ANNEALING).unwrap());
        assert_eq!(ways.map(Way::name), Way::NAMES);
        let unknown = Way::parse("grid", 5, ANNEALING).unwrap_err();
        assert_eq!(unknown.code(), "invalid-argument");
        let autoencoder = built(&json!({"model": "ae", "latents": 2, "hidden": [4]}));
        for way in ways {
            let refused = Runner::new(autoencoder.clone(), &[0.0; PIXELS], way, 1).unwrap_err();
            assert_eq!(refused.code(), "unsupported");
        }
        let model = built(&json!({"model": "vae", "latents": 2, "hidden": [4]}));
        let mut runner = runner(&model, &[0.0; PIXELS], Way::Naive);
        assert_eq!(runner.advance(0).unwrap_err().code(), "invalid-argument");
        let short = Runner::new(model, &[0.0; 3], Way::Naive, 1).unwrap_err();
        assert_eq!(short.code(), "shape");
    }
}
