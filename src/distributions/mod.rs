//! Probability distributions: densities, samples and divergences, all in nats.

pub mod bernoulli;
pub mod gaussian;

pub use gaussian::DiagonalGaussian;
