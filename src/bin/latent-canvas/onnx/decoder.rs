//! The decoder as a graph: the mean of each pixel, and of Gaussian pixels the variance.

use latent_canvas::data::CLASSES;
use latent_canvas::likelihoods::gaussian::LEAST_DEVIATION;
use latent_canvas::models::Model;
use latent_canvas::{PIXELS, Result};

use super::graph::{Graph, Value};
use super::layers::{linear, perceptron};

/// Below this logit the difference of large numbers loses its digits, and the series does not.
const SMALL: f32 = 0.7;
/// The hyperbolic sine of more is not finite in 32 bits.
const LARGEST: f32 = 80.0;

/// What a code says of the pixels, `[n, 784]` each.
pub struct Pixels {
    /// E[x|z], cut to [0, 1]: the probability of ink where pixels are black or white.
    pub mean: Value,
    /// The logarithm of the variance, where pixels are Gaussian.
    pub log_var: Option<Value>,
}

/// p(x|z), with the classes y given if the model is told any.
pub fn pixels(
    graph: &mut Graph,
    model: &dyn Model,
    z: &Value,
    y: Option<&Value>,
) -> Result<Pixels> {
    let values = &model.spec().values;
    match model.spec().family().id {
        "bernoulli-mixture" => {
            let weight = graph.parameter("decoder.weight")?;
            let logits = graph.with_int("Gemm", &[z, &weight], ("transB", 1));
            Ok(probabilities(graph, &logits))
        }
        "ppca" | "factor-analysis" => {
            let mean = linear(graph, "decoder", z)?;
            let log_var = graph
                .parameter_tensor("decoder.log_var")?
                .to_vec1::<f32>()?;
            Ok(gaussian(graph, &mean, &log_var))
        }
        "m2" if y.is_none() => {
            let [z, y] = graph.split(z, values.integer("latents") as usize, CLASSES);
            let h = perceptron(graph, "decoder", values, &z, Some(&y))?;
            let logits = linear(graph, "decoder.logits", &h)?;
            Ok(probabilities(graph, &logits))
        }
        _ => {
            let h = perceptron(graph, "decoder", values, z, y)?;
            let decoded = linear(graph, "decoder.logits", &h)?;
            of_likelihood(graph, model, &decoded)
        }
    }
}

fn of_likelihood(graph: &mut Graph, model: &dyn Model, decoded: &Value) -> Result<Pixels> {
    let values = &model.spec().values;
    let likelihood = match model.spec().family().id {
        "vae" => values.choice("likelihood"),
        _ => "bernoulli",
    };
    let least = LEAST_DEVIATION.powi(2);
    Ok(match likelihood {
        "continuous-bernoulli" => Pixels {
            mean: continuous_bernoulli_mean(graph, decoded),
            log_var: None,
        },
        "gaussian-fixed" => {
            let log_var = 2.0 * values.number("standardDeviation").ln();
            gaussian(graph, decoded, &[log_var as f32; PIXELS])
        }
        "gaussian-scalar" | "gaussian-pixel" => {
            let stored = graph
                .parameter_tensor("decoder.log_var")?
                .to_vec1::<f32>()?;
            // One number for all pixels, or one for each.
            let for_each = stored.iter().cycle().take(PIXELS);
            let log_var: Vec<f32> = for_each
                .map(|v| (f64::from(*v).exp() + least).ln() as f32)
                .collect();
            gaussian(graph, decoded, &log_var)
        }
        "gaussian-decoder" => {
            let [mean, above] = graph.split(decoded, PIXELS, PIXELS);
            let least = graph.scalar(least as f32);
            let above = graph.node("Exp", &[&above]);
            let variance = graph.node("Add", &[&above, &least]);
            Pixels {
                log_var: Some(graph.node("Log", &[&variance])),
                mean: cut(graph, &mean),
            }
        }
        _ => probabilities(graph, decoded),
    })
}

fn probabilities(graph: &mut Graph, logits: &Value) -> Pixels {
    Pixels {
        mean: graph.node("Sigmoid", &[logits]),
        log_var: None,
    }
}

/// With a log-variance that does not depend on the code, one for each pixel.
fn gaussian(graph: &mut Graph, mean: &Value, log_var: &[f32]) -> Pixels {
    let log_var = graph.floats("pixel_log_variances", &[1, PIXELS], log_var);
    Pixels {
        log_var: Some(graph.row_for_each(mean, &log_var)),
        mean: cut(graph, mean),
    }
}

fn cut(graph: &mut Graph, mean: &Value) -> Value {
    let (paper, ink) = (graph.scalar(0.0), graph.scalar(1.0));
    graph.node("Clip", &[mean, &paper, &ink])
}

/// 1 / (1 - exp(-l)) - 1 / l, as sigmoid(l) minus 1/|l| - 1/sinh|l| with the sign of l; near 0 that is a series.
fn continuous_bernoulli_mean(graph: &mut Graph, logits: &Value) -> Value {
    let magnitude = graph.node("Abs", &[logits]);
    let (small, largest) = (graph.scalar(SMALL), graph.scalar(LARGEST));
    let large = graph.node("Max", &[&magnitude, &small]);
    let bounded = graph.node("Min", &[&large, &largest]);
    let sinh = graph.node("Sinh", &[&bounded]);
    let inverse = graph.node("Reciprocal", &[&large]);
    let inverse_sinh = graph.node("Reciprocal", &[&sinh]);
    let exact = graph.node("Sub", &[&inverse, &inverse_sinh]);

    let square = graph.node("Mul", &[&magnitude, &magnitude]);
    let coefficients = [1.0 / 6.0, -7.0 / 360.0, 31.0 / 15_120.0, -127.0 / 604_800.0];
    let mut series = graph.scalar(0.0);
    for coefficient in coefficients.into_iter().rev() {
        let coefficient = graph.scalar(coefficient);
        let product = graph.node("Mul", &[&square, &series]);
        series = graph.node("Add", &[&coefficient, &product]);
    }
    let series = graph.node("Mul", &[&magnitude, &series]);

    let near_zero = graph.node("Less", &[&magnitude, &small]);
    let below = graph.node("Where", &[&near_zero, &series, &exact]);
    let sign = graph.node("Sign", &[logits]);
    let below = graph.node("Mul", &[&below, &sign]);
    let sigmoid = graph.node("Sigmoid", &[logits]);
    let mean = graph.node("Sub", &[&sigmoid, &below]);
    cut(graph, &mean)
}
