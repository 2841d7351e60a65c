//! Data sets in a folder: IDX files, NumPy's arrays, or pictures. Contents and names decide which file is which, as on the
//! page.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Once;

use latent_canvas::data::contents::{Contents, Items};
use latent_canvas::data::file::{self, Named};
use latent_canvas::data::file_set::{self, Arrangement, Member, Part};
use latent_canvas::data::{CLASSES, Dataset, idx, published};
use latent_canvas::{Error, Result};

use crate::{files, pictures};

/// How many bytes of a file show what it holds.
const FIRST_BYTES: u64 = 1 << 16;
/// How many file names an error message lists.
const MOST_NAMES: usize = 12;

/// What is to be done with images and labels.
pub struct Treatment {
    /// Exchange rows and columns; none does so for EMNIST alone.
    pub transposed: Option<bool>,
    /// Exchange ink and paper.
    pub inverted: bool,
    /// Use no labels.
    pub without_labels: bool,
}

/// One part of the data set at this place: a folder, a file, or what the names of several files begin with. Without a test
/// set the last images are held out as one.
pub fn read(place: &Path, part: Part, treatment: &Treatment) -> Result<Dataset> {
    let mut candidates = candidates(place)?;
    let found = arrange(place, &candidates)?;
    let is_test_alone = file_set::part_of_name(&candidates[found.images].name) == Some(Part::Test);
    let mut read = |images: usize, labels: Option<usize>| {
        let labels = match labels.filter(|_| !treatment.without_labels) {
            Some(place) => Some(candidates[place].read()?),
            None => None,
        };
        let name = candidates[images].name.clone();
        let images = candidates[images].read()?;
        treated(place, &name, images, labels, treatment)
    };
    match (part, found.test_images) {
        (Part::Train, Some(_)) => read(found.images, found.labels),
        (Part::Test, Some(test_images)) => read(test_images, found.test_labels),
        // Only a test set: no image of it was trained on.
        (Part::Test, None) if is_test_alone => read(found.images, found.labels),
        (part, None) => {
            let (train, test) = read(found.images, found.labels)?.set_aside();
            Ok(match part {
                Part::Train => train,
                Part::Test => test,
            })
        }
    }
}

fn treated(
    place: &Path,
    name: &str,
    images: Contents,
    labels: Option<Contents>,
    treatment: &Treatment,
) -> Result<Dataset> {
    if !treatment.inverted && images.looks_inverted() {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            eprintln!(
                "note: the images look like dark ink on white paper, and white ink on black is expected; --inverted \
                 exchanges them"
            );
        });
    }
    let transposed = treatment.transposed.unwrap_or_else(|| {
        published::is_transposed(name)
            || images
                .published
                .is_some_and(|published| published::is_transposed(published.set))
    });
    let is_no_class = |label: &u8| usize::from(*label) >= CLASSES;
    let has_others = labels
        .as_ref()
        .is_some_and(|labels| labels.values.iter().any(is_no_class));
    let data =
        files::of_file(place, Dataset::from_contents(images, labels)).map_err(
            |cause| match cause {
                Error::Data(reason) if has_others => {
                    Error::Data(format!("{reason} (--without-labels)"))
                }
                other => other,
            },
        )?;
    let data = if transposed { data.transposed() } else { data };
    Ok(if treatment.inverted {
        data.inverted()
    } else {
        data
    })
}

/// Images or labels: where they are, or what they are.
struct Candidate {
    name: String,
    items: Items,
    source: Source,
}

enum Source {
    Idx(PathBuf),
    Read(Option<Contents>),
}

impl Candidate {
    /// Reads or hands over what there is; a set is asked for once.
    fn read(&mut self) -> Result<Contents> {
        match &mut self.source {
            Source::Idx(path) => files::of_file(path, idx::read(&files::read(path)?)),
            Source::Read(contents) => contents
                .take()
                .ok_or_else(|| Error::Data(format!("{} is used twice", self.name))),
        }
    }
}

impl From<Named> for Candidate {
    fn from(named: Named) -> Self {
        Self {
            name: named.name,
            items: named.contents.items,
            source: Source::Read(Some(named.contents)),
        }
    }
}

/// The data files at this place, sorted by name. Where a file is there plain and as `.gz`, the plain one is used; pictures
/// count where nothing else is there.
fn candidates(place: &Path) -> Result<Vec<Candidate>> {
    let paths = files_at(place)?;
    let mut candidates: Vec<Candidate> = Vec::new();
    for path in &paths {
        let name = name_of(path);
        let plain = name.strip_suffix(".gz");
        if plain.is_some_and(|plain| candidates.iter().any(|known| known.name == plain)) {
            continue;
        }
        candidates.extend(candidates_of(path, name)?);
    }
    if candidates.is_empty() {
        candidates.extend(pictures::read(place)?.into_iter().map(Candidate::from));
    }
    if candidates.iter().all(|file| file.items == Items::Labels) {
        return Err(nothing_in(place, &paths));
    }
    Ok(candidates)
}

/// What a file holds. One that only looks like data by its name is read, so that the error says what is wrong with it.
fn candidates_of(path: &Path, name: String) -> Result<Vec<Candidate>> {
    let fail = |cause| Error::Io(format!("cannot read {}: {cause}", path.display()));
    let mut first_bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(FIRST_BYTES)
        .read_to_end(&mut first_bytes)
        .map_err(fail)?;
    if let Some(items) = idx::items_of(&first_bytes) {
        let source = Source::Idx(path.to_owned());
        return Ok(vec![Candidate {
            name,
            items,
            source,
        }]);
    }
    let is = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let is_array = is(&[".npy", ".npz"]);
    if is_array
        || ["idx1", "idx2", "idx3"]
            .iter()
            .any(|word| name.contains(word))
    {
        let read = if is_array && !file::is_numpy(&first_bytes) {
            Err(Error::Data("no NumPy array or archive of them".to_owned()))
        } else {
            file::read(&name, &files::read(path)?)
        };
        let named = files::of_file(path, read)?;
        return Ok(named.into_iter().map(Candidate::from).collect());
    }
    Ok(Vec::new())
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The files in a folder, or the file, or those whose names begin so; sorted.
fn files_at(place: &Path) -> Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let (folder, beginning) = if place.is_dir() {
        (place, String::new())
    } else {
        let folder = place.parent().unwrap_or(Path::new(""));
        let here = folder.as_os_str().is_empty();
        (if here { Path::new(".") } else { folder }, name_of(place))
    };
    let fail = |cause| Error::Io(format!("cannot read {}: {cause}", place.display()));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_file() && name_of(&path).starts_with(&beginning) {
            paths.push(path);
        }
    }
    if paths.is_empty() && !place.is_dir() {
        return Err(Error::Io(format!(
            "cannot read {}: there is no such folder or file, and no file whose name begins so",
            place.display()
        )));
    }
    paths.sort();
    Ok(paths)
}

fn nothing_in(place: &Path, paths: &[PathBuf]) -> Error {
    let names: Vec<_> = paths.iter().map(|path| name_of(path)).collect();
    let listed = match &names[..] {
        [] => "it is empty".to_owned(),
        names if names.len() > MOST_NAMES => {
            format!("it holds {} and more", names[..MOST_NAMES].join(", "))
        }
        names => format!("it holds {}", names.join(", ")),
    };
    Error::Io(format!(
        "no images are in {}, neither an IDX file such as train-images-idx3-ubyte.gz nor .npy, .npz or .png: {listed}; \
         `make mnist` fetches MNIST",
        place.display()
    ))
}

fn arrange(place: &Path, candidates: &[Candidate]) -> Result<Arrangement> {
    let members: Vec<_> = candidates
        .iter()
        .map(|candidate| Member {
            name: &candidate.name,
            items: candidate.items,
            published: None,
        })
        .collect();
    let is_images = |candidate: &&Candidate| candidate.items == Items::Images;
    let has_too_many = candidates.iter().filter(is_images).count() > 2;
    files::of_file(place, file_set::arrange(&members)).map_err(|cause| match cause {
        Error::Data(reason) if has_too_many => Error::Data(format!(
            "{reason}. What the names of one set begin with chooses it, as in --data {}",
            place.join("emnist-digits").display()
        )),
        other => other,
    })
}
