//! A set of images in memory, its binarisation, and the order in which training sees it.

use crate::math::check_pixels;
use crate::{Error, PIXELS, Result, Rng, SIDE};

use super::idx::{self, Items};
use super::{CLASSES, synth};

/// How grey pixels become the x that a model is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binarization {
    /// Grey pixels as they are; a loss on them is a cross-entropy, not a log-probability.
    Grey,
    /// Every pixel drawn once from Bernoulli(grey), the same in every epoch.
    Static,
    /// Every pixel drawn afresh from Bernoulli(grey) each time it is shown (Burda et al. 2015).
    Dynamic,
}

impl Binarization {
    /// Names in the order of the variants, as options spell them.
    pub const NAMES: [&'static str; 3] = ["grey", "static", "dynamic"];

    /// What images are shown as where nobody has chosen: drawn afresh to a likelihood of black and white pixels, as they are
    /// to one of grey ones.
    pub fn usual(for_black_and_white: bool) -> Self {
        if for_black_and_white {
            Self::Dynamic
        } else {
            Self::Grey
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Static => "static",
            Self::Dynamic => "dynamic",
        }
    }

    /// The variant of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "grey" => Ok(Self::Grey),
            "static" => Ok(Self::Static),
            "dynamic" => Ok(Self::Dynamic),
            _ => Err(Error::argument(format!(
                "binarization must be one of grey, static, dynamic; got \"{name}\""
            ))),
        }
    }
}

/// Grey 28x28 images with optional labels. Bytes, not floats: 60,000 images take 47 MB.
#[derive(Clone, Debug)]
pub struct Dataset {
    grey: Vec<u8>,
    labels: Vec<Option<u8>>,
    name: Option<String>,
    /// Set where built-in digits make way for new ones while a run goes on.
    endless: Option<Endless>,
}

/// The first images of a data set as places for built-in digits without end: the k-th renewal, from 0, puts digit
/// `places + k` of this seed into place `k mod places`.
#[derive(Clone, Copy, Debug)]
struct Endless {
    seed: u64,
    places: usize,
}

impl Endless {
    /// The digit that lies in this place after so many renewals of all places.
    fn index(self, place: usize, renewals: u64) -> u64 {
        let (place, places) = (place as u64, self.places as u64);
        let times = (renewals + places - 1 - place) / places;
        place + times * places
    }
}

/// What provenance says of images that nothing is known of.
pub const UNKNOWN_NAME: &str = "28x28 images (name unknown)";
const STROKES_NAME: &str = "stroke digits";
/// Without a test set a tenth of the images is set aside, at most so many.
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
        if let Some(labels) = &labels {
            idx::check_classes(&labels.values)?;
        }
        let name = images.published.map(|published| {
            let set = published.set.to_owned();
            match &labels {
                Some(labels) if labels.published != images.published => set + " with other labels",
                _ => set,
            }
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

    /// The first `count` built-in digits of this seed, as [`Dataset::strokes`], which make way for the seed's next ones
    /// while a run is trained on them: what a model learns from them cannot be learnt by heart. A place keeps its class.
    ///
    /// # Errors
    ///
    /// As [`Dataset::strokes`].
    pub fn endless_strokes(count: usize, seed: u64) -> Result<Self> {
        let endless = Some(Endless {
            seed,
            places: count,
        });
        Ok(Self {
            endless,
            ..Self::strokes(count, seed)?
        })
    }

    /// Whether its images make way for new ones.
    pub fn is_endless(&self) -> bool {
        self.endless.is_some()
    }

    /// Goes from the state after `from` renewals to that after `to`, which may be fewer; places of `lasting` keep their
    /// first digit. The state after a number of renewals is the same whichever way led there.
    ///
    /// # Errors
    ///
    /// None for any seed and number; the type is that of [`synth::digit_of`].
    pub(crate) fn renew(
        &mut self,
        from: u64,
        to: u64,
        lasting: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let Some(endless) = self.endless else {
            return Ok(());
        };
        let places = endless.places as u64;
        let (first, last) = (from.min(to), from.max(to));
        for renewal in first..last.min(first + places) {
            let place = (renewal % places) as usize;
            let (Some(label), false) = (self.labels[place], lasting(place)) else {
                continue;
            };
            let digit = synth::digit_of(endless.seed, endless.index(place, to), label)?;
            let pixels = digit.pixels()?;
            let grey = &mut self.grey[place * PIXELS..(place + 1) * PIXELS];
            for (value, pixel) in grey.iter_mut().zip(pixels) {
                *value = (pixel * 255.0).round() as u8;
            }
        }
        Ok(())
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
            name: self.name.as_ref().map(|name| format!("{name}, transposed")),
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
                    dynamic_bits(
                        grey,
                        &mut rng.split_index("static", u64::from(*index)),
                        &mut x,
                    );
                }
                Binarization::Dynamic => dynamic_bits(grey, &mut dynamic, &mut x),
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

/// Four pixels a draw of 64 bits.
fn dynamic_bits(grey: &[u8], rng: &mut Rng, x: &mut Vec<f32>) {
    // A fair draw from 0..255, so that grey 0 is never ink and grey 255 always is.
    let bit = |draw: u16, value: u8| {
        f32::from(u8::from((u32::from(draw) * 255) >> 16 < u32::from(value)))
    };
    let draws = |bits: u64| {
        [
            bits as u16,
            (bits >> 16) as u16,
            (bits >> 32) as u16,
            (bits >> 48) as u16,
        ]
    };
    let (blocks, rest) = grey.as_chunks::<16>();
    for block in blocks {
        // Sixteen at once vectorise.
        let draws: [[u16; 4]; 4] = std::array::from_fn(|_| draws(rng.bits()));
        let mut bits = [0f32; 16];
        for ((x, draw), value) in bits.iter_mut().zip(draws.as_flattened()).zip(block) {
            *x = bit(*draw, *value);
        }
        x.extend_from_slice(&bits);
    }
    for four in rest.chunks(4) {
        let draws = draws(rng.bits());
        x.extend(
            four.iter()
                .zip(draws)
                .map(|(value, draw)| bit(draw, *value)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(count: usize) -> Dataset {
        let grey = (0..count * PIXELS).map(|i| (i % 256) as u8).collect();
        Dataset::from_grey(grey, None).unwrap()
    }

    #[test]
    fn counts_that_differ_are_refused() {
        let error = Dataset::from_grey(vec![0; 2 * PIXELS], Some(vec![Some(1)])).unwrap_err();
        assert_eq!(error.to_string(), "there are 2 images but 1 labels");
        let error = Dataset::from_grey(vec![0; PIXELS], Some(vec![Some(10)])).unwrap_err();
        assert!(error.to_string().contains("0 to 9; got 10"));
        assert!(Dataset::from_grey(vec![], None).is_err());
        assert!(Dataset::from_grey(vec![0; PIXELS + 1], None).is_err());
        assert!(ramp(3).images(2, 2).is_err());
        assert!(ramp(3).labels(usize::MAX, 2).is_err());
    }

    #[test]
    fn concatenation_keeps_images_and_labels() {
        let labelled = Dataset::from_grey(vec![255; PIXELS], Some(vec![Some(4)])).unwrap();
        let both = Dataset::concatenate(&ramp(2), &labelled);
        assert_eq!(both.len(), 3);
        assert_eq!(both.labels(0, 3).unwrap(), &[None, None, Some(4)]);
        assert_eq!(both.images(2, 1).unwrap(), vec![1.0; PIXELS]);
    }

    #[test]
    fn transposing_exchanges_rows_and_columns() {
        let mut grey = vec![0; 2 * PIXELS];
        grey[PIXELS + 3 * SIDE + 20] = 255;
        let data = Dataset::from_grey(grey, Some(vec![Some(1), Some(2)])).unwrap();
        let turned = data.transposed();
        let ink = |data: &Dataset| data.images(0, 2).unwrap().iter().position(|p| *p > 0.0);
        assert_eq!(ink(&turned), Some(PIXELS + 20 * SIDE + 3));
        assert_eq!(turned.labels(0, 2).unwrap(), data.labels(0, 2).unwrap());
        assert_eq!(ink(&turned.transposed()), ink(&data));
    }

    #[test]
    fn a_tenth_is_set_aside_but_never_the_only_image() {
        for (count, expected) in [
            (1, (1, 1)),
            (2, (1, 1)),
            (41, (36, 5)),
            (20_000, (19_000, 1000)),
        ] {
            let (train, held_out) = ramp(count).set_aside();
            assert_eq!((train.len(), held_out.len()), expected);
        }
        let strokes = Dataset::strokes(20, 1).unwrap();
        let (train, held_out) = strokes.set_aside();
        assert_eq!(train.images(0, 18).unwrap(), strokes.images(0, 18).unwrap());
        assert_eq!(
            held_out.images(0, 2).unwrap(),
            strokes.images(18, 2).unwrap()
        );
        assert_eq!(
            held_out.labels(0, 2).unwrap(),
            strokes.labels(18, 2).unwrap()
        );
    }

    #[test]
    fn a_name_is_kept_while_it_is_true() {
        let strokes = Dataset::strokes(20, 1).unwrap();
        assert_eq!(strokes.truncated(3).name(), "stroke digits");
        assert_eq!(strokes.set_aside().1.name(), "stroke digits");
        assert_eq!(strokes.transposed().name(), "stroke digits, transposed");
        assert_eq!(ramp(2).name(), UNKNOWN_NAME);
        let both = Dataset::concatenate(&strokes, &ramp(2));
        assert_eq!(both.name(), "stroke digits and other images");
        assert_eq!(
            Dataset::concatenate(&ramp(2), &strokes).name(),
            UNKNOWN_NAME
        );
    }

    #[test]
    fn endless_digits_depend_on_the_number_of_renewals_alone() {
        let first = Dataset::endless_strokes(20, 3).unwrap();
        assert_eq!(first.grey, Dataset::strokes(20, 3).unwrap().grey);
        let never = |_: usize| false;
        let at = |stops: &[u64]| {
            let mut data = first.clone();
            stops
                .windows(2)
                .for_each(|stop| data.renew(stop[0], stop[1], never).unwrap());
            data
        };
        let straight = at(&[0, 47]);
        assert_eq!(straight.grey, at(&[0, 1, 13, 20, 21, 47]).grey);
        assert_eq!(straight.grey, at(&[0, 90, 33, 47]).grey);
        assert_eq!(first.grey, at(&[0, 31, 0]).grey);
        // After 47 of them, places 0 to 6 have had three digits, the others two.
        for (place, index) in [(0, 60), (6, 66), (7, 47), (19, 59)] {
            let label = first.labels[place].unwrap();
            let digit = synth::digit_of(3, index, label).unwrap();
            let pixels = digit.pixels().unwrap();
            let grey = straight.images(place, 1).unwrap();
            assert!(
                grey.iter().zip(pixels).all(|(g, p)| (g - p).abs() < 2e-3),
                "{place}"
            );
        }
        assert_eq!(straight.labels, first.labels);
    }

    #[test]
    fn lasting_digits_and_added_drawings_stay() {
        let drawings = ramp(2);
        let digits = Dataset::endless_strokes(6, 3).unwrap();
        let mut data = Dataset::concatenate(&digits, &drawings);
        let before = data.clone();
        data.renew(0, 600, |place| place == 4).unwrap();
        let changed: Vec<bool> = data
            .grey
            .chunks(PIXELS)
            .zip(before.grey.chunks(PIXELS))
            .map(|(now, then)| now != then)
            .collect();
        let expected = [true, true, true, true, false, true, false, false];
        assert_eq!(changed, expected);
        let mut fixed = Dataset::strokes(6, 3).unwrap();
        fixed.renew(0, 600, |_| false).unwrap();
        assert_eq!(fixed.grey, digits.grey);
    }

    #[test]
    fn an_epoch_shows_every_image_once_in_an_order_of_its_own() {
        let rng = Rng::from_seed(5);
        let data = ramp(50);
        let first = data.epoch_order(&rng, 0);
        assert_eq!(first, data.epoch_order(&rng, 0));
        assert_ne!(first, data.epoch_order(&rng, 1));
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn static_bits_stay_and_dynamic_bits_change() {
        let rng = Rng::from_seed(5);
        let data = ramp(4);
        let show = |binarization, step| data.batch(&[1, 3], binarization, &rng, step);
        assert_eq!(show(Binarization::Static, 0), show(Binarization::Static, 9));
        assert_eq!(
            show(Binarization::Dynamic, 4),
            show(Binarization::Dynamic, 4)
        );
        assert_ne!(
            show(Binarization::Dynamic, 4),
            show(Binarization::Dynamic, 5)
        );
        assert_eq!(
            show(Binarization::Grey, 0)[1],
            data.images(1, 1).unwrap()[1]
        );
    }

    /// 4,000 showings of each grey level; five standard errors: false alarms below 2e-4 in all.
    #[test]
    fn a_pixel_is_ink_as_often_as_it_is_grey() {
        let rng = Rng::from_seed(8);
        let data = ramp(1);
        let showings = 4000;
        let mut counts = vec![0.0; PIXELS];
        for step in 0..showings {
            let x = data.batch(&[0], Binarization::Dynamic, &rng, step);
            counts
                .iter_mut()
                .zip(x)
                .for_each(|(count, bit)| *count += bit);
        }
        for (j, count) in counts.iter().enumerate() {
            let p = (j % 256) as f32 / 255.0;
            let error = 5.0 * (p * (1.0 - p) / showings as f32).sqrt();
            assert!(
                (count / showings as f32 - p).abs() <= error,
                "grey {}",
                j % 256
            );
        }
    }
}
