//! Seeded, splittable randomness; the only file that names a random generator.
//!
//! Every stream is identified by a seed and a path of labels, so two parts of a program never share
//! one: adding a draw to one part moves no number in another. A stream that is addressed by a counter
//! (`rng.split_index("step", 17)`) needs no state to be saved: the counter is the state.

use rand_core::{Rng as _, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A deterministic random stream: xoshiro256++ (Blackman & Vigna 2021) seeded through SplitMix64.
#[derive(Clone, Debug)]
pub struct Rng {
    seed: u64,
    stream: Xoshiro256PlusPlus,
}

impl Rng {
    /// The stream of this seed. Equal seeds give equal streams on every target.
    pub fn from_seed(seed: u64) -> Self {
        Self {
            seed,
            stream: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// An independent stream named by `label`. It depends on this stream's seed and the label alone,
    /// never on how much has been drawn.
    pub fn split(&self, label: &str) -> Self {
        // FNV-1a over the label, then the SplitMix64 finaliser to spread near seeds apart.
        let hash = label
            .bytes()
            .fold(self.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self::from_seed(mix(hash))
    }

    /// An independent stream named by `label` and a counter.
    pub fn split_index(&self, label: &str, index: u64) -> Self {
        Self::from_seed(mix(self.split(label).seed ^ mix(index)))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.stream.next_u64()
    }

    /// A uniform draw from [0, 1), on a grid of 2^-24.
    pub fn uniform(&mut self) -> f32 {
        (self.stream.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A uniform draw from [low, high).
    pub fn uniform_in(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// A draw from the standard normal.
    pub fn normal(&mut self) -> f32 {
        StandardNormal.sample(&mut self.stream)
    }

    /// A fair integer below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // Lemire's multiply-shift: the bias is below bound / 2^64.
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Puts `items` in a uniformly random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `count` standard normal draws.
    pub fn normals(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.normal()).collect()
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeds_draws_are_pinned() {
        let mut rng = Rng::from_seed(7).split("test");
        let draws = [rng.uniform(), rng.uniform(), rng.normal(), rng.normal()];
        assert_eq!(draws.map(f32::to_bits), PINNED);
        assert_eq!(rng.below(1000), 772);
    }
    const PINNED: [u32; 4] = [1055037076, 1059853174, 1049513328, 3225390390];

    #[test]
    fn splitting_ignores_what_was_drawn() {
        let mut used = Rng::from_seed(3);
        used.normals(10);
        assert_eq!(
            used.split("a").normals(5),
            Rng::from_seed(3).split("a").normals(5)
        );
        assert_ne!(used.split("a").normals(5), used.split("b").normals(5));
        assert_ne!(
            used.split_index("a", 0).normals(5),
            used.split_index("a", 1).normals(5)
        );
    }

    /// False-alarm rate below 1e-6 per check: the bounds are five standard errors.
    #[test]
    fn moments_are_those_of_the_distribution() {
        let mut rng = Rng::from_seed(11);
        let n = 200_000;
        let error = 5.0 / (n as f64).sqrt();
        let normals: Vec<f64> = rng.normals(n).into_iter().map(f64::from).collect();
        let mean = normals.iter().sum::<f64>() / n as f64;
        let square = normals.iter().map(|v| v * v).sum::<f64>() / n as f64;
        assert!(mean.abs() < error);
        assert!((square - 1.0).abs() < error * 2f64.sqrt());
        let mean = (0..n).map(|_| f64::from(rng.uniform())).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < error * (1.0 / 12f64).sqrt());
        let mut seen = [0usize; 6];
        (0..n).for_each(|_| seen[rng.below(6)] += 1);
        for count in seen {
            assert!((count as f64 / n as f64 - 1.0 / 6.0).abs() < error * 0.38);
        }
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<usize> = (0..100).collect();
        Rng::from_seed(1).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
