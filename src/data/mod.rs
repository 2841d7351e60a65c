//! Where images come from: MNIST files, pen strokes, and digits made of strokes.
