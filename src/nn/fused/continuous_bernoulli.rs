//! What makes a Bernoulli "probability" of a grey pixel a density on [0, 1] (Loaiza-Ganem & Cunningham 2019): with
//! logit l, log C(l) = log(l / tanh(l / 2)).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::{contiguous, output, parallel};
use crate::math::exp_nonpositive;

/// Below this the differences of large numbers below lose their digits and five terms of the series do not.
const SMALL: f32 = 0.7;

/// log C(l) = ln 2 + l^2 / 12 - 7 l^4 / 1440 + ..., an even function; absolute error below 1e-6 max(1, log C).
pub(crate) fn log_normaliser(logit: f32) -> f32 {
    let l = logit.abs();
    let q = l * l;
    let series = q
        * (1.0 / 12.0
            - q * (7.0 / 1440.0
                - q * (31.0 / 90_720.0 - q * (127.0 / 4_838_400.0 - q * (511.0 / 239_500_800.0)))));
    if l < SMALL {
        return std::f32::consts::LN_2 + series;
    }
    let e = exp_nonpositive(-l);
    (l * (1.0 + e) / (1.0 - e)).ln()
}

/// d log C / dl = 1 / l - 1 / sinh(l) = l / 6 - 7 l^3 / 360 + ..., an odd function; absolute error below 1e-6.
pub(crate) fn slope(logit: f32) -> f32 {
    let l = logit.abs();
    let q = l * l;
    let series = l
        * (1.0 / 6.0
            - q * (7.0 / 360.0
                - q * (31.0 / 15_120.0 - q * (127.0 / 604_800.0 - q * (511.0 / 23_950_080.0)))));
    let e = exp_nonpositive(-l);
    let value = if l < SMALL {
        series
    } else {
        1.0 / l - 2.0 * e / (1.0 - e * e)
    };
    value.copysign(logit)
}

/// d^2 log C / dl^2 = cosh(l) / sinh(l)^2 - 1 / l^2 = 1 / 6 - 7 l^2 / 120 + ...; absolute error below 3e-6.
fn curvature(logit: f32) -> f32 {
    let l = logit.abs();
    let q = l * l;
    if l < SMALL {
        return 1.0 / 6.0
            - q * (7.0 / 120.0
                - q * (31.0 / 3024.0 - q * (127.0 / 86_400.0 - q * (511.0 / 2_661_120.0))));
    }
    let e = exp_nonpositive(-l);
    let sinh = (1.0 - e * e) / 2.0;
    e * (1.0 + e * e) / (2.0 * sinh * sinh) - 1.0 / q
}

/// sum_j log C(l_j) of each row.
///
/// # Shapes
///
/// `[B, D]` -> `[B]`.
///
/// # Errors
///
/// [`crate::Error::Tensor`] for a tensor that is no matrix.
pub(crate) fn log_normalisers(logits: &Tensor) -> crate::Result<Tensor> {
    Ok(logits.contiguous()?.apply_op1(LogNormalisers)?)
}

/// d log C / dl of every number; any shape.
///
/// # Errors
///
/// [`crate::Error::Tensor`] if the tensor is not f32 on the CPU.
pub(crate) fn slopes(logits: &Tensor) -> crate::Result<Tensor> {
    Ok(logits.contiguous()?.apply_op1(Slopes)?)
}

struct LogNormalisers;

impl CustomOp1 for LogNormalisers {
    fn name(&self) -> &'static str {
        "continuous-bernoulli-log-normalisers"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = layout.shape().dims2()?;
        let mut terms = contiguous(storage, layout)?.to_vec();
        parallel::map(&mut terms, log_normaliser);
        let sums = terms
            .chunks_exact(width.max(1))
            .map(super::bernoulli::total);
        Ok(output(sums.collect(), rows))
    }

    fn bwd(&self, logits: &Tensor, _sums: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let slopes = logits.apply_op1_no_bwd(&Slopes)?;
        Ok(Some(slopes.broadcast_mul(&grad.unsqueeze(1)?)?))
    }
}

struct Slopes;

impl CustomOp1 for Slopes {
    fn name(&self) -> &'static str {
        "continuous-bernoulli-slopes"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut values = contiguous(storage, layout)?.to_vec();
        parallel::map(&mut values, slope);
        Ok(output(values, layout.shape()))
    }

    fn bwd(&self, logits: &Tensor, _slopes: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let mut values = logits.flatten_all()?.to_vec1::<f32>()?;
        parallel::map(&mut values, curvature);
        let curvatures = Tensor::from_vec(values, logits.shape(), logits.device())?;
        Ok(Some((grad * curvatures)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On both sides of the switch to the series, and far out; f64 where 1 / l - 1 / sinh(l) keeps nine digits.
    #[test]
    fn values_and_derivatives_match_the_definitions_in_f64() {
        for index in -4000..=4000 {
            let logit = index as f32 / 100.0 + 0.003;
            let l = f64::from(logit);
            let wanted = (l / (l / 2.0).tanh()).ln();
            assert!(
                (f64::from(log_normaliser(logit)) - wanted).abs() < 1e-6 * wanted.max(1.0),
                "log C({l})"
            );
            let error = f64::from(slope(logit)) - (1.0 / l - 1.0 / l.sinh());
            assert!(error.abs() < 1e-6, "slope({l}): {error}");
            let error = f64::from(curvature(logit)) - (l.cosh() / l.sinh().powi(2) - 1.0 / (l * l));
            assert!(error.abs() < 3e-6, "curvature({l}): {error}");
        }
        assert_eq!(log_normaliser(0.0), std::f32::consts::LN_2);
        assert_eq!(slope(0.0), 0.0);
        for logit in [-1e30, -1000.0, 1000.0, 1e30] {
            assert!(log_normaliser(logit).is_finite() && slope(logit).abs() <= 1e-3);
            assert!(curvature(logit).abs() <= 1e-6);
        }
    }
}
