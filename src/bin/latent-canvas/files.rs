//! Reading and writing files, with errors that name them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::data::file_set::Part;
use latent_canvas::data::{Binarization, Dataset};
use latent_canvas::models::{Model, one_hot};
use latent_canvas::{Error, PIXELS, Result, Rng};

use crate::data_folder::{self, Treatment};

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|cause| Error::Io(format!("cannot read {}: {cause}", path.display())))
}

/// Reads a checkpoint.
pub fn read_checkpoint(path: &Path) -> Result<Checkpoint> {
    of_file(path, checkpoint::load(&read(path)?))
}

/// Reads a model; one that takes classes may be given the class of all its images.
pub fn read_model(path: &Path, label: Option<u8>) -> Result<Box<dyn Model>> {
    let model = read_checkpoint(path)?.model;
    match label {
        Some(_) => model.given(&one_hot(&[label])?),
        None => Ok(model),
    }
}

/// Adds the file's name to an error about its bytes.
pub fn of_file<T>(path: &Path, loaded: Result<T>) -> Result<T> {
    loaded.map_err(|cause| match cause {
        Error::Checkpoint(reason) => Error::Checkpoint(format!("{}: {reason}", path.display())),
        Error::Data(reason) => Error::Data(format!("{}: {reason}", path.display())),
        other => other,
    })
}

/// Checks before long work that its result can be written; a file that is already there is not changed.
pub fn try_to_write(path: &Path) -> Result<()> {
    let part = part_of(path);
    let fail = |cause| cannot_write(path, cause);
    if path.is_dir() {
        return Err(Error::Io(format!(
            "cannot write {}: it is a folder; add a file's name",
            path.display()
        )));
    }
    std::fs::write(&part, []).map_err(fail)?;
    std::fs::remove_file(&part).map_err(fail)
}

/// Writes a file completely or not at all: an interrupted write leaves the old file in place.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = part_of(path);
    let fail = |cause| cannot_write(path, cause);
    std::fs::write(&part, bytes).map_err(fail)?;
    std::fs::rename(&part, path).map_err(fail)
}

/// The temporary file that is written first, beside the file itself.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn cannot_write(path: &Path, cause: std::io::Error) -> Error {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Error::Io(format!(
            "cannot write {}: the folder {} is not there; make it first",
            path.display(),
            folder.display()
        )),
        _ => Error::Io(format!("cannot write {}: {cause}", path.display())),
    }
}

/// How training treated grey pixels; where that is not on record, the kind of pixels that the model's likelihood is for.
fn pixels_of_training(loaded: &Checkpoint) -> Result<Binarization> {
    let options = loaded.provenance.as_ref().map(|p| &p["options"]);
    match options.and_then(|options| options["binarization"].as_str()) {
        Some(name) => Binarization::parse(name),
        None => Ok(Binarization::usual(loaded.model.likelihood().is_binary())),
    }
}

/// The name of the built-in digits as a data set.
const STROKES: &str = "strokes";
/// The seeds of the built-in digits for training and for testing.
pub const STROKE_SEEDS: (u64, u64) = (1, 2);

/// Where the images come from.
#[derive(clap::Args)]
pub struct DataArguments {
    /// Folder with images, a file, or "strokes" for the built-in digits
    ///
    /// The folder holds IDX files such as MNIST's, NumPy's .npy or .npz, or PNG pictures. Pictures are square, white ink on
    /// black, and scaled to 28x28; the names of sub-folders are their classes. What the names of several files begin with
    /// chooses one data set of a folder, such as FOLDER/emnist-digits.
    #[arg(long)]
    data: String,
    /// Exchange the rows and columns of the images
    ///
    /// EMNIST's files hold them so: told by checksum or name, they are turned upright unless --transposed=false says no.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    transposed: Option<bool>,
    /// Exchange ink and paper: for dark ink on white paper
    #[arg(long)]
    inverted: bool,
    /// Use the images alone, without their labels
    #[arg(long)]
    without_labels: bool,
}

impl DataArguments {
    /// Whether the built-in digits are meant.
    pub fn is_strokes(&self) -> bool {
        self.data == STROKES
    }
}

/// The images to train on: of the files in this directory, or 60,000 built-in digits. Without a test set the last
/// of them are held out.
pub fn training(arguments: &DataArguments) -> Result<Dataset> {
    read_data(arguments, Part::Train)
}

/// Images that no training sees: the test set, or those held out of training, or 10,000 other built-in digits.
pub fn held_out(arguments: &DataArguments) -> Result<Dataset> {
    read_data(arguments, Part::Test)
}

/// Test images, with pixels of the kind that the model is shown.
pub struct TestImages {
    /// `[n, 784]`.
    pub x: Vec<f32>,
    pub labels: Vec<Option<u8>>,
    pub binarization: Binarization,
}

/// The first `limit` test images, or all. Grey pixels are treated as in training unless the command asks for something else.
pub fn test_images(
    arguments: &DataArguments,
    limit: Option<NonZeroUsize>,
    loaded: &Checkpoint,
    binarization: Option<&str>,
    seed: u64,
) -> Result<TestImages> {
    let data = held_out(arguments)?;
    let count = limit.map_or(data.len(), |limit| limit.get().min(data.len()));
    let binarization = match binarization {
        Some(name) => Binarization::parse(name)?,
        None => pixels_of_training(loaded)?,
    };
    let first: Vec<u32> = (0..count as u32).collect();
    let rng = Rng::from_seed(seed).split("evaluation");
    Ok(TestImages {
        x: data.batch(&first, binarization, &rng, 0),
        labels: data.labels(0, count)?.to_vec(),
        binarization,
    })
}

fn read_data(arguments: &DataArguments, part: Part) -> Result<Dataset> {
    if arguments.is_strokes() {
        return match part {
            Part::Train => Dataset::strokes(60_000, STROKE_SEEDS.0),
            Part::Test => Dataset::strokes(10_000, STROKE_SEEDS.1),
        };
    }
    let treatment = Treatment {
        transposed: arguments.transposed,
        inverted: arguments.inverted,
        without_labels: arguments.without_labels,
    };
    data_folder::read(Path::new(&arguments.data), part, &treatment)
}

/// The pixels and the labels of the images whose label is known.
pub fn labelled(pixels: &[f32], labels: &[Option<u8>]) -> (Vec<f32>, Vec<u8>) {
    let images = pixels.chunks_exact(PIXELS).zip(labels);
    let known = images.filter_map(|(image, label)| Some((image, (*label)?)));
    let (images, labels): (Vec<&[f32]>, Vec<u8>) = known.unzip();
    (images.concat(), labels)
}
