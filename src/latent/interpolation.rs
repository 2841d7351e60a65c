//! Paths between two codes.

use candle_core::Tensor;

use crate::math::check_rows;
use crate::models::Model;
use crate::nn::optimiser::{self, Moments, Optimiser};
use crate::nn::tensors::{flat_values, matrix};
use crate::nn::{Gradients, Parameters};
use crate::{Error, Result};

/// How to get from one code to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The straight line.
    Linear,
    /// Along the great circle, the length changing evenly; keeps to where a unit normal has its mass
    /// (White 2016).
    Spherical,
    /// The path along which the decoded image changes least: the discrete geodesic of the decoder's
    /// pull-back metric (Shao et al. 2018), with a small weight on the change of the code itself.
    Geodesic,
}

impl Path {
    /// Names in the order of the variants.
    pub const NAMES: [&'static str; 3] = ["linear", "spherical", "geodesic"];

    /// The variant of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any name but linear, spherical, geodesic.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "linear" => Ok(Self::Linear),
            "spherical" => Ok(Self::Spherical),
            "geodesic" => Ok(Self::Geodesic),
            _ => Err(Error::argument(format!(
                "the path must be one of linear, spherical, geodesic; got \"{name}\""
            ))),
        }
    }
}

/// Most points of a path.
pub const MAX_STEPS: usize = 500;
/// Descent steps of a geodesic: enough for the energy to settle on the shipped models.
const GEODESIC_STEPS: u64 = 120;
/// Relative error of a sum of squared changes of images.
const ROUNDING: f32 = 1e-5;
/// What the straight path's change of code weighs beside its change of image. Latents that the decoder
/// ignores are held by nothing else, and the path would wander along them.
const CODE_WEIGHT: f32 = 0.05;

/// `steps` codes from `from` to `to`, both ends included exactly.
///
/// # Shapes
///
/// from, to `[K]` -> `[steps, K]`.
///
/// # Errors
///
/// As [`check_rows`]; [`Error::InvalidArgument`] for fewer than 2 or more than 500 steps.
pub fn interpolate(
    model: &dyn Model,
    from: &[f32],
    to: &[f32],
    steps: usize,
    path: Path,
) -> Result<Vec<f32>> {
    for end in [from, to] {
        if check_rows("an end of the path", end, model.latents())? != 1 {
            return Err(Error::shape("a path joins two single codes"));
        }
    }
    if !(2..=MAX_STEPS).contains(&steps) {
        return Err(Error::argument(format!(
            "a path needs 2 to {MAX_STEPS} steps; got {steps}"
        )));
    }
    match path {
        Path::Linear => Ok(along(steps, |t| linear(from, to, t))),
        Path::Spherical => Ok(along(steps, |t| spherical(from, to, t))),
        Path::Geodesic => geodesic(model, from, to, steps),
    }
}

fn along(steps: usize, point: impl Fn(f32) -> Vec<f32>) -> Vec<f32> {
    (0..steps)
        .flat_map(|i| point(i as f32 / (steps - 1) as f32))
        .collect()
}

fn linear(from: &[f32], to: &[f32], t: f32) -> Vec<f32> {
    from.iter()
        .zip(to)
        .map(|(a, b)| (1.0 - t) * a + t * b)
        .collect()
}

fn length(z: &[f32]) -> f32 {
    z.iter().map(|v| v * v).sum::<f32>().sqrt()
}

fn spherical(from: &[f32], to: &[f32], t: f32) -> Vec<f32> {
    if t == 0.0 || t == 1.0 {
        return linear(from, to, t);
    }
    let (start, end) = (length(from), length(to));
    let dot: f32 = from.iter().zip(to).map(|(a, b)| a * b).sum();
    let angle = (dot / (start * end)).clamp(-1.0, 1.0).acos();
    // No direction at the origin, no unique circle between opposite or equal directions.
    if !(1e-3..=std::f32::consts::PI - 1e-3).contains(&angle) {
        return linear(from, to, t);
    }
    let radius = (1.0 - t) * start + t * end;
    let (a, b) = (((1.0 - t) * angle).sin(), (t * angle).sin());
    let scale = radius / angle.sin();
    from.iter()
        .zip(to)
        .map(|(u, v)| scale * (a * u / start + b * v / end))
        .collect()
}

/// Minimises sum_i |g(z_{i+1}) - g(z_i)|^2 + w |z_{i+1} - z_i|^2 over the inner points, g the pixel
/// probabilities: the energy of a path in the metric J^T J + w I, J the decoder's Jacobian. The descent
/// starts from the straight line and keeps the best path seen; no path changes the code less than that
/// line, so none that is kept changes the image more.
fn geodesic(model: &dyn Model, from: &[f32], to: &[f32], steps: usize) -> Result<Vec<f32>> {
    let latents = from.len();
    let straight = along(steps, |t| linear(from, to, t));
    let span = length(&from.iter().zip(to).map(|(a, b)| a - b).collect::<Vec<_>>());
    if steps == 2 || span == 0.0 {
        return Ok(straight);
    }
    let inner = &straight[latents..latents * (steps - 1)];
    let mut parameters = Parameters::default();
    let points = parameters
        .values_from("path", matrix(inner, latents)?)?
        .tensor;
    let _guard = model.parameters().gradients(Gradients::Spared)?;
    let (first, last) = (matrix(from, latents)?, matrix(to, latents)?);
    let mut moments = Moments::zeros(&parameters);
    let mut best = (f32::INFINITY, inner.to_vec());
    let line = matrix(&straight, latents)?;
    let ratio =
        change(&images(model, &line)?)?.to_scalar::<f32>()? / change(&line)?.to_scalar::<f32>()?;
    let code_weight = f64::from(CODE_WEIGHT * ratio);
    let first_rate = 0.2 * f64::from(span) / steps as f64;
    for step in 1..=GEODESIC_STEPS {
        let path = Tensor::cat(&[&first, &points, &last], 0)?;
        let energy = (change(&images(model, &path)?)? + (change(&path)? * code_weight)?)?;
        let value = energy.to_scalar::<f32>()?;
        // To rounding: of paths that are equal but for that, the last, most settled one.
        if value <= best.0 * (1.0 + ROUNDING) {
            best = (value.min(best.0), flat_values(&points)?);
        }
        // A rate that falls to nothing ends at the minimum, not somewhere round it.
        let rate = first_rate * (1.0 - step as f64 / GEODESIC_STEPS as f64);
        let rule = Optimiser::Adam.at(rate, step);
        optimiser::update(&parameters, &energy.backward()?, &mut moments, rule)?;
    }
    Ok([from, &best.1, to].concat())
}

/// The pixel means of each code.
fn images(model: &dyn Model, codes: &Tensor) -> Result<Tensor> {
    model.likelihood().mean(&model.decode(codes)?)
}

/// sum_i |row_{i+1} - row_i|^2.
fn change(rows: &Tensor) -> Result<Tensor> {
    let steps = rows.dim(0)? - 1;
    let changes = (rows.narrow(0, 1, steps)? - rows.narrow(0, 0, steps)?)?;
    Ok(changes.sqr()?.sum_all()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::PIXELS;
    use crate::models::{self, ModelSpec, inference};

    fn model() -> Box<dyn Model> {
        let spec = json!({"model": "vae", "latents": 3, "hidden": [12], "activation": "tanh"});
        models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap()
    }

    fn energy(model: &dyn Model, path: &[f32]) -> f32 {
        let images = inference::decode(model, path).unwrap();
        let pairs = images.chunks(PIXELS).zip(images.chunks(PIXELS).skip(1));
        pairs
            .map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>())
            .sum()
    }

    #[test]
    fn every_path_keeps_its_ends_exactly() {
        let (a, b) = ([0.5, -1.0, 2.0], [-1.5, 0.3, 0.1]);
        for path in ["linear", "spherical", "geodesic"] {
            let path = Path::parse(path).unwrap();
            let points = interpolate(model().as_ref(), &a, &b, 7, path).unwrap();
            assert_eq!(points.len(), 21);
            assert_eq!((&points[..3], &points[18..]), (&a[..], &b[..]));
        }
    }

    #[test]
    fn the_sphere_keeps_length_and_halves_the_angle() {
        let middle = spherical(&[2.0, 0.0], &[0.0, 2.0], 0.5);
        assert!((middle[0] - 2f32.sqrt()).abs() < 1e-6 && (middle[1] - 2f32.sqrt()).abs() < 1e-6);
        assert_eq!(spherical(&[0.0, 0.0], &[1.0, 0.0], 0.5), vec![0.5, 0.0]);
        assert_eq!(spherical(&[1.0, 0.0], &[-1.0, 0.0], 0.5), vec![0.0, 0.0]);
        assert_eq!(spherical(&[1.0, 1.0], &[1.0, 1.0], 0.5), vec![1.0, 1.0]);
    }

    #[test]
    fn the_geodesic_changes_the_image_less_than_the_line() {
        let (model, a, b) = (model(), [2.5, -2.0, 2.0], [-2.5, 2.3, -2.1]);
        let path = |kind| interpolate(model.as_ref(), &a, &b, 12, kind).unwrap();
        let line = energy(model.as_ref(), &path(Path::Linear));
        assert!(energy(model.as_ref(), &path(Path::Geodesic)) < 0.98 * line);
    }

    /// A latent that the decoder ignores stays on the straight line.
    #[test]
    fn the_geodesic_does_not_wander_along_idle_latents() {
        let model = model();
        let mut weights: Vec<Vec<f32>> = model.parameters().values().unwrap();
        let (index, (_, first)) = model
            .parameters()
            .iter()
            .enumerate()
            .find(|(_, (name, _))| *name == "decoder.0.weight")
            .unwrap();
        assert_eq!(first.dims(), [12, 3]);
        weights[index]
            .iter_mut()
            .skip(2)
            .step_by(3)
            .for_each(|w| *w *= 1e-4);
        model.parameters().set_values(&weights).unwrap();
        let (a, b) = ([2.5, -2.0, 2.0], [-2.5, 2.3, -2.1]);
        let geodesic = interpolate(model.as_ref(), &a, &b, 12, Path::Geodesic).unwrap();
        let straight = along(12, |t| linear(&a, &b, t));
        for (found, line) in geodesic.chunks(3).zip(straight.chunks(3)) {
            assert!(
                (found[2] - line[2]).abs() < 0.15,
                "{} {}",
                found[2],
                line[2]
            );
        }
    }

    #[test]
    fn misuse_is_refused() {
        let refuse = |a: &[f32], steps| {
            interpolate(model().as_ref(), a, &[0.0; 3], steps, Path::Linear)
                .unwrap_err()
                .code()
        };
        assert_eq!(refuse(&[0.0; 2], 5), "shape");
        assert_eq!(refuse(&[0.0; 6], 5), "shape");
        assert_eq!(refuse(&[f32::NAN; 3], 5), "non-finite");
        assert_eq!(refuse(&[0.0; 3], 1), "invalid-argument");
        assert_eq!(
            Path::parse("curved").unwrap_err().code(),
            "invalid-argument"
        );
    }
}
