//! Light augmentation: each time an image is seen it is a little turned, slanted, stretched and moved.

use latent_canvas::{PIXELS, Rng, SIDE};

/// Appends `image`, moved at random, to `out`.
pub fn append(image: &[f32], rng: &mut Rng, out: &mut Vec<f32>) {
    let mut normal = |deviation: f32| deviation * rng.normal();
    let (sine, cosine) = normal(0.07).sin_cos();
    let slant = normal(0.07);
    let scale = [1.0 + normal(0.05), 1.0 + normal(0.05)];
    let shift = [normal(0.45), normal(0.45)];
    let middle = (SIDE as f32 - 1.0) / 2.0;
    out.extend((0..PIXELS).map(|index| {
        let x = (index % SIDE) as f32 - middle - shift[0];
        let y = (index / SIDE) as f32 - middle - shift[1];
        let (x, y) = (cosine * x + sine * y, cosine * y - sine * x);
        bilinear(
            image,
            (x + slant * y) * scale[0] + middle,
            y * scale[1] + middle,
        )
    }));
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
