//! Reading and writing files, with errors that name them.

use std::path::{Path, PathBuf};

use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::data::Dataset;
use latent_canvas::{Error, Result};
use serde_json::{Value, json};

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|cause| Error::Io(format!("cannot read {}: {cause}", path.display())))
}

/// Reads a checkpoint.
pub fn read_checkpoint(path: &Path) -> Result<Checkpoint> {
    of_file(path, checkpoint::load(&read(path)?))
}

/// What is wrong with a checkpoint's bytes, said with the name of their file.
pub fn of_file<T>(path: &Path, loaded: Result<T>) -> Result<T> {
    loaded.map_err(|cause| match cause {
        Error::Checkpoint(reason) => Error::Checkpoint(format!("{}: {reason}", path.display())),
        other => other,
    })
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

/// Notes figures in a checkpoint's provenance, all of them or one group; a training run in the file is dropped.
pub fn record(
    path: &Path,
    loaded: &Checkpoint,
    group: Option<&str>,
    figures: &Value,
) -> Result<()> {
    let known = loaded.provenance.clone().filter(Value::is_object);
    let mut provenance = known.unwrap_or_else(|| json!({}));
    match group {
        None => provenance["metrics"] = figures.clone(),
        Some(group) => provenance["metrics"][group] = figures.clone(),
    }
    let model = loaded.model.as_ref();
    write(
        path,
        &checkpoint::save(model, Some(&provenance), loaded.precision)?,
    )
}

/// What a model's training made of grey pixels, by name.
pub fn pixels_of_training(loaded: &Checkpoint) -> &str {
    let options = loaded.provenance.as_ref().map(|p| &p["options"]);
    let name = options.and_then(|options| options["binarization"].as_str());
    name.unwrap_or("dynamic")
}

/// The name of the built-in digits.
pub const STROKES: &str = "strokes";
/// Seeds of the built-in digits to train on and of those held out.
pub const STROKE_SEEDS: (u64, u64) = (1, 2);

/// The images to train on: the MNIST training set in this directory, or 60,000 built-in digits.
pub fn training(name: &str) -> Result<Dataset> {
    match name {
        STROKES => Dataset::strokes(60_000, STROKE_SEEDS.0),
        directory => mnist(Path::new(directory), "train"),
    }
}

/// Images no training sees: the MNIST test set, or 10,000 other built-in digits.
pub fn held_out(name: &str) -> Result<Dataset> {
    match name {
        STROKES => Dataset::strokes(10_000, STROKE_SEEDS.1),
        directory => mnist(Path::new(directory), "t10k"),
    }
}

/// What provenance calls the data.
pub fn data_name(name: &str) -> &str {
    match name {
        STROKES => "stroke digits",
        _ => "MNIST",
    }
}

fn mnist(directory: &Path, stem: &str) -> Result<Dataset> {
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
