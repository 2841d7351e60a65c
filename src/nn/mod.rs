//! Building blocks of networks: named parameters, fused operations with their gradients, perceptrons, optimisers.

pub mod activation;
pub mod fused;
#[cfg(test)]
pub(crate) mod gradient_check;
pub mod gradients;
pub mod linear;
pub mod mlp;
pub mod optimiser;
pub mod parameters;
pub(crate) mod tensors;

pub use activation::Activation;
pub use gradients::Gradients;
pub use linear::Linear;
pub use mlp::Mlp;
pub use parameters::Parameters;
