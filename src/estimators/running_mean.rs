//! The mean of numbers that come one by one, and how sure it is.

/// Mean and squares of the distances from it (Welford 1962): nothing cancels, however far from 0 the numbers are.
#[derive(Clone, Debug, Default)]
pub(super) struct RunningMean {
    count: f64,
    mean: f64,
    squares: f64,
}

impl RunningMean {
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        let away = value - self.mean;
        self.mean += away / self.count;
        self.squares += away * (value - self.mean);
    }

    pub fn count(&self) -> f64 {
        self.count
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The square of the mean's standard error; none for less than two numbers, which show no spread.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1.0).then(|| self.squares / (self.count - 1.0) / self.count)
    }
}
