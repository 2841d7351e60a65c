//! How weights follow their gradients: Adam (Kingma & Ba 2015) or plain descent, one pass over each tensor, in place.

use candle_core::Var;
use candle_core::backprop::GradStore;

use crate::nn::Parameters;
use crate::nn::fused::adam::{self, Rates};
use crate::nn::fused::descent;
use crate::options::{ChoiceText, unknown_choice};
use crate::{Error, Result};

/// Which way of following gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimiser {
    /// Every weight at a pace of its own, by the running size of its gradients (Kingma & Ba 2015).
    Adam,
    /// Stochastic gradient descent: w -= rate g.
    Descent,
}

impl Optimiser {
    /// The names that [`Optimiser::parse`] knows.
    pub const NAMES: [&'static str; 2] = ["adam", "sgd"];
    pub(crate) const TEXTS: [ChoiceText; 2] = [
        ChoiceText::new(
            "Adam",
            "Each weight has a step size of its own, set by how large its gradients have been.",
        ),
        ChoiceText::new(
            "SGD",
            "Stochastic gradient descent: each weight moves by its gradient times the learning rate.",
        ),
    ];

    /// The optimiser of this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "adam" => Ok(Self::Adam),
            "sgd" => Ok(Self::Descent),
            unknown => Err(unknown_choice("optimiser", &Self::NAMES, unknown)),
        }
    }

    /// What it does at a step, which counts from 1 and corrects Adam's moments for their start at zero.
    pub fn at(self, learning_rate: f64, step: u64) -> Rule {
        Rule(match self {
            Self::Adam => Way::Adam(Rates::new(learning_rate, step)),
            Self::Descent => Way::Descent(learning_rate as f32),
        })
    }
}

/// One step of an optimiser.
#[derive(Clone, Copy, Debug)]
pub struct Rule(Way);

#[derive(Clone, Copy, Debug)]
enum Way {
    Adam(Rates),
    Descent(f32),
}

impl Rule {
    fn apply(
        self,
        weights: &Var,
        gradient: &[f32],
        moments: (&mut [f32], &mut [f32]),
    ) -> candle_core::Result<()> {
        match self.0 {
            Way::Adam(rates) => adam::update(weights, gradient, moments, rates),
            Way::Descent(rate) => descent::update(weights, gradient, rate),
        }
    }
}

/// First and second moments of every parameter's gradient, in the order of names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Running means of the gradients.
    pub first: Vec<Vec<f32>>,
    /// Running means of their squares.
    pub second: Vec<Vec<f32>>,
}

impl Moments {
    /// Zero moments for these parameters.
    pub fn zeros(parameters: &Parameters) -> Self {
        let zeros: Vec<Vec<f32>> = parameters
            .iter()
            .map(|(_, var)| vec![0.0; var.elem_count()])
            .collect();
        Self {
            first: zeros.clone(),
            second: zeros,
        }
    }
}

/// The moments of a tensor, which must be as many as its numbers.
fn of_tensor<'a>(
    name: &str,
    var: &Var,
    (first, second): (&'a mut Vec<f32>, &'a mut Vec<f32>),
) -> Result<(&'a mut [f32], &'a mut [f32])> {
    if first.len() == var.elem_count() {
        Ok((first, second))
    } else {
        Err(Error::shape(format!(
            "the moments of \"{name}\" do not fit it"
        )))
    }
}

/// One step down the gradients, those that the layers kept and those in candle's store.
///
/// # Errors
///
/// [`Error::Shape`] when the moments are not those of the parameters; [`Error::Tensor`] otherwise.
pub fn update(
    parameters: &Parameters,
    gradients: &GradStore,
    moments: &mut Moments,
    rule: Rule,
) -> Result<()> {
    let both = moments.first.iter_mut().zip(&mut moments.second);
    for (((name, var), slot), moments) in parameters.iter().zip(parameters.slots()).zip(both) {
        let moments = of_tensor(name, var, moments)?;
        let mut stored = match gradients.get(var) {
            None => None,
            Some(stored) => Some(stored.flatten_all()?.to_vec1::<f32>()?),
        };
        if let Some(sum) = &mut stored {
            // Used by a layer and by a plain operation as well.
            slot.read(|kept| sum.iter_mut().zip(kept).for_each(|(sum, g)| *sum += g))?;
        }
        match stored {
            Some(gradient) => rule.apply(var, &gradient, moments)?,
            // A tensor that the loss does not reach has no gradient and stays.
            None => slot
                .read(|kept| rule.apply(var, kept, moments))?
                .transpose()?
                .unwrap_or_default(),
        }
    }
    Ok(())
}

/// Adds the gradients of a backward pass, those that the layers kept and those in candle's store, to sums in the order
/// of names; a sum stays empty until there is something to add.
///
/// # Errors
///
/// [`Error::Tensor`] when a gradient cannot be read.
pub fn add_gradients(
    parameters: &Parameters,
    gradients: &GradStore,
    sums: &mut Vec<Vec<f32>>,
) -> Result<()> {
    sums.resize(parameters.iter().count(), Vec::new());
    let add = |sum: &mut Vec<f32>, gradient: &[f32]| {
        sum.resize(gradient.len(), 0.0);
        sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
    };
    for (((_, var), slot), sum) in parameters.iter().zip(parameters.slots()).zip(sums) {
        slot.read(|kept| add(sum, kept))?;
        if let Some(stored) = gradients.get(var) {
            add(sum, &stored.flatten_all()?.to_vec1::<f32>()?);
        }
    }
    Ok(())
}

/// One step down gradients that were added up, as [`update`].
///
/// # Errors
///
/// As [`update`].
pub fn update_by_sums(
    parameters: &Parameters,
    sums: &[Vec<f32>],
    moments: &mut Moments,
    rule: Rule,
) -> Result<()> {
    let both = moments.first.iter_mut().zip(&mut moments.second);
    for (((name, var), sum), moments) in parameters.iter().zip(sums).zip(both) {
        let moments = of_tensor(name, var, moments)?;
        if !sum.is_empty() {
            rule.apply(var, sum, moments)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::Rng;
    use crate::nn::{Gradients, Linear};

    /// The recursion of the paper, written out in f64.
    #[test]
    fn three_steps_follow_the_recursion() {
        let mut parameters = Parameters::default();
        parameters
            .uniform(&Rng::from_seed(1), "w", (1, 3), 1.0)
            .unwrap();
        parameters.set_values(&[vec![1.0, -2.0, 3.0]]).unwrap();
        let scales = [1.0f64, 0.5, 2.0];
        let mut moments = Moments::zeros(&parameters);
        let (mut w, mut m, mut v) = ([1.0f64, -2.0, 3.0], [0.0; 3], [0.0; 3]);
        for step in 1..=3 {
            let var = parameters.get("w").unwrap();
            let scale =
                candle_core::Tensor::from_slice(&[1f32, 0.5, 2.0], (1, 3), var.device()).unwrap();
            let loss = (var.sqr().unwrap() * scale).unwrap().sum_all().unwrap();
            update(
                &parameters,
                &loss.backward().unwrap(),
                &mut moments,
                Optimiser::Adam.at(0.1, step),
            )
            .unwrap();
            for i in 0..3 {
                let g = 2.0 * w[i] * scales[i];
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                let power = step as i32;
                let (m_hat, v_hat) = (
                    m[i] / (1.0 - 0.9f64.powi(power)),
                    v[i] / (1.0 - 0.999f64.powi(power)),
                );
                w[i] -= 0.1 * m_hat / (v_hat.sqrt() + 1e-8);
            }
        }
        for (found, wanted) in parameters.values().unwrap()[0].iter().zip(w) {
            assert!((f64::from(*found) - wanted).abs() < 1e-6);
        }
    }

    /// Down the slope of a parabola, w is multiplied by 1 - 2 rate at each step.
    #[test]
    fn descent_moves_by_the_gradient_and_keeps_no_moments() {
        let mut parameters = Parameters::default();
        parameters
            .uniform(&Rng::from_seed(1), "w", (1, 3), 1.0)
            .unwrap();
        parameters.set_values(&[vec![1.0, -2.0, 3.0]]).unwrap();
        let mut moments = Moments::zeros(&parameters);
        for step in 1..=3 {
            let loss = parameters.get("w").unwrap().sqr().unwrap();
            let gradients = loss.sum_all().unwrap().backward().unwrap();
            let rule = Optimiser::Descent.at(0.1, step);
            update(&parameters, &gradients, &mut moments, rule).unwrap();
        }
        for (found, start) in parameters.values().unwrap()[0].iter().zip([1.0, -2.0, 3.0]) {
            assert!((f64::from(*found) - start * 0.8f64.powi(3)).abs() < 1e-6);
        }
        assert_eq!(moments, Moments::zeros(&parameters));
    }

    /// A weight that a layer uses and a plain operation too: the kept gradient and the stored one add up.
    #[test]
    fn kept_and_stored_gradients_add_up() {
        let moved = |mode: Gradients| {
            let mut parameters = Parameters::default();
            let rng = Rng::from_seed(1);
            let layer = Linear::new(&mut parameters, &rng, "layer", (3, 2), 1.0).unwrap();
            let x = Tensor::from_vec(vec![1f32, -2.0, 0.5], (1, 3), &Device::Cpu).unwrap();
            let weight = parameters.get("layer.weight").unwrap();
            let both = (layer.forward(&x).unwrap().sum_all().unwrap()
                + weight.sqr().unwrap().sum_all().unwrap())
            .unwrap();
            let mut moments = Moments::zeros(&parameters);
            let _guard = parameters.gradients(mode).unwrap();
            let gradients = both.backward().unwrap();
            let rule = Optimiser::Adam.at(0.1, 1);
            update(&parameters, &gradients, &mut moments, rule).unwrap();
            moments.first
        };
        let (wanted, found) = (moved(Gradients::InStore), moved(Gradients::Kept));
        for (wanted, found) in wanted.iter().flatten().zip(found.iter().flatten()) {
            assert!((wanted - found).abs() < 1e-6 && *wanted != 0.0);
        }
    }
}
