//! How much memory a run takes, so that one that does not fit is refused before its first step.

use super::TrainOptions;
use crate::models::Model;
use crate::objectives::Objective;
use crate::{Error, PIXELS, Result};

/// What this build can address, in bytes; none where the machine says so itself. Shared memory is declared in
/// scripts/build-wasm.sh, other memory grows to all that 32 bits reach.
pub(crate) const LIMIT: Option<u64> = if !cfg!(target_arch = "wasm32") {
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
/// Values of a latent that the total correlation keeps for its gradients, for every draw and image; and those that the
/// kernel of the Wasserstein objective keeps for every two draws.
const PAIR_COPIES: u64 = 12;
const KERNEL_COPIES: u64 = 14;
/// Images that a fitted model is shown at a time.
const FITTED_ROWS: u64 = 500;

/// An estimate of the bytes that a run on so many images takes at most, at a step or when it is saved: weights and what
/// is kept beside them, what a step keeps of each layer for its gradients, and the images. Within a factor of two.
pub fn memory_needed(model: &dyn Model, options: &TrainOptions, images: usize) -> u64 {
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
        (FITTED_ROWS, 1)
    } else {
        (options.batch_size() as u64, options.draws() as u64)
    };
    let batch = batch.min(images as u64);
    let rows = match options.objective() {
        // A model that tells classes tries each of them.
        _ if capabilities.classifies => batch * crate::data::CLASSES as u64,
        Objective::Wae => 2 * batch * draws,
        _ => batch * draws,
    };
    let pairs = match options.objective() {
        Objective::TotalCorrelation => PAIR_COPIES * rows * batch * latents,
        Objective::Wae => KERNEL_COPIES * (rows / 2) * (rows / 2) * latents,
        Objective::Elbo | Objective::Iwae(_) => 0,
    };
    let encoded = batch * (pixels + width("encoder."));
    let decoded = rows * (3 * pixels + width("decoder.") + 6 * latents);
    let step = weights + encoded + decoded + pairs;
    let all = WEIGHT_COPIES * weights + step.max(SAVED_COPIES * weights);
    BYTES * all + images as u64 * (pixels + BYTES + 2)
}

/// Refuses a run that needs more than three quarters of `limit`: the rest is for what else there is, such as the run
/// before.
pub(crate) fn check(needed: u64, limit: Option<u64>) -> Result<()> {
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
        assert!(check(u64::MAX, None).is_ok());
        assert!(check(800_000_000, Some(1 << 30)).is_ok());
        let error = check(1_000_000_000, Some(1 << 30)).unwrap_err();
        assert_eq!(error.code(), "unsupported");
        let message = error.to_string();
        assert!(
            message.contains("1000 MB of memory, and this build has 805 MB"),
            "{message}"
        );
        assert!(message.contains("one thread"), "{message}");
        let single = check(5_000_000_000, Some(1 << 32)).unwrap_err();
        assert!(!single.to_string().contains("one thread"));
    }
}
