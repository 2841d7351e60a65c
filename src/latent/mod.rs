//! Walking about in latent space: paths between codes, grids and traversals, projections to a plane;
//! and measures of latents: their use, their fit to the prior, their match with known factors.

pub mod disentanglement;
pub mod guess;
pub mod interpolation;
pub mod lattice;
pub mod mmd;
pub mod projection;
pub mod usage;

pub use guess::gaussian_codes;
pub use interpolation::{Path, interpolate};
pub use mmd::squared_mmd;
pub use projection::Projection;
pub use usage::Usage;
