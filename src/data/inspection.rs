//! What some files are, together, before anything is done with them.

use super::CLASSES;
use super::file_set::{self, Arrangement, Member};
use super::idx::{self, IdxFile, Items};
use crate::{Error, PIXELS, Result};

/// Images that are shown of a set.
const SHOWN: usize = 10;

/// Files that can be used, and what for.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Which file is what. Labels that cannot be used have no place.
    pub arrangement: Arrangement,
    /// Images to train with.
    pub images: usize,
    /// Images to test with; 0 without such a file.
    pub test_images: usize,
    /// The published set that all of the files belong to, told by checksums.
    pub set: Option<&'static str>,
    /// The first images to train with, at most ten, n x 784 in [0, 1], as they are stored.
    pub first: Vec<f32>,
    /// Why labels cannot be used although the images can; none if all can.
    pub unusable_labels: Option<String>,
}

struct Seen {
    items: Items,
    count: usize,
    published: Option<idx::Published>,
    largest: u8,
    first: Vec<f32>,
}

impl Seen {
    fn of(file: &IdxFile) -> Self {
        let shown = &file.values[..file.values.len().min(SHOWN * PIXELS)];
        let (largest, first) = match file.items {
            Items::Images => (
                0,
                shown.iter().map(|grey| f32::from(*grey) / 255.0).collect(),
            ),
            Items::Labels => (file.values.iter().copied().max().unwrap_or(0), Vec::new()),
        };
        Self {
            items: file.items,
            count: file.count(),
            published: file.published,
            largest,
            first,
        }
    }
}

/// Reads every file whole, one at a time, and finds out what they are together. `bytes` gives those of one file.
///
/// # Errors
///
/// [`Error::Data`] with the name of the file that cannot be used, as from [`idx::read`] and [`file_set::arrange`], or
/// when images and labels differ in number.
pub fn inspect(names: &[&str], bytes: impl Fn(usize) -> Vec<u8>) -> Result<Inspection> {
    let mut seen = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let file = idx::read(&bytes(place)).map_err(|cause| match cause {
            Error::Data(reason) => Error::data(format!("“{name}”: {reason}")),
            other => other,
        })?;
        seen.push(Seen::of(&file));
    }
    let members: Vec<_> = names
        .iter()
        .zip(&seen)
        .map(|(name, seen)| Member {
            name,
            items: seen.items,
            published: seen.published,
        })
        .collect();
    let mut arrangement = file_set::arrange(&members)?;
    let mut unusable = Vec::new();
    let pairs = [
        (Some(arrangement.images), &mut arrangement.labels),
        (arrangement.test_images, &mut arrangement.test_labels),
    ];
    for (images, labels) in pairs {
        let (Some(images), Some(of_images)) = (images, *labels) else {
            continue;
        };
        if seen[images].count != seen[of_images].count {
            return Err(Error::data(format!(
                "there are {} images in “{}” but {} labels in “{}”; labels must belong to their images",
                seen[images].count, names[images], seen[of_images].count, names[of_images]
            )));
        }
        if usize::from(seen[of_images].largest) >= CLASSES {
            let (name, largest) = (names[of_images], seen[of_images].largest);
            unusable.push(format!("“{name}” holds labels up to {largest}"));
            *labels = None;
        }
    }
    let set_of = |seen: &Seen| seen.published.map(|published| published.set);
    let first_set = seen.first().and_then(set_of);
    Ok(Inspection {
        images: seen[arrangement.images].count,
        test_images: arrangement.test_images.map_or(0, |place| seen[place].count),
        set: first_set.filter(|_| seen.iter().all(|seen| set_of(seen) == first_set)),
        first: seen[arrangement.images].first.clone(),
        unusable_labels: (!unusable.is_empty()).then(|| {
            format!(
                "{}; only 0 to {} can be used. The images can be used without labels",
                unusable.join(", "),
                CLASSES - 1
            )
        }),
        arrangement,
    })
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
