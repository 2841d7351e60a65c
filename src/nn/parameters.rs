//! The trainable tensors of a model, by name.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor, Var};

use super::Gradients;
use super::gradients::{GradientSlot, GradientsGuard};
use crate::{Error, Result, Rng};

/// A trainable tensor as a layer holds it.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) tensor: Tensor,
    pub(crate) gradient: GradientSlot,
}

/// Trainable tensors in the order of their names, so that float sums and optimiser state never depend
/// on a hash.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    by_name: BTreeMap<String, (Var, GradientSlot)>,
}

impl Parameters {
    /// A `[rows, columns]` tensor drawn uniformly from [-bound, bound] by (seed, name).
    pub(crate) fn uniform(
        &mut self,
        rng: &Rng,
        name: &str,
        shape: (usize, usize),
        bound: f32,
    ) -> Result<Parameter> {
        let mut rng = rng.split(name);
        let values = (0..shape.0 * shape.1)
            .map(|_| rng.uniform_in(-bound, bound))
            .collect();
        self.insert(name, Tensor::from_vec(values, shape, &Device::Cpu)?)
    }

    /// A vector of zeros.
    pub(crate) fn zeros(&mut self, name: &str, length: usize) -> Result<Parameter> {
        let zeros = Tensor::from_vec(vec![0f32; length], length, &Device::Cpu)?;
        self.insert(name, zeros)
    }

    /// A tensor that starts at given values.
    pub(crate) fn values_from(&mut self, name: &str, start: Tensor) -> Result<Parameter> {
        self.insert(name, start)
    }

    fn insert(&mut self, name: &str, value: Tensor) -> Result<Parameter> {
        let variable = Var::from_tensor(&value)?;
        let parameter = Parameter {
            tensor: variable.as_tensor().clone(),
            gradient: GradientSlot::default(),
        };
        let entry = (variable, parameter.gradient.clone());
        self.by_name.insert(name.to_owned(), entry);
        Ok(parameter)
    }

    /// Name and variable, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Var)> {
        self.by_name
            .iter()
            .map(|(name, (var, _))| (name.as_str(), var))
    }

    /// The variable of this name.
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.by_name.get(name).map(|(var, _)| var)
    }

    /// Sends the gradients of backward passes elsewhere, for as long as the guard lives.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] after a backward pass that panicked.
    pub fn gradients(&self, mode: Gradients) -> Result<GradientsGuard<'_>> {
        GradientsGuard::new(self, mode)
    }

    /// Where layers leave gradients, in the order of names.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &GradientSlot> {
        self.by_name.values().map(|(_, slot)| slot)
    }

    /// How many numbers there are to train.
    pub fn count(&self) -> usize {
        self.iter().map(|(_, var)| var.elem_count()).sum()
    }

    /// The values of every tensor, in the order of names.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be read.
    pub fn values(&self) -> Result<Vec<Vec<f32>>> {
        self.iter()
            .map(|(_, var)| Ok(var.flatten_all()?.to_vec1::<f32>()?))
            .collect()
    }

    /// Replaces every tensor; `values` as [`Parameters::values`] gives them. All or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when a tensor has another size.
    pub fn set_values(&self, values: &[Vec<f32>]) -> Result<()> {
        let fits = values.len() == self.by_name.len()
            && self
                .iter()
                .zip(values)
                .all(|((_, var), new)| var.elem_count() == new.len());
        if !fits {
            return Err(Error::shape("the new values do not fit the parameters"));
        }
        for ((_, var), new) in self.iter().zip(values) {
            var.set(&Tensor::from_slice(new, var.shape(), &Device::Cpu)?)?;
        }
        Ok(())
    }

    /// Sets a tensor that is all zeros; leaves any other alone.
    pub(crate) fn set_if_zero(&self, name: &str, values: Vec<f32>) -> Result<()> {
        let Some(var) = self.get(name) else {
            return Ok(());
        };
        let now = var.flatten_all()?.to_vec1::<f32>()?;
        if now.iter().any(|value| *value != 0.0) {
            return Ok(());
        }
        Ok(var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu)?)?)
    }

    /// Whether every number is finite.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`] if a tensor cannot be read.
    pub fn all_finite(&self) -> Result<bool> {
        for (_, var) in self.iter() {
            // A sum is finite only if every term is, and needs no copy.
            if !var.sum_all()?.to_scalar::<f32>()?.is_finite() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
