//! Walking about in latent space: paths between codes, grids and traversals, projections to a plane.

pub mod interpolation;
pub mod lattice;
pub mod projection;

pub use interpolation::{Path, interpolate};
pub use projection::Projection;
