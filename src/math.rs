//! Scalar building blocks: stable log-domain sums, fast exponentials, checks of sizes and values.

use crate::{Error, Result};

/// ln(2 pi).
pub const LN_TWO_PI: f32 = 1.837_877_1;

/// log(sum_i exp(values_i)), in nats, without overflow or underflow.
///
/// Negative infinity for no values, or when all of them are negative infinity; NaN when one of them is NaN.
pub fn logsumexp(values: &[f64]) -> f64 {
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !max.is_finite() {
        // `max` ignores NaN.
        let broken = values.iter().any(|value| value.is_nan());
        return if broken { f64::NAN } else { max };
    }
    max + values.iter().map(|v| (v - max).exp()).sum::<f64>().ln()
}

/// exp(x) for x <= 0, relative error below 3e-7; inputs under -87 give exp(-87), about 1.6e-38.
///
/// Plain arithmetic only, so that loops over it vectorise on every target.
#[inline(always)]
pub fn exp_nonpositive(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to an integer held in the low bits
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = x - power * LN_2_HIGH - power * LN_2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_65;
    let p = p * r + 0.5;
    let exp_r = p * r * r + r + 1.0;
    f32::from_bits(exp_r.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// log(1 + y) for y in [0, 1], absolute error below 1.5e-7, two units in the last place of log 2.
#[inline(always)]
pub fn log1p_unit(y: f32) -> f32 {
    // log(1 + y) = 2 artanh(s) with s = y / (2 + y) <= 1/3: the series in s^2 falls by 9 each term.
    let s = y / (2.0 + y);
    let q = s * s;
    let p = 2.0 / 15.0;
    let p = p * q + 2.0 / 13.0;
    let p = p * q + 2.0 / 11.0;
    let p = p * q + 2.0 / 9.0;
    let p = p * q + 2.0 / 7.0;
    let p = p * q + 2.0 / 5.0;
    let p = p * q + 2.0 / 3.0;
    s * (p * q + 2.0)
}

/// log(1 + exp(x)), never overflowing; absolute error below 3e-7 relative to max(1, x).
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    x.max(0.0) + log1p_unit(exp_nonpositive(-x.abs()))
}

/// 1 / (1 + exp(-x)), exact to 1e-6 relative in both tails.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp_nonpositive(-x.abs());
    let numerator = if x >= 0.0 { 1.0 } else { e };
    numerator / (1.0 + e)
}

/// tanh(x), absolute error below 3e-7.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let e = exp_nonpositive(-2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// Phi(x), the probability that a standard normal draw lies below x; relative error below 2e-7.
pub fn normal_cdf(x: f64) -> f64 {
    // erfc by the Chebyshev fit of Numerical Recipes (Press et al. 1992, 6.2).
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * z);
    let fit = [
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    ];
    let polynomial = fit.iter().rev().fold(0.0, |sum, c| sum * t + c);
    let tail = 0.5 * t * (-z * z + polynomial).exp();
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// How many rows of `width` there are in `values`, after checking that they fill whole rows and are
/// finite.
///
/// # Errors
///
/// [`Error::Shape`] when empty or not a multiple of `width`; [`Error::NonFinite`] for NaN or infinity.
pub fn check_rows(what: &str, values: &[f32], width: usize) -> Result<usize> {
    if values.is_empty() || width == 0 || !values.len().is_multiple_of(width) {
        return Err(Error::shape(format!(
            "{what} must hold whole rows of {width} numbers; got {} numbers",
            values.len()
        )));
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(at) => Err(Error::NonFinite(format!(
            "{what} must be finite; number {at} is {}",
            values[at]
        ))),
        None => Ok(values.len() / width),
    }
}

/// [`check_rows`] for pixels, which must also lie in [0, 1].
///
/// # Errors
///
/// As [`check_rows`]; [`Error::InvalidArgument`] for a value outside [0, 1].
pub fn check_pixels(values: &[f32]) -> Result<usize> {
    let rows = check_rows("pixels", values, crate::PIXELS)?;
    match values.iter().position(|v| !(0.0..=1.0).contains(v)) {
        Some(at) => Err(Error::argument(format!(
            "pixels must lie in [0, 1]; number {at} is {}",
            values[at]
        ))),
        None => Ok(rows),
    }
}

/// [`check_pixels`] for what takes one image at a time.
///
/// # Errors
///
/// As [`check_pixels`]; [`Error::Shape`] for more than one image.
pub fn check_image(values: &[f32]) -> Result<()> {
    match check_pixels(values)? {
        1 => Ok(()),
        images => Err(Error::shape(format!(
            "this takes one image of 784 pixels at a time; got {images}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(low: f64, high: f64, count: usize) -> impl Iterator<Item = f32> {
        (0..=count).map(move |i| (low + (high - low) * i as f64 / count as f64) as f32)
    }

    /// Against tables of the normal distribution.
    #[test]
    fn the_normal_distribution_function_is_right_in_both_tails() {
        for (x, wanted) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-1.959_963_984_540_054, 0.025),
            (-4.0, 3.167_124_183_311_992e-5),
            (-6.0, 9.865_876_450_376_98e-10),
        ] {
            assert!((normal_cdf(x) / wanted - 1.0).abs() < 2e-7, "{x}");
        }
    }

    #[test]
    fn fast_functions_keep_their_stated_bounds() {
        for x in grid(-86.9, 0.0, 200_000) {
            let exact = f64::from(x).exp();
            assert!(
                (f64::from(exp_nonpositive(x)) / exact - 1.0).abs() < 3e-7,
                "exp({x})"
            );
        }
        for y in grid(0.0, 1.0, 200_000) {
            let exact = f64::from(y).ln_1p();
            assert!(
                (f64::from(log1p_unit(y)) - exact).abs() < 1.5e-7,
                "log1p({y})"
            );
        }
        for x in grid(-40.0, 40.0, 200_000) {
            let wide = f64::from(x);
            let exact = wide.max(0.0) + (-wide.abs()).exp().ln_1p();
            assert!((f64::from(softplus(x)) - exact).abs() < 3e-7 * wide.max(1.0));
            let exact = 1.0 / (1.0 + (-wide).exp());
            assert!((f64::from(sigmoid(x)) / exact - 1.0).abs() < 1e-6);
            assert!((f64::from(tanh(x)) - wide.tanh()).abs() < 3e-7);
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for x in [-1e30, -1000.0, 1000.0, 1e30] {
            assert!(softplus(x).is_finite() && sigmoid(x).is_finite() && tanh(x).is_finite());
        }
        assert_eq!(softplus(1000.0), 1000.0);
        assert_eq!(tanh(-1000.0), -1.0);
    }

    #[test]
    fn logsumexp_at_its_limits() {
        assert_eq!(logsumexp(&[]), f64::NEG_INFINITY);
        assert_eq!(logsumexp(&[f64::NEG_INFINITY; 3]), f64::NEG_INFINITY);
        assert!(
            logsumexp(&[f64::NAN; 3]).is_nan() && logsumexp(&[f64::INFINITY, f64::NAN]).is_nan()
        );
        assert!((logsumexp(&[-1000.0, -1000.0]) + 1000.0 - 2f64.ln()).abs() < 1e-12);
        assert!((logsumexp(&[1000.0, 0.0]) - 1000.0).abs() < 1e-12);
    }

    #[test]
    fn row_checks_name_the_fault() {
        assert_eq!(check_rows("codes", &[0.0; 6], 3).unwrap(), 2);
        assert_eq!(
            check_rows("codes", &[0.0; 5], 3).unwrap_err().code(),
            "shape"
        );
        assert_eq!(check_rows("codes", &[], 3).unwrap_err().code(), "shape");
        assert_eq!(
            check_rows("codes", &[f32::NAN; 3], 3).unwrap_err().code(),
            "non-finite"
        );
        let pixels = vec![1.5; crate::PIXELS];
        assert_eq!(
            check_pixels(&pixels).unwrap_err().code(),
            "invalid-argument"
        );
    }
}
