//! Groups of black or white pixels of which no more is known than something about how many are black.
//!
//! p(y|z) = sum_m p(m|z) p(y|m), m the number of black pixels in a group: a sum of independent Bernoulli draws
//! with a probability each (Poisson-binomial). A recursion over the pixels gives it, and with it every
//! p(x_j = 1|y, z); the gradient of log p(y|z) towards a logit is p(x_j = 1|y, z) - p(x_j = 1|z). A group of one
//! is a pixel seen by itself.

use crate::math::sigmoid;
use crate::nn::fused::parallel;
use crate::{PIXELS, Rng};

/// Most pixels in a group.
const MOST: usize = 16;

/// What is known of each group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counts {
    /// n, pixels in a group.
    size: usize,
    /// The groups' pixels, `[groups, n]`.
    pixels: Vec<usize>,
    /// p(y|m) of each number of black pixels, divided by the largest of a group, `[groups, n + 1]`.
    evidence: Vec<f64>,
    /// The sum of the logarithms of what they were divided by.
    constant: f64,
}

/// The recursion for one group.
#[derive(Default)]
struct Group {
    black: [f64; MOST],
    white: [f64; MOST],
    /// p(y | the first i pixels hold m black ones).
    given: [[f64; MOST + 1]; MOST + 1],
}

impl Counts {
    /// From the groups' pixels and, for each group, log p(y|m) of m = 0 to n black pixels.
    pub(super) fn new(
        size: usize,
        groups: impl Iterator<Item = Vec<usize>>,
        log_evidence: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let pixels: Vec<usize> = groups.flatten().collect();
        let (mut evidence, mut constant) = (Vec::new(), 0.0);
        for group in 0..pixels.len() / size {
            let logs: Vec<f64> = (0..=size).map(|count| log_evidence(group, count)).collect();
            let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            evidence.extend(logs.iter().map(|log| (log - largest).exp()));
            constant += largest;
        }
        Self {
            size,
            pixels,
            evidence,
            constant,
        }
    }

    /// Logits further out change no probability that matters, and would underflow: the least product of a
    /// group is e^-640.
    fn limit(&self) -> f32 {
        (640.0 / self.size as f32).min(87.0)
    }

    fn groups(&self) -> impl Iterator<Item = (&[usize], &[f64])> {
        let pixels = self.pixels.chunks_exact(self.size);
        pixels.zip(self.evidence.chunks_exact(self.size + 1))
    }

    /// log p(y|z) of each row, nats, and p(x_j = 1|y, z) in place of its logits.
    pub(super) fn log_likelihood(&self, logits: &mut [f32]) -> Vec<f32> {
        let mut sums = vec![0f32; logits.len() / PIXELS];
        let part = parallel::part(sums.len(), PIXELS, 1);
        let parts = sums.chunks_mut(part).zip(logits.chunks_mut(part * PIXELS));
        parallel::run(parts, |(sums, logits)| {
            for (sum, logits) in sums.iter_mut().zip(logits.chunks_exact_mut(PIXELS)) {
                *sum = self.row(logits) as f32;
            }
        });
        sums
    }

    fn row(&self, logits: &mut [f32]) -> f64 {
        let limit = self.limit();
        let mut group = Group::default();
        let mut sum = self.constant;
        let seen = logits.to_vec();
        logits.iter_mut().for_each(|logit| *logit = sigmoid(*logit));
        for (pixels, evidence) in self.groups() {
            group.fill(pixels, evidence, &seen, limit);
            sum += group.given[0][0].ln();
            group.marginals(pixels, logits);
        }
        sum
    }

    /// A draw of x from p(x|y, z) in place of each row of logits.
    pub(super) fn complete(&self, logits: &mut [f32], rng: &mut Rng) {
        let limit = self.limit();
        let mut group = Group::default();
        for row in logits.chunks_exact_mut(PIXELS) {
            let seen = row.to_vec();
            for logit in row.iter_mut() {
                *logit = f32::from(u8::from(rng.uniform() < sigmoid(*logit)));
            }
            for (pixels, evidence) in self.groups() {
                group.fill(pixels, evidence, &seen, limit);
                group.draw(pixels, row, rng);
            }
        }
    }
}

impl Group {
    /// Leaves alone what a smaller group does not use.
    fn fill(&mut self, pixels: &[usize], evidence: &[f64], logits: &[f32], limit: f32) {
        self.given[pixels.len()][..evidence.len()].copy_from_slice(evidence);
        for (i, pixel) in pixels.iter().enumerate().rev() {
            let logit = logits[*pixel].clamp(-limit, limit);
            let (black, white) = (f64::from(sigmoid(logit)), f64::from(sigmoid(-logit)));
            for m in 0..=i {
                self.given[i][m] = white * self.given[i + 1][m] + black * self.given[i + 1][m + 1];
            }
            (self.black[i], self.white[i]) = (black, white);
        }
    }

    fn marginals(&self, pixels: &[usize], marginals: &mut [f32]) {
        // p(the first i pixels hold m black ones).
        let mut first = [0f64; MOST + 1];
        first[0] = 1.0;
        for (i, pixel) in pixels.iter().enumerate() {
            let pairs = first[..=i].iter().zip(&self.given[i + 1][1..]);
            let black: f64 = pairs.map(|(first, given)| first * given).sum();
            marginals[*pixel] = (self.black[i] * black / self.given[0][0]) as f32;
            for m in (0..=i).rev() {
                first[m + 1] += self.black[i] * first[m];
                first[m] *= self.white[i];
            }
        }
    }

    fn draw(&self, pixels: &[usize], x: &mut [f32], rng: &mut Rng) {
        let mut m = 0;
        for (i, pixel) in pixels.iter().enumerate() {
            let black = self.black[i] * self.given[i + 1][m + 1] / self.given[i][m];
            let ink = f64::from(rng.uniform()) < black;
            m += usize::from(ink);
            x[*pixel] = f32::from(u8::from(ink));
        }
    }
}
