use std::io::Write;

use proptest::prelude::*;

use super::*;

fn words(words: &[u32], body: &[u8]) -> Vec<u8> {
    let header = words.iter().flat_map(|word| word.to_be_bytes());
    header.chain(body.iter().copied()).collect()
}

fn images(count: u32, side: u32, body: usize) -> Vec<u8> {
    words(&[IMAGES_MAGIC, count, side, side], &vec![9; body])
}

fn labels(values: &[u8]) -> Vec<u8> {
    words(&[LABELS_MAGIC, values.len() as u32], values)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn fault<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code(), "data");
    error.to_string()
}

#[test]
fn plain_and_gzip_read_the_same() {
    let plain = images(2, 28, 2 * PIXELS);
    assert_eq!(read(&plain).unwrap().published, None);
    assert_eq!(read_images(&plain).unwrap(), vec![9; 2 * PIXELS]);
    assert_eq!(read_images(&gzip(&plain)).unwrap(), vec![9; 2 * PIXELS]);
    assert_eq!(read_labels(&gzip(&labels(&[0, 9]))).unwrap(), vec![0, 9]);
    assert_eq!(items_of(&gzip(&plain)[..40]), Some(Items::Images));
    assert_eq!(items_of(&labels(&[1])), Some(Items::Labels));
    assert_eq!(items_of(b"a letter to the editor"), None);
}

#[test]
fn gzip_is_taken_as_people_have_it() {
    let plain = images(2, 28, 2 * PIXELS);
    let (first, second) = plain.split_at(700);
    let members = [gzip(first), gzip(second)].concat();
    let padded = [gzip(&plain), vec![0; 3000]].concat();
    let padded_between = [gzip(first), vec![0; 7], gzip(second)].concat();
    for packed in [members, padded, padded_between, gzip(&gzip(&plain))] {
        assert_eq!(read_images(&packed).unwrap(), vec![9; 2 * PIXELS]);
    }
    let followed = [gzip(&plain), b"\0\0junk".to_vec()].concat();
    assert!(fault(read_images(&followed)).contains("bytes that are no gzip follow"));
    let thrice = gzip(&gzip(&gzip(&plain)));
    assert!(fault(read_images(&thrice)).contains("more than twice"));
}

#[test]
fn each_fault_is_named() {
    assert!(fault(read_images(&[])).contains("empty"));
    assert!(fault(read_images(&[0, 0, 8])).contains("inside its header"));
    assert!(fault(read_images(&images(2, 28, 0)[..9])).contains("inside its header"));
    assert!(fault(read_images(&labels(&[1]))).contains("this is a label file"));
    assert!(fault(read_labels(&images(1, 28, PIXELS))).contains("this is an image file"));
    assert!(
        fault(read_images(&images(10_000, 28, 10 * PIXELS)))
            .contains("cut off: its header says 10000 images, but only 10 are there")
    );
    assert!(fault(read_images(&images(1, 28, PIXELS + 3))).contains("3 bytes after"));
    let hundred = images(100, 28, 200 * PIXELS);
    assert!(fault(read_images(&hundred)).contains("room for 100 more"));
    assert!(fault(read_images(&images(1, 32, 1024))).contains("32x32"));
    assert!(fault(read_images(&images(0, 28, 0))).contains("promises 0 images"));
    assert!(fault(read_labels(&labels(&[]))).contains("promises 0 labels"));
    assert!(fault(read_images(&images(u32::MAX, 28, 10))).contains("cut off"));
    assert!(fault(read_labels(&labels(&[10]))).contains("labels up to 10; only 0 to 9"));
    let whole = gzip(&images(2, 28, 2 * PIXELS));
    assert!(fault(read_images(&whole[..whole.len() / 2])).contains("damaged"));
    for (start, reason) in [
        ("<!DOCTYPE html><html>", "web page"),
        ("<html>", "web page"),
        ("PK\u{3}\u{4}...", "zip archive"),
        ("version https://git-lfs.github.com/spec/v1", "Git LFS"),
        ("0 0 0 255 3", "begins with 0x30203020"),
    ] {
        assert!(fault(read(start.as_bytes())).contains(reason));
        assert!(fault(read(&gzip(start.as_bytes()))).contains(reason));
    }
    assert!(fault(read(&words(&[0x0D03, 1, 28, 28], &[]))).contains("type 0x0d in 3 dimensions"));
}

#[test]
fn labels_of_qmnist_are_the_first_of_eight_numbers() {
    let row = |class: u32| [class, 3, 77, 0, 5, 1, 2, 9];
    let body: Vec<u8> = [row(7), row(0)]
        .as_flattened()
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect();
    let file = words(&[WIDE_LABELS_MAGIC, 2, 8], &body);
    assert_eq!(read_labels(&file).unwrap(), [7, 0]);
    assert!(
        fault(read_labels(&file[..file.len() - 5])).contains("says 2 labels, but only 1 are there")
    );
    let nine = words(&[WIDE_LABELS_MAGIC, 2, 9], &body);
    assert!(fault(read_labels(&nine)).contains("rows of 9 numbers"));
    let large = words(
        &[WIDE_LABELS_MAGIC, 1, 8],
        &row(300).map(u32::to_be_bytes).concat(),
    );
    assert!(fault(read_labels(&large)).contains("label 300"));
}

/// Two gigabytes of zeros behind a header, in two megabytes.
#[test]
fn a_gzip_bomb_is_refused_at_the_limit() {
    let bomb = |header: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(header).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..2048 {
            encoder.write_all(&zeros).unwrap();
        }
        encoder.finish().unwrap()
    };
    let million = images(2_000_000, 28, 0);
    assert!(fault(read(&bomb(&million))).contains("more than 256 MiB; at most 342392 images"));
    let one = images(1, 28, 0);
    assert!(fault(read(&bomb(&one))).contains("268435456 or more bytes after its 1 images"));
    assert!(fault(read(&bomb(&[]))).contains("no IDX file"));
}

proptest! {
    #[test]
    fn any_bytes_give_images_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        if let Ok(pixels) = read_images(&bytes) {
            prop_assert_eq!(pixels.len() % PIXELS, 0);
        }
        let _ = read_labels(&bytes);
        let _ = items_of(&gzip(&bytes));
    }
}
