//! Data files as people have them, by the library and by the command line: which data set they are, by checksum, and
//! what is refused with which words.

// The files and processes of a person at a terminal.
#![allow(clippy::disallowed_methods)]
#![cfg(feature = "cli")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use latent_canvas::PIXELS;
use latent_canvas::data::Dataset;
use latent_canvas::data::file_set::Part;
use latent_canvas::data::idx;
use latent_canvas::data::inspection::inspect;
use latent_canvas::data::published::{FASHION_MNIST, MNIST, Published};
use serde_json::Value;

#[path = "data_files/numpy.rs"]
mod numpy;
#[path = "data_files/pictures.rs"]
mod pictures;

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("latent-canvas-data-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, name: &str, bytes: &[u8]) -> Self {
        std::fs::write(self.0.join(name), bytes).unwrap();
        self
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn idx_file(words: &[u32], body: &[u8]) -> Vec<u8> {
    let header = words.iter().flat_map(|word| word.to_be_bytes());
    header.chain(body.iter().copied()).collect()
}

/// Stroke digits, so that there is something to learn.
fn images(count: usize, seed: u64) -> Vec<u8> {
    let digits = Dataset::strokes(count, seed)
        .unwrap()
        .images(0, count)
        .unwrap();
    let grey: Vec<u8> = digits.iter().map(|p| (p * 255.0) as u8).collect();
    idx_file(&[0x0803, count as u32, 28, 28], &grey)
}

/// The same with rows and columns exchanged, as EMNIST's files hold theirs.
fn transposed(images: &[u8]) -> Vec<u8> {
    let (header, pixels) = images.split_at(16);
    let turned = pixels
        .chunks_exact(PIXELS)
        .flat_map(|image| (0..PIXELS).map(|place| image[place % 28 * 28 + place / 28]));
    header.iter().copied().chain(turned).collect()
}

fn labels(count: usize, classes: usize) -> Vec<u8> {
    let values: Vec<u8> = (0..count).map(|place| (place % classes) as u8).collect();
    idx_file(&[0x0801, count as u32], &values)
}

fn wide_labels(count: usize) -> Vec<u8> {
    let rows = (0..count as u32).flat_map(|place| [place % 10, 4, 88, 1, place, 2, 3, 0]);
    let body: Vec<u8> = rows.flat_map(u32::to_be_bytes).collect();
    idx_file(&[0x0C02, count as u32, 8], &body)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_latent-canvas"))
        .args(arguments)
        .output()
        .unwrap()
}

fn train(folder: &Folder, more: &[&str]) -> Output {
    let (data, out) = (folder.path(""), folder.path("model.safetensors"));
    let arguments = [
        "train", "--data", &data, "--epochs", "1", "--out", &out, "--json",
    ];
    let small = [
        "--set",
        "hidden=4",
        "--set",
        "latents=2",
        "--set",
        "batchSize=20",
    ];
    run(&[&arguments[..], &small, more].concat())
}

/// Trains on the folder; its provenance.
fn trained(folder: &Folder, more: &[&str]) -> Value {
    let output = train(folder, more);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let bytes = std::fs::read(folder.path("model.safetensors")).unwrap();
    latent_canvas::checkpoint::load(&bytes)
        .unwrap()
        .provenance
        .unwrap()
}

fn complaint(folder: &Folder) -> String {
    let output = train(folder, &[]);
    assert!(!output.status.success());
    assert!(!Path::new(&folder.path("model.safetensors")).exists());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_way_of_packing_and_naming_gives_the_same_model() {
    let (train, test) = (images(60, 1), images(20, 2));
    let (train_labels, test_labels) = (labels(60, 10), labels(20, 10));
    let members = [gzip(&train[..999]), gzip(&train[999..])].concat();
    let padded = [gzip(&test), vec![0; 512]].concat();
    let folders = [
        Folder::new("plain")
            .with("train-images-idx3-ubyte", &train)
            .with("train-labels-idx1-ubyte", &train_labels)
            .with("t10k-images-idx3-ubyte", &test)
            .with("t10k-labels-idx1-ubyte", &test_labels),
        Folder::new("dots")
            .with("train-images.idx3-ubyte.gz", &members)
            .with("train-labels.idx1-ubyte.gz", &gzip(&train_labels))
            .with("t10k-images.idx3-ubyte.gz", &padded)
            .with("t10k-labels.idx1-ubyte", &test_labels)
            .with("README.md", b"# Files"),
        Folder::new("emnist")
            .with(
                "emnist-digits-train-images-idx3-ubyte.gz",
                &gzip(&gzip(&transposed(&train))),
            )
            .with(
                "emnist-digits-train-labels-idx1-ubyte.gz",
                &gzip(&train_labels),
            )
            .with(
                "emnist-digits-test-images-idx3-ubyte.gz",
                &gzip(&transposed(&test)),
            )
            .with(
                "emnist-digits-test-labels-idx1-ubyte.gz",
                &gzip(&test_labels),
            ),
        Folder::new("qmnist")
            .with("qmnist-train-images-idx3-ubyte.gz", &gzip(&train))
            .with("qmnist-train-labels-idx2-int.gz", &gzip(&wide_labels(60)))
            .with("qmnist-test-images-idx3-ubyte", &test)
            .with("qmnist-test-images-idx3-ubyte.gz", b"the plain one counts")
            .with("qmnist-test-labels-idx2-int", &wide_labels(20)),
    ];
    // A model that is told the classes, so that labels count.
    let conditional = ["--model", "cvae"];
    let weights = folders.each_ref().map(|folder| {
        let provenance = trained(folder, &conditional);
        assert_eq!(provenance["data"], "28x28 images (name unknown)");
        assert_eq!(provenance["metrics"]["images"], 20);
        let bytes = std::fs::read(folder.path("model.safetensors")).unwrap();
        let loaded = latent_canvas::checkpoint::load(&bytes).unwrap();
        loaded.model.parameters().values().unwrap()
    });
    assert!(weights.iter().all(|found| *found == weights[0]));
    // Turned upright by their name, unless it is forbidden.
    trained(
        &folders[2],
        &[&conditional[..], &["--transposed=false"]].concat(),
    );
    let bytes = std::fs::read(folders[2].path("model.safetensors")).unwrap();
    let as_stored = latent_canvas::checkpoint::load(&bytes).unwrap();
    assert_ne!(as_stored.model.parameters().values().unwrap(), weights[0]);
}

#[test]
fn one_of_several_sets_in_a_folder_is_chosen_by_its_name() {
    let folder = Folder::new("several")
        .with("emnist-digits-train-images-idx3-ubyte", &images(30, 1))
        .with("emnist-letters-train-images-idx3-ubyte", &images(50, 2))
        .with("emnist-letters-train-labels-idx1-ubyte", &labels(50, 27))
        .with("emnist-letters-test-images-idx3-ubyte", &images(7, 2));
    let fault = complaint(&folder);
    assert!(fault.contains("chooses it, as in --data"), "{fault}");
    let of = |beginning: &str, more: &[&str]| {
        let (data, out) = (folder.path(beginning), folder.path("model.safetensors"));
        let arguments = ["train", "--data", &data, "--epochs", "1", "--out", &out];
        run(&[&arguments[..], &["--set", "hidden=4"], more].concat())
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(of("emnist-digits", &[]).status.success());
    let letters = of("emnist-letters", &[]);
    assert!(!letters.status.success());
    let fault = said(&letters);
    assert!(fault.contains("labels up to 26"), "{fault}");
    assert!(fault.contains("(--without-labels)"), "{fault}");
    assert!(of("emnist-letters", &["--without-labels"]).status.success());
    let nothing = said(&of("emnist-balanced", &[]));
    assert!(
        nothing.contains("no file whose name begins so"),
        "{nothing}"
    );
}

#[test]
fn without_a_test_set_the_last_tenth_is_held_out() {
    let folder = Folder::new("alone").with("greatest-images.gz", &gzip(&images(50, 3)));
    assert_eq!(trained(&folder, &[])["metrics"]["images"], 5);
}

#[test]
fn what_is_wrong_is_told_with_the_name_of_its_file() {
    let good = images(30, 4);
    let with =
        |name: &str, bytes: &[u8]| Folder::new(name).with("train-images-idx3-ubyte.gz", bytes);
    let cases = [
        (
            with("html", b"<!DOCTYPE html><title>404</title>"),
            "web page",
        ),
        (
            with("short", &good[..20_000]),
            "says 30 images, but only 25 are there",
        ),
        (
            with(
                "long",
                &idx_file(&[0x0803, 100, 28, 28], &[0; 200 * PIXELS]),
            ),
            "room for 100 more than its header promises",
        ),
        (
            with("none", &idx_file(&[0x0803, 0, 28, 28], &[])),
            "promises 0 images",
        ),
        (
            with("size", &idx_file(&[0x0803, 2, 32, 32], &[0; 2048])),
            "32x32",
        ),
        (with("cut", &gzip(&good)[..3000]), "damaged or cut short"),
        (
            with("letters", &good).with("train-labels-idx1-ubyte", &labels(30, 27)),
            "labels up to 26; only 0 to 9 can be used. Leave it out",
        ),
        (
            with("fewer", &good).with("train-labels-idx1-ubyte", &labels(29, 10)),
            "30 images but 29 labels",
        ),
        (
            with("third", &good)
                .with("test-a.idx3", &good)
                .with("test-b.idx3", &good),
            "too many",
        ),
        (
            with("strange", &good).with("test-labels.idx1", &labels(30, 10)),
            "has no images here",
        ),
        (
            Folder::new("nothing")
                .with("photo.jpg", b"\xff\xd8\xff")
                .with("notes.txt", b"hello"),
            "it holds notes.txt, photo.jpg",
        ),
    ];
    for (folder, reason) in cases {
        let complaint = complaint(&folder);
        assert!(complaint.contains(reason), "{complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_told_before_the_first_step() {
    let folder = Folder::new("out").with("images", &images(30, 5));
    let data = folder.path("");
    let try_out = |out: &str| {
        let arguments = [
            "train", "--data", &data, "--epochs", "1000000", "--out", out,
        ];
        let output = run(&arguments);
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let missing = try_out(&folder.path("not-there/model.safetensors"));
    assert!(
        missing.contains("not-there is not there; make it first"),
        "{missing}"
    );
    assert!(try_out(&data).contains("it is a folder"));
    // What was there stays, whole.
    let kept = folder.with("model.safetensors", b"an older model");
    let empty = Folder::new("no-data");
    let (out, nothing) = (kept.path("model.safetensors"), empty.path(""));
    let output = run(&["train", "--data", &nothing, "--epochs", "1", "--out", &out]);
    assert!(!output.status.success());
    assert_eq!(std::fs::read(&out).unwrap(), b"an older model");
    assert_eq!(std::fs::read_dir(&empty.0).unwrap().count(), 0);
}

fn mnist(name: &str) -> Option<Vec<u8>> {
    let near = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/mnist");
    let folder = std::env::var("MNIST_DIR").unwrap_or_else(|_| near.to_owned());
    let bytes = std::fs::read(format!("{folder}/{name}.gz")).ok();
    if bytes.is_none() {
        println!("skipped: no {name}.gz in {folder}");
    }
    bytes
}

#[test]
fn mnist_is_told_by_its_bytes_and_by_nothing_else() {
    let (Some(packed), Some(packed_labels)) = (
        mnist("t10k-images-idx3-ubyte"),
        mnist("t10k-labels-idx1-ubyte"),
    ) else {
        return;
    };
    let published = Some(Published {
        set: MNIST,
        part: Part::Test,
    });
    let mut file = idx::read(&packed).unwrap();
    assert_eq!(file.published, published);
    assert_eq!(idx::read(&packed_labels).unwrap().published, published);
    // Packed by somebody else it is the same; with one pixel changed it is not.
    let plain = |values: &[u8]| idx_file(&[0x0803, 10_000, 28, 28], values);
    assert_eq!(
        idx::read(&gzip(&plain(&file.values))).unwrap().published,
        published
    );
    file.values[5000] ^= 1;
    assert_eq!(idx::read(&plain(&file.values)).unwrap().published, None);

    let name = |labels: Option<&[u8]>| {
        Dataset::from_idx(&packed, labels)
            .unwrap()
            .name()
            .to_owned()
    };
    assert_eq!(name(None), "MNIST");
    assert_eq!(name(Some(&packed_labels)), "MNIST");
    assert_eq!(name(Some(&labels(10_000, 10))), "MNIST with other labels");

    // Whatever they are called, and only if all of them are.
    let files = [packed.clone(), packed_labels];
    let found = inspect(&["a", "b"], |place| files[place].clone()).unwrap();
    assert_eq!(found.set, Some(MNIST));
    let mixed = [packed, images(3, 1)];
    let found = inspect(&["test", "mine"], |place| mixed[place].clone()).unwrap();
    assert_eq!((found.set, found.images), (None, 3));
}

/// The name that other data sets come under.
#[test]
fn other_images_under_the_names_of_mnist_are_not_mnist() {
    let name = |folder: &Folder| trained(folder, &[])["data"].clone();
    let folder = Folder::new("names").with("train-images-idx3-ubyte.gz", &gzip(&images(30, 6)));
    assert_ne!(name(&folder), MNIST);
    assert_ne!(name(&folder), FASHION_MNIST);
}

/// The judge is part of the command, wherever it is called from.
#[test]
fn quality_runs_from_any_folder() {
    let folder = Folder::new("anywhere").with("images", &images(60, 7));
    trained(&folder, &[]);
    let output = Command::new(env!("CARGO_BIN_EXE_latent-canvas"))
        .args([
            "quality",
            "model.safetensors",
            "--data",
            ".",
            "--count",
            "20",
            "--json",
        ])
        .current_dir(&folder.0)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["frechet"].as_f64().unwrap() > 0.0);
    assert_eq!(report["samples"], 20);
}

/// Nothing of a lone test set was trained on, so nothing of it is set aside.
#[test]
fn a_test_set_alone_is_evaluated_whole() {
    let folder = Folder::new("lone-test-set").with("t10k-images-idx3-ubyte", &images(20, 2));
    let model = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/www/public/models/strokes-2d.safetensors"
    );
    let output = Command::new(env!("CARGO_BIN_EXE_latent-canvas"))
        .args(["eval", model, "--data", &folder.path(""), "--json"])
        .args(["--estimator", "quadrature", "--each"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["images"], 20, "{output:?}");
    assert_eq!(report["logLikelihoods"].as_array().unwrap().len(), 20);
}
