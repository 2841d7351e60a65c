//! `.npz`: arrays under names, in a zip archive.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};

use super::super::contents::{Contents, MAX_BYTES};
use super::super::file::of_name;
use super::read_array;
use crate::{Error, Result};

/// What a zip archive with something in it begins with.
pub const FIRST_BYTES: &[u8] = b"PK\x03\x04";
const ENDING: &str = ".npy";
/// Words of arrays that are neither to train nor to test with.
const VALIDATION: [&str; 3] = ["val", "valid", "validation"];

/// Reads all the arrays of an archive, each with its name. Those to validate with are passed over: what a model does is
/// measured on images to test with.
///
/// # Errors
///
/// [`Error::Data`] that names the fault, and the array that has it: a damaged archive, one without arrays, as
/// [`super::read_npy`] for each, or more than [`MAX_BYTES`] in all.
pub fn read_npz(bytes: &[u8]) -> Result<Vec<(String, Contents)>> {
    let archive = ZipArchive::from_slice(bytes).map_err(damaged)?;
    let mut arrays = Vec::new();
    let mut room = MAX_BYTES;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_ref());
        let Some(name) = name.strip_suffix(ENDING) else {
            continue;
        };
        if is_to_validate(name) {
            continue;
        }
        let local = archive.get_entry(entry.wayfinder()).map_err(damaged)?;
        let packed: Box<dyn Read> = match entry.compression_method() {
            _ if entry.flags().is_encrypted() => {
                return Err(Error::data(format!(
                    "“{name}” is encrypted; save the archive without a password"
                )));
            }
            CompressionMethod::STORE => Box::new(local.data()),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(local.data())),
            _ => {
                return Err(Error::data(format!(
                    "“{name}” is packed in a way that NumPy does not use; save it by numpy.savez_compressed"
                )));
            }
        };
        let read = read_array(&mut local.verifying_reader(packed), room);
        let contents = of_name(name, read)?;
        room -= contents.values.len() as u64;
        arrays.push((name.to_owned(), contents));
    }
    if arrays.is_empty() {
        return Err(Error::data(
            "this zip archive holds no NumPy arrays; unpack it and use the files inside",
        ));
    }
    Ok(arrays)
}

fn is_to_validate(name: &str) -> bool {
    name.split(|letter: char| !letter.is_alphanumeric())
        .any(|word| VALIDATION.contains(&word.to_ascii_lowercase().as_str()))
}

fn damaged(cause: rawzip::Error) -> Error {
    Error::data(format!("the zip archive is damaged or cut short: {cause}"))
}
