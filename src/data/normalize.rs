//! MNIST normal form: the frame that every MNIST digit was brought into, so that a model trained on
//! MNIST sees what it knows, wherever and however large the digit was drawn.
//!
//! The ink's bounding box is scaled, aspect kept, until its longer side is 20 pixels; the darkest pixel
//! is stretched to full ink; the whole is shifted by whole pixels until the ink's centre of mass lies
//! nearest to the middle of pixel (14, 14), counted from 0, of the 28 × 28 field. (LeCun et al. 1998; details after the reconstruction of
//! Yadav & Bottou 2019, "Cold Case: The Lost MNIST Digits".)

use super::stroke::{Drawing, coverage, segments};
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
    if let Some(pixel) = field
        .iter()
        .find(|pixel| !(pixel.is_finite() && **pixel >= 0.0))
    {
        return Err(Error::argument(format!(
            "pixels are ink, finite and not negative; got {pixel}"
        )));
    }
    let darkest = field.iter().copied().fold(0.0, f32::max);
    let is_ink = |pixel: &f32| *pixel > PAPER * darkest;
    let rows: Vec<&[f32]> = field.chunks_exact(side).collect();
    let (Some(top), Some(bottom)) = (
        rows.iter().position(|row| row.iter().any(is_ink)),
        rows.iter().rposition(|row| row.iter().any(is_ink)),
    ) else {
        return Ok(vec![0.0; PIXELS]);
    };
    let inked = |column: &usize| rows.iter().any(|row| is_ink(&row[*column]));
    let left = (0..side).find(inked).unwrap_or(0);
    let right = (0..side).rev().find(inked).unwrap_or(0);

    let (width, height) = (right - left + 1, bottom - top + 1);
    let longer = width.max(height).max(DOT_PIXELS);
    let scaled = |length: usize| ((length * BOX + longer / 2) / longer).max(1);
    let (across, down) = (scaled(width), scaled(height));
    let columns = area_weights(width, across);
    let mut block = vec![0.0f64; across * down];
    let mut line = vec![0.0f64; across];
    for ((first_row, row_weights), target) in area_weights(height, down)
        .iter()
        .zip(block.chunks_exact_mut(across))
    {
        for (weight, row) in row_weights.iter().zip(&rows[top + first_row..]) {
            for ((first, weights), sum) in columns.iter().zip(&mut line) {
                // Divided by the darkest pixel, so that no sum over a large field can overflow.
                *sum = weights
                    .iter()
                    .zip(&row[left + first..])
                    .map(|(weight, pixel)| weight * f64::from(pixel / darkest))
                    .sum();
            }
            target
                .iter_mut()
                .zip(&line)
                .for_each(|(pixel, sum)| *pixel += weight * sum);
        }
    }
    let block: Vec<f32> = block.into_iter().map(|pixel| pixel as f32).collect();
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
    let mut low = [f32::INFINITY; 2];
    let mut high = [f32::NEG_INFINITY; 2];
    for point in paths.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
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
