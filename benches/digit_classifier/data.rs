//! The two kinds of digits.

use std::path::{Path, PathBuf};

use latent_canvas::PIXELS;
use latent_canvas::data::{idx, synth};

use crate::Outcome;

/// Images of 784 pixels in [0, 1] one after the other, and their classes.
pub struct Digits {
    pub pixels: Vec<f32>,
    pub labels: Vec<u8>,
}

impl Digits {
    /// The MNIST files whose names begin with `part`; none when they are not there.
    pub fn mnist(part: &str) -> Outcome<Option<Self>> {
        let read = |name: String| {
            let path = mnist_folder().join(name);
            std::fs::read(&path)
                .or_else(|_| std::fs::read(path.with_added_extension("gz")))
                .ok()
        };
        let (Some(images), Some(labels)) = (
            read(format!("{part}-images-idx3-ubyte")),
            read(format!("{part}-labels-idx1-ubyte")),
        ) else {
            return Ok(None);
        };
        let images = idx::read_images(&images)?;
        Ok(Some(Self {
            pixels: images
                .iter()
                .map(|&pixel| f32::from(pixel) / 255.0)
                .collect(),
            labels: idx::read_labels(&labels)?,
        }))
    }

    /// The first `count` stroke digits of a seed.
    pub fn strokes(seed: u64, count: usize) -> Outcome<Self> {
        let mut digits = Self {
            pixels: Vec::with_capacity(count * PIXELS),
            labels: Vec::new(),
        };
        for index in 0..count {
            let digit = synth::digit(seed, index as u64)?;
            digits.pixels.extend(digit.pixels()?);
            digits.labels.push(digit.label);
        }
        Ok(digits)
    }

    pub fn first(&self, count: usize) -> Self {
        Self {
            pixels: self.pixels[..count * PIXELS].to_vec(),
            labels: self.labels[..count].to_vec(),
        }
    }

    pub fn and(&self, other: &Self) -> Self {
        Self {
            pixels: [&self.pixels[..], &other.pixels].concat(),
            labels: [&self.labels[..], &other.labels].concat(),
        }
    }

    pub fn image(&self, index: usize) -> &[f32] {
        &self.pixels[index * PIXELS..(index + 1) * PIXELS]
    }
}

pub fn mnist_folder() -> PathBuf {
    std::env::var_os("MNIST_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mnist"))
}
