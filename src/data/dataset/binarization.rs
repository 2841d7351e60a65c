//! How grey pixels become those that a model sees.

use crate::{Error, Result, Rng};

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

/// Appends one draw from Bernoulli(grey / 255) for each pixel; 64 random bits serve four pixels.
pub(super) fn draw_bits(grey: &[u8], rng: &mut Rng, x: &mut Vec<f32>) {
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
