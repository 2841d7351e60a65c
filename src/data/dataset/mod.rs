//! A set of images in memory, its binarisation, and the order in which training sees it.

mod binarization;
mod endless;
#[cfg(test)]
mod tests;

use super::contents::{Contents, Items, check_classes};
use super::{CLASSES, idx, published, synth};
use crate::math::check_pixels;
use crate::{Error, PIXELS, Result, Rng, SIDE};
use binarization::draw_bits;
use endless::Endless;

pub use binarization::Binarization;

/// Grey 28x28 images with optional labels. Bytes, not floats: 60,000 images take 47 MB.
#[derive(Clone, Debug)]
pub struct Dataset {
    grey: Vec<u8>,
    labels: Vec<Option<u8>>,
    name: Option<String>,
    /// Set where built-in digits make way for new ones while a run goes on.
    endless: Option<Endless>,
}

/// What provenance says of images that nothing is known of.
pub const UNKNOWN_NAME: &str = "28x28 images (name unknown)";
const STROKES_NAME: &str = "stroke digits";
/// Ends the name of a known set whose images lie on their side.
const TRANSPOSED: &str = ", transposed";
/// Without a test set a tenth of the images is set aside, but no more than this.
const MOST_SET_ASIDE: usize = 1000;

fn known(labels: Vec<u8>) -> Vec<Option<u8>> {
    labels.into_iter().map(Some).collect()
}

impl Dataset {
    /// From grey bytes (`N * 784`, ink = 255) and, if there are any, `N` labels, of which each may be unknown.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when there is no image, when bytes do not fill whole images, when the number of labels
    /// differs from the number of images, or for a label that is no class.
    pub fn from_grey(grey: Vec<u8>, labels: Option<Vec<Option<u8>>>) -> Result<Self> {
        if grey.is_empty() || !grey.len().is_multiple_of(PIXELS) {
            return Err(Error::data(format!(
                "a data set needs at least one whole image of {PIXELS} pixels; got {} pixels",
                grey.len()
            )));
        }
        let count = grey.len() / PIXELS;
        let labels = labels.unwrap_or_else(|| vec![None; count]);
        if labels.len() != count {
            return Err(Error::data(format!(
                "there are {count} images but {} labels",
                labels.len()
            )));
        }
        let mut known = labels.iter().flatten();
        match known.find(|label| usize::from(**label) >= CLASSES) {
            Some(label) => Err(Error::data(format!(
                "a label must be 0 to {}; got {label}",
                CLASSES - 1
            ))),
            None => Ok(Self {
                grey,
                labels,
                name: None,
                endless: None,
            }),
        }
    }

    /// From the bytes of IDX files, plain or gzip. Its name is that of the set whose published checksums they have.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] from [`idx`], or when image and label counts differ.
    pub fn from_idx(images: &[u8], labels: Option<&[u8]>) -> Result<Self> {
        let images = idx::expect(idx::read(images)?, Items::Images)?;
        let labels = match labels {
            None => None,
            Some(bytes) => Some(idx::expect(idx::read(bytes)?, Items::Labels)?),
        };
        Self::from_contents(images, labels)
    }

    /// From images and labels that were read from files. Its name is that of the published set that they are.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] for a label that is no class, or when image and label counts differ.
    pub fn from_contents(images: Contents, labels: Option<Contents>) -> Result<Self> {
        if let Some(labels) = &labels {
            check_classes(&labels.values)?;
        }
        let name = images.published.map(|published| {
            let mut name = published.set.to_owned();
            let of_labels = labels.as_ref().map(|labels| labels.published);
            if of_labels.is_some_and(|of_labels| of_labels != images.published) {
                name += " with other labels";
            }
            if published::is_transposed(published.set) {
                name += TRANSPOSED;
            }
            name
        });
        let labels = labels.map(|labels| known(labels.values));
        Ok(Self {
            name,
            ..Self::from_grey(images.values, labels)?
        })
    }

    /// From pixels in [0, 1], rounded to 256 levels.
    ///
    /// # Errors
    ///
    /// As [`check_pixels`] and [`Dataset::from_grey`].
    pub fn from_pixels(pixels: &[f32], labels: Option<Vec<Option<u8>>>) -> Result<Self> {
        check_pixels(pixels)?;
        let grey = pixels.iter().map(|p| (p * 255.0).round() as u8).collect();
        Self::from_grey(grey, labels)
    }

    /// The first `count` built-in digits of this seed, labelled.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for no digits or more than a million.
    pub fn strokes(count: usize, seed: u64) -> Result<Self> {
        if !(1..=1_000_000).contains(&count) {
            return Err(Error::argument(format!(
                "the number of digits must be 1 to 1000000; got {count}"
            )));
        }
        let mut grey = Vec::with_capacity(count * PIXELS);
        let mut labels = Vec::with_capacity(count);
        for index in 0..count as u64 {
            let digit = synth::digit(seed, index)?;
            grey.extend(digit.pixels()?.iter().map(|p| (p * 255.0).round() as u8));
            labels.push(digit.label);
        }
        Ok(Self {
            name: Some(STROKES_NAME.to_owned()),
            ..Self::from_grey(grey, Some(known(labels)))?
        })
    }

    /// The images of `first`, then those of `second`; each keeps its label or its lack of one. Those of an endless
    /// `first` go on making way.
    pub fn concatenate(first: &Self, second: &Self) -> Self {
        Self {
            endless: first.endless,
            grey: [first.grey.as_slice(), &second.grey].concat(),
            labels: [first.labels.as_slice(), &second.labels].concat(),
            name: first.name.as_ref().map(|name| {
                if first.name == second.name {
                    name.clone()
                } else {
                    format!("{name} and other images")
                }
            }),
        }
    }

    /// Every image with rows and columns exchanged: EMNIST is stored so, and becomes upright.
    pub fn transposed(&self) -> Self {
        let mut grey = Vec::with_capacity(self.grey.len());
        for image in self.grey.chunks_exact(PIXELS) {
            grey.extend((0..PIXELS).map(|place| image[place % SIDE * SIDE + place / SIDE]));
        }
        Self {
            grey,
            labels: self.labels.clone(),
            name: self
                .name
                .as_ref()
                .map(|name| match name.strip_suffix(TRANSPOSED) {
                    Some(upright) => upright.to_owned(),
                    None => name.clone() + TRANSPOSED,
                }),
            endless: None,
        }
    }

    /// Every image with ink and paper exchanged: dark ink on white paper becomes white ink on black.
    pub fn inverted(&self) -> Self {
        Self {
            grey: self.grey.iter().map(|value| 255 - value).collect(),
            labels: self.labels.clone(),
            name: self.name.as_ref().map(|name| format!("{name}, inverted")),
            endless: None,
        }
    }

    /// Images to train with and, for want of a test set, the last tenth of them to test with (at most 1,000). One image
    /// can only be its own test.
    pub fn set_aside(&self) -> (Self, Self) {
        let aside = self.len().div_ceil(10).min(MOST_SET_ASIDE);
        if self.len() == 1 {
            return (self.clone(), self.clone());
        }
        let first = self.len() - aside;
        let last = Self {
            grey: self.grey[first * PIXELS..].to_vec(),
            labels: self.labels[first..].to_vec(),
            name: self.name.clone(),
            endless: None,
        };
        (self.truncated(first), last)
    }

    /// What the images are: a set known by its checksums, the built-in digits, or [`UNKNOWN_NAME`].
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(UNKNOWN_NAME)
    }

    /// Number of images; never zero.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Grey pixels in [0, 1] of `count` images from `from` on.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when the range leaves the data set.
    pub fn images(&self, from: usize, count: usize) -> Result<Vec<f32>> {
        let range = self.range(from, count)?;
        let grey = &self.grey[range.start * PIXELS..range.end * PIXELS];
        Ok(grey.iter().map(|v| f32::from(*v) / 255.0).collect())
    }

    /// Labels of `count` images from `from` on, each `None` where it is not known.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when the range leaves the data set.
    pub fn labels(&self, from: usize, count: usize) -> Result<&[Option<u8>]> {
        let range = self.range(from, count)?;
        Ok(&self.labels[range])
    }

    /// The first `count` images as a data set of their own (all of them if there are fewer).
    pub fn truncated(&self, count: usize) -> Self {
        let count = count.clamp(1, self.len());
        Self {
            grey: self.grey[..count * PIXELS].to_vec(),
            labels: self.labels[..count].to_vec(),
            name: self.name.clone(),
            endless: None,
        }
    }

    /// The mean grey value of each pixel, in [0, 1].
    pub fn mean_image(&self) -> Vec<f32> {
        let mut sums = vec![0u64; PIXELS];
        for image in self.grey.chunks_exact(PIXELS) {
            for (sum, value) in sums.iter_mut().zip(image) {
                *sum += u64::from(*value);
            }
        }
        let scale = 1.0 / (255.0 * self.len() as f64);
        sums.iter()
            .map(|sum| (*sum as f64 * scale) as f32)
            .collect()
    }

    /// The order in which epoch `epoch` shows the images: a permutation fixed by (seed, epoch).
    pub fn epoch_order(&self, rng: &Rng, epoch: u64) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        rng.split_index("epoch", epoch).shuffle(&mut order);
        order
    }

    /// The x of these images, `[indices.len(), 784]`, row-major.
    ///
    /// `rng` names the whole run, `step` the showing: dynamic pixels depend on both, static ones on
    /// the run and the image alone, so that either is the same wherever a run is resumed.
    pub fn batch(
        &self,
        indices: &[u32],
        binarization: Binarization,
        rng: &Rng,
        step: u64,
    ) -> Vec<f32> {
        let mut x = Vec::with_capacity(indices.len() * PIXELS);
        let mut dynamic = rng.split_index("dynamic", step);
        for index in indices {
            let start = *index as usize * PIXELS;
            let grey = &self.grey[start..start + PIXELS];
            match binarization {
                Binarization::Grey => x.extend(grey.iter().map(|v| f32::from(*v) / 255.0)),
                Binarization::Static => {
                    draw_bits(
                        grey,
                        &mut rng.split_index("static", u64::from(*index)),
                        &mut x,
                    );
                }
                Binarization::Dynamic => draw_bits(grey, &mut dynamic, &mut x),
            }
        }
        x
    }

    fn range(&self, from: usize, count: usize) -> Result<std::ops::Range<usize>> {
        match from.checked_add(count) {
            Some(end) if end <= self.len() => Ok(from..end),
            _ => Err(Error::argument(format!(
                "images {from} to {} were asked for; the data set has {}",
                from.saturating_add(count),
                self.len()
            ))),
        }
    }
}
