//! The IDX format of the MNIST files, plain or gzip-compressed.
//!
//! Layout (LeCun, Cortes & Burges): a big-endian magic number (0x00000803 for images, 0x00000801 for
//! labels), one big-endian 32-bit size per dimension, then one unsigned byte per element.

use std::io::Read;

use crate::{Error, PIXELS, Result, SIDE};

const IMAGES_MAGIC: u32 = 0x0803;
const LABELS_MAGIC: u32 = 0x0801;
/// No MNIST-like file is larger; a gzip bomb is refused beyond it.
const MAX_BYTES: u64 = 1 << 29;

/// Reads an IDX file of 28x28 grey images: `N * 784` bytes, row-major, ink = 255.
///
/// # Errors
///
/// [`Error::Data`] that names the fault: magic number, image size, truncation or trailing bytes.
pub fn read_images(bytes: &[u8]) -> Result<Vec<u8>> {
    let bytes = decompress(bytes)?;
    let (count, body) = header(&bytes, IMAGES_MAGIC, "image")?;
    let (rows, body) = size(body, "image")?;
    let (columns, body) = size(body, "image")?;
    if (rows, columns) != (SIDE, SIDE) {
        return Err(Error::data(format!(
            "the image file holds {rows}x{columns} images; only {SIDE}x{SIDE} can be used"
        )));
    }
    exactly(body, count, PIXELS, "image")
}

/// Reads an IDX file of class labels 0-9: `N` bytes.
///
/// # Errors
///
/// [`Error::Data`] that names the fault: magic number, truncation, trailing bytes, or a label over 9.
pub fn read_labels(bytes: &[u8]) -> Result<Vec<u8>> {
    let bytes = decompress(bytes)?;
    let (count, body) = header(&bytes, LABELS_MAGIC, "label")?;
    let labels = exactly(body, count, 1, "label")?;
    match labels.iter().find(|label| **label > 9) {
        Some(label) => Err(Error::data(format!(
            "the label file holds the label {label}; labels are 0 to 9"
        ))),
        None => Ok(labels),
    }
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut plain)
        .map_err(|cause| Error::data(format!("the gzip data is damaged: {cause}")))?;
    if plain.len() as u64 > MAX_BYTES {
        return Err(Error::data("the gzip data unpacks to more than 512 MiB"));
    }
    Ok(plain)
}

fn header<'a>(bytes: &'a [u8], expected: u32, what: &str) -> Result<(usize, &'a [u8])> {
    let (magic, body) = word(bytes, what)?;
    if magic != expected {
        let hint = match magic {
            IMAGES_MAGIC => " (this is an image file)",
            LABELS_MAGIC => " (this is a label file)",
            _ => "",
        };
        return Err(Error::data(format!(
            "not an IDX {what} file: its magic number is {magic:#010x}, not {expected:#010x}{hint}"
        )));
    }
    size(body, what)
}

fn size<'a>(bytes: &'a [u8], what: &str) -> Result<(usize, &'a [u8])> {
    let (value, rest) = word(bytes, what)?;
    Ok((value as usize, rest))
}

fn word<'a>(bytes: &'a [u8], what: &str) -> Result<(u32, &'a [u8])> {
    match bytes.split_first_chunk::<4>() {
        Some((word, rest)) => Ok((u32::from_be_bytes(*word), rest)),
        None => Err(Error::data(format!(
            "the {what} file is truncated: it ends inside its header"
        ))),
    }
}

fn exactly(body: &[u8], count: usize, width: usize, what: &str) -> Result<Vec<u8>> {
    let expected = count as u128 * width as u128;
    let found = body.len() as u128;
    if found < expected {
        return Err(Error::data(format!(
            "the {what} file is truncated: {count} {what}s need {expected} bytes, {found} are there"
        )));
    }
    if found > expected {
        return Err(Error::data(format!(
            "the {what} file has {} bytes after its {count} {what}s",
            found - expected
        )));
    }
    Ok(body.to_vec())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn images(count: u32, side: u32, body: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [IMAGES_MAGIC, count, side, side] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.resize(bytes.len() + body, 9);
        bytes
    }

    fn labels(values: &[u8]) -> Vec<u8> {
        let mut bytes = LABELS_MAGIC.to_be_bytes().to_vec();
        bytes.extend((values.len() as u32).to_be_bytes());
        bytes.extend(values);
        bytes
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
        assert_eq!(read_images(&plain).unwrap(), vec![9; 2 * PIXELS]);
        assert_eq!(read_images(&gzip(&plain)).unwrap(), vec![9; 2 * PIXELS]);
        assert_eq!(read_labels(&gzip(&labels(&[0, 9]))).unwrap(), vec![0, 9]);
    }

    #[test]
    fn each_fault_is_named() {
        assert!(fault(read_images(&[])).contains("inside its header"));
        assert!(fault(read_images(&labels(&[1]))).contains("this is a label file"));
        assert!(fault(read_labels(&images(1, 28, PIXELS))).contains("this is an image file"));
        assert!(fault(read_images(&images(2, 28, PIXELS))).contains("truncated"));
        assert!(fault(read_images(&images(1, 28, PIXELS + 3))).contains("3 bytes after"));
        assert!(fault(read_images(&images(1, 32, 1024))).contains("32x32"));
        assert!(fault(read_images(&images(u32::MAX, 28, 10))).contains("truncated"));
        assert!(fault(read_labels(&labels(&[10]))).contains("label 10"));
        let whole = gzip(&images(2, 28, 2 * PIXELS));
        assert!(fault(read_images(&whole[..whole.len() / 2])).contains("damaged"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_images_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            if let Ok(pixels) = read_images(&bytes) {
                prop_assert_eq!(pixels.len() % PIXELS, 0);
            }
            let _ = read_labels(&bytes);
        }
    }
}
