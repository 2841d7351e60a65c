//! Which of some files are to train with, which to test with, and which labels belong to which images.

use super::contents::Items;
use super::published::Published;
use crate::{Error, Result};

/// What images are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The model learns from them.
    Train,
    /// They are held out.
    Test,
}

/// A file, as far as it must be known to find its place.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its name, with the folders that it was given in.
    pub name: &'a str,
    /// What it holds.
    pub items: Items,
    /// Whose it is; this counts for more than its name.
    pub published: Option<Published>,
}

impl Member<'_> {
    fn part(&self) -> Option<Part> {
        let known = self.published.map(|published| published.part);
        known.or_else(|| part_of_name(self.name))
    }
}

/// Places in the list of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// Images to train with.
    pub images: usize,
    /// Their labels.
    pub labels: Option<usize>,
    /// Images to test with.
    pub test_images: Option<usize>,
    /// Their labels.
    pub test_labels: Option<usize>,
}

/// What a file's name says it is for: one of its words is "train", "test", "t10k" or the like. Words end at anything
/// but a letter or a digit, at a capital letter, and before "images" and "labels". Of a path the last part that says so
/// counts.
pub fn part_of_name(path: &str) -> Option<Part> {
    path.rsplit('/').find_map(part_of_words)
}

fn part_of_words(name: &str) -> Option<Part> {
    let mut spaced = String::new();
    let mut last = ' ';
    for letter in name.chars() {
        if last.is_lowercase() && letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(letter.to_lowercase());
        last = letter;
    }
    spaced
        .split(|letter: char| !letter.is_alphanumeric())
        .find_map(|word| {
            let ends = ["images", "labels"]
                .iter()
                .find_map(|end| word.strip_suffix(end));
            match ends.unwrap_or(word) {
                "train" | "training" => Some(Part::Train),
                "test" | "testing" | "t10k" | "test10k" | "test50k" => Some(Part::Test),
                _ => None,
            }
        })
}

/// Finds every file its place; none is left over in silence.
///
/// # Errors
///
/// [`Error::Data`] that names the file which has no place, or the files between which cannot be decided.
pub fn arrange(members: &[Member<'_>]) -> Result<Arrangement> {
    let of = |items| {
        let places = 0..members.len();
        places.filter(move |place| members[*place].items == items)
    };
    let name = |place: usize| format!("“{}”", members[place].name);
    let (images, test_images) = match of(Items::Images).collect::<Vec<_>>()[..] {
        [] => {
            return Err(Error::data(
                "there are labels but no images; add the file of images",
            ));
        }
        [only] => (only, None),
        [first, second] => match (members[first].part(), members[second].part()) {
            (Some(Part::Test), Some(Part::Train) | None) => (second, Some(first)),
            (Some(Part::Train) | None, Some(Part::Test)) => (first, Some(second)),
            (Some(Part::Train), Some(Part::Train))
            | (Some(Part::Test), Some(Part::Test))
            | (None | Some(Part::Train), None)
            | (None, Some(Part::Train)) => {
                return Err(Error::data(format!(
                    "which of {} and {} is to test with cannot be told: put the word \"test\" in the name of one, or \
                     use one of them",
                    name(first),
                    name(second)
                )));
            }
        },
        [_, _, third, ..] => {
            return Err(Error::data(format!(
                "{} is an image file too many: use one for training and one for testing",
                name(third)
            )));
        }
    };
    let mut arrangement = Arrangement {
        images,
        labels: None,
        test_images,
        test_labels: None,
    };
    for labels in of(Items::Labels) {
        let part = members[labels].part();
        let images_fit = |place: usize| {
            let own = members[place].part();
            own == part || own.is_none() || part.is_none()
        };
        // Of two sets, labels that do not say which are those of the set to train with.
        let place = if images_fit(images) && (test_images.is_none() || part != Some(Part::Test)) {
            &mut arrangement.labels
        } else if test_images.is_some_and(images_fit) {
            &mut arrangement.test_labels
        } else {
            return Err(Error::data(format!(
                "{} has no images here: add the images that belong to it, or leave it out",
                name(labels)
            )));
        };
        if let Some(other) = place.replace(labels) {
            return Err(Error::data(format!(
                "{} and {} are labels of the same images; leave one out",
                name(other),
                name(labels)
            )));
        }
    }
    Ok(arrangement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::published::MNIST;

    #[test]
    fn a_name_says_what_its_file_is_for() {
        for (name, part) in [
            ("train-images-idx3-ubyte", Some(Part::Train)),
            ("train-images.idx3-ubyte.gz", Some(Part::Train)),
            ("t10k-images-idx3-ubyte.gz", Some(Part::Test)),
            ("t10k-labels.idx1-ubyte", Some(Part::Test)),
            (
                "emnist-digits-train-images-idx3-ubyte.gz",
                Some(Part::Train),
            ),
            ("emnist-letters-test-labels-idx1-ubyte.gz", Some(Part::Test)),
            ("qmnist-test-labels-idx2-int.gz", Some(Part::Test)),
            ("t10k-images-idx3-ubyte (1).gz", Some(Part::Test)),
            ("TestImages.idx", Some(Part::Test)),
            ("testimages", Some(Part::Test)),
            ("training_images.bin", Some(Part::Train)),
            ("greatest-images", None),
            ("contest-labels.gz", None),
            ("latest.idx3", None),
            ("trained-by-me", None),
            ("train.npz/x_test", Some(Part::Test)),
            ("kmnist-train-imgs.npz/arr_0", Some(Part::Train)),
            ("bars", None),
        ] {
            assert_eq!(part_of_name(name), part, "{name}");
        }
    }

    /// Names that begin with "i" are images, with "l" labels.
    fn arranged(names: &[&str]) -> Result<Arrangement> {
        let members: Vec<_> = names
            .iter()
            .map(|name| Member {
                name,
                items: if name.starts_with('i') {
                    Items::Images
                } else {
                    Items::Labels
                },
                published: None,
            })
            .collect();
        arrange(&members)
    }

    fn places(images: usize, rest: [Option<usize>; 3]) -> Arrangement {
        let [labels, test_images, test_labels] = rest;
        Arrangement {
            images,
            labels,
            test_images,
            test_labels,
        }
    }

    #[test]
    fn every_file_finds_its_place() {
        for (names, expected) in [
            (vec!["i"], places(0, [None; 3])),
            (vec!["l", "i-greatest"], places(1, [Some(0), None, None])),
            (vec!["i-test", "l-test"], places(0, [Some(1), None, None])),
            (
                vec!["l-t10k", "i-t10k", "i-train", "l-train"],
                places(2, [Some(3), Some(1), Some(0)]),
            ),
            (
                vec!["i-greatest", "i-test", "l-greatest"],
                places(0, [Some(2), Some(1), None]),
            ),
            // However many there are, labels to train with never go to images to test with.
            (
                vec!["i-train", "i-test", "l-train"],
                places(0, [Some(2), Some(1), None]),
            ),
        ] {
            assert_eq!(arranged(&names).unwrap(), expected, "{names:?}");
        }
    }

    #[test]
    fn no_file_is_left_out_in_silence() {
        for (names, reason) in [
            (vec!["l"], "no images"),
            (vec!["i-a", "i-b"], "which of “i-a” and “i-b”"),
            (vec!["i-test-a", "i-test-b"], "which of"),
            (
                vec!["i-train", "i-test", "i-c"],
                "“i-c” is an image file too many",
            ),
            (vec!["i-train", "l-test"], "“l-test” has no images here"),
            (vec!["i-test", "l-train"], "“l-train” has no images here"),
            (
                vec!["i-train", "l-train", "l-b"],
                "“l-train” and “l-b” are labels of the same",
            ),
        ] {
            let error = arranged(&names).unwrap_err();
            assert_eq!(error.code(), "data");
            assert!(error.to_string().contains(reason), "{names:?}: {error}");
        }
    }

    #[test]
    fn a_checksum_counts_for_more_than_a_name() {
        let member = |name, part| Member {
            name,
            items: Items::Images,
            published: Some(Published { set: MNIST, part }),
        };
        let swapped = [member("train", Part::Test), member("test", Part::Train)];
        assert_eq!(arrange(&swapped).unwrap(), places(1, [None, Some(0), None]));
    }
}
