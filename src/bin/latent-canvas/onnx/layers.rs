//! Affine layers, perceptrons and their non-linearities.

use latent_canvas::Result;
use latent_canvas::nn::Activation;
use latent_canvas::options::Values;

use super::graph::{Graph, Value};

/// x W^T + b with the tensors `name.weight` and `name.bias`.
pub fn linear(graph: &mut Graph, name: &str, x: &Value) -> Result<Value> {
    let weight = graph.parameter(&format!("{name}.weight"))?;
    let bias = graph.parameter(&format!("{name}.bias"))?;
    Ok(graph.with_int("Gemm", &[x, &weight, &bias], ("transB", 1)))
}

/// The last hidden layer of the perceptron `name`, the classes y given if there are any; without hidden layers x and y,
/// joined.
pub fn perceptron(
    graph: &mut Graph,
    name: &str,
    options: &Values,
    x: &Value,
    y: Option<&Value>,
) -> Result<Value> {
    let depth = options.sizes("hidden").len();
    if depth == 0 {
        return Ok(match y {
            Some(y) => graph.with_int("Concat", &[x, y], ("axis", 1)),
            None => x.clone(),
        });
    }
    let non_linearity = Activation::parse(options.choice("activation"))?;
    let mut h = linear(graph, &format!("{name}.0"), x)?;
    if let Some(y) = y {
        let weight = graph.parameter(&format!("{name}.class"))?;
        let of_class = graph.with_int("Gemm", &[y, &weight], ("transB", 1));
        h = graph.node("Add", &[&h, &of_class]);
    }
    h = activation(graph, non_linearity, &h);
    for layer in 1..depth {
        h = linear(graph, &format!("{name}.{layer}"), &h)?;
        h = activation(graph, non_linearity, &h);
    }
    Ok(h)
}

fn activation(graph: &mut Graph, kind: Activation, a: &Value) -> Value {
    match kind {
        Activation::Relu => graph.node("Relu", &[a]),
        Activation::Tanh => graph.node("Tanh", &[a]),
        Activation::Elu => graph.node("Elu", &[a]),
        Activation::Softplus => graph.node("Softplus", &[a]),
        Activation::Gelu => gelu(graph, a),
    }
}

/// a (1 + tanh(sqrt(2 / pi) (a + 0.044715 a^3))) / 2. The operation of this name wants readers newer than the rest does.
fn gelu(graph: &mut Graph, a: &Value) -> Value {
    let (one, half) = (graph.scalar(1.0), graph.scalar(0.5));
    let (scale, cubic) = (graph.scalar(0.797_884_6), graph.scalar(0.044_715));
    let square = graph.node("Mul", &[a, a]);
    let cube = graph.node("Mul", &[&square, a]);
    let bent = graph.node("Mul", &[&cubic, &cube]);
    let sum = graph.node("Add", &[a, &bent]);
    let scaled = graph.node("Mul", &[&scale, &sum]);
    let tanh = graph.node("Tanh", &[&scaled]);
    let factor = graph.node("Add", &[&one, &tanh]);
    let halved = graph.node("Mul", &[&half, a]);
    graph.node("Mul", &[&halved, &factor])
}
