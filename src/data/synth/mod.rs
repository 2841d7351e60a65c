//! Digits written with a pen by rule: the data set that is built in, with every factor known.
//!
//! A digit is a glyph (class and variant) whose control points are moved, joined by smooth splines,
//! bent, and posed; [`Factors`] records how. The strokes then take the same way to 28 × 28 pixels as a
//! visitor's drawing. Everything follows from (seed, index), in any order.

mod glyphs;
mod hand;
mod spline;

use super::normalize::normalize_drawing;
use super::stroke::Drawing;
use crate::{Error, Result, Rng};

pub use hand::Ranges;

/// Number of digit classes.
pub const CLASSES: usize = 10;

/// What a built-in digit was made from: the ground truth that disentanglement scores compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// The digit, 0 to 9.
    pub class: u8,
    /// Which of the class's ways of writing it, below [`variants`]`(class).len()`.
    pub variant: u8,
    /// Horizontal shear, the tangent of the angle to the upright; positive leans to the right, "/".
    pub slant: f32,
    /// Rotation in radians, positive clockwise as seen, applied after the slant.
    pub rotation: f32,
    /// Width of the pen in pixels of the normal form.
    pub thickness: f32,
    /// Width of the glyph relative to its standard width; 1 is standard, larger is wider.
    pub aspect: f32,
    /// Bow of the strokes that a ruler would draw straight, from -1 to 1; 0 is straight, ±1 bows by a
    /// twelfth of the digit's height, positive to the right or downwards.
    pub curvature: f32,
    /// Size of the glyph's loop or bowl relative to its standard size.
    pub loop_size: f32,
    /// Unsteadiness of the hand: standard deviation of the displacements, in digit heights.
    pub jitter: f32,
}

/// A built-in digit: its strokes and what they were made from.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticDigit {
    /// The pen strokes, at the size and place that MNIST's normal form has in a unit field.
    pub drawing: Drawing,
    /// The factors behind the strokes.
    pub factors: Factors,
    /// The digit, 0 to 9; the same as `factors.class`.
    pub label: u8,
}

impl SyntheticDigit {
    /// A digit of these factors; `rng` decides what they leave open, the directions in which an
    /// unsteady hand strays.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when there is no such class or variant, or a factor lies outside
    /// [`Ranges::all`].
    pub fn from_factors(factors: Factors, rng: &Rng) -> Result<Self> {
        Ok(Self {
            drawing: hand::write(&factors, rng)?,
            factors,
            label: factors.class,
        })
    }

    /// The digit in MNIST normal form: 784 pixels in [0, 1].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the drawing was changed into one that is not valid.
    pub fn pixels(&self) -> Result<Vec<f32>> {
        normalize_drawing(&self.drawing)
    }
}

/// The names of the ways of writing a digit, in the order of [`Factors::variant`]; empty for a number
/// above 9.
pub fn variants(class: u8) -> Vec<&'static str> {
    glyphs::of(class).iter().map(|glyph| glyph.name).collect()
}

/// Digit number `index` of the data set `seed`, of a class drawn uniformly.
///
/// # Errors
/// None for any seed and index; the type is that of [`digit_of`].
pub fn digit(seed: u64, index: u64) -> Result<SyntheticDigit> {
    let mut rng = stream(seed, index);
    let label = rng.below(CLASSES) as u8;
    digit_of(seed, index, label)
}

/// Digit number `index` of the data set `seed`, of the class `label`; equal to [`digit`] where that
/// drew this label.
///
/// # Errors
/// [`Error::InvalidArgument`] for a label above 9.
pub fn digit_of(seed: u64, index: u64, label: u8) -> Result<SyntheticDigit> {
    if usize::from(label) >= CLASSES {
        return Err(Error::argument(format!("a digit is 0 to 9; got {label}")));
    }
    let rng = stream(seed, index);
    let factors = hand::draw_factors(label, &mut rng.split("factors"));
    SyntheticDigit::from_factors(factors, &rng.split("hand"))
}

fn stream(seed: u64, index: u64) -> Rng {
    Rng::from_seed(seed).split_index("stroke digit", index)
}
