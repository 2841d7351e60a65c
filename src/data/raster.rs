//! Ink on pixels: how much of each pixel a round pen covers along a path.

/// A straight piece of a pen's path, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    start: [f32; 2],
    delta: [f32; 2],
    inverse_square: f32,
}

/// The straight pieces of `paths`, each point moved by `place`; a lone point is a piece of length 0.
pub(crate) fn segments(
    paths: &[Vec<[f32; 2]>],
    place: impl Fn([f32; 2]) -> [f32; 2],
) -> Vec<Segment> {
    let piece = |from: [f32; 2], to: [f32; 2]| {
        let (start, end) = (place(from), place(to));
        let delta = [end[0] - start[0], end[1] - start[1]];
        let square = delta[0] * delta[0] + delta[1] * delta[1];
        Segment {
            start,
            delta,
            inverse_square: if square > f32::MIN_POSITIVE {
                square.recip()
            } else {
                0.0
            },
        }
    };
    let mut pieces = Vec::new();
    for path in paths {
        match path[..] {
            [only] => pieces.push(piece(only, only)),
            _ => pieces.extend(path.windows(2).map(|pair| piece(pair[0], pair[1]))),
        }
    }
    pieces
}

/// The share of each pixel of a `width` × `height` field covered by a pen of `radius` pixels.
///
/// Every pixel is divided into samples; a sample's cover falls linearly across one sample width about
/// the ink's edge, which is exact for a straight edge along a sample row and close otherwise.
pub(crate) fn coverage(segments: &[Segment], radius: f32, width: usize, height: usize) -> Vec<f32> {
    // At least two samples across the pen's radius, so that a thin pen keeps its area.
    let samples = ((2.0 / radius).ceil() as usize).clamp(4, 16);
    let density = samples as f32;
    let reach = radius + 0.5 / density;
    let columns = width * samples;
    let mut pixels = vec![0.0f32; width * height];
    let mut band = vec![f32::INFINITY; columns * samples];
    for (row, pixels) in pixels.chunks_exact_mut(width).enumerate() {
        let (top, bottom) = (row as f32 - reach, (row + 1) as f32 + reach);
        let mut touched = false;
        for segment in segments {
            let (y0, y1) = ordered(segment.start[1], segment.start[1] + segment.delta[1]);
            let (x0, x1) = ordered(segment.start[0], segment.start[0] + segment.delta[0]);
            if y1 < top || y0 > bottom {
                continue;
            }
            let first = (((x0 - reach) * density).floor().max(0.0) as usize).min(columns);
            let last = (((x1 + reach) * density).ceil().max(0.0) as usize).min(columns);
            if first == last {
                continue;
            }
            touched = true;
            for (line, distances) in band.chunks_exact_mut(columns).enumerate() {
                let y = row as f32 + (line as f32 + 0.5) / density - segment.start[1];
                let along_y = y * segment.delta[1];
                for (column, nearest) in (first..last).zip(&mut distances[first..last]) {
                    let x = (column as f32 + 0.5) / density - segment.start[0];
                    let share =
                        ((x * segment.delta[0] + along_y) * segment.inverse_square).clamp(0.0, 1.0);
                    let off_x = x - share * segment.delta[0];
                    let off_y = y - share * segment.delta[1];
                    *nearest = nearest.min(off_x * off_x + off_y * off_y);
                }
            }
        }
        if !touched {
            continue;
        }
        for distances in band.chunks_exact_mut(columns) {
            for (pixel, distances) in pixels.iter_mut().zip(distances.chunks_exact_mut(samples)) {
                for square in distances {
                    *pixel += ((radius - square.sqrt()) * density + 0.5).clamp(0.0, 1.0);
                    *square = f32::INFINITY;
                }
            }
        }
        let share = 1.0 / (density * density);
        pixels
            .iter_mut()
            .for_each(|pixel| *pixel = (*pixel * share).min(1.0));
    }
    pixels
}

fn ordered(a: f32, b: f32) -> (f32, f32) {
    if a <= b { (a, b) } else { (b, a) }
}
