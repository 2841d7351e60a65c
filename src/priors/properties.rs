//! For tests: what every density must be.

use candle_core::{Device, Tensor};

use super::Prior;

/// At K = 2, by the trapezium rule on [-10, 10]^2, to within 1e-3.
pub(crate) fn integrates_to_one(prior: &dyn Prior) {
    let (side, step) = (401, 0.05);
    let at = |index: usize| step * (index as f64 - 200.0);
    let mut integral = 0.0;
    for row in 0..side {
        let z: Vec<f32> = (0..side)
            .flat_map(|column| [at(row) as f32, at(column) as f32])
            .collect();
        let z = Tensor::from_vec(z, (side, 2), &Device::Cpu).unwrap();
        let log_probs = prior.log_prob(&z).unwrap().to_vec1::<f32>().unwrap();
        integral += log_probs.iter().map(|v| f64::from(*v).exp()).sum::<f64>() * step * step;
    }
    assert!((integral - 1.0).abs() < 1e-3, "{integral}");
}
