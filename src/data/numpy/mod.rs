//! NumPy's arrays as images and labels: `.npy`, one array, and `.npz`, a zip archive of them.
//!
//! Images have the shape (N, 28, 28), (N, 784), (N, 1, 28, 28) or (N, 28, 28, 1). They are whole numbers from 0 to 255,
//! where an array with none above 1 has ink = 1, or floating-point numbers from 0 to 1, rounded to 256 levels. Labels
//! are whole numbers from 0 to 255 of the shape (N,) or (N, 1). Arrays are stored row by row (C order), in either byte
//! order.

mod archive;
mod header;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::io::{self, Read};

use super::contents::{Contents, Items, MAX_BYTES};
use crate::{Error, Result};
use header::{Header, Kind};

pub use archive::{FIRST_BYTES as NPZ_FIRST_BYTES, read_npz};

/// What a `.npy` file begins with.
pub const NPY_FIRST_BYTES: &[u8] = header::FIRST_BYTES;
/// Numbers that are read and converted at a time.
const BLOCK: usize = 8192;

/// Reads one array of images or labels, whichever it is.
///
/// # Errors
///
/// [`Error::Data`] that names the fault: no array, another shape or type, numbers outside their range or not finite,
/// fewer or more of them than the header promises, or more than [`MAX_BYTES`] of images.
pub fn read_npy(bytes: &[u8]) -> Result<Contents> {
    read_array(&mut &bytes[..], MAX_BYTES)
}

/// One array out of a stream, which must end with it, of at most so many images or labels' bytes.
fn read_array(reader: &mut dyn Read, most_bytes: u64) -> Result<Contents> {
    let header = Header::read(reader)?;
    let (items, count) = header.items()?;
    let numbers = count
        .checked_mul(items.bytes_each() as u64)
        .filter(|numbers| *numbers <= most_bytes)
        .ok_or_else(|| {
            Error::data(format!(
                "the NumPy array has the shape {}; at most {} {}s can be used",
                header.shape_text(),
                most_bytes / items.bytes_each() as u64,
                items.name()
            ))
        })?;
    if items == Items::Labels && header.kind == Kind::Float {
        return Err(Error::data(
            "the NumPy array of labels holds floating-point numbers; save labels as whole numbers",
        ));
    }
    let values = values(reader, &header, items, numbers)?;
    let binary = items == Items::Images
        && header.kind != Kind::Float
        && values.iter().all(|value| *value <= 1);
    Ok(Contents::new(
        items,
        if binary {
            values.into_iter().map(|value| 255 * value).collect()
        } else {
            values
        },
    ))
}

/// All the numbers of an array as bytes: grey values or labels.
fn values(reader: &mut dyn Read, header: &Header, items: Items, count: u64) -> Result<Vec<u8>> {
    let mut values = Vec::new();
    let mut block = Vec::new();
    while (values.len() as u64) < count {
        let due = (count - values.len() as u64).min(BLOCK as u64) * header.bytes_each as u64;
        block.clear();
        reader.take(due).read_to_end(&mut block).map_err(damaged)?;
        let numbers = block.chunks_exact(header.bytes_each);
        for number in numbers {
            values.push(byte(header, items, number)?);
        }
        if (block.len() as u64) < due {
            return Err(Error::data(format!(
                "the NumPy array is cut off: its header says {count} numbers, but only {} are there",
                values.len()
            )));
        }
    }
    let more = io::copy(&mut reader.take(BLOCK as u64), &mut io::sink()).map_err(damaged)?;
    if more > 0 {
        return Err(Error::data(format!(
            "bytes follow the {count} numbers that the header of the NumPy array promises"
        )));
    }
    Ok(values)
}

/// One number as a grey value or a label.
fn byte(header: &Header, items: Items, number: &[u8]) -> Result<u8> {
    // The lowest byte first.
    let mut word = [0; 8];
    for (place, byte) in number.iter().enumerate() {
        let place = if header.big_endian {
            number.len() - 1 - place
        } else {
            place
        };
        word[place] = *byte;
    }
    let bits = u64::from_le_bytes(word);
    match header.kind {
        Kind::Float if number.len() == 4 => level(f64::from(f32::from_bits(bits as u32))),
        Kind::Float => level(f64::from_bits(bits)),
        Kind::Signed => {
            // The sign goes to the highest bit and comes back with all the bits above it.
            let above = 64 - 8 * number.len() as u32;
            whole(items, i128::from((bits << above) as i64 >> above))
        }
        Kind::Bool | Kind::Unsigned => whole(items, i128::from(bits)),
    }
}

fn level(grey: f64) -> Result<u8> {
    if (0.0..=1.0).contains(&grey) {
        return Ok((255.0 * grey).round() as u8);
    }
    Err(Error::data(format!(
        "the NumPy array of images holds the number {grey}; floating-point pixels are 0 to 1. Divide by 255 if they are 0 \
         to 255"
    )))
}

fn whole(items: Items, value: i128) -> Result<u8> {
    u8::try_from(value).map_err(|_| match items {
        Items::Images => Error::data(format!(
            "the NumPy array of images holds the number {value}; whole-number pixels are 0 to 255"
        )),
        Items::Labels => Error::data(format!(
            "the NumPy array of labels holds the number {value}; labels are 0 to 255"
        )),
    })
}

/// What a failed read means to the owner of the file.
fn damaged(cause: io::Error) -> Error {
    Error::data(format!("the NumPy file is damaged or cut short: {cause}"))
}
