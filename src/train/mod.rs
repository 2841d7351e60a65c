//! Training: options, and a trainer that can be stopped, saved and resumed at any step.

mod labels;
pub mod options;
pub mod report;
pub mod trainer;

pub use options::{TrainOptions, train_parameters};
pub use report::StepReport;
pub use trainer::Trainer;
