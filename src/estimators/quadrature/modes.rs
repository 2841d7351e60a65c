//! The modes of a density: its separate peaks, with the mass around each.

use super::SquareDensity;

/// Modes with a smaller share of the mass are left out.
const LEAST_SHARE: f64 = 0.01;

/// A mode of a density of two latents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// The middle of its highest cell.
    pub z: [f32; 2],
    /// The probability of all codes from which steps upwards lead to it.
    pub probability: f64,
}

impl SquareDensity {
    /// The modes of the picture that hold at least a hundredth of the mass, the most probable first. Each cell belongs to the
    /// mode that is reached by going to the highest neighbour again and again.
    pub fn modes(&self) -> Vec<Mode> {
        let side = self.square.resolution;
        let total: f64 = self.density.iter().map(|d| f64::from(*d)).sum();
        let mut cells: Vec<usize> = (0..self.density.len())
            .filter(|cell| self.density[*cell] > 0.0)
            .collect();
        cells.sort_by(|a, b| self.density[*b].total_cmp(&self.density[*a]));
        // From the highest cell down, so that the higher neighbour already has its mode.
        let mut hills = vec![usize::MAX; self.density.len()];
        let mut masses = vec![0f64; self.density.len()];
        for cell in cells {
            let above = neighbours(cell, side)
                .filter(|other| hills[*other] != usize::MAX)
                .max_by(|a, b| self.density[*a].total_cmp(&self.density[*b]));
            let hill = above.map_or(cell, |above| hills[above]);
            hills[cell] = hill;
            masses[hill] += f64::from(self.density[cell]) / total;
        }
        let points = self.square.points();
        let mut modes: Vec<Mode> = (0..masses.len())
            .filter(|hill| masses[*hill] >= LEAST_SHARE)
            .map(|hill| Mode {
                z: [points[2 * hill], points[2 * hill + 1]],
                probability: masses[hill],
            })
            .collect();
        modes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        modes
    }
}

/// The cells next to a cell, at most eight.
fn neighbours(cell: usize, side: usize) -> impl Iterator<Item = usize> {
    let (row, column) = (cell / side, cell % side);
    let near = move |at: usize| at.saturating_sub(1)..=(at + 1).min(side - 1);
    near(row)
        .flat_map(move |row| near(column).map(move |column| row * side + column))
        .filter(move |other| *other != cell)
}

#[cfg(test)]
mod tests {
    use super::super::Square;
    use super::*;

    fn picture(log_density: impl Fn([f64; 2]) -> f64) -> SquareDensity {
        let square = Square {
            centre: [0.0, 0.0],
            half_width: 4.0,
            resolution: 80,
        };
        let points = square.points();
        let density = points
            .chunks_exact(2)
            .map(|z| log_density([f64::from(z[0]), f64::from(z[1])]).exp() as f32)
            .collect();
        SquareDensity { square, density }
    }

    fn bump(z: [f64; 2], centre: [f64; 2], width: f64) -> f64 {
        let away = [0, 1].map(|axis| (z[axis] - centre[axis]) / width);
        -0.5 * (away[0].powi(2) + away[1].powi(2)) - 2.0 * width.ln()
    }

    #[test]
    fn one_hill_is_one_mode_with_all_the_mass() {
        let found = picture(|z| bump(z, [0.5, -1.0], 0.4)).modes();
        assert_eq!(found.len(), 1);
        assert!((found[0].probability - 1.0).abs() < 1e-6);
        assert!((found[0].z[0] - 0.5).abs() < 0.1 && (found[0].z[1] + 1.0).abs() < 0.1);
    }

    #[test]
    fn two_hills_share_the_mass_as_they_hold_it() {
        let (first, second) = ([-1.5, 0.0], [1.5, 1.0]);
        let found =
            picture(|z| (0.7 * bump(z, first, 0.3).exp() + 0.3 * bump(z, second, 0.2).exp()).ln())
                .modes();
        assert_eq!(found.len(), 2);
        assert!((found[0].probability - 0.7).abs() < 1e-3, "{found:?}");
        assert!((found[1].probability - 0.3).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn a_plain_is_one_mode() {
        assert_eq!(picture(|_| 0.0).modes().len(), 1);
    }

    #[test]
    fn a_speck_is_not_told() {
        let found = picture(|z| {
            (0.995 * bump(z, [0.0, 0.0], 0.3).exp() + 0.005 * bump(z, [3.0, 3.0], 0.1).exp()).ln()
        })
        .modes();
        assert_eq!(found.len(), 1);
    }
}
