//! The encoder as a graph: mean and log_var of q(z|x).

use latent_canvas::data::CLASSES;
use latent_canvas::models::Model;
use latent_canvas::models::linear_factors::FactorModel;
use latent_canvas::{Error, PIXELS, Result};

use super::flow;
use super::graph::{Graph, Value, int};
use super::layers::{linear, perceptron};

/// Mean and log_var of each number of a code, `[n, K]`.
pub type Moments = [Value; 2];

/// The log-variance of a code without doubt, in place of minus infinity.
const NO_DOUBT: f32 = -40.0;
/// Added to a probability's variance, which is 0 where the model is sure.
const LEAST_VARIANCE: f32 = 1e-12;

/// What the model's own `encode` says of x, with the classes y given if it is told any.
pub fn moments(
    graph: &mut Graph,
    model: &dyn Model,
    x: &Value,
    y: Option<&Value>,
) -> Result<Moments> {
    match model.spec().family().id {
        "ae" => point(graph, model, x),
        "vae" => {
            let h = perceptron(graph, "encoder", &model.spec().values, x, None)?;
            let base = diagonal(graph, &h)?;
            match model.spec().values.choice("posterior") {
                "full" if model.latents() > 1 => full(graph, model.latents(), &h, base),
                "iaf" | "planar" => flow::moments(graph, model, &h, base),
                _ => Ok(base),
            }
        }
        "m2" if y.is_none() => with_class(graph, model, x),
        "cvae" | "m2" => given_class(graph, model, x, y),
        "categorical-vae" => {
            let values = &model.spec().values;
            let h = perceptron(graph, "encoder", values, x, None)?;
            let logits = linear(graph, "encoder.categories", &h)?;
            let sizes = [values.integer("variables"), values.integer("categories")];
            Ok(categorical(graph, &logits, sizes.map(|size| size as i64)))
        }
        "bernoulli-mixture" => template(graph, model, x),
        "ppca" | "factor-analysis" => linear_factors(graph, model, x),
        unknown => Err(Error::Unsupported(format!(
            "models of the family \"{unknown}\" cannot be exported to ONNX"
        ))),
    }
}

/// The heads of a Gaussian with independent numbers.
fn diagonal(graph: &mut Graph, h: &Value) -> Result<Moments> {
    Ok([
        linear(graph, "encoder.mean", h)?,
        linear(graph, "encoder.log_var", h)?,
    ])
}

fn given_class(
    graph: &mut Graph,
    model: &dyn Model,
    x: &Value,
    y: Option<&Value>,
) -> Result<Moments> {
    let h = perceptron(graph, "encoder", &model.spec().values, x, y)?;
    diagonal(graph, &h)
}

/// The code itself, and the log-variance that stands for none.
fn point(graph: &mut Graph, model: &dyn Model, x: &Value) -> Result<Moments> {
    let h = perceptron(graph, "encoder", &model.spec().values, x, None)?;
    let code = linear(graph, "encoder.code", &h)?;
    let shape = graph.node("Shape", &[&code]);
    let no_doubt = graph.scalar(NO_DOUBT);
    let log_var = graph.node("Expand", &[&no_doubt, &shape]);
    Ok([code, log_var])
}

/// Of N(mean, L L^T): log sum_j L_kj^2.
fn full(graph: &mut Graph, latents: usize, h: &Value, [mean, log_var]: Moments) -> Result<Moments> {
    let lower = linear(graph, "encoder.lower", h)?;
    let squares = graph.node("Mul", &[&lower, &lower]);
    // Which entries of L below its diagonal stand in which row.
    let entries = latents * (latents - 1) / 2;
    let mut rows = vec![0f32; entries * latents];
    let places = (0..latents).flat_map(|row| std::iter::repeat_n(row, row));
    for (entry, row) in places.enumerate() {
        rows[entry * latents + row] = 1.0;
    }
    let rows = graph.floats("rows_of_lower", &[entries, latents], &rows);
    let below = graph.node("MatMul", &[&squares, &rows]);
    let diagonal = graph.node("Exp", &[&log_var]);
    let variance = graph.node("Add", &[&diagonal, &below]);
    Ok([mean, graph.node("Log", &[&variance])])
}

/// The probabilities of choices that are 1 or 0, and the logarithms of their variances.
fn categorical(graph: &mut Graph, logits: &Value, [variables, categories]: [i64; 2]) -> Moments {
    // A 0 in a shape keeps the number of rows.
    let apart = graph.integers(&[0, variables, categories]);
    let joined = graph.integers(&[0, variables * categories]);
    let by_variable = graph.node("Reshape", &[logits, &apart]);
    let probabilities = graph.with_int("Softmax", &[&by_variable], ("axis", 2));
    let mean = graph.node("Reshape", &[&probabilities, &joined]);
    let square = graph.node("Mul", &[&mean, &mean]);
    let difference = graph.node("Sub", &[&mean, &square]);
    let variance = graph.node("Relu", &[&difference]);
    let least = graph.scalar(LEAST_VARIANCE);
    let variance = graph.node("Add", &[&variance, &least]);
    let log_var = graph.node("Log", &[&variance]);
    [mean, log_var]
}

/// q(z|x, y) at the most probable class, then the probabilities of the classes.
fn with_class(graph: &mut Graph, model: &dyn Model, x: &Value) -> Result<Moments> {
    let h = perceptron(graph, "classifier", &model.spec().values, x, None)?;
    let logits = linear(graph, "classifier.logits", &h)?;
    let of_class = categorical(graph, &logits, [1, CLASSES as i64]);
    let keep = vec![int(("axis", 1)), int(("keepdims", 0))];
    let chosen = graph.with("ArgMax", &[&logits], keep);
    let count = graph.integers(&[CLASSES as i64]);
    let absent_present = graph.floats("absent_present", &[2], &[0.0, 1.0]);
    let y = graph.node("OneHot", &[&chosen, &count, &absent_present]);
    let of_z = given_class(graph, model, x, Some(&y))?;
    let mut join = |at: usize| graph.with_int("Concat", &[&of_z[at], &of_class[at]], ("axis", 1));
    Ok([join(0), join(1)])
}

/// p(z|x) of a mixture: log p(x, z) is linear in x.
fn template(graph: &mut Graph, model: &dyn Model, x: &Value) -> Result<Moments> {
    let logits = graph.parameter_tensor("decoder.weight")?;
    let log_weights = graph.parameter_tensor("prior.log_weights")?;
    let components = model.latents();
    // log p(x = 0|z) + log p(z), but for a constant.
    let mut without_ink: Vec<f64> = (log_weights.to_vec1::<f32>()?.into_iter())
        .map(f64::from)
        .collect();
    for row in logits.to_vec2::<f32>()? {
        for (sum, logit) in without_ink.iter_mut().zip(row) {
            let logit = f64::from(logit);
            *sum -= logit.max(0.0) + (-logit.abs()).exp().ln_1p();
        }
    }
    // The differences matter alone; small numbers keep their digits in 32 bits.
    let most = without_ink.iter().copied().fold(f64::MIN, f64::max);
    let offset: Vec<f32> = without_ink.iter().map(|v| (v - most) as f32).collect();
    let weight = graph.parameter("decoder.weight")?;
    let offset = graph.floats("log_probability_without_ink", &[components], &offset);
    let log_joint = graph.node("Gemm", &[x, &weight, &offset]);
    Ok(categorical(graph, &log_joint, [1, components as i64]))
}

/// p(z|x) of a linear model as one affine layer: ONNX inverts no matrix.
fn linear_factors(graph: &mut Graph, model: &dyn Model, x: &Value) -> Result<Moments> {
    let latents = model.latents();
    let wide = |name: &str| -> Result<Vec<f64>> {
        let tensor = graph.parameter_tensor(name)?.flatten_all()?;
        let values = tensor.to_vec1::<f32>()?;
        Ok(values.into_iter().map(f64::from).collect())
    };
    let variance = wide("decoder.log_var")?.into_iter().map(f64::exp).collect();
    let (weight, mean) = (wide("decoder.weight")?, wide("decoder.bias")?);
    let factors = FactorModel::new(weight, mean, variance)?;
    let covariance = factors.posterior_covariance();
    let mut towards_latents = Vec::with_capacity(PIXELS * latents);
    let mut bias = vec![0f64; latents];
    let pixels = factors.weight().chunks_exact(latents);
    let of_pixels = factors.mean().iter().zip(factors.variance());
    for (row, (mean, variance)) in pixels.zip(of_pixels) {
        for (latent, bias) in bias.iter_mut().enumerate() {
            let column = covariance.iter().skip(latent).step_by(latents);
            let sum: f64 = row.iter().zip(column).map(|(w, c)| w * c).sum();
            *bias -= mean * sum / variance;
            towards_latents.push((sum / variance) as f32);
        }
    }
    let bias: Vec<f32> = bias.into_iter().map(|v| v as f32).collect();
    let variances = covariance.iter().step_by(latents + 1);
    let log_var: Vec<f32> = variances.map(|v| v.ln() as f32).collect();
    let weight = graph.floats("encoder.weight", &[PIXELS, latents], &towards_latents);
    let bias = graph.floats("encoder.bias", &[latents], &bias);
    let log_var = graph.floats("encoder.log_var", &[1, latents], &log_var);
    Ok([
        graph.node("Gemm", &[x, &weight, &bias]),
        graph.row_for_each(x, &log_var),
    ])
}
