//! How much memory a run takes, so that one that does not fit is refused before its first step.

use super::TrainOptions;
use super::trainer::Cut;
use crate::models::Model;
use crate::objectives::exact::CODES;
use crate::objectives::{Coupling, Objective};
use crate::{Error, PIXELS, Result};

/// What this build can address, in bytes; none where the machine says so itself. Shared memory is declared in
/// scripts/build-wasm.sh, other memory grows to all that 32 bits reach.
const LIMIT: Option<u64> = if !cfg!(target_arch = "wasm32") {
    None
} else if cfg!(feature = "threads") {
    Some(1 << 30)
} else {
    Some(1 << 32)
};

const BYTES: u64 = size_of::<f32>() as u64;
/// Copies of all weights that lie beside each other: the model and the trainer's own; Adam's two moments; and of the
/// last good state the weights and both moments.
const WEIGHT_COPIES: u64 = 7;
/// Further copies while a run is written as a file: weights and moments as numbers, as bytes, and as the whole file.
const SAVED_COPIES: u64 = 9;
/// Values of a latent that the total correlation keeps for its gradients, for every draw and image.
const PAIR_COPIES: u64 = 12;
/// Values that the exact objective keeps for every code and image.
const EVERY_CODE_COPIES: u64 = 6;
/// Images that a fitted model is shown at a time.
const FITTED_ROWS: u64 = 500;

/// How a run takes its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// The whole batch at once, as [`Trainer::step`](super::Trainer::step).
    Whole,
    /// In parts, as [`Trainer::advance`](super::Trainer::advance).
    InParts,
}

/// An estimate of the most bytes that a run on `images` images takes, at a step or when it is saved: the weights and what is
/// kept beside them, what a step keeps of each layer for its gradients, and the images. It is right within a factor of two.
pub fn memory_needed(
    model: &dyn Model,
    options: &TrainOptions,
    images: usize,
    steps: Steps,
) -> u64 {
    let capabilities = model.capabilities();
    let weights: u64 = model
        .parameters()
        .iter()
        .map(|(_, var)| var.elem_count() as u64)
        .sum();
    // The outputs of all layers below a name, one number a row.
    let width = |prefix: &str| -> u64 {
        let layers = model.parameters().iter();
        layers
            .filter(|(name, var)| name.starts_with(prefix) && var.rank() == 2)
            .map(|(_, var)| var.dims()[0] as u64)
            .sum()
    };
    let pixels = PIXELS as u64;
    let latents = model.latents() as u64;
    let (batch, draws) = if capabilities.fitted {
        (FITTED_ROWS.min(images as u64), 1)
    } else {
        let batch = options.batch_size().min(images);
        (batch as u64, options.draws() as u64)
    };
    let cut = Cut::new(model, options, images);
    // Images, or codes that all images share, in one pass through the networks; rows of a charge on all of them.
    let (part, charged) = match steps {
        _ if capabilities.fitted => (batch, 0),
        Steps::Whole => (cut.units as u64, cut.rows as u64),
        Steps::InParts => (cut.units_a_part as u64, cut.rows_a_part as u64),
    };
    let rows = match options.objective() {
        // A model that tells classes tries each of them.
        _ if capabilities.classifies => part * crate::data::CLASSES as u64,
        Objective::Wae => 2 * part * draws,
        _ => part * draws,
    };
    let pairs = match cut.coupling {
        Some(Coupling::TotalCorrelation) => PAIR_COPIES * charged * batch * latents,
        Some(Coupling::Codes) => EVERY_CODE_COPIES * charged * CODES as u64,
        // The kernel of the Wasserstein objective keeps a row of pairs at a time.
        Some(Coupling::FreeBits | Coupling::Discrepancy) | None => 0,
    };
    let images_a_part = match cut.coupling {
        Some(Coupling::Codes) => charged,
        _ => part,
    };
    let encoded = images_a_part * (pixels + width("encoder."));
    let decoded = rows * (3 * pixels + width("decoder.") + 6 * latents);
    // Of all units, what is held against each other, with its gradient, twice while a charge is taken.
    let held = match cut.coupling {
        Some(Coupling::Codes) => 4 * CODES as u64 * pixels,
        Some(_) => 12 * batch * draws * latents,
        None => 0,
    };
    // While a part is taken, the sum of the gradients of those before it and the whole batch are kept.
    let kept_for_parts = if steps == Steps::InParts && !cut.is_whole() {
        weights + batch * (pixels + draws * latents) + held
    } else {
        0
    };
    let step = weights + kept_for_parts + encoded + decoded + pairs;
    let all = WEIGHT_COPIES * weights + step.max(SAVED_COPIES * weights);
    BYTES * all + images as u64 * (pixels + BYTES + 2)
}

/// Refuses a run that this build has no memory for.
///
/// # Errors
///
/// [`Error::Unsupported`], which says what would make it smaller.
pub(super) fn check(
    model: &dyn Model,
    options: &TrainOptions,
    images: usize,
    steps: Steps,
) -> Result<()> {
    check_bytes(memory_needed(model, options, images, steps), LIMIT)
}

/// Refuses more than three quarters of `limit`: the rest is for what else there is, such as the run before.
fn check_bytes(needed: u64, limit: Option<u64>) -> Result<()> {
    let Some(limit) = limit else {
        return Ok(());
    };
    let usable = limit / 4 * 3;
    if needed <= usable {
        return Ok(());
    }
    Err(Error::Unsupported(format!(
        "this run needs some {} MB of memory, and this build has {} MB for it: choose a smaller batch, fewer draws of z, \
         fewer latents or smaller hidden layers{}",
        needed / 1_000_000,
        usable / 1_000_000,
        if limit < 1 << 32 {
            ", or train with one thread, which has more"
        } else {
            ""
        }
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_its_size() {
        assert!(check_bytes(u64::MAX, None).is_ok());
        assert!(check_bytes(800_000_000, Some(1 << 30)).is_ok());
        let error = check_bytes(1_000_000_000, Some(1 << 30)).unwrap_err();
        assert_eq!(error.code(), "unsupported");
        let message = error.to_string();
        assert!(
            message.contains("1000 MB of memory, and this build has 805 MB"),
            "{message}"
        );
        assert!(message.contains("one thread"), "{message}");
        let single = check_bytes(5_000_000_000, Some(1 << 32)).unwrap_err();
        assert!(!single.to_string().contains("one thread"));
    }
}
