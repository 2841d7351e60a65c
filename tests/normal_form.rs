//! Every MNIST test digit, placed anywhere in a field of any size at any scale, comes back through the
//! normal form to what it was.
//!
//! Needs the MNIST files in `MNIST_DIR` or `../shared/data/mnist`; says so and passes without them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::disallowed_methods,
    reason = "tests read data files and the environment"
)]

use std::path::{Path, PathBuf};

use latent_canvas::data::{idx, normalize::normalize_field};
use latent_canvas::{PIXELS, Rng, SIDE};

const SMALLEST_FIELD: usize = 28;
const LARGEST_FIELD: usize = 560;

/// Digits that are also embedded at places between pixels.
const ANYWHERE: usize = 2_500;

/// Scale, then bounds on the mean absolute difference per pixel, of digits whose place is a
/// whole number of pixels (over all 10,000) and of digits whose place is not (over [`ANYWHERE`]).
const BOUNDS: [(f64, f64, f64); 9] = [
    (0.3, 0.0845, 0.0874),
    (0.5, 0.0485, 0.065),
    (0.75, 0.0365, 0.0509),
    (1.0, 0.0001, 0.0456),
    (1.5, 0.0192, 0.0363),
    (2.0, 0.0001, 0.0296),
    (3.0, 0.0001, 0.0212),
    (5.0, 0.0001, 0.0142),
    (10.0, 0.0001, 0.0077),
];

#[test]
fn mnist_comes_back_from_any_field() {
    let Some(images) = test_images() else { return };
    let images: Vec<Vec<f32>> = images
        .chunks_exact(PIXELS)
        .map(|image| {
            image
                .iter()
                .map(|&pixel| f32::from(pixel) / 255.0)
                .collect()
        })
        .collect();
    assert_eq!(images.len(), 10_000);
    println!(
        "mean absolute difference per pixel, of 1, over {} digits",
        images.len()
    );
    println!("{:>8}{:>16}{:>16}", "scale", "whole pixels", "any place");
    let measured = BOUNDS.map(|(scale, _, _)| {
        let whole = mean_difference(&images, scale, true);
        let anywhere = mean_difference(&images[..ANYWHERE], scale, false);
        println!("{scale:>8}{whole:>16.5}{anywhere:>16.5}");
        (whole, anywhere)
    });
    for ((whole, anywhere), (scale, whole_bound, anywhere_bound)) in
        measured.into_iter().zip(BOUNDS)
    {
        assert!(whole <= whole_bound, "scale {scale}, whole pixels: {whole}");
        assert!(
            anywhere <= anywhere_bound,
            "scale {scale}, any place: {anywhere}"
        );
    }
}

fn mean_difference(images: &[Vec<f32>], scale: f64, whole_pixels: bool) -> f64 {
    let stream = Rng::from_seed(28).split("normal form");
    let mut sum = 0.0;
    for (index, image) in images.iter().enumerate() {
        let mut rng = stream.split_index("field", index as u64);
        let (field, side) = embed(image, scale, whole_pixels, &mut rng);
        let normal = normalize_field(&field, side).unwrap();
        let pairs = image.iter().zip(&normal);
        sum += pairs.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / PIXELS as f64;
    }
    sum / images.len() as f64
}

/// The ink of `image`, `scale` times as large, somewhere in a field of random size; each pixel of the
/// field is the mean of the image under it, as a camera or a scanner would see it.
fn embed(image: &[f32], scale: f64, whole_pixels: bool, rng: &mut Rng) -> (Vec<f32>, usize) {
    let inked = |&index: &usize| image[index] > 0.0;
    let columns = || (0..PIXELS).filter(inked).map(|index| index % SIDE);
    let rows = || (0..PIXELS).filter(inked).map(|index| index / SIDE);
    let (left, right) = (columns().min().unwrap(), columns().max().unwrap() + 1);
    let (top, bottom) = (rows().min().unwrap(), rows().max().unwrap() + 1);
    let longer = ((right - left).max(bottom - top) as f64 * scale).ceil() as usize + 1;

    // Sizes are drawn evenly on a logarithmic scale: 28 to 56 is as likely as 280 to 560.
    let least = longer.max(SMALLEST_FIELD) as f32;
    let side = (least * (LARGEST_FIELD as f32 / least).powf(rng.uniform())).round() as usize;
    let mut start = |length: usize| {
        let room = side as f64 - length as f64 * scale;
        let start = f64::from(rng.uniform()) * room;
        if whole_pixels { start.floor() } else { start }
    };
    let (x, y) = (start(right - left), start(bottom - top));
    let across = shares(x, scale, right - left, side);
    let down = shares(y, scale, bottom - top, side);
    let mut field = vec![0.0f32; side * side];
    for (row, shares) in &down {
        let mut line = vec![0.0f64; right - left];
        for (source, share) in shares {
            let pixels = &image[(top + source) * SIDE + left..];
            line.iter_mut()
                .zip(pixels)
                .for_each(|(sum, pixel)| *sum += share * f64::from(*pixel));
        }
        for (column, shares) in &across {
            let ink: f64 = shares
                .iter()
                .map(|(source, share)| share * line[*source])
                .sum();
            field[row * side + column] = ink as f32;
        }
    }
    (field, side)
}

/// For each cell of the field that `length` cells reach, from `start` on and `scale` wide each: which
/// of them lie under it, and with what share of its width.
fn shares(start: f64, scale: f64, length: usize, side: usize) -> Vec<(usize, Vec<(usize, f64)>)> {
    let end = start + length as f64 * scale;
    (start as usize..(end.ceil() as usize).min(side))
        .map(|cell| {
            let under = (0..length).filter_map(|source| {
                let from = (start + source as f64 * scale).max(cell as f64);
                let to = (start + (source + 1) as f64 * scale).min((cell + 1) as f64);
                (to > from).then_some((source, to - from))
            });
            (cell, under.collect())
        })
        .collect()
}

fn test_images() -> Option<Vec<u8>> {
    let folder = std::env::var_os("MNIST_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mnist"));
    let found = ["t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz"]
        .into_iter()
        .find_map(|name| std::fs::read(folder.join(name)).ok());
    match found {
        Some(bytes) => Some(idx::read_images(&bytes).unwrap()),
        None => {
            println!(
                "skipped: no t10k-images-idx3-ubyte[.gz] in {}",
                folder.display()
            );
            None
        }
    }
}
