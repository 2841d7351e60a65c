//! What training maximises. An objective knows no model family: it needs `encode`, `decode` and a
//! prior.

pub mod elbo;

pub use elbo::{Elbo, ElboOptions};
