//! How a long step is cut: into parts of about the same work.

use crate::PIXELS;
use crate::data::CLASSES;
use crate::models::Model;
use crate::objectives::exact::CODES;
use crate::objectives::{Coupling, Objective};
use crate::train::TrainOptions;

/// Floating-point operations of one part: some 25 ms in a browser.
const PART_FLOPS: f64 = 5e8;
/// How many operations of a product of matrices take the time of one on single numbers, measured in a browser.
const FLOPS_OF_ELEMENT: f64 = 20.0;

/// The parts of a step. They depend on the options alone, not on the clock, so that a run repeats bit for bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::train) struct Cut {
    pub coupling: Option<Coupling>,
    /// What goes through the networks: images, or the codes that all images share.
    pub units: usize,
    pub units_a_part: usize,
    /// Rows of the charge on what all units are held against each other by.
    pub rows: usize,
    pub rows_a_part: usize,
}

impl Cut {
    /// Whether the step has one part.
    pub fn is_whole(&self) -> bool {
        self.units_a_part >= self.units && self.rows_a_part >= self.rows
    }

    /// The parts of a step in a run on `images` images.
    pub fn new(model: &dyn Model, options: &TrainOptions, images: usize) -> Self {
        let capabilities = model.capabilities();
        let (encoder, decoder) = flops(model);
        if capabilities.fitted {
            // The moments of its pixels, in pairs.
            let flops_of_image = encoder + decoder + 2.0 * (PIXELS * PIXELS) as f64;
            return Self {
                coupling: None,
                units: images,
                units_a_part: a_part(images, flops_of_image),
                rows: 0,
                rows_a_part: 0,
            };
        }
        let batch = options.batch_size().min(images);
        let coupling = options.objective().coupling(options.elbo(0, images));
        let draws = options.draws() as f64;
        let (units, flops_of_unit) = match coupling {
            Some(Coupling::Codes) => (CODES, decoder),
            // An image of unknown class goes through the networks once for each class.
            _ if capabilities.classifies => (batch, CLASSES as f64 * (encoder + draws * decoder)),
            _ => (batch, encoder + draws * decoder),
        };
        let latents = model.latents() as f64;
        let of_elements = |count: f64| FLOPS_OF_ELEMENT * count;
        let drawn = batch as f64 * draws;
        let rows = coupling.map_or(0, |coupling| coupling.rows(batch, batch * options.draws()));
        let flops_of_row = match coupling {
            None | Some(Coupling::FreeBits) => 0.0,
            // Three kernels with their gradients.
            Some(Coupling::Discrepancy) => of_elements(3.0 * drawn * (2.5 * latents + 8.0)),
            Some(Coupling::TotalCorrelation) => of_elements(60.0 * batch as f64 * latents),
            Some(Coupling::Codes) => 6.0 * (CODES * PIXELS) as f64 + encoder,
        };
        Self {
            coupling,
            units,
            units_a_part: a_part(units, flops_of_unit),
            rows,
            rows_a_part: a_part(rows, flops_of_row),
        }
    }
}

/// How many of `count`, each of so many operations, make a part: the parts have about the same size.
fn a_part(count: usize, flops: f64) -> usize {
    let most = (PART_FLOPS / flops).max(1.0);
    let parts = (count as f64 / most).ceil().max(1.0) as usize;
    count.div_ceil(parts)
}

/// Floating-point operations of a step for each image; see
/// [`Trainer::flops_per_image`](super::Trainer::flops_per_image).
pub(super) fn flops_per_image(model: &dyn Model, options: &TrainOptions) -> f64 {
    let (encoder, decoder) = flops(model);
    let draws = match options.objective() {
        // All images share the codes.
        Objective::Exact => CODES as f64 / options.batch_size() as f64,
        _ => options.draws() as f64,
    };
    encoder + draws * decoder
}

/// Floating-point operations of a row in the encoder (and all else that is not the decoder or the prior), and in the
/// decoder: a weight takes part in three products, a multiplication and an addition each.
fn flops(model: &dyn Model) -> (f64, f64) {
    let matrices = model.parameters().iter();
    let weights = matrices.filter(|(name, var)| var.rank() == 2 && !name.starts_with("prior."));
    weights.fold((0.0, 0.0), |(encoder, decoder), (name, var)| {
        let flops = 6.0 * var.elem_count() as f64;
        if name.starts_with("decoder.") {
            (encoder, decoder + flops)
        } else {
            (encoder + flops, decoder)
        }
    })
}
