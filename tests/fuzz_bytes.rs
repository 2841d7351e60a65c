//! A bounded fuzz run on stable Rust: files that are almost right, and bytes that are not.
//!
//! Every input is a valid file damaged a few times, from a fixed seed, so a failure comes back on
//! every run; its message names the iteration. `FUZZ_ITERATIONS` makes a run longer or shorter. The
//! coverage-guided targets in `fuzz/` test the same properties without an end.
#![cfg(not(target_arch = "wasm32"))]

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::models::{self, ModelSpec};
use latent_canvas::{PIXELS, Rng};
use serde_json::json;

#[path = "../fuzz/properties.rs"]
mod properties;

/// Numbers at which size checks break.
const EDGES: [u64; 10] = [
    0,
    1,
    27,
    28,
    29,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

#[allow(
    clippy::disallowed_methods,
    reason = "a test may be told its length by the environment"
)]
fn iterations(standard: u64) -> u64 {
    match std::env::var("FUZZ_ITERATIONS") {
        Ok(number) => number.parse().expect("FUZZ_ITERATIONS is a number"),
        Err(_) => standard,
    }
}

/// Damages a file once: a bit, a byte, a number, a missing, foreign or repeated stretch, an early end.
fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    // Half of the damage goes to the first 64 bytes, where the sizes are.
    let reach = if rng.below(2) == 0 { 64 } else { usize::MAX };
    let at = rng.below(bytes.len().min(reach) + 1);
    let stretch = (1 + rng.below(16)).min(bytes.len() - at);
    match rng.below(9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        1 if at < bytes.len() => bytes[at] = rng.bits() as u8,
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..at + stretch)),
        4 => {
            let noise: Vec<u8> = (0..1 + rng.below(16)).map(|_| rng.bits() as u8).collect();
            drop(bytes.splice(at..at, noise));
        }
        5 => bytes.extend_from_within(at..at + stretch),
        6 => overwrite(
            bytes,
            at,
            &(EDGES[rng.below(EDGES.len())] as u32).to_be_bytes(),
        ),
        7 => overwrite(bytes, at, &EDGES[rng.below(EDGES.len())].to_le_bytes()),
        // Digits and signs: the text of a header stays readable, its meaning changes.
        _ => overwrite(bytes, at, &[b"0123456789-.eE[]{}\":,"[rng.below(21)]]),
    }
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    let end = bytes.len().min(at + with.len());
    bytes[at..end].copy_from_slice(&with[..end - at]);
}

/// Runs `property` on damaged copies of the files and on plain noise.
fn drive(name: &str, files: &[Vec<u8>], count: u64, property: impl Fn(&[u8])) {
    for file in files {
        property(file);
    }
    property(&[]);
    for iteration in 0..count {
        let mut rng = Rng::from_seed(0).split_index(name, iteration);
        let mut bytes = if rng.below(16) == 0 {
            (0..rng.below(256)).map(|_| rng.bits() as u8).collect()
        } else {
            files[rng.below(files.len())].clone()
        };
        for _ in 0..1 + rng.below(3) {
            damage(&mut bytes, &mut rng);
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| property(&bytes))) {
            let beginning = &bytes[..bytes.len().min(256)];
            eprintln!(
                "{name}: iteration {iteration}, {} bytes: {beginning:02x?}",
                bytes.len()
            );
            resume_unwind(panic);
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn idx(header: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = header.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.extend(body);
    bytes
}

#[test]
fn idx_images() {
    let ramp: Vec<u8> = (0..3 * PIXELS).map(|pixel| pixel as u8).collect();
    let plain = idx(&[0x0803, 3, 28, 28], &ramp);
    let files = [gzip(&plain), plain, idx(&[0x0803, 0, 28, 28], &[])];
    drive(
        "idx images",
        &files,
        iterations(200_000),
        properties::idx_images,
    );
}

#[test]
fn idx_labels() {
    let plain = idx(&[0x0801, 10], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let files = [gzip(&plain), plain, idx(&[0x0801, 0], &[])];
    drive(
        "idx labels",
        &files,
        iterations(200_000),
        properties::idx_labels,
    );
}

#[test]
fn numpy_arrays() {
    let files = [
        &include_bytes!("fixtures/numpy/bytes.npy")[..],
        include_bytes!("fixtures/numpy/columns.npy"),
        include_bytes!("fixtures/numpy/rows-float64-big-endian.npy"),
        include_bytes!("fixtures/numpy/kmnist-train-labels.npz"),
        include_bytes!("fixtures/numpy/digits.npz"),
    ]
    .map(<[u8]>::to_vec);
    drive(
        "numpy arrays",
        &files,
        iterations(100_000),
        properties::numpy_arrays,
    );
}

/// A spec of every registered family, at its defaults but small where it has a size.
fn small_specs() -> Vec<ModelSpec> {
    let small = |family: &models::ModelFamily| {
        let mut spec = json!({ "model": family.id });
        for parameter in &family.parameters {
            match parameter.name {
                "latents" => spec["latents"] = json!(2),
                "hidden" => spec["hidden"] = json!([3]),
                "components" => spec["components"] = json!(2),
                _ => {}
            }
        }
        ModelSpec::from_json(&spec).unwrap()
    };
    models::families().iter().map(small).collect()
}

#[test]
fn checkpoints() {
    let provenance = json!({ "data": "strokes", "seed": 3, "steps": 10 });
    let mut files = Vec::new();
    for spec in small_specs() {
        let model = models::build(&spec, 3).unwrap();
        for precision in [
            Precision::Full,
            Precision::Half,
            Precision::Rows { levels: 127 },
        ] {
            files.push(checkpoint::save(model.as_ref(), Some(&provenance), precision).unwrap());
        }
    }
    drive(
        "checkpoints",
        &files,
        iterations(50_000),
        properties::checkpoint,
    );
}

/// A drawing's bytes as `properties::strokes` reads them.
fn strokes(pen: u8, parting: u8, coordinates: &[f32]) -> Vec<u8> {
    let words = coordinates.iter().flat_map(|number| number.to_le_bytes());
    [pen, parting].into_iter().chain(words).collect()
}

#[test]
fn drawings() {
    let curve: Vec<f32> = (0..24)
        .flat_map(|step| {
            let angle = step as f32 / 4.0;
            [0.5 + 0.3 * angle.cos(), 0.5 + 0.4 * angle.sin()]
        })
        .collect();
    let files = [
        strokes(17, 9, &curve),
        strokes(17, 1, &[0.5, 0.5]),
        strokes(240, 0, &[]),
        strokes(1, 2, &[-1e30, 1e30, f32::MAX, f32::MIN, 1e-40, -0.0]),
    ];
    drive("drawings", &files, iterations(20_000), properties::strokes);
}
