//! Training: options, and a trainer that can be stopped, saved and resumed at any step.

mod labels;
mod memory;
pub mod options;
pub mod report;
pub mod trainer;

pub use memory::{Steps, memory_needed};
pub use options::{TrainOptions, train_parameters};
pub use report::StepReport;
pub use trainer::Trainer;
