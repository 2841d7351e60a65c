//! Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011).

use super::metropolis::accept;
use super::{Kernel, Scale, State, Target};
use crate::{Result, Rng};

/// The rate of acceptance at which a move costs least (Beskos et al. 2013).
pub const WANTED_ACCEPTANCE: f64 = 0.65;
/// By what share the length of a step varies from one move to the next, so that no orbit returns to its start.
const JITTER: f64 = 0.1;

/// Leapfrogs along H(z, r) = -log p(z) - beta log p(x|z) + |r|^2 / 2 with fresh r ~ N(0, 1); accepted with
/// min(1, exp(H - H')).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hmc {
    /// Length of a leapfrog.
    pub step: f64,
    /// Leapfrogs in a move.
    pub leapfrogs: usize,
}

impl Kernel for Hmc {
    fn step_along(
        &self,
        target: &Target<'_>,
        state: &mut State,
        rng: &mut Rng,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<Vec<f64>> {
        let length = self.step * (1.0 + JITTER * (2.0 * f64::from(rng.uniform()) - 1.0));
        let length = length as f32;
        let latents = state.z().len() / state.log_likelihood().len();
        let kinetic = |r: &[f32]| -> Vec<f64> {
            let squares = |r: &[f32]| r.iter().map(|r| f64::from(*r).powi(2)).sum::<f64>();
            r.chunks_exact(latents).map(|r| 0.5 * squares(r)).collect()
        };
        let kick = |r: &mut [f32], gradient: &[f32], share: f32| {
            r.iter_mut()
                .zip(gradient)
                .for_each(|(r, g)| *r += share * length * g);
        };

        let mut r = rng.normals(state.z().len());
        let before = kinetic(&r);
        let (mut proposed, mut gradient) = target.state_and_gradient(state.z().to_vec())?;
        kick(&mut r, &gradient, 0.5);
        for leapfrog in 1..=self.leapfrogs {
            let moved = proposed.z().iter().zip(&r).map(|(z, r)| z + length * r);
            (proposed, gradient) = target.state_and_gradient(moved.collect())?;
            visit(proposed.z());
            let share = if leapfrog == self.leapfrogs { 0.5 } else { 1.0 };
            kick(&mut r, &gradient, share);
        }
        let after = kinetic(&r);
        let beta = target.beta();
        let ratio = |state: &State, chain: usize| {
            let joint = proposed.log_joint(chain, beta) - state.log_joint(chain, beta);
            joint + before[chain] - after[chain]
        };
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
