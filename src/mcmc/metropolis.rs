//! Kernels whose proposals need no gradient (Metropolis et al. 1953; Hastings 1970).

use super::{Kernel, Scale, State, Target};
use crate::{Error, Result, Rng};

/// Between one latent's 0.44 and many latents' 0.234 (Roberts et al. 1997).
const WANTED_ACCEPTANCE: f64 = 0.3;

/// z' = z + step eps; accepted with min(1, p(x, z') / p(x, z)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomWalk {
    /// Standard deviation of a move in every latent.
    pub step: f64,
}

/// z' ~ q(z|x), whatever z is; accepted with min(1, w(z') / w(z)), w = p(x, z) / q(z|x).
#[derive(Clone, Debug, PartialEq)]
pub struct Independence {
    mean: Vec<f32>,
    log_var: Vec<f32>,
}

/// z' = sqrt(1 - rho^2) z + rho eps; accepted with min(1, p(x|z') / p(x|z)), because the proposal alone already leaves a unit
/// normal prior unchanged (Cotter et al. 2013).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreconditionedCrankNicolson {
    rho: f64,
}

impl PreconditionedCrankNicolson {
    /// With rho in (0, 1]; at 1 proposals do not depend on z.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other rho.
    pub fn new(rho: f64) -> Result<Self> {
        if rho > 0.0 && rho <= 1.0 {
            Ok(Self { rho })
        } else {
            Err(Error::argument(format!(
                "rho must be above 0 and at most 1; got {rho}"
            )))
        }
    }
}

impl Independence {
    /// From the encoder's answer for the image.
    pub fn new(mean: Vec<f32>, log_var: Vec<f32>) -> Self {
        Self { mean, log_var }
    }

    /// log q(z|x) of each chain, up to a constant.
    fn log_density(&self, z: &[f32]) -> Vec<f64> {
        let square = |((z, mean), log_var): ((&f32, &f32), &f32)| {
            f64::from(z - mean).powi(2) * f64::from(-log_var).exp()
        };
        z.chunks_exact(self.mean.len())
            .map(|z| {
                let terms = z.iter().zip(&self.mean).zip(&self.log_var).map(square);
                -0.5 * terms.sum::<f64>()
            })
            .collect()
    }
}

/// Accepts each chain's proposal with min(1, exp(log_ratio)). A proposal whose ratio is NaN is never accepted: the target
/// cannot be computed there.
pub(super) fn accept(
    state: &mut State,
    proposed: &State,
    log_ratio: impl Fn(&State, usize) -> f64,
    rng: &mut Rng,
) -> Vec<f64> {
    let chains = state.log_likelihood().len();
    let probabilities: Vec<f64> = (0..chains)
        .map(|chain| acceptance(log_ratio(state, chain)))
        .collect();
    let accepted: Vec<bool> = probabilities
        .iter()
        .map(|p| f64::from(rng.uniform()) < *p)
        .collect();
    state.take(proposed, |chain| accepted[chain]);
    probabilities
}

fn acceptance(log_ratio: f64) -> f64 {
    // `min` ignores NaN and would give 0, which is acceptance.
    if log_ratio.is_nan() {
        0.0
    } else {
        log_ratio.min(0.0).exp()
    }
}

impl Kernel for RandomWalk {
    fn step_along(
        &self,
        target: &Target<'_>,
        state: &mut State,
        rng: &mut Rng,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<Vec<f64>> {
        let step = self.step as f32;
        let noise = rng.normals(state.z().len());
        let moved = state.z().iter().zip(noise).map(|(z, e)| z + step * e);
        let proposed = target.state(moved.collect())?;
        visit(proposed.z());
        let beta = target.beta();
        let ratio =
            |state: &State, chain| proposed.log_joint(chain, beta) - state.log_joint(chain, beta);
        Ok(accept(state, &proposed, ratio, rng))
    }

    fn scale(&mut self) -> Option<Scale<'_>> {
        Some(Scale {
            size: &mut self.step,
            largest: f64::INFINITY,
            wanted_acceptance: WANTED_ACCEPTANCE,
        })
    }
}

impl Kernel for Independence {
    fn step_along(
        &self,
        target: &Target<'_>,
        state: &mut State,
        rng: &mut Rng,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<Vec<f64>> {
        let latents = self.mean.len();
        let deviations: Vec<f32> = self.log_var.iter().map(|v| (0.5 * v).exp()).collect();
        let noise = rng.normals(state.z().len());
        let drawn = noise.iter().enumerate().map(|(index, e)| {
            let k = index % latents;
            self.mean[k] + deviations[k] * e
        });
        let proposed = target.state(drawn.collect())?;
        visit(proposed.z());
        let (here, there) = (self.log_density(state.z()), self.log_density(proposed.z()));
        let beta = target.beta();
        let ratio = |state: &State, chain: usize| {
            let joint = proposed.log_joint(chain, beta) - state.log_joint(chain, beta);
            joint - (there[chain] - here[chain])
        };
        Ok(accept(state, &proposed, ratio, rng))
    }

    fn scale(&mut self) -> Option<Scale<'_>> {
        None
    }
}

impl Kernel for PreconditionedCrankNicolson {
    fn step_along(
        &self,
        target: &Target<'_>,
        state: &mut State,
        rng: &mut Rng,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<Vec<f64>> {
        let kept = (1.0 - self.rho * self.rho).sqrt() as f32;
        let rho = self.rho as f32;
        let noise = rng.normals(state.z().len());
        let moved = state.z().iter().zip(noise).map(|(z, e)| kept * z + rho * e);
        let proposed = target.state(moved.collect())?;
        visit(proposed.z());
        let beta = target.beta();
        let ratio = |state: &State, chain: usize| {
            proposed.weighed_log_likelihood(chain, beta) - state.weighed_log_likelihood(chain, beta)
        };
        Ok(accept(state, &proposed, ratio, rng))
    }

    fn scale(&mut self) -> Option<Scale<'_>> {
        Some(Scale {
            size: &mut self.rho,
            largest: 1.0,
            wanted_acceptance: WANTED_ACCEPTANCE,
        })
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::mcmc::{Evidence, Hmc};
    use crate::models::Model;
    use crate::models::linear_gaussian::LinearGaussian;
    use crate::nn::tensors::{flat_values, matrix};

    /// The log-likelihood is 0 up to z = 1 and NaN beyond.
    #[derive(Debug)]
    struct BrokenBeyondOne;

    impl Evidence for BrokenBeyondOne {
        fn log_likelihood(&self, _: &dyn Model, decoded: &Tensor) -> Result<Tensor> {
            let values: Vec<f32> = (flat_values(decoded)?.iter())
                .map(|z| if *z > 1.0 { f32::NAN } else { 0.0 })
                .collect();
            let rows = values.len();
            Ok(Tensor::from_vec(values, rows, &Device::Cpu)?)
        }
    }

    #[test]
    fn no_chain_goes_where_the_target_is_no_number() {
        let model = LinearGaussian::new(1);
        let target = Target::of(&model, &BrokenBeyondOne).unwrap();
        let kernels: [Box<dyn Kernel>; 3] = [
            Box::new(RandomWalk { step: 1.0 }),
            Box::new(Independence::new(vec![0.0], vec![0.0])),
            Box::new(PreconditionedCrankNicolson::new(0.8).unwrap()),
        ];
        for kernel in kernels {
            let mut rng = Rng::from_seed(5);
            let mut state = target.state(vec![0.0; 20]).unwrap();
            let mut refused = 0;
            for _ in 0..50 {
                let accepted = kernel.step(&target, &mut state, &mut rng).unwrap();
                refused += accepted.iter().filter(|p| **p == 0.0).count();
                assert!(state.z().iter().all(|z| *z <= 1.0), "{kernel:?}: {state:?}");
            }
            assert!(refused > 50, "{kernel:?} never tried: {refused}");
        }
    }

    /// Steps so long that the orbit ends in infinity minus infinity.
    #[test]
    fn an_orbit_that_diverges_is_not_followed() {
        let model = LinearGaussian::new(2);
        let x = matrix(&[1.0, -2.0], 2).unwrap();
        let target = Target::new(&model, &x, 8).unwrap();
        let mut rng = Rng::from_seed(5);
        let mut state = target.state(rng.normals(16)).unwrap();
        let before = state.clone();
        let kernel = Hmc {
            step: 1e12,
            leapfrogs: 10,
        };
        for _ in 0..5 {
            let accepted = kernel.step(&target, &mut state, &mut rng).unwrap();
            assert_eq!(accepted, [0.0; 8]);
        }
        assert_eq!(state, before);
    }

    /// With beta 0 the target is the prior: even a likelihood of 0 everywhere does not stop a move that keeps the prior.
    #[test]
    fn the_prior_alone_accepts_every_move_that_keeps_it() {
        #[derive(Debug)]
        struct Impossible;
        impl Evidence for Impossible {
            fn log_likelihood(&self, _: &dyn Model, decoded: &Tensor) -> Result<Tensor> {
                let nothing = vec![f32::NEG_INFINITY; decoded.dim(0)?];
                Ok(Tensor::new(nothing, &Device::Cpu)?)
            }
        }
        let model = LinearGaussian::new(1);
        let target = Target::of(&model, &Impossible).unwrap().at(0.0);
        let mut state = target.state(vec![0.0; 6]).unwrap();
        let kernel = PreconditionedCrankNicolson::new(0.5).unwrap();
        let mut rng = Rng::from_seed(5);
        let accepted = kernel.step(&target, &mut state, &mut rng).unwrap();
        assert_eq!(accepted, [1.0; 6]);
    }
}
