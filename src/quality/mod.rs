//! How good samples are: Frechet distance, density and coverage in the features of a frozen classifier,
//! and whether it reads them as what they were meant to be.
//!
//! The figures compare only with others of the same classifier. Give the distance between two halves of
//! real images beside them: no sample can be expected to come below it.

pub mod classifier;
pub mod density_coverage;
pub mod frechet;

pub use classifier::{Classifier, conditional_accuracy};
pub use density_coverage::{DensityCoverage, density_coverage};
pub use frechet::frechet_distance;
