//! Where images come from: MNIST files, pen strokes, and digits made of strokes.

pub mod normalize;
pub mod stroke;
pub mod synth;
