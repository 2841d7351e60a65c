//! Exact log p(x) and posterior for two latents: numerical integration on a grid.
//!
//! log p(x) = logsumexp over cells of [log p(x|z) + log p(z)] + log(cell area), z at the middle of each
//! cell; the same terms, normalised, are the posterior p(z|x). The midpoint rule on a smooth peak
//! converges faster than any power of the spacing once the spacing is below its width, so a grid is fine
//! enough when the coarser grids that lie in it, every second cell along each side, agree with it.

mod against_draws;
mod grid;
mod refine;
mod square;
mod streamed;

use crate::models::{Model, continuous_prior};
use crate::{Error, Result};

pub use against_draws::Comparison;
pub use grid::{Grid, GridPosterior};
pub use refine::posterior;
pub use square::{MAX_RESOLUTION, Square};
pub use streamed::log_likelihoods;

fn require_two_latents(model: &dyn Model) -> Result<()> {
    continuous_prior(model)?;
    match model.latents() {
        2 => Ok(()),
        latents => Err(Error::Unsupported(format!(
            "exact integration on a grid needs a model with 2 latents; this one has {latents}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Tensor};
    use serde_json::json;

    use super::*;
    use crate::distributions::bernoulli;
    use crate::models::{self, ModelSpec};
    use crate::{PIXELS, Rng};

    const WIDE: Square = Square {
        centre: [0.0, 0.0],
        half_width: 6.0,
        resolution: 64,
    };

    fn model(latents: usize) -> Box<dyn Model> {
        let spec =
            json!({"model": "vae", "latents": latents, "hidden": [16], "activation": "tanh"});
        models::build(&ModelSpec::from_json(&spec).unwrap(), 4).unwrap()
    }

    /// A decoder that ignores z: log p(x) is 784 log(1/2), and the posterior is the prior.
    fn silent_model() -> Box<dyn Model> {
        let model = model(2);
        let mut values = model.parameters().values().unwrap();
        values.iter_mut().flatten().for_each(|v| *v = 0.0);
        model.parameters().set_values(&values).unwrap();
        model
    }

    fn image() -> Vec<f32> {
        bernoulli::sample(&vec![0.4; PIXELS], &mut Rng::from_seed(2))
    }

    #[test]
    fn without_a_decoder_the_posterior_is_the_prior() {
        let model = silent_model();
        let posterior = Grid::new(model.as_ref(), WIDE)
            .unwrap()
            .posterior(&image())
            .unwrap();
        assert!((posterior.log_likelihood - 784.0 * 0.5f64.ln()).abs() < 1e-3);
        for (point, density) in WIDE.points().chunks(2).zip(&posterior.density) {
            let square = f64::from(point[0]).powi(2) + f64::from(point[1]).powi(2);
            let prior = (-0.5 * square).exp() / (2.0 * std::f64::consts::PI);
            assert!((f64::from(*density) - prior).abs() < 1e-4);
        }
    }

    /// On a square that holds less than half of the posterior.
    #[test]
    fn mass_beyond_the_square_is_followed() {
        let model = silent_model();
        let narrow = Square {
            half_width: 1.0,
            resolution: 16,
            ..WIDE
        };
        let grid = Grid::new(model.as_ref(), narrow).unwrap();
        let cut_off = grid.posterior(&image()).unwrap();
        let grown = grid.refine(model.as_ref(), &image(), 1e-3).unwrap();
        let exact = 784.0 * 0.5f64.ln();
        assert!(cut_off.log_likelihood < exact - 0.5);
        assert!((grown.log_likelihood - exact).abs() < 2e-3);
        assert!(grown.square.half_width > 5.0);
    }

    #[test]
    fn cached_refined_and_streamed_grids_agree() {
        let (model, x) = (model(2), image());
        let grid = Grid::new(model.as_ref(), WIDE).unwrap();
        let coarse = grid.posterior(&x).unwrap();
        let fine = grid.refine(model.as_ref(), &x, 1e-3).unwrap();
        let streamed = log_likelihoods(model.as_ref(), &x, 256, 6.0).unwrap()[0];
        assert!(fine.tolerance <= 1e-3);
        assert!((fine.log_likelihood - streamed).abs() < 5e-3);
        for posterior in [&coarse, &fine] {
            let mass: f64 = posterior.density.iter().map(|d| f64::from(*d)).sum();
            assert!((mass * posterior.square.cell_area() - 1.0).abs() < 1e-4);
        }
        assert!(fine.square.half_width < WIDE.half_width);
        assert!(fine.effective_cells() > 50.0);
        assert!((coarse.log_likelihood - streamed).abs() <= coarse.tolerance + 1e-3);
    }

    /// A decoder that ignores z under a prior of two peaks, each a tenth of a cell wide and far apart:
    /// the posterior is that prior, and log p(x) is known.
    #[derive(Debug)]
    struct TwoPeaks(Box<dyn Model>);

    const PEAKS: [([f32; 2], f32); 2] = [([-1.234, 0.777], 0.3), ([1.9, -0.41], 0.7)];
    const PEAK_SD: f32 = 0.02;

    impl Model for TwoPeaks {
        fn spec(&self) -> &ModelSpec {
            self.0.spec()
        }
        fn parameters(&self) -> &crate::nn::Parameters {
            self.0.parameters()
        }
        fn latents(&self) -> usize {
            2
        }
        fn encode(
            &self,
            x: &Tensor,
        ) -> Result<Box<dyn crate::approximate_posteriors::ApproximatePosterior>> {
            self.0.encode(x)
        }
        fn decode(&self, z: &Tensor) -> Result<Tensor> {
            Ok(Tensor::zeros((z.dim(0)?, PIXELS), DType::F32, z.device())?)
        }
        fn log_prior(&self, z: &Tensor) -> Result<Tensor> {
            let values: Vec<f32> = z
                .to_vec2::<f32>()?
                .iter()
                .map(|z| {
                    let log_peaks = PEAKS.map(|(middle, share)| {
                        let square: f32 = (0..2)
                            .map(|axis| ((z[axis] - middle[axis]) / PEAK_SD).powi(2))
                            .sum();
                        let scale = std::f32::consts::TAU * PEAK_SD * PEAK_SD;
                        f64::from(-0.5 * square + (share / scale).ln())
                    });
                    crate::math::logsumexp(&log_peaks) as f32
                })
                .collect();
            Ok(Tensor::new(values, z.device())?)
        }
        fn initialise(&self, _: &crate::data::Showing<'_>) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn narrow_peaks_between_cells_are_found_and_weighed() {
        let model = TwoPeaks(model(2));
        let grid = Grid::new(&model, WIDE).unwrap();
        assert!(grid.posterior(&image()).unwrap().tolerance > 1.0);
        let fine = grid.refine(&model, &image(), 1e-3).unwrap();
        assert!((fine.log_likelihood - 784.0 * 0.5f64.ln()).abs() < 1e-3);
        let left: f64 = fine
            .square
            .points()
            .chunks(2)
            .zip(&fine.density)
            .filter(|(point, _)| point[0] < 0.0)
            .map(|(_, density)| f64::from(*density) * fine.square.cell_area())
            .sum();
        assert!((left - 0.3).abs() < 1e-3, "{left}");
    }

    #[test]
    fn misuse_is_refused() {
        assert_eq!(
            Grid::new(model(3).as_ref(), WIDE).unwrap_err().code(),
            "unsupported"
        );
        for (resolution, half_width) in [(1, 4.0), (513, 4.0), (64, 0.0), (64, f32::NAN)] {
            let square = Square {
                resolution,
                half_width,
                ..WIDE
            };
            assert_eq!(
                Grid::new(model(2).as_ref(), square).unwrap_err().code(),
                "invalid-argument"
            );
        }
        let grid = Grid::new(model(2).as_ref(), WIDE).unwrap();
        assert_eq!(grid.posterior(&[0.0; 10]).unwrap_err().code(), "shape");
        assert_eq!(
            grid.posterior(&[0.0; 2 * PIXELS]).unwrap_err().code(),
            "shape"
        );
    }
}
