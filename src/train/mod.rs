//! Training: options, and a trainer that can be stopped, saved and resumed at any step.

#[cfg(test)]
mod effects;
mod labels;
mod memory;
pub mod options;
mod parameters;
pub mod report;
pub mod trainer;

pub use memory::{Steps, memory_needed};
pub use options::TrainOptions;
pub use parameters::train_parameters;
pub use report::StepReport;
pub use trainer::{Slope, Trainer};
