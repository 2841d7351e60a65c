//! The JavaScript surface: it converts, calls and returns. All computation belongs in the core.
//!
//! Arrays are `Float32Array`s, row-major; options and reports are plain objects, typed in the package's
//! `.d.ts`. Every error is a JavaScript `Error` whose `.code` is [`crate::Error::code`], or `"panic"` after
//! a defect, when the instance refuses every further call. Calls that never get here are refused by the
//! package's script (npm/refusals.js): `"not-loaded"`, `"freed"`, `"busy"`, or `"invalid-argument"` for a
//! value of another kind.

#[cfg(feature = "complete")]
mod belief;
mod convert;
#[cfg(feature = "complete")]
mod dataset;
#[cfg(feature = "complete")]
mod factors;
mod failure;
mod grid;
mod model;
#[cfg(feature = "complete")]
mod posterior;
mod projection;
#[cfg(feature = "complete")]
mod race;
#[cfg(feature = "complete")]
mod refinement;
mod registry;
#[cfg(feature = "complete")]
mod repair;
mod speed;
mod strokes;
#[cfg(feature = "complete")]
mod trainer;
mod types;
#[cfg(feature = "complete")]
mod walkers;

#[cfg(feature = "complete")]
pub use belief::Belief;
#[cfg(feature = "complete")]
pub use dataset::{Dataset, grey_picture, inspect_files, pictures_as_idx, published_idx};
#[cfg(feature = "complete")]
pub use factors::{factored_digits, mutual_information, write_digit};
pub use grid::LatentGrid;
pub use model::Model;
pub use projection::Projection;
#[cfg(feature = "complete")]
pub use race::EstimatorStream;
#[cfg(feature = "complete")]
pub use refinement::Refinement;
pub use registry::random_seed;
#[cfg(feature = "complete")]
pub use registry::{model_families, train_parameters};
#[cfg(feature = "complete")]
pub use repair::{Repairing, degrade};
#[cfg(feature = "threads")]
pub use speed::start_threads;
pub use speed::{build_name, roofline, thread_count};
#[cfg(feature = "complete")]
pub use strokes::rasterize_strokes;
pub use strokes::{normalize_strokes, stroke_digit};
#[cfg(feature = "complete")]
pub use trainer::Trainer;
#[cfg(feature = "complete")]
pub use walkers::Walkers;

/// Turns every panic from now on into a JavaScript error; the package does so when it is loaded.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn report_panics() {
    failure::report_panics();
}
