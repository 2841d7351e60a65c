//! Reading and writing files, with errors that name them.

use std::path::{Path, PathBuf};

use latent_canvas::data::Dataset;
use latent_canvas::{Error, Result};

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|cause| Error::Io(format!("cannot read {}: {cause}", path.display())))
}

/// Writes a file whole or not at all: an interrupted write leaves the old one in place.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |cause| Error::Io(format!("cannot write {}: {cause}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, bytes).map_err(fail)?;
    std::fs::rename(&part, path).map_err(fail)
}

/// Which half of MNIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// 60,000 images.
    Train,
    /// 10,000 images.
    Test,
}

/// The MNIST files in a directory, plain or gzip-compressed.
pub fn mnist(directory: &Path, part: Part) -> Result<Dataset> {
    let stem = match part {
        Part::Train => "train",
        Part::Test => "t10k",
    };
    let images = read(&find(directory, &format!("{stem}-images-idx3-ubyte"))?)?;
    let labels = read(&find(directory, &format!("{stem}-labels-idx1-ubyte"))?)?;
    Dataset::from_idx(&images, Some(&labels))
}

fn find(directory: &Path, name: &str) -> Result<PathBuf> {
    let candidates = [directory.join(name), directory.join(format!("{name}.gz"))];
    candidates
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            Error::Io(format!(
                "neither {name} nor {name}.gz is in {}; `make mnist` fetches them",
                directory.display()
            ))
        })
}
