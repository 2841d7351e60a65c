//! The exact posterior of a digit beside the encoder's Gaussian: with two latents it can be integrated.

// A program may read files.
#![allow(clippy::disallowed_methods)]

use latent_canvas::data::Dataset;
use latent_canvas::estimators::{bound, quadrature::Grid};
use latent_canvas::models::inference;
use latent_canvas::{Error, Result, checkpoint};

const MODEL: &str = "www/public/models/strokes-2d.safetensors";

fn main() -> Result<()> {
    let bytes = std::fs::read(MODEL).map_err(|cause| Error::Io(cause.to_string()))?;
    let model = checkpoint::load(&bytes)?.model;
    let model = model.as_ref();
    let digit = Dataset::strokes(1, 1)?.images(0, 1)?;

    let posterior = Grid::new(model)?.posterior(model, &digit)?;
    let mut mean = [0.0, 0.0];
    for (point, weight) in posterior.points.chunks_exact(2).zip(&posterior.weights) {
        mean[0] += weight * f64::from(point[0]);
        mean[1] += weight * f64::from(point[1]);
    }
    let code = inference::encode(model, &digit)?;
    let elbo = bound::elbo(model, &digit, 1000, 1)?.elbo;
    println!("mean of p(z|x)  {:.3} {:.3}", mean[0], mean[1]);
    println!("mean of q(z|x)  {:.3} {:.3}", code.mean[0], code.mean[1]);
    println!(
        "log p(x) = {:.3} ± {:.3} nats; the ELBO, {elbo:.3}, is {:.3} nats below it",
        posterior.log_likelihood,
        posterior.tolerance,
        posterior.log_likelihood - elbo
    );
    Ok(())
}
