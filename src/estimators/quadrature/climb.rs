//! Finds a peak of log p(x, z) from a point near it, and the width of the peak.

use super::joint::Surface;
use crate::Result;

/// Most steps of a climb; from a cell of the scan it takes five or six.
const MOST_STEPS: usize = 40;
/// A climb ends this many nats below the peak: the lattice that follows finds the rest.
const NEAR_NATS: f64 = 0.1;
/// Least distance for differences: at smaller ones, points are equal in 32 bits.
const LEAST_REACH: f64 = 1e-6;
/// Least curvature that counts: that of a peak ten units wide.
const LEAST_CURVATURE: f64 = 1e-2;

/// A peak of the joint density.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peak {
    pub z: [f64; 2],
    /// log p(x, z) at the peak, nats.
    pub log_joint: f64,
    /// Two vectors at right angles, each one standard deviation long, of the Gaussian with the peak's curvature.
    pub axes: [[f64; 2]; 2],
}

/// The points for differences: the middle, right, left, up, down, and right and up together.
const STENCIL: [[f64; 2]; 6] = [
    [0.0, 0.0],
    [1.0, 0.0],
    [-1.0, 0.0],
    [0.0, 1.0],
    [0.0, -1.0],
    [1.0, 1.0],
];

fn stencil(z: [f64; 2], reach: f64) -> [[f64; 2]; 6] {
    STENCIL.map(|[a, b]| [z[0] + reach * a, z[1] + reach * b])
}

/// The starts near which a peak may reach `floor`; all of them are decoded together.
pub(super) fn promising(
    surface: &Surface<'_>,
    starts: Vec<[f64; 2]>,
    reach: f64,
    floor: f64,
) -> Result<Vec<[f64; 2]>> {
    let points: Vec<[f64; 2]> = starts.iter().flat_map(|z| stencil(*z, reach)).collect();
    let values = surface(&points)?;
    let looks = starts.into_iter().zip(values.chunks_exact(STENCIL.len()));
    let kept = looks.filter(|(_, values)| {
        !values.iter().all(|value| value.is_finite())
            || !Quadratic::through(values, reach).stays_below(floor)
    });
    Ok(kept.map(|(z, _)| z).collect())
}

/// Newton's method with finite differences over the distance `reach`, which shrinks to the width of the peak. None as soon as
/// the peak is sure to stay below `floor`: even twice the rise that the curvature predicts does not reach it.
pub(super) fn climb(
    surface: &Surface<'_>,
    start: [f64; 2],
    reach: f64,
    floor: f64,
) -> Result<Option<Peak>> {
    let (mut z, mut reach) = (start, reach);
    let mut best: Option<Peak> = None;
    for _ in 0..MOST_STEPS {
        let points = stencil(z, reach);
        let values = surface(&points)?;
        if let Some(before) = best
            && values[0] < before.log_joint
        {
            // The step went too far.
            (z, reach) = (before.z, reach / 2.0);
            best = None;
            if reach < LEAST_REACH {
                return Ok(Some(before));
            }
            continue;
        }
        if values.iter().any(|value| value.is_infinite()) {
            // Some of the points are impossible: the edge is near.
            if values[0].is_infinite() || reach < LEAST_REACH {
                return Ok(best);
            }
            reach /= 2.0;
            continue;
        }
        let fitted = Quadratic::through(&values, reach);
        let peak = Peak {
            z,
            log_joint: values[0],
            axes: fitted.axes(),
        };
        let (step, rise) = fitted.step();
        if fitted.stays_below(floor) {
            return Ok(None);
        }
        let width = fitted.least_width();
        if (rise < NEAR_NATS && reach <= width && fitted.is_peaked()) || reach < LEAST_REACH {
            return Ok(Some(peak));
        }
        best = Some(peak);
        let length = step[0].hypot(step[1]);
        let kept = (2.0 * reach / length).min(1.0);
        if length > 0.0 && fitted.is_peaked() {
            z = [z[0] + kept * step[0], z[1] + kept * step[1]];
        } else {
            // The function rises without a peak near by: go to the highest point that was evaluated.
            let highest = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b]));
            z = points[highest.unwrap_or(0)];
        }
        reach = reach.min((0.7 * width).max(reach / 4.0));
    }
    Ok(best)
}

/// The quadratic function through six values.
struct Quadratic {
    middle: f64,
    gradient: [f64; 2],
    /// The eigenvalues of minus the matrix of second derivatives, with their directions.
    curvature: [f64; 2],
    directions: [[f64; 2]; 2],
}

impl Quadratic {
    /// From the values at the points of [`STENCIL`].
    fn through(values: &[f64], reach: f64) -> Self {
        let [middle, right, left, up, down, diagonal] = [0, 1, 2, 3, 4, 5].map(|at| values[at]);
        let square = reach * reach;
        let gradient = [right - left, up - down].map(|rise| rise / (2.0 * reach));
        let a = -(right + left - 2.0 * middle) / square;
        let c = -(up + down - 2.0 * middle) / square;
        let b = -(diagonal - right - up + middle) / square;
        let (mean, half) = ((a + c) / 2.0, (a - c) / 2.0);
        let radius = half.hypot(b);
        let angle = 0.5 * b.atan2(half);
        Self {
            middle,
            gradient,
            curvature: [mean + radius, mean - radius],
            directions: [[angle.cos(), angle.sin()], [-angle.sin(), angle.cos()]],
        }
    }

    /// Whether even twice the predicted rise does not reach `floor`.
    fn stays_below(&self, floor: f64) -> bool {
        self.is_peaked() && self.middle + 2.0 * self.step().1 < floor
    }

    fn is_peaked(&self) -> bool {
        self.curvature[1] > 0.0
    }

    /// The step to the top and the rise in nats. A direction in which the function curves upwards is treated as if it curved
    /// downwards.
    fn step(&self) -> ([f64; 2], f64) {
        let (mut step, mut rise) = ([0.0; 2], 0.0);
        for (curvature, direction) in self.curvature.iter().zip(self.directions) {
            let slope = direction[0] * self.gradient[0] + direction[1] * self.gradient[1];
            let along = slope / curvature.abs().max(LEAST_CURVATURE);
            rise += 0.5 * slope * along;
            step = [
                step[0] + along * direction[0],
                step[1] + along * direction[1],
            ];
        }
        (step, rise)
    }

    fn widths(&self) -> [f64; 2] {
        self.curvature
            .map(|c| c.abs().max(LEAST_CURVATURE).sqrt().recip())
    }

    fn least_width(&self) -> f64 {
        self.widths()[0].min(self.widths()[1])
    }

    fn axes(&self) -> [[f64; 2]; 2] {
        let widths = self.widths();
        [0, 1].map(|k| self.directions[k].map(|part| part * widths[k]))
    }
}
