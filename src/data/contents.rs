//! What a file of data holds, whatever its format.

use sha2::{Digest, Sha256};

use super::CLASSES;
use super::published::{self, Published};
use crate::{Error, PIXELS, Result, SIDE};

/// The most that images or labels may take unpacked, 256 MiB: 340,000 images, where MNIST has 60,000 and the digits
/// of EMNIST 240,000.
pub const MAX_BYTES: u64 = 1 << 28;

pub(super) const IMAGES_MAGIC: u32 = 0x0803;
pub(super) const LABELS_MAGIC: u32 = 0x0801;

/// Images or labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// Grey images of 28x28 pixels.
    Images,
    /// Class labels.
    Labels,
}

impl Items {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Images => "image",
            Self::Labels => "label",
        }
    }

    pub(super) fn bytes_each(self) -> usize {
        match self {
            Self::Images => PIXELS,
            Self::Labels => 1,
        }
    }
}

/// Images or labels that were read.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Images or labels.
    pub items: Items,
    /// `N * 784` grey values, row-major, ink = 255; or `N` labels, which may be above 9.
    pub values: Vec<u8>,
    /// Whose they are, if a checksum tells it.
    pub published: Option<Published>,
}

impl Contents {
    /// From values in another format than IDX. Published sets are told by the IDX file of the same values.
    pub(super) fn new(items: Items, values: Vec<u8>) -> Self {
        let mut contents = Self {
            items,
            values,
            published: None,
        };
        let checksum = Sha256::new()
            .chain_update(contents.idx_header())
            .chain_update(&contents.values);
        contents.published = published::of_unpacked(checksum);
        contents
    }

    /// Number of images or labels.
    pub fn count(&self) -> usize {
        self.values.len() / self.items.bytes_each()
    }

    /// The bytes of a plain IDX file of these images or labels.
    pub fn to_idx(&self) -> Vec<u8> {
        [self.idx_header().as_slice(), &self.values].concat()
    }

    fn idx_header(&self) -> Vec<u8> {
        let count = self.count() as u32;
        let words = match self.items {
            Items::Images => vec![IMAGES_MAGIC, count, SIDE as u32, SIDE as u32],
            Items::Labels => vec![LABELS_MAGIC, count],
        };
        words.into_iter().flat_map(u32::to_be_bytes).collect()
    }

    /// Whether the images look like dark ink on white paper: along their edges, where there is paper, they are rather white.
    pub fn looks_inverted(&self) -> bool {
        let is_edge = |place: usize| {
            [place % SIDE, place / SIDE % SIDE]
                .iter()
                .any(|at| *at == 0 || *at == SIDE - 1)
        };
        let places = 0..self.values.len();
        let edge = places
            .filter(|place| is_edge(*place))
            .map(|place| u64::from(self.values[place]));
        let (sum, count) = edge.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
        self.items == Items::Images && sum > 127 * count
    }
}

/// Refuses labels that are no digits.
pub(super) fn check_classes(labels: &[u8]) -> Result<()> {
    match labels.iter().max() {
        Some(largest) if usize::from(*largest) >= CLASSES => Err(Error::data(format!(
            "the label file holds labels up to {largest}; only 0 to {} can be used. Leave it out to use the images \
             without labels",
            CLASSES - 1
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_expected_white_on_black() {
        let page = |paper: u8, ink: u8| {
            let mut values = vec![paper; 2 * PIXELS];
            values[300..420].fill(ink);
            Contents::new(Items::Images, values)
        };
        assert!(!page(0, 255).looks_inverted());
        assert!(page(255, 0).looks_inverted());
        assert!(!Contents::new(Items::Labels, vec![200; 5]).looks_inverted());
    }
}
