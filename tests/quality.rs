//! The judge of the quality figures reads real digits as well as its README says.
//!
//! Needs the MNIST files in `MNIST_DIR` or `../shared/data/mnist`; says so and passes without them.
#![cfg(not(target_arch = "wasm32"))]
// The judge and the digits are files.
#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use latent_canvas::data::idx;
use latent_canvas::quality::{Classifier, conditional_accuracy};

const JUDGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/judge.safetensors"
);

fn mnist(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("MNIST_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mnist"));
    let files = [name.to_owned(), format!("{name}.gz")];
    let found = files
        .iter()
        .find_map(|name| std::fs::read(folder.join(name)).ok());
    if found.is_none() {
        println!("skipped: no {name}[.gz] in {}", folder.display());
    }
    found
}

#[test]
fn the_judge_reads_real_digits() {
    let judge = Classifier::from_bytes(&std::fs::read(JUDGE).unwrap()).unwrap();
    assert_eq!(judge.feature_width(), 256);
    let (Some(images), Some(labels)) = (
        mnist("t10k-images-idx3-ubyte"),
        mnist("t10k-labels-idx1-ubyte"),
    ) else {
        return;
    };
    let pixels: Vec<f32> = idx::read_images(&images)
        .unwrap()
        .iter()
        .map(|pixel| f32::from(*pixel) / 255.0)
        .collect();
    let labels = idx::read_labels(&labels).unwrap();
    let reading = judge.read(&pixels).unwrap();
    let share = conditional_accuracy(&reading.probabilities, &labels).unwrap();
    // The order of sums differs between processors, which may turn a close call or two.
    assert!((share - 0.9931).abs() < 3e-4, "{share}");
}
