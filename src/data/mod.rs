//! Where images come from: files, pen strokes, and digits made of strokes.

pub mod contents;
pub mod corruption;
pub mod dataset;
pub mod file;
pub mod file_set;
pub mod idx;
pub mod inspection;
pub mod normalize;
pub mod numpy;
pub mod picture;
pub mod published;
mod raster;
pub mod showing;
pub mod stroke;
pub mod synth;

pub use dataset::{Binarization, Dataset};
pub use showing::Showing;
pub use synth::CLASSES;
