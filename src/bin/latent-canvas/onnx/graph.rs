//! A graph of ONNX operations, built node by node.

use std::collections::BTreeSet;

use candle_core::Tensor;
use latent_canvas::models::Model;
use latent_canvas::{Error, Result};

use super::proto::{
    ATTRIBUTE_INT, ATTRIBUTE_INTS, AttributeProto, DOUBLE, DimensionProto, FLOAT, GraphProto,
    INT64, NodeProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The name of the axis of images, whose length is free.
const ROWS: &str = "n";

/// A tensor of the graph, by its name.
#[derive(Clone, Debug)]
pub struct Value(String);

/// A graph that reads the weights of a model.
pub struct Graph<'a> {
    model: &'a dyn Model,
    built: GraphProto,
    stored: BTreeSet<String>,
}

impl<'a> Graph<'a> {
    pub fn new(name: &str, model: &'a dyn Model) -> Self {
        let built = GraphProto {
            name: name.to_owned(),
            ..GraphProto::default()
        };
        Self {
            model,
            built,
            stored: BTreeSet::new(),
        }
    }

    pub fn finish(self) -> GraphProto {
        self.built
    }

    /// An input `[n, width]`.
    pub fn input(&mut self, name: &str, width: usize, meaning: &str) -> Value {
        self.built.input.push(described(name, width, meaning));
        Value(name.to_owned())
    }

    /// Makes a value `[n, width]` an output.
    pub fn output(&mut self, name: &str, value: &Value, width: usize, meaning: &str) {
        for node in &mut self.built.node {
            let names = node.input.iter_mut().chain(&mut node.output);
            for known in names.filter(|known| **known == value.0) {
                name.clone_into(known);
            }
        }
        self.built.output.push(described(name, width, meaning));
    }

    /// The result of an operation.
    pub fn node(&mut self, operation: &str, inputs: &[&Value]) -> Value {
        self.with(operation, inputs, vec![])
    }

    /// The result of an operation with one whole number as an attribute.
    pub fn with_int(
        &mut self,
        operation: &str,
        inputs: &[&Value],
        attribute: (&str, i64),
    ) -> Value {
        self.with(operation, inputs, vec![int(attribute)])
    }

    /// The result of an operation with attributes.
    pub fn with(
        &mut self,
        operation: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> Value {
        let [value] = self.several(operation, inputs, attributes);
        value
    }

    /// The results of an operation that has several.
    pub fn several<const COUNT: usize>(
        &mut self,
        operation: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> [Value; COUNT] {
        let name = format!("{operation}_{}", self.built.node.len());
        let outputs: [Value; COUNT] = std::array::from_fn(|at| match COUNT {
            1 => Value(name.clone()),
            _ => Value(format!("{name}_{at}")),
        });
        self.built.node.push(NodeProto {
            input: inputs.iter().map(|value| value.0.clone()).collect(),
            output: outputs.iter().map(|value| value.0.clone()).collect(),
            name,
            op_type: operation.to_owned(),
            attribute: attributes,
        });
        outputs
    }

    /// A tensor of the model, stored under its own name.
    pub fn parameter(&mut self, name: &str) -> Result<Value> {
        let tensor = self.parameter_tensor(name)?;
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        Ok(self.floats(name, tensor.dims(), &values))
    }

    /// A tensor of the model, for what is made of it first.
    pub fn parameter_tensor(&self, name: &str) -> Result<Tensor> {
        match self.model.parameters().get(name) {
            Some(parameter) => Ok(parameter.as_tensor().clone()),
            None => Err(Error::Checkpoint(format!(
                "the checkpoint lacks the tensor \"{name}\""
            ))),
        }
    }

    /// Stored numbers in 32 bits.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.store(name, FLOAT, shape, bytes)
    }

    /// A stored number in 32 bits; the same number is stored once.
    pub fn scalar(&mut self, value: f32) -> Value {
        self.floats(&format!("constant_{value:e}"), &[], &[value])
    }

    /// A stored number in 64 bits.
    pub fn wide_scalar(&mut self, value: f64) -> Value {
        let bytes = value.to_le_bytes().to_vec();
        self.store(&format!("wide_{value:e}"), DOUBLE, &[], bytes)
    }

    /// Stored whole numbers: a shape, or axes.
    pub fn integers(&mut self, values: &[i64]) -> Value {
        let words: Vec<String> = values.iter().map(i64::to_string).collect();
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let name = format!("integers_{}", words.join("_"));
        self.store(&name, INT64, &[values.len()], bytes)
    }

    fn store(&mut self, name: &str, data_type: i32, shape: &[usize], raw_data: Vec<u8>) -> Value {
        if self.stored.insert(name.to_owned()) {
            self.built.initializer.push(TensorProto {
                dims: shape.iter().map(|size| *size as i64).collect(),
                data_type,
                name: name.to_owned(),
                raw_data,
            });
        }
        Value(name.to_owned())
    }

    /// One stored row of numbers for each row of `like`.
    pub fn row_for_each(&mut self, like: &Value, row: &Value) -> Value {
        let rows = self.with("Shape", &[like], vec![int(("start", 0)), int(("end", 1))]);
        let one = self.integers(&[1]);
        let shape = self.with_int("Concat", &[&rows, &one], ("axis", 0));
        self.node("Expand", &[row, &shape])
    }

    /// Sums over the last axis, which stays with length 1.
    pub fn row_sums(&mut self, values: &Value) -> Value {
        let last = self.integers(&[-1]);
        self.with_int("ReduceSum", &[values, &last], ("keepdims", 1))
    }

    /// The parts of a `[n, first + second]` value.
    pub fn split(&mut self, value: &Value, first: usize, second: usize) -> [Value; 2] {
        let sizes = self.integers(&[first as i64, second as i64]);
        self.several("Split", &[value, &sizes], vec![int(("axis", 1))])
    }
}

pub fn int((name, i): (&str, i64)) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        i,
        ints: vec![],
        r#type: ATTRIBUTE_INT,
    }
}

pub fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        i: 0,
        ints: ints.to_vec(),
        r#type: ATTRIBUTE_INTS,
    }
}

fn described(name: &str, width: usize, meaning: &str) -> ValueInfoProto {
    let rows = DimensionProto {
        dim_value: None,
        dim_param: Some(ROWS.to_owned()),
    };
    let columns = DimensionProto {
        dim_value: Some(width as i64),
        dim_param: None,
    };
    let tensor = TensorTypeProto {
        elem_type: FLOAT,
        shape: Some(TensorShapeProto {
            dim: vec![rows, columns],
        }),
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(tensor),
        }),
        doc_string: meaning.to_owned(),
    }
}
