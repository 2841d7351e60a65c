use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::PIXELS;

pub(super) fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()
}

fn npz(arrays: &[(&str, Vec<u8>)], packed: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, array) in arrays {
        let method = if packed {
            rawzip::CompressionMethod::DEFLATE
        } else {
            rawzip::CompressionMethod::STORE
        };
        let (mut entry, config) = archive
            .new_file(*name)
            .compression_method(method)
            .start()
            .unwrap();
        let descriptor = if packed {
            let encoder =
                flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(encoder);
            writer.write_all(array).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(array).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

fn fault<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code(), "data");
    error.to_string()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

#[test]
fn numbers_of_every_type_become_bytes() {
    let labels = |descr: &str, body: &[u8]| read_npy(&npy(descr, "(2,)", body)).unwrap().values;
    assert_eq!(labels("|u1", &[7, 255]), [7, 255]);
    assert_eq!(labels("|i1", &[7, 9]), [7, 9]);
    assert_eq!(labels("<u2", &[7, 0, 200, 0]), [7, 200]);
    assert_eq!(labels(">u2", &[0, 7, 0, 200]), [7, 200]);
    assert_eq!(labels("<i4", &[7, 0, 0, 0, 3, 0, 0, 0]), [7, 3]);
    let long: Vec<u8> = [4i64, 250]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    assert_eq!(labels("<i8", &long), [4, 250]);
    let images = |descr: &str, body: &[u8]| read_npy(&npy(descr, "(1, 28, 28)", body)).unwrap();
    let ramp: Vec<u8> = (0..PIXELS).map(|place| place as u8).collect();
    assert_eq!(images("|u1", &ramp).values, ramp);
    let scaled: Vec<f32> = ramp.iter().map(|value| f32::from(*value) / 255.0).collect();
    assert_eq!(images("<f4", &floats(&scaled)).values, ramp);
    let double: Vec<u8> = scaled
        .iter()
        .flat_map(|value| f64::from(*value).to_be_bytes())
        .collect();
    assert_eq!(images(">f8", &double).values, ramp);
    // Ink and paper.
    let bits: Vec<u8> = ramp.iter().map(|value| value % 2).collect();
    let expected: Vec<u8> = bits.iter().map(|bit| 255 * bit).collect();
    assert_eq!(images("|b1", &bits).values, expected);
    assert_eq!(images("|u1", &bits).values, expected);
}

#[test]
fn numbers_out_of_range_are_named() {
    let images = |value: f32| {
        let mut values = vec![0.5; PIXELS];
        values[9] = value;
        fault(read_npy(&npy("<f4", "(1, 784)", &floats(&values))))
    };
    assert!(images(1.5).contains("the number 1.5; floating-point pixels are 0 to 1"));
    assert!(images(f32::NAN).contains("the number NaN"));
    assert!(images(f32::INFINITY).contains("the number inf"));
    assert!(images(-0.25).contains("the number -0.25"));
    let labels = |descr: &str, body: &[u8]| fault(read_npy(&npy(descr, "(1,)", body)));
    assert!(labels("<i2", &[0xfe, 0xff]).contains("the number -2; labels are 0 to 255"));
    assert!(labels("<u2", &[0, 1]).contains("the number 256"));
    assert!(labels("<u8", &[255; 8]).contains("the number 18446744073709551615"));
    assert!(labels("<f4", &[0; 4]).contains("save labels as whole numbers"));
    let mut body = vec![0; 2 * PIXELS];
    body[8] = 0x80;
    body[9] = 0x80;
    assert!(
        fault(read_npy(&npy("<i2", "(1, 784)", &body)))
            .contains("the number -32640; whole-number pixels")
    );
}

#[test]
fn each_fault_of_an_array_is_named() {
    let whole = npy("|u1", "(2, 28, 28)", &[9; 2 * PIXELS]);
    assert!(fault(read_npy(b"")).contains("inside its header"));
    assert!(fault(read_npy(b"no numbers here")).contains("no NumPy array"));
    assert!(fault(read_npy(&whole[..40])).contains("inside its header"));
    assert!(
        fault(read_npy(&whole[..whole.len() - 1])).contains("says 1568 numbers, but only 1567")
    );
    assert!(
        fault(read_npy(&[&whole[..], b"x"].concat())).contains("bytes follow the 1568 numbers")
    );
    let mut version = whole.clone();
    version[6] = 9;
    assert!(fault(read_npy(&version)).contains("format version 9"));
    for shape in ["(4000000, 28, 28)", "(18446744073709551615, 784)"] {
        assert!(
            fault(read_npy(&npy("|u1", shape, &[]))).contains("at most 342392 images can be used")
        );
    }
}

#[test]
fn an_archive_holds_arrays_under_their_names() {
    let arrays = [
        ("x_train.npy", npy("|u1", "(3, 28, 28)", &[9; 3 * PIXELS])),
        (
            "y_train.npy",
            npy("<i4", "(3,)", &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]),
        ),
        ("val_images.npy", npy("|u1", "(1, 28, 28)", &[9; PIXELS])),
        ("notes.txt", b"hello".to_vec()),
    ];
    for packed in [false, true] {
        let bytes = npz(&arrays, packed);
        let found = read_npz(&bytes).unwrap();
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x_train", "y_train"]);
        assert_eq!(found[0].1.values, vec![9; 3 * PIXELS]);
        assert_eq!(found[1].1.values, [1, 2, 3]);
    }
}

#[test]
fn each_fault_of_an_archive_is_named() {
    assert!(fault(read_npz(b"PK\x03\x04")).contains("zip archive is damaged"));
    assert!(fault(read_npz(&npz(&[("a.txt", vec![1])], false))).contains("no NumPy arrays"));
    let wide = npz(&[("x.npy", npy("|u1", "(1, 32, 32)", &[0; 1024]))], true);
    assert!(fault(read_npz(&wide)).contains("“x”: the NumPy array has the shape (1, 32, 32)"));
    let images = npz(&[("x.npy", npy("|u1", "(1, 28, 28)", &[7; PIXELS]))], false);
    let mut changed = images.clone();
    let pixel = images
        .windows(9)
        .position(|window| window == [7; 9])
        .unwrap();
    changed[pixel] = 8;
    assert!(
        fault(read_npz(&changed)).contains("“x”: the NumPy file is damaged"),
        "checksum"
    );
    assert!(fault(read_npz(&images[..images.len() - 30])).contains("damaged"));
}

/// Many zeros in few bytes, and images that are too many only together.
#[test]
fn a_zip_bomb_is_refused_at_the_limit() {
    let zeros = vec![0; 1 << 27];
    let bomb = |shape: &str| {
        npz(
            &[("x.npy", [npy("|u1", shape, &[]), zeros.clone()].concat())],
            true,
        )
    };
    assert!(fault(read_npz(&bomb("(10000000, 784)"))).contains("at most 342392 images"));
    assert!(fault(read_npz(&bomb("(1, 784)"))).contains("bytes follow the 784 numbers"));
    let half = npy("|u1", "(171196, 784)", &zeros[..171_196 * PIXELS]);
    let both = npz(
        &[
            ("x_train.npy", half.clone()),
            ("x_test.npy", half.clone()),
            ("x.npy", half),
        ],
        true,
    );
    assert!(
        fault(read_npz(&both))
            .contains("“x”: the NumPy array has the shape (171196, 784); at most 0 images")
    );
}

proptest! {
    #[test]
    fn any_bytes_give_values_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2000), text in ".{0,200}") {
        let _ = read_npy(&bytes);
        let _ = read_npz(&bytes);
        let _ = read_npy(&npy("|u1", &text, &bytes));
        let _ = read_npy(&npy(&text, "(9,)", &bytes));
        let _ = read_npz(&npz(&[("x.npy", npy(&text, "(1, 28, 28)", &bytes))], true));
    }
}
