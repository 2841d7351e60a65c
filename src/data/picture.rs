//! Pictures as images: grey, 28x28, and a folder of them as a data set.
//!
//! Ink is expected white on black, as MNIST has it ([`super::Dataset::inverted`] exchanges them). Colours become grey by
//! their luma (ITU-R BT.601); what is transparent shows black. A square picture of another size is scaled: each pixel is
//! the mean of the part of the picture that it covers.

use std::collections::BTreeSet;

use super::contents::{Contents, Items, MAX_BYTES};
use super::file::Named;
use super::file_set::{Part, part_of_name};
use crate::{Error, PIXELS, Result, Rng, SIDE};

/// The largest picture that is scaled, in pixels a side.
pub const MOST_SIDE: usize = 4096;

/// The 784 grey values of a picture of `width` x `height` pixels, given as red, green, blue and opacity, 0 to 255 each.
///
/// # Errors
///
/// [`Error::Data`] for a picture that is not square, or larger than [`MOST_SIDE`]; [`Error::Shape`] for another number of
/// bytes.
pub fn grey(rgba: &[u8], width: usize, height: usize) -> Result<Vec<u8>> {
    check_size(width, height)?;
    if rgba.len() != 4 * width * height {
        return Err(Error::shape(format!(
            "a picture of {width}x{height} pixels needs {} bytes; got {}",
            4 * width * height,
            rgba.len()
        )));
    }
    let (colours, _) = rgba.as_chunks::<4>();
    let levels: Vec<f64> = colours.iter().map(|colour| luma(*colour)).collect();
    let shares = shares(width);
    // First along the rows, then along the columns.
    let mut narrow = vec![0.0; width * SIDE];
    for (row, line) in levels.chunks_exact(width).enumerate() {
        for (column, share) in shares.iter().enumerate() {
            narrow[row * SIDE + column] = share.mean(|place| line[place]);
        }
    }
    let mut image = Vec::with_capacity(PIXELS);
    for share in &shares {
        for column in 0..SIDE {
            let level = share.mean(|place| narrow[place * SIDE + column]);
            image.push(level.round() as u8);
        }
    }
    Ok(image)
}

/// Refuses a picture that cannot be scaled.
///
/// # Errors
///
/// [`Error::Data`] for one that is not square, or larger than [`MOST_SIDE`].
pub fn check_size(width: usize, height: usize) -> Result<()> {
    if width != height || width == 0 {
        return Err(Error::data(format!(
            "the picture has {width}x{height} pixels; only square pictures can be scaled to {SIDE}x{SIDE}"
        )));
    }
    if width > MOST_SIDE {
        return Err(Error::data(format!(
            "the picture has {width}x{height} pixels; at most {MOST_SIDE}x{MOST_SIDE} can be used"
        )));
    }
    Ok(())
}

/// How light a colour is before black, 0 to 255.
fn luma([red, green, blue, opacity]: [u8; 4]) -> f64 {
    let light = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    f64::from(light) / 1000.0 * f64::from(opacity) / 255.0
}

/// The pixels of a line that one of its 28 parts covers.
struct Share {
    first: usize,
    /// How much of each pixel is covered, summing to 1.
    weights: Vec<f64>,
}

impl Share {
    fn mean(&self, level: impl Fn(usize) -> f64) -> f64 {
        let weights = self.weights.iter().enumerate();
        weights
            .map(|(place, weight)| weight * level(self.first + place))
            .sum()
    }
}

fn shares(pixels: usize) -> Vec<Share> {
    // In units of a 28th of a pixel all borders are whole numbers.
    let covered = |part: usize, pixel: usize| {
        let start = (part * pixels).max(pixel * SIDE);
        let end = ((part + 1) * pixels).min((pixel + 1) * SIDE);
        (end - start) as f64 / pixels as f64
    };
    (0..SIDE)
        .map(|part| {
            let first = part * pixels / SIDE;
            let end = ((part + 1) * pixels).div_ceil(SIDE);
            Share {
                first,
                weights: (first..end).map(|pixel| covered(part, pixel)).collect(),
            }
        })
        .collect()
}

/// Pictures, already grey and 28x28 (784 bytes each), as images and labels. A folder in the path that is named "train",
/// "test" or the like says what a picture is for, and the innermost folder, if it is another, its class. Classes that are
/// all numbers are those numbers; others are numbered in alphabetical order. One folder alone that is no number says
/// nothing. The order is shuffled, always in the same way, so that the last images are not all of one class.
///
/// # Errors
///
/// [`Error::Data`] when some pictures have a class and others have none, for more than 256 classes, or for more than
/// [`MAX_BYTES`].
pub fn data_set(paths: &[&str], greys: &[u8]) -> Result<Vec<Named>> {
    if greys.len() != paths.len() * PIXELS {
        return Err(Error::shape(format!(
            "{} pictures need {} bytes; got {}",
            paths.len(),
            paths.len() * PIXELS,
            greys.len()
        )));
    }
    if greys.len() as u64 > MAX_BYTES {
        return Err(Error::data(format!(
            "there are {} pictures; at most {} can be used",
            paths.len(),
            MAX_BYTES / PIXELS as u64
        )));
    }
    let classes = Classes::of(paths)?;
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_key(|place| paths[*place]);
    Rng::from_seed(0).split("pictures").shuffle(&mut order);
    let mut sets = Vec::new();
    for (part, folder) in [(Part::Train, "train"), (Part::Test, "test")] {
        let of_part = order
            .iter()
            .copied()
            .filter(|place| part_of(paths[*place]) == part);
        let members: Vec<usize> = of_part.collect();
        if members.is_empty() {
            continue;
        }
        let images = members
            .iter()
            .flat_map(|place| &greys[place * PIXELS..(place + 1) * PIXELS]);
        sets.push((
            format!("{folder}/*.png"),
            Items::Images,
            images.copied().collect(),
        ));
        if let Some(classes) = &classes {
            let labels = members
                .iter()
                .filter_map(|place| classes.number(paths[*place]));
            sets.push((format!("{folder}/"), Items::Labels, labels.collect()));
        }
    }
    let named = |(name, items, values)| Named {
        name,
        contents: Contents::new(items, values),
        is_idx: false,
    };
    Ok(sets.into_iter().map(named).collect())
}

fn folders(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folders, _)| folders)
}

fn part_of(path: &str) -> Part {
    folders(path).and_then(part_of_name).unwrap_or(Part::Train)
}

fn class_of(path: &str) -> Option<&str> {
    let folder = folders(path)?.rsplit('/').next()?;
    part_of_name(folder).is_none().then_some(folder)
}

/// The names of the classes, sorted; numbers by their value.
struct Classes(Vec<String>);

impl Classes {
    /// None where folders tell no classes.
    fn of(paths: &[&str]) -> Result<Option<Self>> {
        let names: BTreeSet<&str> = paths.iter().filter_map(|path| class_of(path)).collect();
        let are_numbers = names.iter().all(|name| name.parse::<u8>().is_ok());
        if names.is_empty() || (names.len() == 1 && !are_numbers) {
            return Ok(None);
        }
        if let Some(path) = paths.iter().find(|path| class_of(path).is_none()) {
            return Err(Error::data(format!(
                "“{path}” lies in no folder of a class, but other pictures do; put each into one, or all into one folder"
            )));
        }
        if names.len() > 256 {
            return Err(Error::data(format!(
                "the pictures lie in {} folders; at most 256 classes can be told apart",
                names.len()
            )));
        }
        let names = if are_numbers {
            Vec::new()
        } else {
            names.into_iter().map(str::to_owned).collect()
        };
        Ok(Some(Self(names)))
    }

    fn number(&self, path: &str) -> Option<u8> {
        let name = class_of(path)?;
        match self.0.iter().position(|known| known == name) {
            Some(place) => u8::try_from(place).ok(),
            None => name.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(side: usize, colour: impl Fn(usize, usize) -> [u8; 4]) -> Vec<u8> {
        let places = (0..side * side).map(|place| colour(place % side, place / side));
        places.flatten().collect()
    }

    fn opaque(level: u8) -> [u8; 4] {
        [level, level, level, 255]
    }

    #[test]
    fn colours_become_grey_before_black() {
        let of = |colour| grey(&picture(28, |_, _| colour), 28, 28).unwrap()[400];
        assert_eq!(of([255, 255, 255, 255]), 255);
        assert_eq!(of([255, 0, 0, 255]), 76);
        assert_eq!(of([0, 255, 0, 255]), 150);
        assert_eq!(of([0, 0, 255, 255]), 29);
        assert_eq!(of([255, 255, 255, 128]), 128);
        assert_eq!(of([255, 255, 255, 0]), 0);
    }

    #[test]
    fn a_picture_of_28_pixels_stays_as_it_is() {
        let ramp: Vec<u8> = (0..PIXELS)
            .map(|place| (place % SIDE * 9 + place / SIDE) as u8)
            .collect();
        let rgba = picture(SIDE, |x, y| opaque(ramp[y * SIDE + x]));
        assert_eq!(grey(&rgba, SIDE, SIDE).unwrap(), ramp);
    }

    #[test]
    fn other_sizes_are_scaled_by_area() {
        // Two pixels a part: the mean of four.
        let checks = picture(56, |x, y| opaque(if (x + y) % 2 == 0 { 200 } else { 100 }));
        assert_eq!(grey(&checks, 56, 56).unwrap(), vec![150; PIXELS]);
        // Three parts of a column and a half: the edge at 21 of 42 pixels is that at 14 of 28.
        let half = picture(42, |x, _| if x < 21 { opaque(255) } else { opaque(0) });
        let scaled = grey(&half, 42, 42).unwrap();
        assert_eq!((scaled[13], scaled[14]), (255, 0));
        // The total of ink stays: one white pixel of 42x42 is 4/9 of one of 28x28.
        let dot = picture(42, |x, y| {
            if (x, y) == (1, 0) {
                opaque(255)
            } else {
                opaque(0)
            }
        });
        let sum: u32 = grey(&dot, 42, 42)
            .unwrap()
            .iter()
            .map(|value| u32::from(*value))
            .sum();
        assert!((112..=114).contains(&sum), "{sum}");
        // Smaller ones become blocks.
        let four = picture(2, |x, y| if x == y { opaque(255) } else { opaque(0) });
        let blocks = grey(&four, 2, 2).unwrap();
        assert_eq!(
            (blocks[0], blocks[14], blocks[14 * SIDE + 14]),
            (255, 0, 255)
        );
    }

    #[test]
    fn what_cannot_be_scaled_is_refused() {
        let fault = |bytes: usize, width, height| {
            let error = grey(&vec![0; bytes], width, height).unwrap_err();
            (error.code(), error.to_string())
        };
        assert!(
            fault(4 * 30 * 28, 30, 28)
                .1
                .contains("30x28 pixels; only square")
        );
        assert!(fault(0, 5000, 5000).1.contains("at most 4096x4096"));
        assert!(fault(0, 0, 0).1.contains("0x0"));
        assert_eq!(fault(9, 28, 28).0, "shape");
    }

    fn sets(paths: &[&str]) -> Result<Vec<(String, Items, Vec<u8>)>> {
        let greys: Vec<u8> = (0..paths.len())
            .flat_map(|place| vec![place as u8; PIXELS])
            .collect();
        let named = data_set(paths, &greys)?;
        let short = |set: Named| {
            let step = set.contents.values.len() / set.contents.count();
            let values = set.contents.values.into_iter().step_by(step).collect();
            (set.name, set.contents.items, values)
        };
        Ok(named.into_iter().map(short).collect())
    }

    #[test]
    fn folders_say_class_and_part() {
        let found = sets(&[
            "mnist_png/training/7/a.png",
            "mnist_png/testing/3/b.png",
            "mnist_png/training/0/c.png",
        ])
        .unwrap();
        let [images, labels, test_images, test_labels] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            (images.0.as_str(), test_images.0.as_str()),
            ("train/*.png", "test/*.png")
        );
        let class_of_place = [7, 3, 0];
        let expected: Vec<u8> = images
            .2
            .iter()
            .map(|place| class_of_place[usize::from(*place)])
            .collect();
        assert_eq!(labels.2, expected);
        assert_eq!((&test_images.2, &test_labels.2), (&vec![1], &vec![3]));

        let found = sets(&["b/1.png", "a/1.png"]).unwrap();
        assert_eq!(
            found[1].2,
            found[0].2.iter().map(|place| 1 - place).collect::<Vec<_>>()
        );
        assert_eq!(sets(&["shapes/1.png", "shapes/2.png"]).unwrap().len(), 1);
        assert_eq!(sets(&["5/1.png"]).unwrap()[1].2, [5]);
        assert_eq!(sets(&["1.png", "2.png"]).unwrap().len(), 1);
        let fault = sets(&["a/1.png", "b/1.png", "2.png"])
            .unwrap_err()
            .to_string();
        assert!(fault.contains("“2.png” lies in no folder"), "{fault}");
    }

    #[test]
    fn the_order_is_always_the_same_and_mixed() {
        let names: Vec<String> = (0..40)
            .map(|place| format!("{}/{place}.png", place / 20))
            .collect();
        let paths: Vec<&str> = names.iter().map(String::as_str).collect();
        let labels = sets(&paths).unwrap()[1].2.clone();
        assert_eq!(labels, sets(&paths).unwrap()[1].2);
        assert!(
            labels[36..].contains(&0) && labels[36..].contains(&1),
            "{labels:?}"
        );
    }
}
