//! The JavaScript surface: converts, calls, returns. What it would have to compute belongs in the core.
//!
//! Arrays are `Float32Array`s, row-major; options and reports are plain objects, typed in the package's
//! `.d.ts`. Every error is a JavaScript `Error` whose `.code` is [`crate::Error::code`], or `"panic"` after
//! a defect, when the instance refuses every further call.

mod convert;
mod dataset;
mod failure;
mod grid;
mod model;
mod posterior;
mod projection;
mod registry;
mod repair;
mod speed;
mod strokes;
mod trainer;
mod types;

pub use dataset::Dataset;
pub use grid::LatentGrid;
pub use model::Model;
pub use projection::Projection;
pub use registry::{model_families, random_seed, train_parameters};
pub use repair::degrade;
#[cfg(feature = "threads")]
pub use speed::start_threads;
pub use speed::{build_name, roofline, thread_count};
pub use strokes::{normalize_strokes, stroke_digit};
pub use trainer::Trainer;

/// Turns every panic from now on into a JavaScript error; the package does so when it is loaded.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn report_panics() {
    failure::report_panics();
}
