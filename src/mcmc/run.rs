//! Runs of chains: a warm-up that finds the size of the moves, then draws.

use candle_core::Tensor;

use super::{DualAveraging, Kernel, Target, diagnostics};
use crate::models::{Model, continuous_prior};
use crate::nn::tensors::{flat_values, matrix};
use crate::{Error, Result, Rng};

/// Draws of all chains together, and steps before them.
const MOST: usize = 1_000_000;

/// Where chains start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// All around the encoder's answer, twice as wide as it is sure of it: soon there, and blind to what lies elsewhere.
    #[default]
    Encoder,
    /// The first chain around the encoder's answer, the others at draws of the prior: chains that end in different
    /// places tell that there are several.
    Prior,
}

impl Start {
    /// The names that [`Start::parse`] knows.
    pub const NAMES: [&'static str; 2] = ["encoder", "prior"];

    /// The start of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "encoder" => Ok(Self::Encoder),
            "prior" => Ok(Self::Prior),
            _ => Err(Error::argument(format!(
                "chains cannot start at \"{name}\"; they start at one of {}",
                Self::NAMES.join(", ")
            ))),
        }
    }

    /// The first places of so many chains, `[C, K]`.
    fn places(
        self,
        target: &Target<'_>,
        x: &Tensor,
        chains: usize,
        rng: &mut Rng,
    ) -> Result<Vec<f32>> {
        let latents = target.model().latents();
        let q = target.model().encode(x)?.moments()?.repeat(chains)?;
        let wide = (matrix(&rng.normals(chains * latents), latents)? * 2.0)?;
        let mut places = flat_values(&q.reparameterise(&wide)?)?;
        if self == Self::Prior {
            let drawn = target.prior().sample(chains - 1, 1.0, rng)?;
            places[latents..].copy_from_slice(&drawn);
        }
        Ok(places)
    }
}

/// How long to run, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Chains, at least 2.
    pub chains: usize,
    /// Steps before the first draw, in which the size of the moves is found; it is frozen then.
    pub warm_up: usize,
    /// Draws of each chain, at least 4.
    pub draws: usize,
    /// Where the chains start.
    pub start: Start,
    /// Fixes everything random.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            chains: 4,
            warm_up: 500,
            draws: 1000,
            start: Start::Encoder,
            seed: 1,
        }
    }
}

impl Options {
    fn validate(self) -> Result<()> {
        let Self {
            chains,
            warm_up,
            draws,
            ..
        } = self;
        if chains < 2 || draws < 4 {
            return Err(Error::argument(format!(
                "a run needs 2 chains and 4 draws at least; got {chains} and {draws}"
            )));
        }
        if chains.saturating_mul(draws) > MOST || warm_up > MOST {
            return Err(Error::argument(format!(
                "a run makes at most {MOST} draws after as many steps; got {draws} draws of {chains} chains after {warm_up}"
            )));
        }
        Ok(())
    }
}

/// What the chains found.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// `[draws, chains, K]`.
    pub z: Vec<f32>,
    /// Share of the proposals that were accepted.
    pub acceptance: f64,
    /// The size of the moves that the draws were made with, if the kernel has one.
    pub scale: Option<f64>,
    /// Split R-hat of each latent: 1 when the chains agree, above about 1.01 when they do not.
    pub r_hat: Vec<f64>,
    /// Independent draws that would say as much, of each latent.
    pub effective_samples: Vec<f64>,
}

/// Runs chains on the posterior of an image.
///
/// # Errors
///
/// As [`explore`].
pub fn sample(
    model: &dyn Model,
    x: &Tensor,
    kernel: &mut dyn Kernel,
    options: Options,
) -> Result<Draws> {
    options.validate()?;
    let target = Target::new(model, x, options.chains)?;
    explore(&target, x, kernel, options)
}

/// Runs chains on a target; those that start at the encoder's answer take its answer for the image x `[1, D]`.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for fewer than 2 chains or 4 draws, or more than a million draws or steps of warm-up;
/// [`Error::NonFinite`] when the model's
/// weights have diverged; [`Error::Tensor`] when x does not fit the model.
pub fn explore(
    target: &Target<'_>,
    x: &Tensor,
    kernel: &mut dyn Kernel,
    options: Options,
) -> Result<Draws> {
    options.validate()?;
    let Options {
        chains,
        warm_up,
        draws,
        start,
        seed,
    } = options;
    let mut rng = Rng::from_seed(seed).split("chains");
    let model = target.model();
    let latents = model.latents();
    continuous_prior(model)?;
    let mut state = target.state(start.places(target, x, chains, &mut rng)?)?;
    if !(0..chains).all(|chain| state.log_joint(chain, target.beta()).is_finite()) {
        return Err(Error::NonFinite(
            "log p(x, z) is not finite: the model's weights have diverged".to_owned(),
        ));
    }

    let mut adaptation = kernel
        .scale()
        .map(|scale| DualAveraging::new(*scale.size, scale.largest, scale.wanted_acceptance));
    for step in 1..=warm_up {
        let accepted = kernel.step(target, &mut state, &mut rng)?;
        if let (Some(adaptation), Some(scale)) = (&mut adaptation, kernel.scale()) {
            let next = adaptation.update(accepted.iter().sum::<f64>() / chains as f64);
            *scale.size = if step == warm_up {
                adaptation.settled()
            } else {
                next
            };
        }
    }

    let mut z = Vec::with_capacity(draws * chains * latents);
    let mut accepted = 0.0;
    for _ in 0..draws {
        accepted += kernel
            .step(target, &mut state, &mut rng)?
            .iter()
            .sum::<f64>();
        z.extend_from_slice(state.z());
    }
    let traces: Vec<Vec<Vec<f64>>> = (0..latents)
        .map(|k| {
            let trace = |chain| {
                let first = z.iter().skip(chain * latents + k);
                first
                    .step_by(chains * latents)
                    .map(|v| f64::from(*v))
                    .collect()
            };
            (0..chains).map(trace).collect()
        })
        .collect();
    Ok(Draws {
        acceptance: accepted / (draws * chains) as f64,
        scale: kernel.scale().map(|scale| *scale.size),
        r_hat: traces
            .iter()
            .map(|chains| diagnostics::split_r_hat(chains))
            .collect(),
        effective_samples: traces
            .iter()
            .map(|chains| diagnostics::effective_samples(chains))
            .collect(),
        z,
    })
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::PIXELS;
    use crate::checkpoint;
    use crate::estimators::quadrature::Grid;
    use crate::mcmc::{Evidence, Hmc, KERNELS, PreconditionedCrankNicolson, kernel};
    use crate::models::linear_gaussian::LinearGaussian;

    /// The posterior is N(x / 2, 1 / 2). Every mean within five standard errors by its own effective
    /// sample size (24 of them: one false alarm in 70,000), every variance within a tenth.
    #[test]
    fn every_kernel_finds_a_known_posterior() {
        let model = LinearGaussian::new(3);
        // Not the posterior, or the independent proposals were no test.
        model
            .mean_slope
            .set(&(model.mean_slope.as_tensor() * 0.6).unwrap())
            .unwrap();
        let values = [2.0f32, -1.0, 0.4];
        let x = Tensor::from_slice(&values, (1, 3), &Device::Cpu).unwrap();
        let options = Options {
            draws: 6000,
            ..Options::default()
        };
        for name in KERNELS {
            let mut kernel = kernel(name, &model, &x).unwrap();
            let wanted_rate = kernel.scale().map(|scale| scale.wanted_acceptance);
            let found = sample(&model, &x, kernel.as_mut(), options).unwrap();
            if let Some(wanted) = wanted_rate {
                assert!(
                    (found.acceptance - wanted).abs() < 0.08,
                    "{name} {}",
                    found.acceptance
                );
            }
            for (k, x) in values.iter().enumerate() {
                let draws: Vec<f64> = found
                    .z
                    .iter()
                    .skip(k)
                    .step_by(3)
                    .map(|z| f64::from(*z))
                    .collect();
                let count = draws.len() as f64;
                let mean = draws.iter().sum::<f64>() / count;
                let variance = draws.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / count;
                let error = (0.5 / found.effective_samples[k]).sqrt();
                let wanted = f64::from(*x) / 2.0;
                assert!(
                    (mean - wanted).abs() < 5.0 * error,
                    "{name} {k}: {mean} of {wanted}, {error}"
                );
                assert!((variance / 0.5 - 1.0).abs() < 0.1, "{name} {k}: {variance}");
                assert!(found.r_hat[k] < 1.02, "{name} {k}: {}", found.r_hat[k]);
                assert!(found.effective_samples[k] > 300.0, "{name} {k}");
            }
        }
    }

    /// Without the likelihood the target is the prior, and half of it lies between.
    #[test]
    fn beta_bridges_the_prior_and_the_posterior() {
        let model = LinearGaussian::new(1);
        let x = Tensor::from_slice(&[3.0f32], (1, 1), &Device::Cpu).unwrap();
        for (beta, mean) in [(0.0, 0.0), (0.5, 1.0), (1.0, 1.5)] {
            let target = Target::new(&model, &x, 2000).unwrap().at(beta);
            let mut rng = Rng::from_seed(4);
            let mut state = target.state(rng.normals(2000)).unwrap();
            let kernel = Hmc {
                step: 0.3,
                leapfrogs: 5,
            };
            for _ in 0..40 {
                kernel.step(&target, &mut state, &mut rng).unwrap();
            }
            let found = state.z().iter().map(|z| f64::from(*z)).sum::<f64>() / 2000.0;
            // Five standard errors at the widest, the prior.
            assert!((found - mean).abs() < 0.112, "{beta}: {found}");
        }
    }

    /// A digit's posterior under the shipped model of stroke digits against the grid: means and covariances
    /// within five standard errors, and the total variation distance of a histogram within three times what it is for
    /// independent draws.
    #[test]
    fn two_latents_agree_with_the_grid() {
        let bytes = include_bytes!("../../www/public/models/strokes-2d.safetensors");
        let model = checkpoint::load(bytes).unwrap().model;
        let data = crate::data::Dataset::strokes(4, 3).unwrap();
        let pixels: Vec<f32> = data
            .images(2, 1)
            .unwrap()
            .iter()
            .map(|v| v.round())
            .collect();
        assert_eq!(pixels.len(), PIXELS);
        let grid = Grid::new(model.as_ref()).unwrap();
        let exact = grid.posterior(model.as_ref(), &pixels).unwrap();
        let x = matrix(&pixels, PIXELS).unwrap();
        let options = Options {
            chains: 8,
            draws: 1500,
            ..Options::default()
        };
        for name in KERNELS {
            let mut kernel = kernel(name, model.as_ref(), &x).unwrap();
            let found = sample(model.as_ref(), &x, kernel.as_mut(), options).unwrap();
            let least = (found.effective_samples.iter()).fold(f64::INFINITY, |a, b| a.min(*b));
            let compared = exact.compare(&found.z, least).unwrap();
            for k in 0..2 {
                let effective = found.effective_samples[k];
                let off = compared.mean_error[k].abs() * effective.sqrt();
                assert!(off < 5.0, "{name} {k}: {off} standard errors");
                assert!(
                    found.r_hat[k] < 1.05 && effective > 100.0,
                    "{name} {k}: {effective}"
                );
            }
            // A variance of n normal draws has the relative standard error sqrt(2 / n); a covariance less. In no case may
            // a deviation be a fifth too small.
            let error = (2.0 / least).sqrt();
            assert!(
                compared.covariance_error < (5.0 * error).min(0.36),
                "{name}: {compared:?}"
            );
            let ratio = compared.total_variation / compared.expected_variation;
            assert!(ratio < 3.0, "{name}: {compared:?}");
        }
    }

    /// Two peaks a hundredth wide at -4 and 4, and nothing between.
    #[derive(Debug)]
    struct TwoPeaks;

    impl Evidence for TwoPeaks {
        fn log_likelihood(&self, _: &dyn Model, decoded: &Tensor) -> Result<Tensor> {
            Ok(((decoded.abs()? - 4.0)?.sqr()? * -5000.0)?.sum(1)?)
        }
    }

    /// From the encoder's answer all chains see one peak and agree on it; from the prior they see both. All seven others
    /// would start on the encoder's side in one run of 128; the seeds are fixed.
    #[test]
    fn two_peaks_are_seen_from_the_prior_alone() {
        let model = LinearGaussian::new(1);
        // The encoder answers N(4, 1 / 2) to 8.
        let x = matrix(&[8.0], 1).unwrap();
        let target = Target::of(&model, &TwoPeaks).unwrap();
        for seed in 1..4 {
            let found = [Start::Encoder, Start::Prior].map(|start| {
                let options = Options {
                    chains: 8,
                    start,
                    seed,
                    ..Options::default()
                };
                let mut kernel = Hmc {
                    step: 0.01,
                    leapfrogs: 10,
                };
                explore(&target, &x, &mut kernel, options).unwrap()
            });
            let share = |draws: &Draws| {
                draws.z.iter().filter(|z| **z > 0.0).count() as f64 / draws.z.len() as f64
            };
            let [encoder, prior] = found.each_ref().map(|draws| (draws.r_hat[0], share(draws)));
            assert!(encoder.0 < 1.02 && encoder.1 == 1.0, "{seed}: {encoder:?}");
            assert!(prior.0 > 10.0 && prior.1 < 0.9, "{seed}: {prior:?}");
        }
        assert!(Start::parse("nowhere").is_err());
    }

    /// Where the image says next to nothing, every move of the prior is accepted: rho ends at its largest, 1, where draws
    /// are independent, and 1 is what is told.
    #[test]
    fn pcn_reports_the_rho_it_uses() {
        let model = LinearGaussian::new(1);
        let x = matrix(&[0.0], 1).unwrap();
        let mut kernel = kernel("pcn", &model, &x).unwrap();
        let found = sample(&model, &x, kernel.as_mut(), Options::default()).unwrap();
        assert!(found.acceptance > 0.5, "{}", found.acceptance);
        let rho = found.scale.unwrap();
        assert!((0.99..=1.0).contains(&rho), "{rho}");
        for rho in [0.0, 1.01, f64::NAN] {
            assert!(PreconditionedCrankNicolson::new(rho).is_err());
        }
    }

    #[test]
    fn too_little_is_refused() {
        let model = LinearGaussian::new(1);
        let x = Tensor::from_slice(&[3.0f32], (1, 1), &Device::Cpu).unwrap();
        assert!(kernel("gibbs", &model, &x).is_err());
        let mut kernel = kernel("hmc", &model, &x).unwrap();
        for (chains, draws, warm_up) in [
            (1, 100, 0),
            (4, 3, 0),
            (4, 250_001, 0),
            (usize::MAX, 4, 0),
            (4, 4, 1_000_001),
        ] {
            let options = Options {
                chains,
                draws,
                warm_up,
                ..Options::default()
            };
            assert!(sample(&model, &x, kernel.as_mut(), options).is_err());
        }
    }
}
