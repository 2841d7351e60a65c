//! Images with noise, for models that learn to take it away.

use crate::Rng;

/// Salt and pepper: each pixel is replaced with probability `share`, by paper (0) or ink (1), as often the one as the other.
/// Both are drawn for every pixel, so that a larger share replaces the same pixels and more.
pub fn salt_and_pepper(x: &[f32], share: f64, rng: &mut Rng) -> Vec<f32> {
    let pixel = |x: &f32| {
        let (replaced, ink) = (f64::from(rng.uniform()) < share, rng.uniform() < 0.5);
        match (replaced, ink) {
            (false, _) => *x,
            (true, true) => 1.0,
            (true, false) => 0.0,
        }
    };
    x.iter().map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey pixels show which were replaced: their share and that of ink, within five standard errors.
    #[test]
    fn the_share_is_replaced_half_by_ink() {
        let count = 100_000;
        let x = vec![0.5; count];
        for share in [0.0, 0.25, 1.0] {
            let y = salt_and_pepper(&x, share, &mut Rng::from_seed(1));
            let of = |value: f32| y.iter().filter(|y| **y == value).count() as f64 / count as f64;
            let error = 5.0 * (0.25 / count as f64).sqrt();
            assert!((of(0.5) - (1.0 - share)).abs() <= error, "{share}");
            assert!((of(1.0) - share / 2.0).abs() <= error, "{share}");
            assert!((of(0.0) - share / 2.0).abs() <= error, "{share}");
        }
    }
}
