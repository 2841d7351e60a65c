//! Density and coverage of samples among real feature rows (Naeem et al. 2020).

use crate::math::check_rows;
use crate::nn::fused::parallel::run;
use crate::{Error, Result};

/// Neighbours that the paper counts.
pub const NEIGHBOURS: usize = 5;

/// How faithful samples are, and how diverse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DensityCoverage {
    /// The mean number of real balls that a sample lies in, divided by k; 1 is expected of samples from
    /// the distribution of the real rows, more is possible.
    pub density: f64,
    /// The share of real balls that hold a sample.
    pub coverage: f64,
}

/// Density and coverage. The ball of a real row reaches up to, not including, its k-th nearest other
/// real row.
///
/// Of n real and n sampled rows of one continuous distribution the expected density is 1 and the
/// expected coverage 1 - prod_{i=1..k} (n - i) / (2n - i), about 1 - 2^-k. Takes a time proportional to
/// n (n + m) width. Distances are in f32: rows that differ by less than 1e-6 may tie.
///
/// # Shapes
///
/// real `[n, width]` with n > k; samples `[m, width]`.
///
/// # Errors
///
/// As [`check_rows`]; [`Error::InvalidArgument`] when k is 0 or there are no more than k real rows.
pub fn density_coverage(
    real: &[f32],
    samples: &[f32],
    width: usize,
    neighbours: usize,
) -> Result<DensityCoverage> {
    let rows = check_rows("real rows", real, width)?;
    let sampled = check_rows("sampled rows", samples, width)?;
    if neighbours == 0 || rows <= neighbours {
        return Err(Error::argument(format!(
            "density and coverage need at least one neighbour and more real rows than neighbours; got {neighbours} neighbours and {rows} rows"
        )));
    }
    let mut counts = vec![(0, 0); rows.div_ceil(BLOCK)];
    let blocks = real.chunks(BLOCK * width).zip(&mut counts).enumerate();
    run(blocks, |(block, (centres, counts))| {
        let balls = balls(real, block * BLOCK, centres, width, neighbours);
        *counts = count(&balls, centres, samples, width);
    });
    let inside: usize = counts.iter().map(|(inside, _)| inside).sum();
    let covered: usize = counts.iter().map(|(_, covered)| covered).sum();
    Ok(DensityCoverage {
        density: inside as f64 / (neighbours as f64 * sampled as f64),
        coverage: covered as f64 / rows as f64,
    })
}

/// The balls about `centres`, which are the real rows from `first` on.
fn balls(
    real: &[f32],
    first: usize,
    centres: &[f32],
    width: usize,
    neighbours: usize,
) -> Vec<Nearest> {
    let mut balls = vec![Nearest(vec![f32::INFINITY; neighbours]); centres.len() / width];
    for (other, row) in real.chunks_exact(width).enumerate() {
        let each = balls.iter_mut().zip(centres.chunks_exact(width));
        for (offset, (ball, centre)) in each.enumerate() {
            if first + offset != other {
                ball.offer(squared_distance(row, centre));
            }
        }
    }
    balls
}

/// How many pairs of a ball and a sample in it there are, and how many balls that hold a sample.
fn count(balls: &[Nearest], centres: &[f32], samples: &[f32], width: usize) -> (usize, usize) {
    let mut held = vec![0usize; balls.len()];
    for row in samples.chunks_exact(width) {
        let each = balls.iter().zip(centres.chunks_exact(width));
        for (held, (ball, centre)) in held.iter_mut().zip(each) {
            *held += usize::from(squared_distance(row, centre) < ball.farthest());
        }
    }
    let covered = held.iter().filter(|count| **count > 0).count();
    (held.iter().sum(), covered)
}

/// Real rows at a time: they stay in the nearest memory while the others pass by.
const BLOCK: usize = 32;

/// The least of the squared distances offered, rising.
#[derive(Clone)]
struct Nearest(Vec<f32>);

impl Nearest {
    fn farthest(&self) -> f32 {
        self.0.last().copied().unwrap_or(f32::INFINITY)
    }

    fn offer(&mut self, distance: f32) {
        if distance < self.farthest() {
            let at = self.0.partition_point(|kept| *kept <= distance);
            self.0.pop();
            self.0.insert(at, distance);
        }
    }
}

fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    // Many sums at a time, so that the loop vectorises.
    let mut sums = [0f32; 32];
    let (a_lanes, a_rest) = a.as_chunks::<32>();
    let (b_lanes, b_rest) = b.as_chunks::<32>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| (a - b) * (a - b));
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    #[test]
    fn on_a_line_it_can_be_counted() {
        // Balls of k = 2 about 0, 1, 3, 7 have radii 3, 2, 3, 6: the sample 4 lies in the last two, 2.5
        // in all four, -20 in none.
        let real = [0.0, 1.0, 3.0, 7.0];
        let found = density_coverage(&real, &[4.0, 2.5, -20.0], 1, 2).unwrap();
        assert_eq!((found.density, found.coverage), (6.0 / 6.0, 1.0));
        let found = density_coverage(&real, &[4.0], 1, 2).unwrap();
        assert_eq!((found.density, found.coverage), (2.0 / 2.0, 0.5));
        // A ball does not hold its own edge.
        let found = density_coverage(&real, &[-3.0], 1, 2).unwrap();
        assert_eq!((found.density, found.coverage), (0.0, 0.0));
    }

    #[test]
    fn equal_distributions_have_the_expected_density_and_coverage() {
        // Mean of independent repetitions against the exact expectation, in standard errors of the
        // repetitions: 5 of them give a false alarm below 1e-6 a figure.
        let (rows, width, repetitions) = (150, 3, 200);
        let figures: Vec<DensityCoverage> = (0..repetitions)
            .map(|seed| {
                let mut rng = Rng::from_seed(seed);
                let (real, samples) = (rng.normals(rows * width), rng.normals(rows * width));
                density_coverage(&real, &samples, width, NEIGHBOURS).unwrap()
            })
            .collect();
        let factor = |i: usize| (rows - i) as f64 / (2 * rows - i) as f64;
        let missed: f64 = (1..=NEIGHBOURS).map(factor).product();
        let check = |values: Vec<f64>, exact: f64| {
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
            let error = (variance / count).sqrt();
            assert!(
                error < 0.005 && (mean - exact).abs() < 5.0 * error,
                "{mean} {exact} {error}"
            );
        };
        check(figures.iter().map(|f| f.density).collect(), 1.0);
        check(figures.iter().map(|f| f.coverage).collect(), 1.0 - missed);
    }

    #[test]
    fn collapsed_samples_cover_little() {
        let mut rng = Rng::from_seed(3);
        let real = rng.normals(300 * 4);
        let found = density_coverage(&real, &[0.0; 300 * 4], 4, NEIGHBOURS).unwrap();
        assert!(found.coverage < 0.1, "{found:?}");
        // Each of the balls that hold one sample holds all.
        assert!((found.density * 5.0 - found.coverage * 300.0).abs() < 1e-9);
    }

    #[test]
    fn malformed_sets_are_refused() {
        assert!(density_coverage(&[0.0; 5], &[0.0], 1, 5).is_err());
        assert!(density_coverage(&[0.0; 5], &[0.0], 1, 0).is_err());
        assert!(density_coverage(&[0.0; 5], &[], 1, 2).is_err());
        assert!(density_coverage(&[f32::NAN; 5], &[0.0], 1, 2).is_err());
    }
}
