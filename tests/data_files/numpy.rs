//! Files that NumPy wrote, by tests/fixtures/numpy/make.py.

use latent_canvas::PIXELS;
use latent_canvas::data::inspection::{FoundSet, inspect};
use latent_canvas::data::{Dataset, idx, numpy};

use super::{Folder, complaint, idx_file, run, trained};

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/numpy/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

fn image(number: usize) -> Vec<u8> {
    (0..PIXELS)
        .map(|pixel| (31 * number + pixel) as u8)
        .collect()
}

fn images(numbers: std::ops::Range<usize>) -> Vec<u8> {
    numbers.flat_map(image).collect()
}

#[test]
fn arrays_of_numpy_are_read() {
    let values = |name| numpy::read_npy(&fixture(name)).unwrap().values;
    assert_eq!(values("bytes.npy"), images(0..2));
    assert_eq!(values("rows-float64-big-endian.npy"), image(0));
    let fault = numpy::read_npy(&fixture("columns.npy")).unwrap_err();
    assert!(fault.to_string().contains("Fortran order"), "{fault}");
    let arrays = numpy::read_npz(&fixture("digits.npz")).unwrap();
    let found: Vec<_> = arrays
        .iter()
        .map(|(name, contents)| (name.as_str(), contents.values.clone()))
        .collect();
    let expected = [
        ("x_train", images(0..12)),
        ("y_train", vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]),
        ("x_test", images(100..103)),
        ("y_test", vec![0, 1, 2]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_archive_gives_all_parts_of_a_data_set() {
    let found = inspect(&["digits.npz"], |_| fixture("digits.npz")).unwrap();
    assert_eq!((found.images, found.test_images), (12, 3));
    let idx_of = |place: Option<usize>| match &found.sets[place.unwrap()] {
        FoundSet::Converted(bytes) => bytes.clone(),
        FoundSet::Idx(_) => panic!("not converted"),
    };
    let places = found.arrangement;
    assert_eq!(
        idx_of(places.test_images),
        idx_file(&[0x0803, 3, 28, 28], &images(100..103))
    );
    let train =
        Dataset::from_idx(&idx_of(Some(places.images)), Some(&idx_of(places.labels))).unwrap();
    assert_eq!(train.labels(9, 2).unwrap(), [Some(9), Some(0)]);
    assert_eq!(
        idx::read_labels(&idx_of(places.test_labels)).unwrap(),
        [0, 1, 2]
    );

    let names = ["kmnist-train-labels.npz", "kmnist-train-imgs.npz"];
    let found = inspect(&names, |place| fixture(names[place])).unwrap();
    assert_eq!(
        (found.arrangement.images, found.arrangement.labels),
        (1, Some(0))
    );
    let fault = inspect(&["digits.npz"], |_| fixture("digits.npz")[..2000].to_vec()).unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("“digits.npz”: the zip archive"),
        "{fault}"
    );
}

#[test]
fn the_command_line_trains_on_arrays_in_a_folder_and_on_a_file() {
    let folder = Folder::new("npz").with("digits.npz", &fixture("digits.npz"));
    assert_eq!(
        trained(&folder, &["--set", "batchSize=4"])["metrics"]["images"],
        3
    );
    let (data, out) = (folder.path("digits.npz"), folder.path("model.safetensors"));
    let arguments = [
        "train", "--data", &data, "--epochs", "1", "--out", &out, "--json",
    ];
    let output = run(&[
        &arguments[..],
        &["--set", "hidden=4", "--set", "batchSize=4"],
    ]
    .concat());
    assert!(output.status.success(), "{output:?}");
    let separate = Folder::new("kmnist")
        .with("kmnist-train-imgs.npz", &fixture("kmnist-train-imgs.npz"))
        .with(
            "kmnist-train-labels.npz",
            &fixture("kmnist-train-labels.npz"),
        );
    let provenance = trained(&separate, &["--model", "cvae", "--set", "batchSize=4"]);
    assert_eq!(provenance["metrics"]["images"], 2);
}

#[test]
fn what_is_wrong_with_an_array_is_told_with_its_file() {
    for (name, bytes, reason) in [
        (
            "columns.npy",
            fixture("columns.npy"),
            "columns.npy: the NumPy array is stored column by column",
        ),
        (
            "cut.npz",
            fixture("digits.npz")[..1500].to_vec(),
            "cut.npz: the zip archive is damaged",
        ),
        (
            "page.npz",
            b"<!DOCTYPE html>".to_vec(),
            "page.npz: no NumPy array",
        ),
        (
            "labels.npz",
            fixture("kmnist-train-labels.npz"),
            "no images are in",
        ),
    ] {
        let fault = complaint(&Folder::new(name).with(name, &bytes));
        assert!(fault.contains(reason), "{fault}");
        assert!(!fault.contains("panicked"), "{fault}");
    }
}
