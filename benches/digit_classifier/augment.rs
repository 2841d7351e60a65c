//! Augmentation: each time an image is seen it is a little turned, slanted, stretched, moved and warped.

use latent_canvas::{PIXELS, Rng, SIDE};

/// Standard deviations of what is drawn for an image.
#[derive(Clone, Copy)]
pub struct Strength {
    /// Radians.
    turn: f32,
    /// Pixels sideways a pixel down.
    slant: f32,
    /// Share of the width, and of the height.
    stretch: f32,
    /// Pixels, across and down.
    shift: f32,
    /// Pixels, across and down, at the corners of a coarse grid; bilinear between (elastic distortion).
    warp: f32,
}

/// Hardly seen by the eye.
pub const LIGHT: Strength = Strength {
    turn: 0.07,
    slant: 0.07,
    stretch: 0.05,
    shift: 0.45,
    warp: 0.0,
};

/// For a network that would learn the training images by heart.
pub const STRONG: Strength = Strength {
    turn: 0.12,
    slant: 0.12,
    stretch: 0.08,
    shift: 0.7,
    warp: 0.9,
};

/// Cells along a side of the warp's grid.
const CELLS: usize = 4;
const CORNERS: usize = (CELLS + 1) * (CELLS + 1);

/// Appends `image`, moved at random, to `out`.
pub fn append(image: &[f32], strength: Strength, rng: &mut Rng, out: &mut Vec<f32>) {
    let mut normal = |deviation: f32| deviation * rng.normal();
    let (sine, cosine) = normal(strength.turn).sin_cos();
    let slant = normal(strength.slant);
    let scale = [
        1.0 + normal(strength.stretch),
        1.0 + normal(strength.stretch),
    ];
    let shift = [normal(strength.shift), normal(strength.shift)];
    let warp = (strength.warp > 0.0)
        .then(|| [(); 2].map(|()| [(); CORNERS].map(|()| normal(strength.warp))));
    let middle = (SIDE as f32 - 1.0) / 2.0;
    out.extend((0..PIXELS).map(|index| {
        let (column, row) = (index % SIDE, index / SIDE);
        let [across, down] = match &warp {
            Some(fields) => [0, 1].map(|axis| at_pixel(&fields[axis], column, row)),
            None => [0.0; 2],
        };
        let x = column as f32 - middle - shift[0] - across;
        let y = row as f32 - middle - shift[1] - down;
        let (x, y) = (cosine * x + sine * y, cosine * y - sine * x);
        bilinear(
            image,
            (x + slant * y) * scale[0] + middle,
            y * scale[1] + middle,
        )
    }));
}

/// The warp at a pixel, from its values at the corners of the grid.
fn at_pixel(field: &[f32; CORNERS], column: usize, row: usize) -> f32 {
    let place = |pixel: usize| {
        let along = pixel * CELLS;
        (along / SIDE, (along % SIDE) as f32 / SIDE as f32)
    };
    let ((left, right_share), (top, bottom_share)) = (place(column), place(row));
    let mix = |a: f32, b: f32, share: f32| a + share * (b - a);
    let line = |line: usize| {
        let at = line * (CELLS + 1) + left;
        mix(field[at], field[at + 1], right_share)
    };
    mix(line(top), line(top + 1), bottom_share)
}

fn bilinear(image: &[f32], x: f32, y: f32) -> f32 {
    let pixel = |column: f32, row: f32| {
        let inside = |value: f32| (0.0..SIDE as f32).contains(&value);
        if inside(column) && inside(row) {
            image[row as usize * SIDE + column as usize]
        } else {
            0.0
        }
    };
    let (left, top) = (x.floor(), y.floor());
    let (right_share, bottom_share) = (x - left, y - top);
    let row =
        |row: f32| (1.0 - right_share) * pixel(left, row) + right_share * pixel(left + 1.0, row);
    (1.0 - bottom_share) * row(top) + bottom_share * row(top + 1.0)
}
