//! For tests: gradients against central differences.

use candle_core::{Tensor, Var};

/// Asks of each variable that the slope of the loss along its gradient is the gradient's length, to within
/// `tolerance` of it, and along a direction across it what the gradient says.
pub(crate) fn along_gradients<'a>(
    variables: impl IntoIterator<Item = (&'a str, &'a Var)>,
    tolerance: f64,
    loss: impl Fn() -> Tensor,
) {
    let scalar = |tensor: &Tensor| f64::from(tensor.to_scalar::<f32>().unwrap());
    let gradients = loss().backward().unwrap();
    for (name, var) in variables {
        let gradient = gradients.get(var).unwrap_or_else(|| panic!("{name}: none"));
        let length = scalar(&gradient.sqr().unwrap().sum_all().unwrap()).sqrt();
        assert!(length > 0.0, "{name}: no slope");
        // A fixed pattern of signs, so that single numbers with a wrong gradient are not drowned by the others.
        let count = gradient.elem_count();
        let signs: Vec<f32> = (0..count)
            .map(|i| if i * 7 % 5 < 2 { -1.0 } else { 1.0 })
            .collect();
        let signs = Tensor::from_vec(signs, gradient.shape(), gradient.device()).unwrap();
        let signs = (signs / (count as f64).sqrt()).unwrap();
        for direction in [(gradient / length).unwrap(), signs] {
            let wanted = scalar(&(gradient * &direction).unwrap().sum_all().unwrap());
            let start = var.as_tensor().copy().unwrap();
            let at = |step: f64| {
                let moved = (&start + (&direction * step).unwrap()).unwrap();
                var.set(&moved).unwrap();
                scalar(&loss())
            };
            // Two steps, so that the error is of their fourth power.
            let step = 2e-2;
            let difference = |step: f64| at(step) - at(-step);
            let slope = (8.0 * difference(step) - difference(2.0 * step)) / (12.0 * step);
            var.set(&start).unwrap();
            let error = (slope - wanted).abs() / length;
            assert!(error < tolerance, "{name}: {slope} against {wanted}");
        }
    }
}
