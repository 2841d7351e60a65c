//! Where the climb to the best Gaussian begins.

use candle_core::Tensor;

use crate::distributions::DiagonalGaussian;
use crate::models::{Model, continuous_prior};
use crate::nn::tensors::{flat_values, matrix};
use crate::options::unknown_choice;
use crate::{Result, Rng};

/// Codes among which [`ClimbStart::Search`] looks.
const SEARCHED: usize = 2000;

/// Where a [`Climb`](super::Climb) begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClimbStart {
    /// At the encoder's answer.
    #[default]
    Encoder,
    /// At the most probable of 2000 codes, as wide as the encoder's answer. Half of the codes are drawn from the prior, half
    /// from that answer with twice its deviations.
    Search,
}

impl ClimbStart {
    /// The names that [`ClimbStart::parse`] knows.
    pub const NAMES: [&'static str; 2] = ["encoder", "search"];

    /// The start of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "encoder" => Ok(Self::Encoder),
            "search" => Ok(Self::Search),
            _ => Err(unknown_choice("start", &Self::NAMES, name)),
        }
    }

    /// The Gaussian there, for the one image x.
    pub(super) fn gaussian(
        self,
        model: &dyn Model,
        x: &Tensor,
        rng: &Rng,
    ) -> Result<DiagonalGaussian> {
        let answer = model.encode(x)?.moments()?;
        match self {
            Self::Encoder => Ok(answer),
            Self::Search => Ok(DiagonalGaussian {
                mean: most_probable(model, x, &answer, rng)?,
                log_var: answer.log_var,
            }),
        }
    }
}

fn most_probable(
    model: &dyn Model,
    x: &Tensor,
    answer: &DiagonalGaussian,
    rng: &Rng,
) -> Result<Tensor> {
    let latents = model.latents();
    let half = SEARCHED / 2;
    let drawn = continuous_prior(model)?.sample(half, 1.0, &mut rng.split("prior"))?;
    let wider = DiagonalGaussian {
        mean: answer.mean.clone(),
        log_var: (&answer.log_var + 4f64.ln())?,
    };
    let noise = rng.split("around the answer").normals(half * latents);
    let around = wider
        .repeat(half)?
        .reparameterise(&matrix(&noise, latents)?)?;
    let z = Tensor::cat(&[matrix(&drawn, latents)?, around], 0)?;
    let log_likelihood = model.log_likelihood(&x.repeat((z.dim(0)?, 1))?, &model.decode(&z)?)?;
    let log_joint = flat_values(&(log_likelihood + model.log_prior(&z)?)?)?;
    let best = log_joint
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_finite())
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0, |(index, _)| index);
    Ok(z.narrow(0, best, 1)?)
}
