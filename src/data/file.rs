//! A file of data, whatever its format: IDX, plain or gzip, and NumPy's `.npy` and `.npz`.

use super::contents::Contents;
use super::{idx, numpy};
use crate::{Error, Result};

/// Images or labels, and where they come from.
#[derive(Clone, Debug)]
pub struct Named {
    /// The file's name; for an array in an archive, followed by a slash and the array's.
    pub name: String,
    /// What is in it.
    pub contents: Contents,
    /// The file is an IDX file already.
    pub is_idx: bool,
}

/// Reads all that is in a file.
///
/// # Errors
///
/// [`Error::Data`] as from [`idx::read`], [`numpy::read_npy`] and [`numpy::read_npz`].
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Named>> {
    let alone = |contents, is_idx| {
        vec![Named {
            name: name.to_owned(),
            contents,
            is_idx,
        }]
    };
    Ok(if is_archive(bytes) {
        let named = |(array, contents)| Named {
            name: format!("{name}/{array}"),
            contents,
            is_idx: false,
        };
        numpy::read_npz(bytes)?.into_iter().map(named).collect()
    } else if is_array(bytes) {
        alone(numpy::read_npy(bytes)?, false)
    } else {
        alone(idx::read(bytes)?, true)
    })
}

/// Adds the file's name to an error about what is in it.
///
/// # Errors
///
/// Those of `read`.
pub fn of_name<T>(name: &str, read: Result<T>) -> Result<T> {
    read.map_err(|cause| match cause {
        Error::Data(reason) => Error::data(format!("“{name}”: {reason}")),
        other => other,
    })
}

/// Whether a file that begins so is one of NumPy's, which [`read`] must see whole.
pub fn is_numpy(first_bytes: &[u8]) -> bool {
    is_array(first_bytes) || is_archive(first_bytes)
}

fn is_array(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(numpy::NPY_FIRST_BYTES)
}

fn is_archive(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(numpy::NPZ_FIRST_BYTES)
}
