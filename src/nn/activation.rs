//! Elementwise non-linearities, each with its derivative in one pass.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Shape, Tensor};

use super::fused::{contiguous, output, parallel};
use crate::Result;
use crate::math::{exp_nonpositive, softplus, tanh};
use crate::options::{ChoiceText, unknown_choice};

/// A hidden unit's non-linearity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, a).
    Relu,
    /// tanh(a).
    Tanh,
    /// a for a > 0, exp(a) - 1 otherwise (Clevert et al. 2016).
    Elu,
    /// log(1 + exp(a)).
    Softplus,
    /// a Phi(a), in its tanh form (Hendrycks & Gimpel 2016).
    Gelu,
}

/// sqrt(2 / pi), and the cubic coefficient of GELU's tanh form.
const GELU: (f32, f32) = (0.797_884_6, 0.044_715);

impl Activation {
    /// Names in the order of the variants, as specs spell them.
    pub const NAMES: [&'static str; 5] = ["relu", "tanh", "elu", "softplus", "gelu"];
    pub(crate) const TEXTS: [ChoiceText; 5] = [
        ChoiceText::new("ReLU", "max(0, a): quick, with a kink."),
        ChoiceText::new("tanh", "Smooth, between -1 and 1."),
        ChoiceText::new("ELU", "Smooth below 0, straight above."),
        ChoiceText::new("softplus", "ln(1 + exp a): smooth, above 0."),
        ChoiceText::new("GELU", "Smooth, almost ReLU."),
    ];

    /// The variant of this name.
    ///
    /// # Errors
    ///
    /// [`crate::Error::InvalidArgument`] for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "relu" => Ok(Self::Relu),
            "tanh" => Ok(Self::Tanh),
            "elu" => Ok(Self::Elu),
            "softplus" => Ok(Self::Softplus),
            "gelu" => Ok(Self::Gelu),
            unknown => Err(unknown_choice("activation", &Self::NAMES, unknown)),
        }
    }

    /// Applies the non-linearity to every number; any shape.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Tensor`] if the tensor is not f32 on the CPU.
    pub fn apply(self, a: &Tensor) -> Result<Tensor> {
        Ok(a.apply_op1(Forward(self))?)
    }

    /// The factor by which uniform initial weights are widened to keep the variance of a layer.
    pub(crate) fn gain(self) -> f32 {
        match self {
            Self::Relu | Self::Elu | Self::Gelu => 2f32.sqrt(),
            Self::Tanh | Self::Softplus => 1.0,
        }
    }

    /// Whether the output alone tells the slope, so that the input need not be kept.
    pub(crate) fn slope_is_in_output(self) -> bool {
        self != Self::Gelu
    }

    /// Applies the non-linearity in place.
    pub(crate) fn replace(self, values: &mut [f32]) {
        match self {
            // Written so that NaN stays NaN.
            Self::Relu => parallel::map(values, |a| if a < 0.0 { 0.0 } else { a }),
            Self::Tanh => parallel::map(values, tanh),
            Self::Elu => parallel::map(values, elu),
            Self::Softplus => parallel::map(values, softplus),
            Self::Gelu => parallel::map(values, gelu),
        }
    }

    /// d y / d a times `grad`, told from the output y where the slope is in it, else from the input a.
    pub(crate) fn gradient(self, told_from: &[f32], grad: &[f32]) -> Vec<f32> {
        let mut values = grad.to_vec();
        match self {
            Self::Relu => {
                parallel::combine(&mut values, told_from, |g, y| if y > 0.0 { g } else { 0.0 })
            }
            Self::Tanh => parallel::combine(&mut values, told_from, |g, y| g * (1.0 - y * y)),
            Self::Elu => parallel::combine(&mut values, told_from, |g, y| g * (y.min(0.0) + 1.0)),
            // sigmoid(a) = 1 - exp(-softplus(a)).
            Self::Softplus => {
                parallel::combine(&mut values, told_from, |g, y| {
                    g * (1.0 - exp_nonpositive(-y))
                });
            }
            Self::Gelu => parallel::combine(&mut values, told_from, |g, a| g * gelu_slope(a)),
        }
        values
    }
}

#[inline(always)]
fn elu(a: f32) -> f32 {
    a.max(0.0) + (exp_nonpositive(a.min(0.0)) - 1.0)
}

#[inline(always)]
fn gelu(a: f32) -> f32 {
    0.5 * a * (1.0 + tanh(GELU.0 * (a + GELU.1 * a * a * a)))
}

#[inline(always)]
fn gelu_slope(a: f32) -> f32 {
    let t = tanh(GELU.0 * (a + GELU.1 * a * a * a));
    0.5 * (1.0 + t) + 0.5 * a * (1.0 - t * t) * GELU.0 * (1.0 + 3.0 * GELU.1 * a * a)
}

struct Forward(Activation);

impl CustomOp1 for Forward {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let mut y = contiguous(storage, layout)?.to_vec();
        self.0.replace(&mut y);
        Ok(output(y, layout.shape()))
    }

    fn bwd(&self, a: &Tensor, y: &Tensor, grad: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let told_from = if self.0.slope_is_in_output() { y } else { a };
        let grad = grad.contiguous()?;
        Ok(Some(told_from.apply_op2_no_bwd(&grad, &Backward(self.0))?))
    }
}

struct Backward(Activation);

impl CustomOp2 for Backward {
    fn name(&self) -> &'static str {
        "activation-gradient"
    }

    fn cpu_fwd(
        &self,
        told_from: &CpuStorage,
        told_from_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let values = self.0.gradient(
            contiguous(told_from, told_from_layout)?,
            contiguous(grad, grad_layout)?,
        );
        Ok(output(values, grad_layout.shape()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn values_and_slopes_match_the_definitions() {
        let at: Vec<f32> = (-60..=60).map(|i| i as f32 / 10.0 + 0.03).collect();
        for name in Activation::NAMES {
            let activation = Activation::parse(name).unwrap();
            let exact = |a: f64| match activation {
                Activation::Relu => a.max(0.0),
                Activation::Tanh => a.tanh(),
                Activation::Elu => {
                    if a > 0.0 {
                        a
                    } else {
                        a.exp_m1()
                    }
                }
                Activation::Softplus => a.exp().ln_1p(),
                Activation::Gelu => {
                    0.5 * a
                        * (1.0
                            + ((2.0 / std::f64::consts::PI).sqrt() * (a + 0.044715 * a.powi(3)))
                                .tanh())
                }
            };
            let a = Var::from_slice(&at, at.len(), &Device::Cpu).unwrap();
            let y = activation.apply(a.as_tensor()).unwrap();
            let slopes = y.sum_all().unwrap().backward().unwrap();
            let slopes = slopes.get(&a).unwrap().to_vec1::<f32>().unwrap();
            for ((a, y), slope) in at.iter().zip(y.to_vec1::<f32>().unwrap()).zip(slopes) {
                let a = f64::from(*a);
                let central = (exact(a + 1e-5) - exact(a - 1e-5)) / 2e-5;
                assert!((f64::from(y) - exact(a)).abs() < 2e-6, "{name}({a})");
                assert!((f64::from(slope) - central).abs() < 1e-5, "{name}'({a})");
            }
        }
    }
}
