//! Digits written with a pen by rule: the data set that is built in, with every factor known.
//!
//! A digit is a glyph (class and variant) whose control points are moved, joined by smooth splines,
//! bent, and posed; [`StrokeFactors`] records how. The strokes then take the same way to 28 × 28 pixels as a
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
pub struct StrokeFactors {
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

impl StrokeFactors {
    /// The factors that a latent may stand for, in the order of [`Self::values`].
    pub const NAMES: [&str; 7] = [
        "class",
        "slant",
        "rotation",
        "thickness",
        "aspect",
        "curvature",
        "loopSize",
    ];

    /// Their values.
    pub fn values(&self) -> [f64; Self::NAMES.len()] {
        [
            f32::from(self.class),
            self.slant,
            self.rotation,
            self.thickness,
            self.aspect,
            self.curvature,
            self.loop_size,
        ]
        .map(f64::from)
    }
}

/// A built-in digit: its strokes and what they were made from.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticDigit {
    /// The pen strokes, at the size and place that MNIST's normal form has in a unit field.
    pub drawing: Drawing,
    /// The factors behind the strokes.
    pub factors: StrokeFactors,
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
    pub fn from_factors(factors: StrokeFactors, rng: &Rng) -> Result<Self> {
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

/// The names of the ways of writing a digit, in the order of [`StrokeFactors::variant`]; empty for a number
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SIDE;

    /// The factors of a ruler-drawn digit.
    fn plain(class: u8, variant: u8) -> StrokeFactors {
        StrokeFactors {
            class,
            variant,
            slant: 0.0,
            rotation: 0.0,
            thickness: 2.5,
            aspect: 1.0,
            curvature: 0.0,
            loop_size: 1.0,
            jitter: 0.0,
        }
    }

    fn write(factors: StrokeFactors) -> SyntheticDigit {
        SyntheticDigit::from_factors(factors, &Rng::from_seed(0)).unwrap()
    }

    /// Width and height of the pen's path, in field units.
    fn extent(digit: &SyntheticDigit) -> [f32; 2] {
        let points = || {
            digit
                .drawing
                .strokes
                .iter()
                .flat_map(|stroke| &stroke.points)
        };
        [0, 1].map(|axis| {
            let values = || points().map(move |point| point[axis]);
            values().fold(f32::MIN, f32::max) - values().fold(f32::MAX, f32::min)
        })
    }

    fn ends(digit: &SyntheticDigit) -> ([f32; 2], [f32; 2]) {
        let points = &digit.drawing.strokes[0].points;
        (points[0], points[points.len() - 1])
    }

    #[test]
    fn a_seeds_digits_are_pinned() {
        let digest = |index: u64| {
            let digit = digit(7, index).unwrap();
            let ink: f32 = digit.pixels().unwrap().iter().sum();
            (digit.label, digit.factors.variant, digit.factors.slant, ink)
        };
        for (index, (label, variant, slant, ink)) in PINNED {
            let found = digest(index);
            assert_eq!((found.0, found.1), (label, variant), "{found:?}");
            assert!((found.2 - slant).abs() < 1e-5, "{found:?}");
            assert!((found.3 - ink).abs() < 1e-2, "{found:?}");
        }
    }
    const PINNED: [(u64, (u8, u8, f32, f32)); 4] = [
        (0, (5, 1, -0.010230, 53.6298)),
        (1, (2, 1, 0.371477, 130.2679)),
        (2, (7, 0, 0.094632, 60.8292)),
        (59_999, (5, 1, -0.260810, 131.4269)),
    ];

    #[test]
    fn a_digit_depends_on_seed_and_index_alone() {
        let forward: Vec<_> = (0..50).map(|index| digit(1, index).unwrap()).collect();
        let backward: Vec<_> = (0..50)
            .rev()
            .map(|index| digit(1, index).unwrap())
            .collect();
        assert!(forward.iter().eq(backward.iter().rev()));
        assert_ne!(digit(1, 3).unwrap(), digit(2, 3).unwrap());
        for (index, digit) in forward.iter().enumerate() {
            assert_eq!(*digit, digit_of(1, index as u64, digit.label).unwrap());
        }
    }

    #[test]
    fn digits_are_well_formed() {
        let ranges = Ranges::all();
        let inside =
            |value: f32, [low, high]: [f32; 2]| (low - 1e-4..=high + 1e-4).contains(&value);
        for index in 0..2_000 {
            let SyntheticDigit {
                drawing,
                factors,
                label,
            } = digit(3, index).unwrap();
            assert_eq!(label, factors.class);
            assert!(usize::from(factors.variant) < variants(label).len());
            assert!(
                inside(factors.slant, ranges.slant) && inside(factors.rotation, ranges.rotation)
            );
            assert!(
                inside(factors.thickness, ranges.thickness)
                    && inside(factors.aspect, ranges.aspect)
            );
            assert!(
                inside(factors.curvature, ranges.curvature)
                    && inside(factors.jitter, ranges.jitter)
            );
            assert!(inside(factors.loop_size, ranges.loop_size));
            // The drawing is visible as it is, at the normal form's size: normalising only centres it.
            assert!(
                drawing
                    .strokes
                    .iter()
                    .flat_map(|stroke| &stroke.points)
                    .flatten()
                    .all(|value| (0.0..=1.0).contains(value))
            );
            let ink: f32 = drawing.rasterize(SIDE).unwrap().iter().sum();
            let normal: f32 = normalize_drawing(&drawing).unwrap().iter().sum();
            assert!((ink / normal - 1.0).abs() < 0.12, "{ink} {normal}");
        }
    }

    /// 10,000 draws; five standard errors, so a false alarm below 1e-5.
    #[test]
    fn classes_and_variants_come_as_often_as_they_should() {
        let mut counts = [[0usize; 8]; CLASSES];
        for index in 0..10_000 {
            let rng = stream(5, index);
            let label = rng.clone().below(CLASSES) as u8;
            let variant = hand::draw_factors(label, &mut rng.split("factors")).variant;
            counts[usize::from(label)][usize::from(variant)] += 1;
        }
        for (class, counts) in counts.iter().enumerate() {
            let total: usize = counts.iter().sum();
            assert!(
                (total as f32 - 1_000.0).abs() < 5.0 * 30.0,
                "{class}: {total}"
            );
            let glyphs = glyphs::of(class as u8);
            let weights: f32 = glyphs.iter().map(|glyph| glyph.weight).sum();
            for (glyph, &count) in glyphs.iter().zip(counts) {
                let share = glyph.weight / weights;
                let error = (share * (1.0 - share) / total as f32).sqrt();
                assert!(
                    (count as f32 / total as f32 - share).abs() < 5.0 * error,
                    "{class} {}",
                    glyph.name
                );
            }
        }
        for class in [0, 1, 2, 4, 7, 9] {
            assert!(variants(class).len() >= 2);
        }
        assert!(variants(10).is_empty());
    }

    #[test]
    fn slant_and_rotation_turn_a_stroke_as_they_say() {
        let lean = |factors: StrokeFactors| {
            let (top, bottom) = ends(&write(factors));
            ((top[0] - bottom[0]) / (bottom[1] - top[1])).atan()
        };
        for slant in [-0.3, 0.0, 0.4] {
            assert!(
                (lean(StrokeFactors {
                    slant,
                    ..plain(1, 0)
                }) - slant.atan())
                .abs()
                    < 1e-4
            );
        }
        for rotation in [-0.2, 0.1] {
            assert!(
                (lean(StrokeFactors {
                    rotation,
                    ..plain(1, 0)
                }) - rotation)
                    .abs()
                    < 1e-4
            );
        }
    }

    #[test]
    fn curvature_bows_a_straight_stroke() {
        for curvature in [-1.0, 0.0, 0.6] {
            let digit = write(StrokeFactors {
                curvature,
                ..plain(1, 0)
            });
            let (top, bottom) = ends(&digit);
            let middle = digit.drawing.strokes[0]
                .points
                .iter()
                .map(|point| point[0] - top[0]);
            let furthest = middle.fold(0.0f32, |far, x| if x.abs() > far.abs() { x } else { far });
            assert!(
                (furthest / (bottom[1] - top[1]) - curvature / 12.0).abs() < 1e-3,
                "{furthest}"
            );
        }
    }

    #[test]
    fn aspect_thickness_and_loop_size_change_what_they_name() {
        let ratio = |digit: &SyntheticDigit| extent(digit)[0] / extent(digit)[1];
        let standard = write(plain(0, 0));
        let wide = write(StrokeFactors {
            aspect: 1.2,
            ..plain(0, 0)
        });
        assert!((ratio(&wide) / ratio(&standard) - 1.2).abs() < 1e-4);

        let thick = write(StrokeFactors {
            thickness: 4.0,
            ..plain(0, 0)
        });
        assert!((thick.drawing.pen_width * SIDE as f32 - 4.0).abs() < 1e-5);

        // The bowl of a 6 reaches higher as it grows: its highest point after the stem's foot.
        let bowl_top = |loop_size: f32| {
            let digit = write(StrokeFactors {
                loop_size,
                ..plain(6, 1)
            });
            let points = &digit.drawing.strokes[0].points;
            let tail = &points[points.len() * 2 / 3..];
            tail.iter().map(|point| point[1]).fold(f32::MAX, f32::min)
        };
        assert!(bowl_top(1.3) < bowl_top(1.0) && bowl_top(1.0) < bowl_top(0.7));
    }

    #[test]
    fn jitter_zero_writes_the_same_digit_whatever_the_stream() {
        let write =
            |seed| SyntheticDigit::from_factors(plain(5, 0), &Rng::from_seed(seed)).unwrap();
        assert_eq!(write(1), write(2));
    }

    #[test]
    fn factors_outside_their_domain_are_refused() {
        let refused = |factors: StrokeFactors| {
            let error = SyntheticDigit::from_factors(factors, &Rng::from_seed(0)).unwrap_err();
            assert_eq!(error.code(), "invalid-argument");
        };
        refused(plain(10, 0));
        refused(plain(0, 200));
        refused(StrokeFactors {
            slant: 2.0,
            ..plain(0, 0)
        });
        refused(StrokeFactors {
            jitter: f32::NAN,
            ..plain(0, 0)
        });
        refused(StrokeFactors {
            thickness: 0.0,
            ..plain(0, 0)
        });
        assert_eq!(digit_of(0, 0, 10).unwrap_err().code(), "invalid-argument");
    }
}
