//! Latent Canvas: variational autoencoders small enough to train in a browser tab and to know the
//! exact answer of.
//!
//! # Notation
//!
//! | name | meaning | shape |
//! |---|---|---|
//! | `x` | pixels, ink = 1, in [0, 1] | `[B, D]`, D = 784 |
//! | `z` | latents | `[B, K]` |
//! | `mean`, `log_var` | parameters of q(z\|x) = N(mean, exp(log_var)) | `[B, K]` |
//! | `logits` | decoder output; the pixel probability is sigmoid(logits) | `[B, D]` |
//!
//! B is the number of rows in a batch. Every logarithm is natural and every information in nats.
#![deny(unsafe_code)]
#![warn(missing_docs)]
// Bad input gets an error: nothing panics outside tests.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod approximate_posteriors;
pub mod checkpoint;
pub mod data;
pub mod distributions;
pub mod error;
pub mod estimators;
pub mod latent;
pub mod likelihoods;
pub mod linear_algebra;
pub mod math;
pub mod mcmc;
pub mod models;
pub mod nn;
pub mod objectives;
pub mod options;
pub mod priors;
pub mod quality;
pub mod repair;
pub mod rng;
pub mod train;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, Result};
pub use rng::Rng;

/// Height and width of an image in pixels.
pub const SIDE: usize = 28;
/// Number of pixels of an image, the D of the notation table.
pub const PIXELS: usize = SIDE * SIDE;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
