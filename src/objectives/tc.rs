//! The total correlation VAE (Chen et al. 2018): of the divergence from the prior, only what latents know of each other
//! is weighed.

use std::ops::Range;

use candle_core::Tensor;

use super::coupled::{Charge, Extent, Made};
use super::elbo::{ElboOptions, reconstruction};
use super::{Images, draws};
use crate::distributions::DiagonalGaussian;
use crate::math::LN_TWO_PI;
use crate::models::{Model, required_prior};
use crate::nn::fused::logsumexp::logsumexp;
use crate::nn::tensors::matrix;
use crate::options::ChoiceText;
use crate::{Error, Result};

/// How the images of a batch stand for all the data in log q(z), q(z) = E_x q(z|x) (Chen et al. 2018, appendix C).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Minibatch {
    /// sum_j q(z|x_j) / (N B): every image of the batch alike, divided by the size N of the data besides. Without the
    /// image that z was drawn for it would be too small by a factor of N, so that a total correlation of K latents is
    /// up to (K - 1) log N too large; its gradient is of use all the same.
    #[default]
    Weighted,
    /// q(z|x_i) / N + sum_{j != i} q(z|x_j) (N - 1) / (N (B - 1)), x_i being the image that z was drawn for: right on
    /// average. (The paper weighs one of the others differently from the rest; this is the mean over which one.)
    Stratified,
}

impl Minibatch {
    /// The names that [`Minibatch::parse`] knows.
    pub const NAMES: [&'static str; 2] = ["weighted", "stratified"];
    pub(crate) const TEXTS: [ChoiceText; 2] = [
        ChoiceText::new(
            "every image alike",
            "Simple, but wrong by up to log N for each latent but one.",
        ),
        ChoiceText::new("an image apart from the others", "Right on average."),
    ];

    /// The way of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "weighted" => Ok(Self::Weighted),
            "stratified" => Ok(Self::Stratified),
            _ => Err(Error::argument(format!(
                "there is no way \"{name}\" to estimate q(z) from a batch; there are {}",
                Self::NAMES.join(", ")
            ))),
        }
    }

    /// The logarithm of what each image of a batch weighs for each image's draws, `[B, B]`, or `[1, 1]` for one weight.
    fn log_weights(self, images: usize, data_size: usize) -> Result<Tensor> {
        let (batch, data) = (images as f64, data_size.max(images) as f64);
        match self {
            Self::Weighted => matrix(&[-(data * batch).ln() as f32], 1),
            Self::Stratified if images < 2 => Err(Error::shape(
                "stratified sampling of q(z) needs at least two images in a batch",
            )),
            Self::Stratified => {
                let other = ((data - 1.0) / (data * (batch - 1.0))).ln() as f32;
                let mut weights = vec![other; images * images];
                let own = weights.iter_mut().step_by(images + 1);
                own.for_each(|weight| *weight = -data.ln() as f32);
                matrix(&weights, images)
            }
        }
    }
}

/// E_q[log q(z|x) - log p(z)] in three parts, means over the draws, nats.
#[derive(Debug)]
pub struct Parts {
    /// E log q(z|x) / q(z): what a code tells of its image.
    pub mutual_information: Tensor,
    /// E log q(z) / prod_k q(z_k): what latents tell of each other.
    pub total_correlation: Tensor,
    /// E log prod_k q(z_k) / p(z).
    pub dimension_wise: Tensor,
}

/// The codes of images for one sample of -E_q log p(x|z) + I(x; z) + beta TC(z) + sum_k KL(q(z_k) || p(z_k)),
/// q(z) = E_x q(z|x) from the batch and the size of the data, as [`Minibatch`] says.
///
/// # Shapes
///
/// x `[B, D]`, noise `[k B, K]`, standard normal. Held are the draws of z `[k B, K]`, their log p(z) `[k B, 1]`, and the
/// mean and log-variance of q(z|x) `[B, K]`.
///
/// # Errors
///
/// [`Error::Unsupported`] unless the posterior is a diagonal Gaussian of two or more latents; [`Error::Shape`] when the
/// noise has not a multiple of x's rows; [`Error::Tensor`] when shapes do not fit the model.
pub(super) fn made(
    model: &dyn Model,
    images: Images<'_>,
    noise: &Tensor,
    extent: Extent,
) -> Result<Made> {
    let draws = draws(images.x, noise)?;
    let q = model.encode(images.seen)?;
    let gaussian = q.diagonal().ok_or_else(|| {
        Error::Unsupported(
            "the objective \"tc\" needs codes with a diagonal Gaussian posterior".to_owned(),
        )
    })?;
    if model.latents() < 2 {
        return Err(Error::Unsupported(
            "the objective \"tc\" weighs what latents tell of each other: it needs two or more"
                .to_owned(),
        ));
    }
    let z = DiagonalGaussian::repeat(gaussian, draws)?.reparameterise(noise)?;
    let log_prior = required_prior(model)?.log_prob(&z)?.unsqueeze(1)?;
    Ok(Made {
        reconstruction: reconstruction(model, images.x, &z, extent)?,
        held: vec![
            z,
            log_prior,
            gaussian.mean.clone(),
            gaussian.log_var.clone(),
        ],
    })
}

/// The share of some draws in I(x; z) + beta TC(z) + sum_k KL(q(z_k) || p(z_k)); shapes as [`made`] says.
///
/// # Errors
///
/// [`Error::Shape`] for one image alone where images are stratified.
pub(super) fn charge(held: &[Tensor], rows: Range<usize>, options: ElboOptions) -> Result<Charge> {
    let [z, log_prior, mean, log_var] = held else {
        return Err(Error::shape(
            "a total correlation is of draws, their prior and q(z|x)",
        ));
    };
    let q = DiagonalGaussian {
        mean: mean.clone(),
        log_var: log_var.clone(),
    };
    let parts = parts(&q, (z, log_prior), rows, options)?;
    let others = (&parts.mutual_information + &parts.dimension_wise)?;
    Ok(Charge {
        loss: (parts.total_correlation.affine(options.beta, 0.0)? + &others)?,
        kl: (others + parts.total_correlation)?,
        reconstruction: None,
    })
}

/// The share of some rows in the parts for draws z `[k B, K]` from q, all images' first draws, then their second ones, and
/// their log p(z) `[k B, 1]`.
fn parts(
    q: &DiagonalGaussian,
    (z, log_prior): (&Tensor, &Tensor),
    rows: Range<usize>,
    options: ElboOptions,
) -> Result<Parts> {
    let (images, latents) = q.mean.dims2()?;
    let (all, count) = (z.dim(0)?, rows.len());
    let of_rows = |values: &Tensor| values.narrow(0, rows.start, count);
    let z = of_rows(z)?;
    // log q(z_k|x_j) of each draw, latent and image, `[rows, K, B]`.
    let by_image = |of_q: &Tensor| -> Result<Tensor> { Ok(of_q.t()?.contiguous()?.unsqueeze(0)?) };
    let (mean, log_var) = (by_image(&q.mean)?, by_image(&q.log_var)?);
    let squares = z.unsqueeze(2)?.broadcast_sub(&mean)?.sqr()?;
    let scaled = squares.broadcast_mul(&log_var.neg()?.exp()?)?;
    let each = scaled
        .broadcast_add(&log_var)?
        .affine(-0.5, f64::from(-0.5 * LN_TWO_PI))?;
    let weights = options.minibatch.log_weights(images, options.data_size)?;
    let weights = match weights.dim(0)? {
        1 => weights,
        _ => of_rows(&weights.repeat((all / images, 1))?)?,
    };
    let of_code = logsumexp(&each.sum(1)?.broadcast_add(&weights)?)?;
    let of_latents = each.broadcast_add(&weights.unsqueeze(1)?)?;
    let of_latents = logsumexp(&of_latents.reshape((count * latents, images))?)?
        .reshape((count, latents))?
        .sum(1)?;
    let own = DiagonalGaussian::repeat(q, all / images)?;
    let own = DiagonalGaussian {
        mean: of_rows(&own.mean)?,
        log_var: of_rows(&own.log_var)?,
    };
    let of_image = own.log_prob(&z)?;
    let prior = of_rows(log_prior)?.squeeze(1)?;
    let share =
        |terms: Tensor| -> Result<Tensor> { Ok(terms.sum_all()?.affine(1.0 / all as f64, 0.0)?) };
    Ok(Parts {
        mutual_information: share((of_image - &of_code)?)?,
        total_correlation: share((of_code - &of_latents)?)?,
        dimension_wise: share((of_latents - prior)?)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::linear_gaussian::LinearGaussian;
    use crate::models::{self, ModelSpec};
    use crate::nn::gradient_check;
    use crate::nn::tensors::flat_values;
    use crate::objectives::Coupling;
    use crate::{PIXELS, Rng};

    fn scalar(tensor: &Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    fn setup() -> (Box<dyn Model>, Tensor, Tensor) {
        let spec = json!({"model": "vae", "latents": 2, "hidden": [5], "activation": "tanh"});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 5).unwrap();
        let mut rng = Rng::from_seed(1);
        let pixels: Vec<f32> = (0..4 * PIXELS).map(|_| rng.uniform().round()).collect();
        let noise = matrix(&rng.normals(8 * 2), 2).unwrap();
        (model, matrix(&pixels, PIXELS).unwrap(), noise)
    }

    #[test]
    fn the_parts_are_the_definition_and_sum_to_the_divergence() {
        // With all the data in the batch, both weigh every image alike, as does the one that knows them all.
        for (minibatch, data_size, own, other) in [
            (Minibatch::Weighted, 50, 1.0 / 200.0, 1.0 / 200.0),
            (Minibatch::Stratified, 50, 1.0 / 50.0, 49.0 / 150.0),
            (Minibatch::Stratified, 4, 0.25, 0.25),
        ] {
            is_the_definition(minibatch, data_size, [own, other]);
        }
        let names = Minibatch::NAMES.map(|name| Minibatch::parse(name).unwrap());
        assert_eq!(names, [Minibatch::Weighted, Minibatch::Stratified]);
        assert!(Minibatch::parse("all").is_err());
        assert!(Minibatch::Stratified.log_weights(1, 50).is_err());
    }

    /// Every part in f64, pair by pair, and their sum, in which the estimates of q(z) cancel. An image weighs the first
    /// of two numbers for its own draws, the second for others'.
    fn is_the_definition(minibatch: Minibatch, data_size: usize, weights: [f64; 2]) {
        let (model, x, noise) = setup();
        let q = model.encode(&x).unwrap().moments().unwrap();
        let z = DiagonalGaussian::repeat(&q, 2)
            .unwrap()
            .reparameterise(&noise)
            .unwrap();
        let options = ElboOptions {
            data_size,
            minibatch,
            ..ElboOptions::default()
        };
        let log_prior = model.log_prior(&z).unwrap().unsqueeze(1).unwrap();
        let found = parts(&q, (&z, &log_prior), 0..8, options).unwrap();
        let doubles = |tensor: &Tensor| -> Vec<f64> {
            flat_values(tensor)
                .unwrap()
                .into_iter()
                .map(f64::from)
                .collect()
        };
        let (mean, log_var, z) = (doubles(&q.mean), doubles(&q.log_var), doubles(&z));
        let density = |row: usize, image: usize, k: usize| {
            let (m, l) = (mean[2 * image + k], log_var[2 * image + k]);
            -0.5 * ((z[2 * row + k] - m).powi(2) / l.exp() + l + std::f64::consts::TAU.ln())
        };
        let mut wanted = [0f64; 3];
        for row in 0..8 {
            let both = |image| density(row, image, 0) + density(row, image, 1);
            let mixed = |density: &dyn Fn(usize) -> f64| -> f64 {
                let weight = |image| weights[usize::from(image != row % 4)];
                let terms = (0..4).map(|image| weight(image) * density(image).exp());
                terms.sum::<f64>().ln()
            };
            let of_code = mixed(&both);
            let of_latents: f64 = (0..2).map(|k| mixed(&|image| density(row, image, k))).sum();
            let prior: f64 = (0..2)
                .map(|k| -0.5 * (z[2 * row + k].powi(2) + std::f64::consts::TAU.ln()))
                .sum();
            wanted[0] += (both(row % 4) - of_code) / 8.0;
            wanted[1] += (of_code - of_latents) / 8.0;
            wanted[2] += (of_latents - prior) / 8.0;
        }
        let found_parts = [
            &found.mutual_information,
            &found.total_correlation,
            &found.dimension_wise,
        ];
        for (found, wanted) in found_parts.into_iter().zip(wanted) {
            assert!((scalar(found) - wanted).abs() < 1e-5, "{wanted}");
        }
        let bound = Coupling::TotalCorrelation
            .sample(model.as_ref(), &x, &noise, options)
            .unwrap();
        let kl: f64 = wanted.iter().sum();
        assert!((scalar(&bound.kl) - kl).abs() < 1e-5);
        assert!((scalar(&bound.loss) - (kl - scalar(&bound.reconstruction))).abs() < 1e-3);
    }

    /// q(z|x) = N(m, 1/4), m ~ N(0, 3/4) independently of each other: q(z) is a unit normal, its latents are
    /// independent and each has the divergence from the prior 0. Stratified, the total correlation is 0 and the mutual
    /// information (K / 2) ln 4, of batches of any size, within 0.1 nats (what
    /// the logarithm of a mean over so few images is off by, and five standard errors); weighted, the first is too large by (K - 1) ln N. The three
    /// parts sum to the closed form of the divergence within five standard errors of a mean over all draws.
    #[test]
    fn independent_latents_have_no_total_correlation() {
        const LATENTS: usize = 2;
        const DATA: usize = 60_000;
        let model = LinearGaussian::new(LATENTS);
        for images in [128, 512, 2048] {
            let mut rng = Rng::from_seed(images as u64);
            let mut means = |minibatch| -> [f64; 5] {
                let batches = 4 * 2048 / images;
                let mut sums = [0f64; 5];
                for _ in 0..batches {
                    let mean = (matrix(&rng.normals(images * LATENTS), LATENTS).unwrap()
                        * 0.75f64.sqrt())
                    .unwrap();
                    let log_var = (mean.zeros_like().unwrap() + 0.25f64.ln()).unwrap();
                    let q = DiagonalGaussian { mean, log_var };
                    let noise = matrix(&rng.normals(images * LATENTS), LATENTS).unwrap();
                    let z = q.reparameterise(&noise).unwrap();
                    let log_prior = model.log_prior(&z).unwrap().unsqueeze(1).unwrap();
                    let options = ElboOptions {
                        minibatch,
                        data_size: DATA,
                        ..ElboOptions::default()
                    };
                    let parts = parts(&q, (&z, &log_prior), 0..images, options).unwrap();
                    let closed = q.kl_to_unit_normal().unwrap().sum(1).unwrap();
                    let drawn = (q.log_prob(&z).unwrap() - model.log_prior(&z).unwrap()).unwrap();
                    let off = flat_values(&(drawn - &closed).unwrap()).unwrap();
                    let square = off.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
                    let values = [
                        scalar(&parts.mutual_information),
                        scalar(&parts.total_correlation),
                        scalar(&parts.dimension_wise),
                        scalar(&closed.mean_all().unwrap()),
                        square / images as f64,
                    ];
                    sums.iter_mut()
                        .zip(values)
                        .for_each(|(sum, v)| *sum += v / batches as f64);
                }
                sums
            };
            let stratified = means(Minibatch::Stratified);
            let weighted = means(Minibatch::Weighted);
            let [information, correlation, dimension_wise, ..] = stratified;
            assert!(correlation.abs() < 0.1, "{images}: {stratified:?}");
            assert!(dimension_wise.abs() < 0.1, "{images}: {stratified:?}");
            let wanted = 0.5 * LATENTS as f64 * 4f64.ln();
            assert!(
                (information - wanted).abs() < 0.1,
                "{images}: {stratified:?}"
            );
            let bias = (LATENTS as f64 - 1.0) * (DATA as f64).ln();
            assert!(
                (weighted[1] - bias).abs() < 0.5,
                "{images}: {weighted:?} {bias}"
            );
            for [a, b, c, closed, variance] in [stratified, weighted] {
                let error = (variance / (4.0 * 2048.0)).sqrt();
                assert!(
                    (a + b + c - closed).abs() < 5.0 * error,
                    "{images}: {closed} {error}"
                );
            }
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (model, x, noise) = setup();
        for (minibatch, beta) in [(Minibatch::Weighted, 60.0), (Minibatch::Stratified, 20.0)] {
            let options = ElboOptions {
                beta,
                data_size: 8,
                minibatch,
                ..ElboOptions::default()
            };
            gradient_check::along_gradients(model.parameters().iter(), 1e-2, || {
                let whole = Coupling::TotalCorrelation.sample(model.as_ref(), &x, &noise, options);
                whole.unwrap().loss
            });
        }
    }
}
