//! The size of a kernel's moves, found while it warms up.

/// Dual averaging (Nesterov 2009; Hoffman & Gelman 2014): moves the logarithm of a size until proposals
/// are accepted at the wanted rate.
#[derive(Clone, Debug, PartialEq)]
pub struct DualAveraging {
    wanted: f64,
    log_largest: f64,
    centre: f64,
    count: f64,
    error: f64,
    log_size: f64,
    settled: f64,
}

const SHRINKAGE: f64 = 0.05;
const STABILISATION: f64 = 10.0;
const FORGETTING: f64 = 0.75;

impl DualAveraging {
    /// From a first guess of the size (above 0), its upper limit, and the wanted rate in (0, 1).
    pub fn new(size: f64, largest: f64, wanted: f64) -> Self {
        Self {
            wanted,
            log_largest: largest.ln(),
            centre: (10.0 * size).ln(),
            count: 0.0,
            error: 0.0,
            log_size: size.ln(),
            settled: size.ln(),
        }
    }

    /// Takes the rate of acceptance of a step; gives the size for the next.
    pub fn update(&mut self, accepted: f64) -> f64 {
        self.count += 1.0;
        let weight = 1.0 / (self.count + STABILISATION);
        self.error += weight * (self.wanted - accepted - self.error);
        let log_size = self.centre - self.count.sqrt() / SHRINKAGE * self.error;
        self.log_size = log_size.min(self.log_largest);
        let weight = self.count.powf(-FORGETTING);
        self.settled += weight * (self.log_size - self.settled);
        self.log_size.exp()
    }

    /// The size to use after the warm-up: an average in which the later sizes count most.
    pub fn settled(&self) -> f64 {
        self.settled.exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_settles_where_the_rate_is_the_wanted_one() {
        // Acceptance falls with the size: exp(-size) is 0.65 at 0.431.
        for first in [1e-3, 0.1, 20.0] {
            let mut adaptation = DualAveraging::new(first, f64::INFINITY, 0.65);
            let mut size = first;
            for _ in 0..2000 {
                size = adaptation.update((-size).exp());
            }
            assert!((adaptation.settled() - 0.431).abs() < 0.01, "{first}");
        }
    }

    #[test]
    fn the_size_never_goes_beyond_its_largest() {
        let mut adaptation = DualAveraging::new(0.3, 1.0, 0.3);
        for _ in 0..200 {
            assert!(adaptation.update(0.9) <= 1.0);
        }
        assert!((adaptation.settled() - 1.0).abs() < 1e-3);
    }
}
