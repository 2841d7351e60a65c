//! The steps of a model that is fitted to all of its data at once: each shows it every image, in blocks.

use super::{KL_IMAGES, Trainer};
use crate::data::Showing;
use crate::estimators::bound;
use crate::models::Fit;
use crate::{Error, Result};

/// A step that has seen some of the images.
#[derive(Debug)]
pub(super) struct Fitting {
    fit: Box<dyn Fit>,
    shown: usize,
}

impl Trainer {
    /// Goes on with the present step by a block of images; loss, reconstruction and KL before it when it is done.
    pub(super) fn fit_part(&mut self) -> Result<Option<[f64; 3]>> {
        let step = self.position.step;
        let showing = Showing::new(&self.data, self.binarization(), &self.rng, step);
        let mut fitting = match self.fitting.take() {
            Some(fitting) => fitting,
            None => Fitting {
                fit: self.model.begin_fit(&showing)?.ok_or_else(|| {
                    Error::Unsupported("this model is trained by gradients, not fitted".to_owned())
                })?,
                shown: 0,
            },
        };
        if fitting.shown < self.data.len() {
            let block = showing.block(fitting.shown, self.cut().units_a_part);
            fitting.shown += block.len() / crate::PIXELS;
            fitting.fit.add(&block)?;
            self.fitting = Some(fitting);
            return Ok(None);
        }
        let (next, log_likelihood) = fitting.fit.finish()?;
        let log_likelihood = log_likelihood / self.data.len() as f64;
        self.model.parameters().set_values(&next)?;
        self.position.step += 1;
        self.position.epoch += 1;
        // q is the posterior, so the bound is log p(x); its KL is measured on some of the images.
        let some: Vec<u32> = (0..self.data.len().min(KL_IMAGES) as u32).collect();
        let pixels = self.data.batch(&some, self.binarization(), &self.rng, step);
        let kl = bound::elbo(self.model.as_ref(), &pixels, 1, self.options.seed())?.kl;
        Ok(Some([-log_likelihood, log_likelihood + kl, kl]))
    }

    /// A step at once.
    pub(super) fn fit_once(&mut self) -> Result<[f64; 3]> {
        self.fitting = None;
        loop {
            if let Some(parts) = self.fit_part()? {
                return Ok(parts);
            }
        }
    }
}
