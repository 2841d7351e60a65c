//! The steps of a model that is fitted to all of its data at once: each shows it every image, in blocks.

use super::{KL_IMAGES, Trainer};
use crate::data::Showing;
use crate::models::{self, Fit, Model};
use crate::nn::tensors::matrix;
use crate::objectives::elbo::closed_kl;
use crate::{Error, PIXELS, Result};

/// A step under way.
#[derive(Debug)]
pub(super) enum Fitting {
    /// The model has seen some of the images.
    Shown { fit: Box<dyn Fit>, images: usize },
    /// The next weights are found; the KL under them was added up over some of the images. They lie in a copy, so that a run
    /// that is saved meanwhile has the weights and the number of one and the same step.
    Measured {
        next: Box<dyn Model>,
        log_likelihood: f64,
        images: usize,
        kl: f64,
    },
}

impl Trainer {
    /// Goes on with the present step by a block of images; loss, reconstruction and KL before it when it is done.
    pub(super) fn fit_part(&mut self) -> Result<Option<[f64; 3]>> {
        let step = self.position.step;
        let most = self.cut().units_a_part;
        let showing = Showing::new(&self.data, self.binarization(), &self.rng, step);
        let fitting = match self.fitting.take() {
            Some(fitting) => fitting,
            None => Fitting::Shown {
                fit: self.model.begin_fit(&showing)?.ok_or_else(|| {
                    Error::Unsupported("this model is trained by gradients, not fitted".to_owned())
                })?,
                images: 0,
            },
        };
        let fitting = match fitting {
            Fitting::Shown { mut fit, images } if images < self.data.len() => {
                let block = showing.block(images, most);
                fit.add(&block)?;
                let images = images + block.len() / PIXELS;
                Fitting::Shown { fit, images }
            }
            Fitting::Shown { mut fit, images } => match fit.finish()? {
                None => Fitting::Shown { fit, images },
                Some(fitted) => {
                    let next = models::duplicate(self.model.as_ref())?;
                    next.parameters().set_values(&fitted.tensors)?;
                    Fitting::Measured {
                        next,
                        log_likelihood: fitted.log_likelihood / self.data.len() as f64,
                        images: 0,
                        kl: 0.0,
                    }
                }
            },
            // q is the posterior, so the bound is log p(x); its KL is measured on some of the images.
            Fitting::Measured {
                next,
                log_likelihood,
                images,
                kl,
            } => {
                let all = self.data.len().min(KL_IMAGES);
                let block = showing.block(images, most.min(all - images));
                let kl = kl + kl_of(next.as_ref(), &block)?;
                let images = images + block.len() / PIXELS;
                if images == all {
                    let kl = kl / all as f64;
                    let parameters = self.model.parameters();
                    parameters.set_values(&next.parameters().values()?)?;
                    self.position.step += 1;
                    self.position.epoch += 1;
                    return Ok(Some([-log_likelihood, log_likelihood + kl, kl]));
                }
                Fitting::Measured {
                    next,
                    log_likelihood,
                    images,
                    kl,
                }
            }
        };
        self.fitting = Some(fitting);
        Ok(None)
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

/// KL(q(z|x) || p(z)), summed over images.
fn kl_of(model: &dyn Model, rows: &[f32]) -> Result<f64> {
    let q = model.encode(&matrix(rows, PIXELS)?)?;
    let prior = model.prior()?;
    let kl = closed_kl(prior.as_deref(), q.as_ref())?.ok_or_else(|| {
        Error::Unsupported("a model that is fitted has a KL in closed form".to_owned())
    })?;
    Ok(f64::from(kl.sum_all()?.to_scalar::<f32>()?))
}
