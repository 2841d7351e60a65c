//! Integration on a lattice that has the shape of the peak.
//!
//! The sum over a regular lattice converges faster than any power of its spacing once that is below the width of
//! a smooth peak: for a Gaussian of unit width and a spacing h the relative error is about 4 exp(-2 pi^2 / h^2)
//! (Trefethen & Weideman 2014). So a lattice of the peak's own axes needs some hundred points, wherever the peak lies
//! and however narrow it is.

use std::collections::BTreeMap;

use super::climb::Peak;
use super::joint::Surface;
use crate::math::logsumexp;
use crate::{Error, Result};

/// Spacing of the first lattice in standard deviations of the peak: its four halves, of twice the spacing, agree within
/// 6e-4 nats where the peak is a Gaussian.
const SPACING: f64 = 0.75;
/// Points this many nats below the highest are left out; a Gaussian has 5e-5 of its mass beyond.
pub(super) const NEGLIGIBLE_NATS: f64 = 10.0;
/// Most points of a lattice, which limits the time of one integral.
const MOST_POINTS: usize = 1 << 17;
/// How often the spacing is halved at most.
const MOST_HALVINGS: usize = 8;

/// A point's place on the lattice.
pub(super) type Place = [i64; 2];

/// log p(x, z) on those points of a lattice that carry mass.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lattice {
    origin: [f64; 2],
    /// The two steps from a point to its neighbours.
    steps: [[f64; 2]; 2],
    /// In a fixed order, so that sums do not depend on the order of a hash.
    known: BTreeMap<Place, f64>,
}

fn unresolved(why: &str) -> Error {
    Error::NonFinite(format!("the posterior cannot be integrated: it {why}"))
}

impl Lattice {
    /// A lattice around the highest peak, so fine that log p(x) is known within `tolerance` nats; and the estimated error in
    /// nats.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] for a posterior that the finest lattice does not resolve, or that needs too many points.
    pub fn integrate(surface: &Surface<'_>, peaks: &[Peak], tolerance: f64) -> Result<(Self, f64)> {
        let highest = peaks
            .iter()
            .max_by(|a, b| a.log_joint.total_cmp(&b.log_joint));
        let highest = highest.ok_or_else(|| unresolved("has no peak"))?;
        let mut lattice = Self {
            origin: highest.z,
            steps: highest.axes.map(|axis| axis.map(|part| SPACING * part)),
            known: BTreeMap::new(),
        };
        lattice.learn(
            surface,
            peaks.iter().flat_map(|peak| lattice.disc(peak.z)).collect(),
        )?;
        for _ in 0..=MOST_HALVINGS {
            lattice.grow(surface)?;
            let spread = lattice.spread();
            if spread <= tolerance {
                return Ok((lattice, spread));
            }
            lattice = lattice.halved(surface)?;
        }
        Err(unresolved("is narrower than the finest lattice"))
    }

    /// log of the integral, nats.
    pub fn log_integral(&self) -> f64 {
        let values: Vec<f64> = self.known.values().copied().collect();
        logsumexp(&values) + self.area().ln()
    }

    /// Every evaluated point with its log p(x, z).
    pub fn known(&self) -> impl Iterator<Item = (Place, f64)> {
        self.known.iter().map(|(place, value)| (*place, *value))
    }

    pub fn value(&self, place: Place) -> Option<f64> {
        self.known
            .get(&place)
            .copied()
            .filter(|value| value.is_finite())
    }

    pub fn point(&self, [i, j]: Place) -> [f64; 2] {
        let along = |axis: usize| {
            self.origin[axis] + i as f64 * self.steps[0][axis] + j as f64 * self.steps[1][axis]
        };
        [along(0), along(1)]
    }

    /// The coordinates of a point of the plane, in steps of the lattice.
    pub fn coordinates(&self, z: [f64; 2]) -> [f64; 2] {
        let [[a, b], [c, d]] = self.steps;
        let [x, y] = [z[0] - self.origin[0], z[1] - self.origin[1]];
        let determinant = a * d - b * c;
        [(x * d - y * c) / determinant, (a * y - b * x) / determinant]
    }

    /// The area of the cell that a point stands for.
    fn area(&self) -> f64 {
        let [[a, b], [c, d]] = self.steps;
        (a * d - b * c).abs()
    }

    /// The length of the shorter step.
    pub fn spacing(&self) -> f64 {
        let length = |step: [f64; 2]| step[0].hypot(step[1]);
        length(self.steps[0]).min(length(self.steps[1]))
    }

    pub fn highest(&self) -> f64 {
        self.known
            .values()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn lowest(&self) -> f64 {
        self.highest() - NEGLIGIBLE_NATS
    }

    /// The places within a Gaussian's mass around a point of the plane, and their neighbours.
    fn disc(&self, z: [f64; 2]) -> Vec<Place> {
        let [i, j] = self.coordinates(z).map(|at| at.round() as i64);
        let radius = (2.0 * NEGLIGIBLE_NATS).sqrt() / SPACING + 1.0;
        let side = radius.ceil() as i64;
        let inside = |a: i64, b: i64| ((a * a + b * b) as f64) < radius * radius;
        (-side..=side)
            .flat_map(|a| (-side..=side).map(move |b| (a, b)))
            .filter(|(a, b)| inside(*a, *b))
            .map(|(a, b)| [i + a, j + b])
            .collect()
    }

    /// Evaluates the places that are not known yet.
    fn learn(&mut self, surface: &Surface<'_>, places: Vec<Place>) -> Result<()> {
        for place in places {
            // No number until it is evaluated.
            self.known.entry(place).or_insert(f64::NAN);
        }
        if self.known.len() > MOST_POINTS {
            return Err(unresolved("needs too many points"));
        }
        let wanted = self.known().filter(|(_, value)| value.is_nan());
        let points: Vec<[f64; 2]> = wanted.map(|(place, _)| self.point(place)).collect();
        let wanted = self.known.values_mut().filter(|value| value.is_nan());
        for (value, found) in wanted.zip(surface(&points)?) {
            *value = found;
        }
        Ok(())
    }

    /// Evaluates neighbours until the mass ends: then no point that carries mass has an unknown neighbour.
    fn grow(&mut self, surface: &Surface<'_>) -> Result<()> {
        loop {
            let before = self.known.len();
            let lowest = self.lowest();
            let carrying = self.known.iter().filter(|(_, value)| **value > lowest);
            self.learn(
                surface,
                carrying.flat_map(|(place, _)| around(*place)).collect(),
            )?;
            if self.known.len() == before {
                return Ok(());
            }
        }
    }

    /// Halves the spacing; the values known so far are kept.
    fn halved(&self, surface: &Surface<'_>) -> Result<Self> {
        let mut finer = Self {
            origin: self.origin,
            steps: self.steps.map(|step| step.map(|part| part / 2.0)),
            known: self
                .known
                .iter()
                .map(|([i, j], value)| ([2 * i, 2 * j], *value))
                .collect(),
        };
        let lowest = finer.lowest();
        let carrying = finer.known.iter().filter(|(_, value)| **value > lowest);
        let between = carrying.flat_map(|([i, j], _)| {
            let nine = (-1..=1).flat_map(move |a| (-1..=1).map(move |b| [i + a, j + b]));
            nine.collect::<Vec<_>>()
        });
        finer.learn(surface, between.collect())?;
        Ok(finer)
    }

    /// The largest difference, in nats, between the integral and that over one in four of the points (every second of
    /// every second row): each of those is a lattice of twice the spacing, so this is far more than the lattice's own error.
    fn spread(&self) -> f64 {
        let mut quarters = [const { Vec::new() }; 4];
        for ([i, j], value) in self.known() {
            quarters[(i.rem_euclid(2) + 2 * j.rem_euclid(2)) as usize].push(value);
        }
        let quarters = quarters.map(|values| logsumexp(&values) + 4f64.ln());
        let whole = logsumexp(&quarters) - 4f64.ln();
        let mut spread = 0.0;
        for quarter in quarters {
            let difference = (quarter - whole).abs();
            // A lattice without a point differs infinitely, and NaN must not count as agreement.
            if difference.is_nan() || difference > spread {
                spread = if difference.is_nan() {
                    f64::INFINITY
                } else {
                    difference
                };
            }
        }
        spread
    }
}

/// The four places next to this one.
fn around([i, j]: Place) -> [Place; 4] {
    [[i - 1, j], [i + 1, j], [i, j - 1], [i, j + 1]]
}
