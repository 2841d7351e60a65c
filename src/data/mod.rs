//! Where images come from: MNIST files, pen strokes, and digits made of strokes.

pub mod corruption;
pub mod dataset;
pub mod file_set;
pub mod idx;
pub mod inspection;
pub mod normalize;
mod raster;
pub mod showing;
pub mod stroke;
pub mod synth;

pub use dataset::{Binarization, Dataset};
pub use showing::Showing;
pub use synth::CLASSES;
