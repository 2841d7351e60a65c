//! Images from what is left of them: denoising, in-painting and super-resolution are one question.
//!
//! What is seen is y = A x + noise, A and the noise known ([`Degradation`]), x black or white pixels. The model
//! says the rest: p(z|y) is explored exactly on a grid or by chains ([`posterior`]), and the repaired image
//! is E[x|y], the mean of E[x|y, z] over it. [`alternation`] is the quick way that is only nearly right.

pub mod alternation;
pub mod belief;
mod chains;
mod counts;
mod heavy_cells;
pub mod observation;
pub mod posterior;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod two_modes;

pub use alternation::alternate;
pub use belief::{Belief, Seen};
pub use chains::Repairing;
pub use observation::{Degradation, Noise, Observation, Operator};
pub use posterior::{Options, Repaired, repair};
