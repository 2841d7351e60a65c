//! Posteriors by normalising flow: mean and variance of draws, of the same seeded noise that the crate takes.

use candle_core::Tensor;
use latent_canvas::Result;
use latent_canvas::approximate_posteriors::flow::moment_noise;
use latent_canvas::approximate_posteriors::iaf;
use latent_canvas::models::Model;

use super::encoder::Moments;
use super::graph::{Graph, Value, int, ints};
use super::layers::linear;
use super::proto::{DOUBLE, FLOAT};

/// Variances below it are rounding errors.
const LEAST_VARIANCE: f64 = 1e-12;
/// What keeps the autoregressive steps near the identity: sigmoid(2) = 0.88.
const OPEN: f32 = 2.0;

/// Of draws `[64, n, K]`: those of the base, bent by each step.
pub fn moments(
    graph: &mut Graph,
    model: &dyn Model,
    h: &Value,
    [mean, log_var]: Moments,
) -> Result<Moments> {
    let values = &model.spec().values;
    let noise = moment_noise(model.latents());
    let shape = [noise.len(), 1, model.latents()];
    let noise = graph.floats("moment_noise", &shape, &noise.concat());
    let half = graph.scalar(0.5);
    let log_deviation = graph.node("Mul", &[&half, &log_var]);
    let deviation = graph.node("Exp", &[&log_deviation]);
    let scaled = graph.node("Mul", &[&deviation, &noise]);
    let mut z = graph.node("Add", &[&mean, &scaled]);
    for step in 0..values.integer("flowSteps") {
        let name = format!("flow.{step}");
        z = match values.choice("posterior") {
            "planar" => planar(graph, &name, h, &z)?,
            _ => autoregressive(graph, &name, model.latents(), step % 2 == 1, h, &z)?,
        };
    }
    Ok(of_draws(graph, &z))
}

/// Mean and log-variance over the first axis, in 64 bits: the variance is a difference.
fn of_draws(graph: &mut Graph, z: &Value) -> Moments {
    let wide = graph.with_int("Cast", &[z], ("to", i64::from(DOUBLE)));
    let square = graph.node("Mul", &[&wide, &wide]);
    let mut mean_of_draws = |values: &Value| {
        let attributes = vec![ints("axes", &[0]), int(("keepdims", 0))];
        graph.with("ReduceMean", &[values], attributes)
    };
    let (mean, mean_square) = (mean_of_draws(&wide), mean_of_draws(&square));
    let squared_mean = graph.node("Mul", &[&mean, &mean]);
    let variance = graph.node("Sub", &[&mean_square, &squared_mean]);
    let least = graph.wide_scalar(LEAST_VARIANCE);
    let variance = graph.node("Max", &[&variance, &least]);
    let log_var = graph.node("Log", &[&variance]);
    let narrow = ("to", i64::from(FLOAT));
    [
        graph.with_int("Cast", &[&mean], narrow),
        graph.with_int("Cast", &[&log_var], narrow),
    ]
}

/// z + u^ tanh(w . z + b), u^ = u + (softplus(w . u) - 1 - w . u) w / |w|^2.
fn planar(graph: &mut Graph, name: &str, h: &Value, z: &Value) -> Result<Value> {
    let push = linear(graph, &format!("{name}.push"), h)?;
    let normal = linear(graph, &format!("{name}.normal"), h)?;
    let offset = linear(graph, &format!("{name}.offset"), h)?;
    let one = graph.scalar(1.0);
    let product = graph.node("Mul", &[&normal, &push]);
    let along = graph.row_sums(&product);
    let stretch = graph.node("Softplus", &[&along]);
    let excess = graph.node("Sub", &[&stretch, &along]);
    let excess = graph.node("Sub", &[&excess, &one]);
    let square = graph.node("Mul", &[&normal, &normal]);
    let length = graph.row_sums(&square);
    let share = graph.node("Div", &[&excess, &length]);
    let correction = graph.node("Mul", &[&normal, &share]);
    let push = graph.node("Add", &[&push, &correction]);
    let product = graph.node("Mul", &[&normal, z]);
    let height = graph.row_sums(&product);
    let height = graph.node("Add", &[&height, &offset]);
    let bend = graph.node("Tanh", &[&height]);
    let moved = graph.node("Mul", &[&push, &bend]);
    Ok(graph.node("Add", &[z, &moved]))
}

/// m + s (z - m), s = sigmoid(r + 2), (m, r) of each latent from those before it.
fn autoregressive(
    graph: &mut Graph,
    name: &str,
    latents: usize,
    reversed: bool,
    h: &Value,
    z: &Value,
) -> Result<Value> {
    let [input, to_latents] = iaf::masks(latents, reversed)?;
    let context = linear(graph, &format!("{name}.context"), h)?;
    let units = masked(graph, &format!("{name}.input"), &input, z)?;
    let units = graph.node("Add", &[&units, &context]);
    let units = graph.node("Elu", &[&units]);
    let mean = masked(graph, &format!("{name}.mean"), &to_latents, &units)?;
    let scale = masked(graph, &format!("{name}.scale"), &to_latents, &units)?;
    let open = graph.scalar(OPEN);
    let opened = graph.node("Add", &[&scale, &open]);
    let share = graph.node("Sigmoid", &[&opened]);
    let distance = graph.node("Sub", &[z, &mean]);
    let kept = graph.node("Mul", &[&share, &distance]);
    Ok(graph.node("Add", &[&mean, &kept]))
}

/// An affine layer of `[64, n, in]`, of which some weights are used; they are stored as the product wants them.
fn masked(graph: &mut Graph, name: &str, mask: &Tensor, x: &Value) -> Result<Value> {
    let weight = graph.parameter_tensor(&format!("{name}.weight"))?;
    let used = (weight * mask)?.t()?.contiguous()?;
    let values = used.flatten_all()?.to_vec1::<f32>()?;
    let stored = format!("{name}.used_weight_transposed");
    let weight = graph.floats(&stored, used.dims(), &values);
    let bias = graph.parameter(&format!("{name}.bias"))?;
    let product = graph.node("MatMul", &[x, &weight]);
    Ok(graph.node("Add", &[&product, &bias]))
}
