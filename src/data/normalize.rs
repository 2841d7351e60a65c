//! MNIST normal form: the frame that every MNIST digit was brought into, so that a model trained on
//! MNIST sees what it knows, wherever and however large the digit was drawn.
//!
//! The ink's bounding box is scaled, aspect kept, until its longer side is 20 pixels; the darkest pixel
//! is stretched to full ink; the whole is shifted by whole pixels until the ink's centre of mass lies
//! nearest to the middle of pixel (14, 14), counted from 0, of the 28 × 28 field. (LeCun et al. 1998; details after the reconstruction of
//! Yadav & Bottou 2019, "Cold Case: The Lost MNIST Digits".)

use super::raster::{coverage, segments};
use super::stroke::{Drawing, bounds};
use crate::{Error, PIXELS, Result, SIDE};

/// The longer side of the ink's box in normal form, in pixels.
const BOX: usize = 20;

/// Where the centre of mass is brought, as near as whole pixels allow: the middle of pixel (14, 14),
/// as MNIST's files have it, half a pixel right of and below the middle of the field.
const CENTRE: f64 = 14.5;

/// Ink below this share of the field's darkest pixel is paper: half a grey level of an 8-bit image.
const PAPER: f32 = 0.5 / 255.0;

/// A box with a longer side below this, in pixels, is a dot: too few pixels to have a shape that could
/// be enlarged, so it is enlarged as if it were this long and stays a dot.
const DOT_PIXELS: usize = 4;

/// Stroke widths in normal form, in pixels, that MNIST's writers produced.
const THICKNESS: [f32; 2] = [1.2, 5.0];

/// The field of `side` × `side` pixels, row-major, ink above paper, in normal form: 784 pixels in
/// [0, 1].
///
/// Resampling is by exact area: each pixel of the box becomes the mean of the piece of field under it,
/// so a large field does not alias. A field without ink gives zeros; a mark of under four pixels keeps
/// being a dot.
///
/// # Errors
/// [`Error::Shape`] when `field` does not hold `side`² pixels; [`Error::InvalidArgument`] for a pixel
/// that is negative or not finite.
pub fn normalize_field(field: &[f32], side: usize) -> Result<Vec<f32>> {
    if side.checked_mul(side) != Some(field.len()) || side == 0 {
        return Err(Error::shape(format!(
            "a square field of {side} pixels a side has {side}×{side} pixels; got {}",
            field.len()
        )));
    }
    let is_valid = |pixel: &f32| (0.0..=f32::MAX).contains(pixel);
    if let Some(pixel) = field.iter().find(|pixel| !is_valid(pixel)) {
        return Err(Error::argument(format!(
            "pixels are ink, finite and not negative; got {pixel}"
        )));
    }
    let darkest = field.iter().fold(
        0.0f32,
        |darkest, &pixel| if pixel > darkest { pixel } else { darkest },
    );
    let is_ink = |pixel: &f32| *pixel > PAPER * darkest;
    let rows: Vec<&[f32]> = field.chunks_exact(side).collect();
    let (Some(top), Some(bottom)) = (
        rows.iter().position(|row| row.iter().any(is_ink)),
        rows.iter().rposition(|row| row.iter().any(is_ink)),
    ) else {
        return Ok(vec![0.0; PIXELS]);
    };
    let (mut left, mut right) = (side, 0);
    for row in &rows[top..=bottom] {
        left = row
            .iter()
            .position(is_ink)
            .map_or(left, |column| column.min(left));
        right = row
            .iter()
            .rposition(is_ink)
            .map_or(right, |column| column.max(right));
    }

    let (width, height) = (right - left + 1, bottom - top + 1);
    let longer = width.max(height).max(DOT_PIXELS);
    let scaled = |length: usize| ((length * BOX + longer / 2) / longer).max(1);
    let (across, down) = (scaled(width), scaled(height));
    let columns = area_weights(width, across);
    let mut block = Vec::with_capacity(across * down);
    for (first, weights) in area_weights(height, down) {
        let mut line = vec![0.0f64; width];
        for (weight, row) in weights.iter().zip(&rows[top + first..]) {
            let pixels = &row[left..=right];
            line.iter_mut()
                .zip(pixels)
                .for_each(|(sum, &pixel)| *sum += weight * f64::from(pixel));
        }
        block.extend(columns.iter().map(|(first, weights)| {
            let parts = weights.iter().zip(&line[*first..]);
            let mean: f64 = parts.map(|(weight, sum)| weight * sum).sum();
            (mean / f64::from(darkest)) as f32
        }));
    }
    Ok(centre(&block, across))
}

/// The drawing in normal form: 784 pixels in [0, 1].
///
/// Strokes are scaled before the pen is drawn, not after, so a digit drawn tiny, huge or off-centre has
/// nearly the same normal form, at full sharpness. What the pen's width would become is the one thing
/// that must be chosen: scaled with the strokes it would fill a tiny digit with ink and thin a huge one
/// to a hair. The pen keeps the width it has in a field of 28 pixels, 28 × `pen_width`, whatever the
/// digit's size, held to the widths MNIST's writers produced (1.2 to 5 pixels). A digit drawn at the
/// size of MNIST's thus looks as it was drawn, and a wider pen gives a bolder digit at every size.
///
/// Only what is visible in the field counts. A drawing smaller than half the pen's width looks like a
/// dot and is not enlarged further; one dot gives a dot, and no ink gives zeros.
///
/// # Errors
/// [`Error::InvalidArgument`] when a coordinate is not finite or the pen width is outside (0, 1].
pub fn normalize_drawing(drawing: &Drawing) -> Result<Vec<f32>> {
    drawing.validate()?;
    let paths = drawing.paths_within_sight();
    let (low, high) = bounds(&paths);
    if low[0] > high[0] {
        return Ok(vec![0.0; PIXELS]);
    }
    let thickness = (drawing.pen_width * SIDE as f32).clamp(THICKNESS[0], THICKNESS[1]);
    let extent = [high[0] - low[0], high[1] - low[1]];
    let longer = extent[0].max(extent[1]).max(drawing.pen_width / 2.0);
    let scale = (BOX as f32 - thickness) / longer;
    let ink = extent.map(|length| length * scale + thickness);
    // A share of a pixel is left over on the shorter side; it is split between both ends.
    let size = ink.map(|length| (length.ceil() as usize).min(BOX));
    let start = [0, 1].map(|axis| (size[axis] as f32 - ink[axis] + thickness) / 2.0);
    let segments = segments(&paths, |point| {
        [0, 1].map(|axis| (point[axis] - low[axis]) * scale + start[axis])
    });
    let block = coverage(&segments, thickness / 2.0, size[0], size[1]);
    Ok(centre(&block, size[0]))
}

/// For each of `to` equal intervals of an axis of `from` cells: the first cell under it, and the share
/// of the interval that this cell and the following ones take.
fn area_weights(from: usize, to: usize) -> Vec<(usize, Vec<f64>)> {
    // In units of 1/to of a cell every border is a whole number, so the shares are exact.
    (0..to)
        .map(|target| {
            let (start, end) = (target * from, (target + 1) * from);
            let first = start / to;
            let shares = (first..end.div_ceil(to)).map(|cell| {
                let overlap = end.min((cell + 1) * to) - start.max(cell * to);
                overlap as f64 / from as f64
            });
            (first, shares.collect())
        })
        .collect()
}

/// Stretches a block of ink, `width` pixels wide and at most 20 a side, to full ink and places it in
/// the 28 × 28 field, its centre of mass nearest to the centre.
fn centre(block: &[f32], width: usize) -> Vec<f32> {
    let mut pixels = vec![0.0f32; PIXELS];
    let darkest = block.iter().copied().fold(0.0, f32::max);
    if darkest == 0.0 {
        return pixels;
    }
    let (mut mass, mut moment) = (0.0f64, [0.0f64; 2]);
    for (index, ink) in block.iter().map(|&ink| f64::from(ink)).enumerate() {
        mass += ink;
        moment[0] += ink * ((index % width) as f64 + 0.5);
        moment[1] += ink * ((index / width) as f64 + 0.5);
    }
    let height = block.len() / width;
    // The centre of mass of a block lies in the block, so only very uneven ink can reach the border;
    // it is kept whole.
    let corner = |moment: f64, length: usize| {
        let start = (CENTRE - moment / mass).round().max(0.0) as usize;
        start.min(SIDE - length)
    };
    let (left, top) = (corner(moment[0], width), corner(moment[1], height));
    for (row, line) in block.chunks_exact(width).enumerate() {
        let start = (top + row) * SIDE + left;
        for (pixel, ink) in pixels[start..start + width].iter_mut().zip(line) {
            *pixel = ink / darkest;
        }
    }
    pixels
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::data::stroke::Stroke;
    use proptest::prelude::*;

    /// A "4": two strokes, open on top.
    fn four(place: impl Fn([f32; 2]) -> [f32; 2], pen_width: f32) -> Drawing {
        let strokes: [&[[f32; 2]]; 2] = [
            &[[0.2, 0.1], [0.1, 0.6], [0.8, 0.6]],
            &[[0.6, 0.0], [0.55, 1.0]],
        ];
        let strokes = strokes.map(|points| Stroke {
            points: points.iter().map(|&point| place(point)).collect(),
        });
        Drawing {
            strokes: strokes.to_vec(),
            pen_width,
        }
    }

    fn difference(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / a.len() as f32
    }

    fn ink_box(pixels: &[f32]) -> (usize, usize) {
        let inked = |index: &usize| pixels[*index] > 0.0;
        let rows: Vec<usize> = (0..PIXELS)
            .filter(inked)
            .map(|index| index / SIDE)
            .collect();
        let columns: Vec<usize> = (0..PIXELS)
            .filter(inked)
            .map(|index| index % SIDE)
            .collect();
        let span =
            |values: &[usize]| values.iter().max().unwrap() - values.iter().min().unwrap() + 1;
        (span(&columns), span(&rows))
    }

    fn centre_of_mass(pixels: &[f32]) -> [f32; 2] {
        let mass: f32 = pixels.iter().sum();
        let moment = |of: fn(usize) -> usize| {
            pixels
                .iter()
                .enumerate()
                .map(|(index, ink)| ink * of(index) as f32)
                .sum::<f32>()
                / mass
        };
        [moment(|index| index % SIDE), moment(|index| index / SIDE)]
    }

    #[test]
    fn a_drawing_fills_the_box_and_is_centred_by_mass() {
        let pixels =
            normalize_drawing(&four(|[x, y]| [0.2 + 0.5 * x, 0.1 + 0.6 * y], 0.09)).unwrap();
        assert_eq!(ink_box(&pixels).1, BOX);
        assert_eq!(pixels.iter().copied().fold(0.0, f32::max), 1.0);
        for centre in centre_of_mass(&pixels) {
            assert!((centre - 14.0).abs() <= 0.5, "{centre}");
        }
    }

    #[test]
    fn size_and_place_do_not_matter() {
        let usual =
            normalize_drawing(&four(|[x, y]| [0.15 + 0.7 * x, 0.15 + 0.7 * y], 0.09)).unwrap();
        for (scale, left, top) in [
            (0.05, 0.9, 0.02),
            (0.1, 0.0, 0.8),
            (0.3, 0.6, 0.1),
            (1.0, 0.0, 0.0),
        ] {
            let drawing = four(|[x, y]| [left + scale * x, top + scale * y], 0.09);
            let difference = difference(&usual, &normalize_drawing(&drawing).unwrap());
            assert!(difference < 1e-4, "scale {scale}: {difference}");
        }
    }

    #[test]
    fn a_wider_pen_gives_a_bolder_digit_within_mnists_widths() {
        let ink = |pen_width: f32| {
            normalize_drawing(&four(|[x, y]| [x, y], pen_width))
                .unwrap()
                .iter()
                .sum::<f32>()
        };
        assert!(ink(0.06) < ink(0.09) && ink(0.09) < ink(0.14));
        assert_eq!(ink(0.001), ink(0.01));
        assert!((ink(0.25) / ink(0.9) - 1.0).abs() < 0.05);
    }

    #[test]
    fn no_ink_gives_zeros_and_a_dot_gives_a_dot() {
        let empty = Drawing {
            strokes: vec![],
            pen_width: 0.1,
        };
        assert!(
            normalize_drawing(&empty)
                .unwrap()
                .iter()
                .all(|&pixel| pixel == 0.0)
        );
        assert!(
            normalize_field(&[0.0; 900], 30)
                .unwrap()
                .iter()
                .all(|&pixel| pixel == 0.0)
        );
        for points in [vec![[0.9, 0.2]], vec![[0.9, 0.2], [0.9001, 0.2]]] {
            let dot = Drawing {
                strokes: vec![Stroke { points }],
                pen_width: 0.1,
            };
            let pixels = normalize_drawing(&dot).unwrap();
            let (across, down) = ink_box(&pixels);
            assert!(across <= 4 && down <= 4, "{across}×{down}");
            assert_eq!(pixels[14 * SIDE + 14], 1.0);
        }
        let mut field = vec![0.0; 100 * 100];
        field[4_321] = 0.3;
        assert_eq!(ink_box(&normalize_field(&field, 100).unwrap()), (5, 5));
    }

    #[test]
    fn a_field_and_its_strokes_have_nearly_one_normal_form() {
        // As large as the normal form, 16 × 20 pixels, so that neither resamples to another grid.
        let place = |[x, y]: [f32; 2]| [0.1502 + 13.48 / 19.6 * x, 0.1403 + 17.48 / 28.0 * y];
        let drawing = four(place, 0.09);
        let strokes = normalize_drawing(&drawing).unwrap();
        for side in [100, 280, 560] {
            let field = normalize_field(&drawing.rasterize(side).unwrap(), side).unwrap();
            let difference = difference(&strokes, &field);
            assert!(difference < 0.02, "{side}: {difference}");
        }
    }

    #[test]
    fn shares_of_an_interval_add_up_to_it() {
        for (from, to) in [(1, 1), (20, 20), (7, 20), (200, 20), (33, 14), (560, 3)] {
            let mut taken = vec![0.0; from];
            for (first, shares) in area_weights(from, to) {
                assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                shares
                    .iter()
                    .enumerate()
                    .for_each(|(cell, share)| taken[first + cell] += share);
            }
            let even = to as f64 / from as f64;
            assert!(taken.iter().all(|share| (share - even).abs() < 1e-12));
        }
    }

    #[test]
    fn bad_fields_are_refused() {
        let code = |field: &[f32], side| normalize_field(field, side).unwrap_err().code();
        assert_eq!(code(&[0.0; 10], 3), "shape");
        assert_eq!(code(&[], 0), "shape");
        assert_eq!(code(&[0.0, 1.0, f32::NAN, 0.0], 2), "invalid-argument");
        assert_eq!(code(&[0.0, 1.0, -0.1, 0.0], 2), "invalid-argument");
        assert_eq!(code(&[0.0, 1.0, f32::INFINITY, 0.0], 2), "invalid-argument");
    }

    proptest! {
        #[test]
        fn any_drawing_has_a_normal_form(
            strokes in prop::collection::vec(
                prop::collection::vec(prop::array::uniform2(prop_oneof![
                    4 => -0.5f32..1.5,
                    1 => prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL,
                ]), 0..12), 0..5),
            pen_width in prop_oneof![4 => 0.01f32..0.3, 1 => 1e-30f32..1.0],
        ) {
            let strokes = strokes.into_iter().map(|points| Stroke { points }).collect();
            let pixels = normalize_drawing(&Drawing { strokes, pen_width }).unwrap();
            prop_assert_eq!(pixels.len(), PIXELS);
            prop_assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
            let darkest = pixels.iter().copied().fold(0.0, f32::max);
            prop_assert!(darkest == 0.0 || darkest == 1.0);
        }

        #[test]
        fn any_field_has_a_normal_form(
            side in 1usize..40,
            ink in prop::collection::vec((0usize..1600, prop_oneof![0f32..1.0, Just(f32::MAX), Just(1e-40)]), 0..30),
        ) {
            let mut field = vec![0.0; side * side];
            for (index, ink) in ink {
                field[index % (side * side)] = ink;
            }
            let pixels = normalize_field(&field, side).unwrap();
            prop_assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        }
    }
}
