//! Images of a class that is asked for, by a VAE that was told the classes: `cargo run --example conditional_samples -- 7`

// A program may read files.
#![allow(clippy::disallowed_methods)]

use latent_canvas::models::{inference, one_hot};
use latent_canvas::{Error, Result, checkpoint};

const MODEL: &str = "www/public/models/mnist-cvae.safetensors";
const SIDE: usize = 28;

fn main() -> Result<()> {
    let class = std::env::args()
        .nth(1)
        .map_or(Ok(7), |text| text.parse::<u8>());
    let class = class.map_err(|_| Error::Data("a class is a digit from 0 to 9".into()))?;
    let bytes = std::fs::read(MODEL).map_err(|cause| Error::Io(cause.to_string()))?;
    let model = checkpoint::load(&bytes)?.model;
    let model = model.given(&one_hot(&[Some(class)])?)?;
    let samples = inference::sample(model.as_ref(), 3, 1.0, 1)?;
    // Two rows of pixels a line: letters are twice as high as they are wide.
    for row in (0..SIDE).step_by(2) {
        let line: String = samples
            .probabilities
            .chunks_exact(SIDE * SIDE)
            .flat_map(|image| image[row * SIDE..(row + 1) * SIDE].iter())
            .map(|p| [' ', '.', ':', 'o', '@'][(p * 4.99) as usize])
            .collect();
        println!("{line}");
    }
    Ok(())
}
