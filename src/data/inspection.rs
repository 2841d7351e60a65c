//! What some files are, together, before anything is done with them.

use super::CLASSES;
use super::contents::{Contents, Items};
use super::file::{self, Named};
use super::file_set::{self, Arrangement, Member};
use super::published::{Published, is_transposed};
use crate::{Error, PIXELS, Result};

/// Images that are shown of a set.
const SHOWN: usize = 10;

/// Files that can be used, and what for.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Images or labels, in the order of the files and of what is in them.
    pub sets: Vec<FoundSet>,
    /// Which of the sets is what. Labels that cannot be used have no place.
    pub arrangement: Arrangement,
    /// Images to train with.
    pub images: usize,
    /// Images to test with; 0 without such a set.
    pub test_images: usize,
    /// The published set that all of them belong to, told by checksums.
    pub set: Option<&'static str>,
    /// Rows and columns are to be exchanged: all sets of EMNIST are stored so, and told by checksum or name.
    pub transposed: bool,
    /// The images to train with look like dark ink on white paper.
    pub inverted: bool,
    /// The first images to train with, at most ten, n x 784 in [0, 1], as they are stored.
    pub first: Vec<f32>,
    /// Why labels cannot be used although the images can; none if all can.
    pub unusable_labels: Option<String>,
}

/// Where images or labels are to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundSet {
    /// In the IDX file of this place.
    Idx(usize),
    /// Here, as an IDX file, for they came in another format.
    Converted(Vec<u8>),
}

struct Seen {
    name: String,
    items: Items,
    count: usize,
    published: Option<Published>,
    largest: u8,
    first: Vec<f32>,
    inverted: bool,
}

impl Seen {
    fn of(name: String, contents: &Contents) -> Self {
        let shown = &contents.values[..contents.values.len().min(SHOWN * PIXELS)];
        let (largest, first) = match contents.items {
            Items::Images => (
                0,
                shown.iter().map(|grey| f32::from(*grey) / 255.0).collect(),
            ),
            Items::Labels => (
                contents.values.iter().copied().max().unwrap_or(0),
                Vec::new(),
            ),
        };
        Self {
            name,
            items: contents.items,
            count: contents.count(),
            published: contents.published,
            largest,
            first,
            inverted: contents.looks_inverted(),
        }
    }
}

/// Reads every file whole, one at a time, and finds out what they are together. `bytes` gives those of one file.
///
/// # Errors
///
/// [`Error::Data`] with the name of the file that cannot be used, as from [`file::read`] and [`file_set::arrange`], or
/// when images and labels differ in number.
pub fn inspect(names: &[&str], bytes: impl Fn(usize) -> Vec<u8>) -> Result<Inspection> {
    let mut seen = Vec::with_capacity(names.len());
    let mut sets = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let read = file::of_name(name, file::read(name, &bytes(place)))?;
        for Named {
            name,
            contents,
            is_idx,
        } in read
        {
            seen.push(Seen::of(name, &contents));
            sets.push(if is_idx {
                FoundSet::Idx(place)
            } else {
                FoundSet::Converted(contents.to_idx())
            });
        }
    }
    let members: Vec<_> = seen
        .iter()
        .map(|seen| Member {
            name: &seen.name,
            items: seen.items,
            published: seen.published,
        })
        .collect();
    let mut arrangement = file_set::arrange(&members)?;
    let unusable_labels = check_labels(&seen, &mut arrangement)?;
    let set_of = |seen: &Seen| seen.published.map(|published| published.set);
    let first_set = seen.first().and_then(set_of);
    let images = &seen[arrangement.images];
    Ok(Inspection {
        sets,
        images: images.count,
        test_images: arrangement.test_images.map_or(0, |place| seen[place].count),
        set: first_set.filter(|_| seen.iter().all(|seen| set_of(seen) == first_set)),
        transposed: is_transposed(&images.name) || set_of(images).is_some_and(is_transposed),
        inverted: images.inverted,
        first: images.first.clone(),
        unusable_labels,
        arrangement,
    })
}

/// Takes labels that cannot be used out of the arrangement, and says why.
fn check_labels(seen: &[Seen], arrangement: &mut Arrangement) -> Result<Option<String>> {
    let mut unusable = Vec::new();
    let pairs = [
        (Some(arrangement.images), &mut arrangement.labels),
        (arrangement.test_images, &mut arrangement.test_labels),
    ];
    for (images, labels) in pairs {
        let (Some(images), Some(of_images)) = (images, *labels) else {
            continue;
        };
        let (images, of_images) = (&seen[images], &seen[of_images]);
        if images.count != of_images.count {
            return Err(Error::data(format!(
                "there are {} images in “{}” but {} labels in “{}”; labels must belong to their images",
                images.count, images.name, of_images.count, of_images.name
            )));
        }
        if usize::from(of_images.largest) >= CLASSES {
            unusable.push(format!(
                "“{}” holds labels up to {}",
                of_images.name, of_images.largest
            ));
            *labels = None;
        }
    }
    Ok((!unusable.is_empty()).then(|| {
        format!(
            "{}; only 0 to {} can be used. The images can be used without labels",
            unusable.join(", "),
            CLASSES - 1
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(count: u32, grey: u8) -> Vec<u8> {
        let header = [0x0803u32, count, 28, 28];
        let mut bytes: Vec<u8> = header.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.resize(bytes.len() + count as usize * PIXELS, grey);
        bytes
    }

    fn labels(values: &[u8]) -> Vec<u8> {
        let header = [0x0801u32, values.len() as u32];
        let header = header.iter().flat_map(|word| word.to_be_bytes());
        header.chain(values.iter().copied()).collect()
    }

    fn of(files: &[(&str, Vec<u8>)]) -> Result<Inspection> {
        let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
        inspect(&names, |place| files[place].1.clone())
    }

    #[test]
    fn files_are_described_together() {
        let files = [
            ("test-images", images(3, 0)),
            ("labels", labels(&[1; 30])),
            ("images", images(30, 255)),
        ];
        let found = of(&files).unwrap();
        assert_eq!((found.images, found.test_images), (30, 3));
        assert_eq!(found.arrangement.images, 2);
        assert_eq!(found.arrangement.labels, Some(1));
        assert_eq!(found.arrangement.test_labels, None);
        assert_eq!(found.first, vec![1.0; SHOWN * PIXELS]);
        assert_eq!((found.set, found.unusable_labels), (None, None));
        assert_eq!(of(&[("one", images(1, 0))]).unwrap().first.len(), PIXELS);
    }

    #[test]
    fn labels_beyond_nine_leave_the_images() {
        let found = of(&[("i", images(2, 0)), ("l", labels(&[3, 26]))]).unwrap();
        assert_eq!(found.arrangement.labels, None);
        let reason = found.unusable_labels.unwrap();
        assert!(
            reason.contains("“l” holds labels up to 26; only 0 to 9"),
            "{reason}"
        );
    }

    #[test]
    fn what_lies_on_its_side_or_is_dark_on_white_is_told() {
        let of_one = |name, grey| of(&[(name, images(2, grey))]).unwrap();
        let emnist = of_one("emnist-digits-train-images-idx3-ubyte.gz", 0);
        assert!(emnist.transposed && !emnist.inverted);
        let paper = of_one("paper", 250);
        assert!(!paper.transposed && paper.inverted);
        assert_eq!(paper.sets, [FoundSet::Idx(0)]);
    }

    #[test]
    fn a_fault_is_told_with_the_name_of_its_file() {
        let fault = |files: &[(&str, Vec<u8>)]| of(files).unwrap_err().to_string();
        let page = ("train.gz", b"<!doctype html>".to_vec());
        assert!(fault(&[("i", images(2, 0)), page]).starts_with("“train.gz”: no IDX file"));
        let more = fault(&[("i", images(40, 0)), ("l", labels(&[0; 39]))]);
        assert!(
            more.contains("40 images in “i” but 39 labels in “l”"),
            "{more}"
        );
    }
}
