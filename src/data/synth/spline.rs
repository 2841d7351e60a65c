//! Smooth curves through control points.

/// The points of a smooth curve through `knots`: centripetal Catmull-Rom (Yuksel et al. 2011), which
/// neither overshoots nor makes cusps between knots. A knot given twice in a row is a corner.
pub(super) fn curve(knots: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut points = Vec::with_capacity(knots.len() * STEPS);
    for smooth in knots.chunk_by(|a, b| a != b) {
        append_smooth(smooth, &mut points);
    }
    points
}

/// Straight pieces drawn between two knots.
const STEPS: usize = 6;

fn append_smooth(knots: &[[f32; 2]], points: &mut Vec<[f32; 2]>) {
    let Some(&first) = knots.first() else { return };
    if points.last() != Some(&first) {
        points.push(first);
    }
    for index in 1..knots.len() {
        let (from, to) = (knots[index - 1], knots[index]);
        // Past an end, the curve's neighbour is mirrored, which leaves the end unbent.
        let before = match index.checked_sub(2) {
            Some(earlier) => knots[earlier],
            None => mirror(to, from),
        };
        let after = knots
            .get(index + 1)
            .copied()
            .unwrap_or_else(|| mirror(from, to));
        let spans = [gap(before, from), gap(from, to), gap(to, after)];
        for step in 1..=STEPS {
            let share = step as f32 / STEPS as f32;
            points.push(interpolate([before, from, to, after], spans, share));
        }
    }
}

/// Barry and Goldman's pyramid on knots spaced by `spans`.
fn interpolate(knots: [[f32; 2]; 4], spans: [f32; 3], share: f32) -> [f32; 2] {
    let times = [-spans[0], 0.0, spans[1], spans[1] + spans[2]];
    let time = share * spans[1];
    let mix = |a: [f32; 2], b: [f32; 2], start: f32, end: f32| {
        let weight = (time - start) / (end - start);
        [0, 1].map(|axis| a[axis] + weight * (b[axis] - a[axis]))
    };
    let first: [[f32; 2]; 3] =
        [0, 1, 2].map(|k| mix(knots[k], knots[k + 1], times[k], times[k + 1]));
    let second: [[f32; 2]; 2] = [0, 1].map(|k| mix(first[k], first[k + 1], times[k], times[k + 2]));
    mix(second[0], second[1], times[1], times[2])
}

/// Square root of the distance, kept away from 0.
fn gap(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1]).sqrt().max(1e-3)
}

fn mirror(point: [f32; 2], centre: [f32; 2]) -> [f32; 2] {
    [2.0 * centre[0] - point[0], 2.0 * centre[1] - point[1]]
}
