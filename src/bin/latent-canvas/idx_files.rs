//! Data sets of IDX files in a folder. Contents and names decide which file is which, as on the page.

use std::io::Read;
use std::path::{Path, PathBuf};

use latent_canvas::data::Dataset;
use latent_canvas::data::file_set::{self, Arrangement, Member, Part};
use latent_canvas::data::idx::{self, Items};
use latent_canvas::{Error, Result};

use crate::files;

/// How many bytes of a file show what it holds.
const FIRST_BYTES: u64 = 1 << 16;
/// How many file names an error message lists.
const MOST_NAMES: usize = 12;

/// One part of the data set in this folder; without a test set the last images are held out as one.
pub fn read(folder: &Path, part: Part) -> Result<Dataset> {
    let (candidates, names) = candidates(folder)?;
    let found = arrange(folder, &candidates, &names)?;
    let read = |images: usize, labels: Option<usize>| {
        let labels = match labels {
            None => None,
            Some(place) => {
                let path = &candidates[place].path;
                let bytes = files::read(path)?;
                files::of_file(path, idx::read_labels(&bytes))?;
                Some(bytes)
            }
        };
        let path = &candidates[images].path;
        let images = files::read(path)?;
        files::of_file(path, Dataset::from_idx(&images, labels.as_deref()))
    };
    match (part, found.test_images) {
        (Part::Train, Some(_)) => read(found.images, found.labels),
        (Part::Test, Some(test_images)) => read(test_images, found.test_labels),
        // Only a test set: no image of it was trained on.
        (Part::Test, None) if is_to_test_with(&candidates[found.images]) => {
            read(found.images, found.labels)
        }
        (part, None) => {
            let (train, test) = read(found.images, found.labels)?.set_aside();
            Ok(match part {
                Part::Train => train,
                Part::Test => test,
            })
        }
    }
}

fn is_to_test_with(file: &Candidate) -> bool {
    file_set::part_of_name(&file.name) == Some(Part::Test)
}

struct Candidate {
    path: PathBuf,
    name: String,
    items: Items,
}

/// The folder's IDX files and the names of all its files, both sorted. Where a file is there plain and as `.gz`, the plain
/// one is used.
fn candidates(folder: &Path) -> Result<(Vec<Candidate>, Vec<String>)> {
    let fail = |cause| Error::Io(format!("cannot read {}: {cause}", folder.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut candidates: Vec<Candidate> = Vec::new();
    for name in &names {
        let plain = name.strip_suffix(".gz");
        if plain.is_some_and(|plain| candidates.iter().any(|known| known.name == plain)) {
            continue;
        }
        let path = folder.join(name);
        if let Some(items) = items_of(&path)? {
            let name = name.clone();
            candidates.push(Candidate { path, name, items });
        }
    }
    Ok((candidates, names))
}

/// What a file holds. A file that only looks like data by its name is read, so that the error says what is wrong with it.
fn items_of(path: &Path) -> Result<Option<Items>> {
    let fail = |cause| Error::Io(format!("cannot read {}: {cause}", path.display()));
    let mut first_bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(FIRST_BYTES)
        .read_to_end(&mut first_bytes)
        .map_err(fail)?;
    if let Some(items) = idx::items_of(&first_bytes) {
        return Ok(Some(items));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_data_by_name = ["idx1", "idx2", "idx3"]
        .iter()
        .any(|word| name.contains(word));
    if is_data_by_name {
        files::of_file(path, idx::read(&files::read(path)?))?;
    }
    Ok(None)
}

fn arrange(folder: &Path, candidates: &[Candidate], names: &[String]) -> Result<Arrangement> {
    if candidates.iter().all(|file| file.items == Items::Labels) {
        let listed = match names {
            [] => "it is empty".to_owned(),
            names if names.len() > MOST_NAMES => {
                format!("it holds {} and more", names[..MOST_NAMES].join(", "))
            }
            names => format!("it holds {}", names.join(", ")),
        };
        return Err(Error::Io(format!(
            "no IDX file of images, such as train-images-idx3-ubyte.gz, is in {}: {listed}; `make mnist` fetches MNIST",
            folder.display()
        )));
    }
    let members: Vec<_> = candidates
        .iter()
        .map(|file| Member {
            name: &file.name,
            items: file.items,
            published: None,
        })
        .collect();
    files::of_file(folder, file_set::arrange(&members))
}
