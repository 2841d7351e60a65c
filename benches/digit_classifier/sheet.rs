//! A picture to judge the stroke digits by: MNIST on the left, stroke digits on the right.

use std::fs::File;
use std::io::BufWriter;

use latent_canvas::SIDE;

use crate::data::Digits;
use crate::{Outcome, TEST_SEED};

const ROWS: usize = 12;
const COLUMNS: usize = 12;
const ZOOM: usize = 2;

/// Writes the first digits of the test set beside the first stroke digits, as a grey PNG.
pub fn write(path: &str, mnist: &Digits) -> Outcome<()> {
    let strokes = Digits::strokes(TEST_SEED, ROWS * COLUMNS)?;
    let cell = (SIDE + 1) * ZOOM;
    let (width, height) = ((2 * COLUMNS + 1) * cell, ROWS * cell);
    let mut grey = vec![0u8; width * height];
    for (index, half) in [mnist, &strokes].into_iter().enumerate() {
        for digit in 0..ROWS * COLUMNS {
            let left = (digit % COLUMNS + index * (COLUMNS + 1)) * cell;
            let top = digit / COLUMNS * cell;
            for (pixel, ink) in half.image(digit).iter().enumerate() {
                for part in 0..ZOOM * ZOOM {
                    let x = left + pixel % SIDE * ZOOM + part % ZOOM;
                    let y = top + pixel / SIDE * ZOOM + part / ZOOM;
                    grey[y * width + x] = (255.0 * ink).round() as u8;
                }
            }
        }
    }
    let mut encoder = png::Encoder::new(
        BufWriter::new(File::create(path)?),
        width as u32,
        height as u32,
    );
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&grey)?;
    println!("{path}: MNIST on the left, stroke digits on the right");
    Ok(())
}
