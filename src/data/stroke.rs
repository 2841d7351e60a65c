//! A drawing as pen strokes, and its rasteriser.
//!
//! The field is the unit square, x to the right and y down. The pen is a disc, so ends and joins are
//! round; ink is the *union* of everything the pen covered, so strokes that cross do not darken.
//! Pixels hold the covered share of their area.

use super::raster::{coverage, segments};
use crate::{Error, Result};

/// The largest field side, in pixels, that [`Drawing::rasterize`] accepts.
pub const MAX_SIDE: usize = 4096;

/// One movement of the pen between touching the field and leaving it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stroke {
    /// Where the pen went, in order, as `[x, y]` in field units; a single point is a dot, none is no
    /// ink. Points outside the unit square are allowed: the pen left the field.
    pub points: Vec<[f32; 2]>,
}

/// Everything drawn in one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The strokes, in the order they were drawn.
    pub strokes: Vec<Stroke>,
    /// Diameter of the pen in field units, in (0, 1].
    pub pen_width: f32,
}

impl Drawing {
    /// A drawing from flat arrays, the form in which it crosses to JavaScript.
    ///
    /// `points` holds x0, y0, x1, y1, … of all strokes; `stroke_lengths` the number of points of each.
    ///
    /// # Errors
    /// [`Error::Shape`] when the lengths do not add up, [`Error::InvalidArgument`] for a coordinate
    /// that is not finite or a pen width outside (0, 1].
    pub fn from_flat(points: &[f32], stroke_lengths: &[u32], pen_width: f32) -> Result<Self> {
        let total = stroke_lengths
            .iter()
            .map(|&length| u64::from(length))
            .sum::<u64>();
        if points.len() as u64 != 2 * total {
            return Err(Error::shape(format!(
                "the stroke lengths add up to {total} points, which needs {} coordinates; got {}",
                2 * total,
                points.len()
            )));
        }
        let mut pairs = points.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        let strokes = stroke_lengths
            .iter()
            .map(|&length| Stroke {
                points: pairs.by_ref().take(length as usize).collect(),
            })
            .collect();
        let drawing = Self { strokes, pen_width };
        drawing.validate()?;
        Ok(drawing)
    }

    /// The flat arrays that [`Drawing::from_flat`] reads: coordinates and points per stroke.
    pub fn to_flat(&self) -> (Vec<f32>, Vec<u32>) {
        let points = self
            .strokes
            .iter()
            .flat_map(|stroke| stroke.points.iter().flatten().copied());
        let lengths = self.strokes.iter().map(|stroke| stroke.points.len() as u32);
        (points.collect(), lengths.collect())
    }

    /// The ink of the drawing in a field of `side` × `side` pixels, row-major, each in [0, 1].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when `side` is 0 or above [`MAX_SIDE`], a coordinate is not finite,
    /// or the pen width is outside (0, 1].
    pub fn rasterize(&self, side: usize) -> Result<Vec<f32>> {
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(Error::argument(format!(
                "a field has 1 to {MAX_SIDE} pixels a side; got {side}"
            )));
        }
        self.validate()?;
        let scale = side as f32;
        let paths = self.paths_within_sight();
        let segments = segments(&paths, |[x, y]| [x * scale, y * scale]);
        Ok(coverage(
            &segments,
            self.pen_width * scale / 2.0,
            side,
            side,
        ))
    }

    /// Checks what the type cannot: finite coordinates and a usable pen.
    pub(crate) fn validate(&self) -> Result<()> {
        if !(self.pen_width > 0.0 && self.pen_width <= 1.0) {
            return Err(Error::argument(format!(
                "the pen width is a share of the field's side, above 0 and at most 1; got {}",
                self.pen_width
            )));
        }
        let mut points = self.strokes.iter().flat_map(|stroke| &stroke.points);
        match points.find(|point| !point.iter().all(|value| value.is_finite())) {
            Some([x, y]) => Err(Error::argument(format!(
                "a pen point must be finite; got ({x}, {y})"
            ))),
            None => Ok(()),
        }
    }

    /// The pen's path where its ink shows: cut at the border of the field widened by half the pen. A
    /// stroke that leaves and comes back falls into parts.
    pub(crate) fn paths_within_sight(&self) -> Vec<Vec<[f32; 2]>> {
        let margin = f64::from(self.pen_width) / 2.0;
        let (low, high) = (-margin, 1.0 + margin);
        let mut paths: Vec<Vec<[f32; 2]>> = Vec::new();
        for stroke in &self.strokes {
            if let [only] = stroke.points[..] {
                paths.extend(clip(only, only, low, high).map(|(point, _)| vec![point]));
            }
            let mut open: Option<[f32; 2]> = None;
            for pair in stroke.points.windows(2) {
                let Some((from, to)) = clip(pair[0], pair[1], low, high) else {
                    open = None;
                    continue;
                };
                match paths.last_mut() {
                    Some(path) if open == Some(from) => path.push(to),
                    _ => paths.push(vec![from, to]),
                }
                open = (to == pair[1]).then_some(to);
            }
        }
        paths
    }
}

/// The smallest and the largest coordinates of all points; infinite the wrong way round where there are none.
pub(crate) fn bounds(paths: &[Vec<[f32; 2]>]) -> ([f32; 2], [f32; 2]) {
    let mut low = [f32::INFINITY; 2];
    let mut high = [f32::NEG_INFINITY; 2];
    for point in paths.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    (low, high)
}

/// The part of the segment `from`–`to` inside the square [low, high]² (Liang & Barsky 1984).
fn clip(from: [f32; 2], to: [f32; 2], low: f64, high: f64) -> Option<([f32; 2], [f32; 2])> {
    let start = from.map(f64::from);
    let delta = [f64::from(to[0]) - start[0], f64::from(to[1]) - start[1]];
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for axis in 0..2 {
        if delta[axis] == 0.0 {
            if start[axis] < low || start[axis] > high {
                return None;
            }
            continue;
        }
        let (a, b) = (
            (low - start[axis]) / delta[axis],
            (high - start[axis]) / delta[axis],
        );
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    // A whole end is returned as it came, bit for bit, so that consecutive segments still join.
    let at = |share: f64| [0, 1].map(|axis| (start[axis] + share * delta[axis]) as f32);
    (enter <= leave).then(|| {
        let first = if enter == 0.0 { from } else { at(enter) };
        let last = if leave == 1.0 { to } else { at(leave) };
        (first, last)
    })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f32::consts::PI;

    fn drawing(strokes: &[&[[f32; 2]]], pen_width: f32) -> Drawing {
        let strokes = strokes.iter().map(|points| Stroke {
            points: points.to_vec(),
        });
        Drawing {
            strokes: strokes.collect(),
            pen_width,
        }
    }

    fn area(pixels: &[f32]) -> f32 {
        pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() as f32
    }

    /// The area in pixels of a drawing in a field of 64 pixels; pen widths below are in pixels too.
    fn area_in_64(strokes: &[&[[f32; 2]]], pen_pixels: f32) -> f32 {
        area(&drawing(strokes, pen_pixels / 64.0).rasterize(64).unwrap())
    }

    #[test]
    fn a_dot_covers_the_area_of_a_disc() {
        for radius in [0.2, 0.5, 1.0, 1.3, 3.0, 10.0] {
            for offset in [0.0, 0.11, 0.37, 0.5] {
                let centre = [0.5 + offset / 64.0, 0.5 + 0.7 * offset / 64.0];
                let area = area_in_64(&[&[centre]], 2.0 * radius);
                let disc = PI * radius * radius;
                assert!(
                    (area / disc - 1.0).abs() < 0.03,
                    "radius {radius}: {area} for {disc}"
                );
            }
        }
    }

    #[test]
    fn a_line_covers_its_rectangle_and_two_half_discs() {
        for (from, to) in [
            ([0.2, 0.3], [0.8, 0.3]),
            ([0.25, 0.2], [0.71, 0.83]),
            ([0.3, 0.9], [0.31, 0.1]),
        ] {
            let length = 64.0 * f32::hypot(to[0] - from[0], to[1] - from[1]);
            for width in [1.0, 2.4, 7.0] {
                let exact = length * width + PI * width * width / 4.0;
                let area = area_in_64(&[&[from, to]], width);
                assert!(
                    (area / exact - 1.0).abs() < 0.004,
                    "width {width}: {area} for {exact}"
                );
            }
        }
    }

    #[test]
    fn pixels_hold_their_covered_share() {
        // A band two pixels wide, first along the pixel grid, then half a pixel off it.
        let band = |y: f32| {
            drawing(&[&[[-0.5, y], [1.5, y]]], 0.25)
                .rasterize(8)
                .unwrap()
        };
        for (y, rows) in [
            (0.5, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
            (0.5625, [0.0, 0.0, 0.0, 0.5, 1.0, 0.5, 0.0, 0.0]),
        ] {
            for (index, pixel) in band(y).into_iter().enumerate() {
                assert!(
                    (pixel - rows[index / 8]).abs() < 1e-5,
                    "row {}: {pixel}",
                    index / 8
                );
            }
        }
    }

    #[test]
    fn moving_by_whole_pixels_moves_the_pixels() {
        let points = [[0.31, 0.22], [0.45, 0.4], [0.3, 0.61]];
        let side = 32;
        let moved = points.map(|[x, y]| [x + 5.0 / 32.0, y + 3.0 / 32.0]);
        let before = drawing(&[&points], 0.07).rasterize(side).unwrap();
        let after = drawing(&[&moved], 0.07).rasterize(side).unwrap();
        for y in 0..side - 3 {
            for x in 0..side - 5 {
                assert!((before[y * side + x] - after[(y + 3) * side + x + 5]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn crossing_and_repeated_strokes_do_not_darken() {
        let (across, down): (&[[f32; 2]], &[[f32; 2]]) =
            (&[[0.2, 0.5], [0.8, 0.5]], &[[0.5, 0.2], [0.5, 0.8]]);
        let once = area_in_64(&[across], 6.0);
        assert_eq!(once, area_in_64(&[across, across], 6.0));
        let cross = area_in_64(&[across, down], 6.0);
        assert!((cross - (2.0 * once - 36.0)).abs() < 0.01, "{cross}");
    }

    #[test]
    fn extra_points_on_a_line_change_nothing() {
        let few = drawing(&[&[[0.1, 0.2], [0.9, 0.7]]], 0.1)
            .rasterize(40)
            .unwrap();
        let many: Vec<[f32; 2]> = (0..=50)
            .map(|step| step as f32 / 50.0)
            .map(|t| [0.1 + 0.8 * t, 0.2 + 0.5 * t])
            .collect();
        let many = drawing(&[&many], 0.1).rasterize(40).unwrap();
        assert!(few.iter().zip(&many).all(|(a, b)| (a - b).abs() < 1e-3));
    }

    #[test]
    fn what_leaves_the_field_is_cut_at_its_border() {
        let whole = drawing(&[&[[0.5, 0.5], [3.0e30, 0.5]]], 0.1)
            .rasterize(20)
            .unwrap();
        let inside = drawing(&[&[[0.5, 0.5], [1.2, 0.5]]], 0.1)
            .rasterize(20)
            .unwrap();
        assert!(whole.iter().zip(&inside).all(|(a, b)| (a - b).abs() < 1e-3));
        assert_eq!(
            area(
                &drawing(&[&[[2.0, 2.0], [3.0, -9.0]]], 0.1)
                    .rasterize(20)
                    .unwrap()
            ),
            0.0
        );
        let leaving = drawing(&[&[[0.2, 0.2], [2.0, 0.2], [2.0, 0.8], [0.2, 0.8]]], 0.1);
        assert_eq!(leaving.paths_within_sight().len(), 2);
    }

    #[test]
    fn no_points_are_no_ink() {
        assert_eq!(area(&drawing(&[], 0.1).rasterize(28).unwrap()), 0.0);
        assert_eq!(area(&drawing(&[&[]], 0.1).rasterize(28).unwrap()), 0.0);
    }

    #[test]
    fn bad_input_is_refused() {
        let code = |result: Result<Drawing>| result.unwrap_err().code();
        assert_eq!(
            code(Drawing::from_flat(&[0.1, 0.2, 0.3], &[1], 0.1)),
            "shape"
        );
        assert_eq!(code(Drawing::from_flat(&[0.1, 0.2], &[2], 0.1)), "shape");
        assert_eq!(
            code(Drawing::from_flat(&[0.1, 0.2], &[u32::MAX, u32::MAX], 0.1)),
            "shape"
        );
        assert_eq!(
            code(Drawing::from_flat(&[0.1, f32::NAN], &[1], 0.1)),
            "invalid-argument"
        );
        for width in [0.0, -1.0, 1.5, f32::NAN, f32::INFINITY] {
            assert_eq!(
                code(Drawing::from_flat(&[0.1, 0.2], &[1], width)),
                "invalid-argument"
            );
        }
        for side in [0, MAX_SIDE + 1] {
            assert_eq!(
                drawing(&[], 0.1).rasterize(side).unwrap_err().code(),
                "invalid-argument"
            );
        }
    }

    #[test]
    fn flat_arrays_come_back() {
        let original = drawing(&[&[[0.1, 0.2], [0.3, 0.4]], &[], &[[0.5, 0.6]]], 0.1);
        let (points, lengths) = original.to_flat();
        assert_eq!(lengths, [2, 0, 1]);
        assert_eq!(
            Drawing::from_flat(&points, &lengths, 0.1).unwrap(),
            original
        );
    }

    proptest! {
        #[test]
        fn any_strokes_give_shares(
            points in prop::collection::vec(prop::array::uniform2(any::<f32>()), 0..40),
            near in prop::collection::vec(prop::array::uniform2(-1.5f32..2.5), 0..40),
            pen_width in 1e-6f32..1.0,
        ) {
            for points in [points, near] {
                let drawing = Drawing { strokes: vec![Stroke { points }], pen_width };
                if let Ok(pixels) = drawing.rasterize(28) {
                    prop_assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
                }
            }
        }
    }
}
