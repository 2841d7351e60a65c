//! The IDX format of the MNIST files, plain or gzip-compressed.
//!
//! Layout (LeCun, Cortes & Burges): two zero bytes, the type of the numbers (0x08 a byte, 0x0C four bytes), the
//! number of dimensions, one big-endian 32-bit size per dimension, then the numbers. Images are bytes in three
//! dimensions, labels bytes in one. QMNIST's labels (Yadav & Bottou 2019) are rows of eight four-byte numbers, of
//! which the first is the class.

mod gzip;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::CLASSES;
use super::contents::{self, Contents, IMAGES_MAGIC, Items, LABELS_MAGIC, MAX_BYTES};
use super::published;
use crate::{Error, PIXELS, Result, SIDE};

const WIDE_LABELS_MAGIC: u32 = 0x0C02;
/// Numbers in a row of QMNIST's labels, and bytes in a number.
const WIDE_COLUMNS: usize = 8;
const WIDE_BYTES: usize = 4;
/// One byte of gzip never stands for more.
const MOST_PACKED: u64 = 1032;

/// Reads an IDX file of images or labels, whichever it is.
///
/// # Errors
///
/// [`Error::Data`] that names the fault: no IDX file, other contents, other sizes than 28x28, nothing in it, a body
/// shorter or longer than its header promises, damaged gzip, or more than [`MAX_BYTES`].
pub fn read(bytes: &[u8]) -> Result<Contents> {
    let mut reader = Hashed {
        inner: gzip::unpack(bytes)?,
        checksum: Sha256::new(),
    };
    let layout = Layout::read(&mut reader)?;
    let values = layout.body(&mut reader, bytes.len())?;
    let published = published::of_unpacked(reader.checksum).or_else(|| published::of_packed(bytes));
    Ok(Contents {
        items: layout.items,
        values: match layout.items {
            Items::Labels if layout.item_bytes > 1 => first_column(&values)?,
            Items::Images | Items::Labels => values,
        },
        published,
    })
}

/// What a file holds by its first bytes, of which some thousands are enough; none if it is no IDX file that [`read`]
/// could read.
pub fn items_of(first_bytes: &[u8]) -> Option<Items> {
    let mut reader = gzip::unpack(first_bytes).ok()?;
    Some(Layout::read(&mut reader).ok()?.items)
}

/// Reads an IDX file of 28x28 grey images: `N * 784` bytes, row-major, ink = 255.
///
/// # Errors
///
/// As [`read`], and [`Error::Data`] for a file of labels.
pub fn read_images(bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(expect(read(bytes)?, Items::Images)?.values)
}

/// Reads an IDX file of class labels 0-9: `N` bytes.
///
/// # Errors
///
/// As [`read`], and [`Error::Data`] for a file of images or a label above 9.
pub fn read_labels(bytes: &[u8]) -> Result<Vec<u8>> {
    let labels = expect(read(bytes)?, Items::Labels)?.values;
    contents::check_classes(&labels)?;
    Ok(labels)
}

/// The file, if it holds what it should.
pub(super) fn expect(file: Contents, items: Items) -> Result<Contents> {
    if file.items == items {
        return Ok(file);
    }
    Err(Error::data(format!(
        "not an IDX {} file (this is {} file)",
        items.name(),
        match file.items {
            Items::Images => "an image",
            Items::Labels => "a label",
        }
    )))
}

/// A header, understood.
#[derive(Debug)]
struct Layout {
    items: Items,
    count: u64,
    item_bytes: u64,
}

impl Layout {
    fn read(reader: &mut impl Read) -> Result<Self> {
        let mut start = Vec::new();
        reader
            .take(4)
            .read_to_end(&mut start)
            .map_err(gzip::damaged)?;
        let Ok(magic) = start.as_slice().try_into().map(u32::from_be_bytes) else {
            return Err(if start.is_empty() {
                Error::data("the file is empty")
            } else {
                Error::data("no IDX file: it is truncated, and ends inside its header")
            });
        };
        match magic {
            IMAGES_MAGIC => {
                let [count, rows, columns] = sizes(reader, Items::Images)?;
                if [rows, columns] != [SIDE as u32; 2] {
                    return Err(Error::data(format!(
                        "the image file holds {rows}x{columns} images; only {SIDE}x{SIDE} can be used"
                    )));
                }
                Self::of(Items::Images, count, PIXELS)
            }
            LABELS_MAGIC => {
                let [count] = sizes(reader, Items::Labels)?;
                Self::of(Items::Labels, count, 1)
            }
            WIDE_LABELS_MAGIC => {
                let [count, columns] = sizes(reader, Items::Labels)?;
                if columns as usize != WIDE_COLUMNS {
                    return Err(Error::data(format!(
                        "the label file has rows of {columns} numbers; QMNIST's have {WIDE_COLUMNS}"
                    )));
                }
                Self::of(Items::Labels, count, WIDE_COLUMNS * WIDE_BYTES)
            }
            other => Err(Error::data(format!(
                "no IDX file of images or labels: {}",
                what_it_is(other)
            ))),
        }
    }

    fn of(items: Items, count: u32, item_bytes: usize) -> Result<Self> {
        if count == 0 {
            return Err(Error::data(format!(
                "the {} file promises 0 {}s: there is nothing in it",
                items.name(),
                items.name()
            )));
        }
        Ok(Self {
            items,
            count: u64::from(count),
            item_bytes: item_bytes as u64,
        })
    }

    /// All the bytes after the header, exactly as many as it promises.
    fn body(&self, reader: &mut impl Read, packed_bytes: usize) -> Result<Vec<u8>> {
        let (what, promised) = (self.items.name(), self.count);
        let expected = promised * self.item_bytes;
        let mut body = Vec::new();
        let likely = expected
            .min(MAX_BYTES)
            .min(MOST_PACKED * packed_bytes as u64);
        body.try_reserve_exact(likely as usize).map_err(|_| {
            Error::data(format!(
                "there is no memory for {promised} {what}s; close something or use a smaller file"
            ))
        })?;
        reader
            .take(expected.min(MAX_BYTES))
            .read_to_end(&mut body)
            .map_err(gzip::damaged)?;
        let found = body.len() as u64;
        if found < expected.min(MAX_BYTES) {
            return Err(Error::data(format!(
                "the {what} file is cut off: its header says {promised} {what}s, but only {} are there",
                found / self.item_bytes
            )));
        }
        if expected > MAX_BYTES {
            return Err(Error::data(format!(
                "the {what} file unpacks to more than {} MiB; at most {} {what}s can be used",
                MAX_BYTES >> 20,
                MAX_BYTES / self.item_bytes
            )));
        }
        let rest = io::copy(&mut reader.take(MAX_BYTES), &mut io::sink()).map_err(gzip::damaged)?;
        if rest > 0 {
            return Err(Error::data(format!(
                "the {what} file has {rest}{} bytes after its {promised} {what}s; that is room for {} more than its \
                 header promises",
                if rest == MAX_BYTES { " or more" } else { "" },
                rest / self.item_bytes
            )));
        }
        Ok(body)
    }
}

/// Big-endian sizes, one a dimension.
fn sizes<const N: usize>(reader: &mut impl Read, items: Items) -> Result<[u32; N]> {
    let mut sizes = [0; N];
    for size in &mut sizes {
        let mut word = [0; 4];
        reader.read_exact(&mut word).map_err(|cause| {
            if cause.kind() == io::ErrorKind::UnexpectedEof {
                Error::data(format!(
                    "the {} file is truncated: it ends inside its header",
                    items.name()
                ))
            } else {
                gzip::damaged(cause)
            }
        })?;
        *size = u32::from_be_bytes(word);
    }
    Ok(sizes)
}

/// Kinds of files that are dropped by mistake, by their first four bytes.
fn what_it_is(magic: u32) -> String {
    let start = magic.to_be_bytes();
    let text = start.map(|byte| byte.to_ascii_lowercase());
    match (&text, start) {
        (b"<!do" | b"<htm" | b"<hea" | b"<?xm" | b"\n<!d" | b"\n<ht", _) => {
            "this is a web page, perhaps saved in place of the file; fetch the file itself"
                .to_owned()
        }
        (b"vers", _) => "this is a note of Git LFS, not the file itself; fetch the file".to_owned(),
        (_, [b'P', b'K', ..]) => {
            "this is a zip archive; unpack it and use the files inside".to_owned()
        }
        (_, [0x89, b'P', b'N', b'G'] | [0xff, 0xd8, ..]) => "this is a single picture".to_owned(),
        (_, [0, 0, 0x08..=0x0e, dimensions]) => format!(
            "it holds numbers of type {:#04x} in {dimensions} dimensions; images are bytes (0x08) in 3, labels bytes in 1",
            start[2]
        ),
        _ => format!(
            "it begins with {magic:#010x}, not {IMAGES_MAGIC:#010x} or {LABELS_MAGIC:#010x}; .npy, .npz and PNG files can be \
             used too"
        ),
    }
}

/// The classes in QMNIST's rows.
fn first_column(rows: &[u8]) -> Result<Vec<u8>> {
    let (words, _) = rows.as_chunks::<WIDE_BYTES>();
    words
        .iter()
        .step_by(WIDE_COLUMNS)
        .map(|word| {
            let class = u32::from_be_bytes(*word);
            u8::try_from(class).map_err(|_| {
                Error::data(format!(
                    "the label file holds the label {class}; labels are 0 to {}",
                    CLASSES - 1
                ))
            })
        })
        .collect()
}

/// A reader that knows the SHA-256 of what was read.
struct Hashed<R> {
    inner: R,
    checksum: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.checksum.update(&buffer[..count]);
        Ok(count)
    }
}
