//! `latent-canvas export`: encoder and decoder as ONNX files, for programs in other languages.

mod decoder;
mod encoder;
mod flow;
mod graph;
mod layers;
mod proto;

use std::path::{Path, PathBuf};

use latent_canvas::checkpoint::Checkpoint;
use latent_canvas::data::CLASSES;
use latent_canvas::models::Model;
use latent_canvas::{Error, PIXELS, Result};
use prost::Message;
use serde::Serialize;

use crate::report::Printable;
use crate::{NAME, files};
use graph::{Graph, Value};
use proto::{GraphProto, ModelProto, OperatorSetIdProto, StringStringEntryProto, ValueInfoProto};

/// The operations are those of this version, which readers know since 2022.
const OPERATOR_SET: i64 = 17;
/// The version of the file format that came with it.
const FORMAT: i64 = 8;
const VERSION: &str = env!("CARGO_PKG_VERSION");
const ENCODER: &str = "encoder.onnx";
const DECODER: &str = "decoder.onnx";

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    /// The folder to write encoder.onnx and decoder.onnx to; it is made where it is missing
    #[arg(long, value_name = "FOLDER")]
    onnx: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let Checkpoint { model, .. } = files::read_checkpoint(&arguments.file)?;
    let model = model.as_ref();
    let graphs = [(ENCODER, encoder(model)?), (DECODER, decoder(model)?)];
    make_folder(&arguments.onnx)?;
    let mut files = Vec::with_capacity(graphs.len());
    for (name, graph) in graphs {
        let written = Written {
            file: arguments.onnx.join(name),
            inputs: ports(&graph.input),
            outputs: ports(&graph.output),
        };
        files::write(&written.file, &in_file(graph, model).encode_to_vec())?;
        files.push(written);
    }
    Report { files }.show(arguments.json)
}

/// x, and y where the model is told classes, to mean and log_var.
fn encoder(model: &dyn Model) -> Result<GraphProto> {
    let mut graph = Graph::new("encoder", model);
    let x = graph.input("x", PIXELS, "pixels in [0, 1], ink 1, row after row");
    let y = classes(&mut graph, model, &x)?;
    let [mean, log_var] = encoder::moments(&mut graph, model, &x, y.as_ref())?;
    let width = model.latents();
    graph.output("mean", &mean, width, "the mean of q(z|x)");
    let meaning = "the logarithm of the variance of q(z|x)";
    graph.output("log_var", &log_var, width, meaning);
    Ok(graph.finish())
}

/// z, and y where the model is told classes, to the pixels.
fn decoder(model: &dyn Model) -> Result<GraphProto> {
    let mut graph = Graph::new("decoder", model);
    let z = graph.input("z", model.latents(), "codes");
    let y = classes(&mut graph, model, &z)?;
    let pixels = decoder::pixels(&mut graph, model, &z, y.as_ref())?;
    let meaning = "the mean of p(x|z), cut to [0, 1]";
    graph.output("pixels", &pixels.mean, PIXELS, meaning);
    if let Some(log_var) = pixels.log_var {
        let meaning = "the logarithm of the variance of p(x|z)";
        graph.output("pixels_log_var", &log_var, PIXELS, meaning);
    }
    Ok(graph.finish())
}

/// The classes as an input, or those that the model was given, a row for each row of `like`; none where it needs no class.
fn classes(graph: &mut Graph, model: &dyn Model, like: &Value) -> Result<Option<Value>> {
    if let Some(given) = model.given_classes() {
        let row = graph.floats(
            "given_class",
            &[1, CLASSES],
            &given.flatten_all()?.to_vec1::<f32>()?,
        );
        return Ok(Some(graph.row_for_each(like, &row)));
    }
    if model.of_each_class()?.is_empty() {
        return Ok(None);
    }
    let meaning = "1 at the class of the image, all 0 where it is not known";
    Ok(Some(graph.input("y", CLASSES, meaning)))
}

/// The graph with what a reader of the file wants to know.
fn in_file(graph: GraphProto, model: &dyn Model) -> ModelProto {
    let spec = model.spec();
    let pixels = if model.likelihood().is_binary() {
        "black or white"
    } else {
        "grey"
    };
    let notes = [
        ("family", spec.family().id.to_owned()),
        ("spec", spec.to_json().to_string()),
        ("pixels", pixels.to_owned()),
        ("producer", format!("{NAME} {VERSION}")),
    ];
    let as_entry = |(key, value): (&str, String)| StringStringEntryProto {
        key: key.to_owned(),
        value,
    };
    ModelProto {
        ir_version: FORMAT,
        producer_name: NAME.to_owned(),
        producer_version: VERSION.to_owned(),
        doc_string: format!("{} of a {}", graph.name, spec.family().label),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: OPERATOR_SET,
        }],
        metadata_props: notes.into_iter().map(as_entry).collect(),
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    let cannot = |reason: String| {
        Error::Io(format!(
            "cannot write {ENCODER} and {DECODER} to {}: {reason}",
            folder.display()
        ))
    };
    if folder.is_dir() {
        return Ok(());
    }
    if folder.exists() {
        return Err(cannot("it is a file; name a folder".to_owned()));
    }
    let above = folder
        .parent()
        .filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above.filter(|above| !above.is_dir()) {
        let reason = format!("the folder {} is not there; make it first", above.display());
        return Err(cannot(reason));
    }
    std::fs::create_dir(folder).map_err(|cause| cannot(cause.to_string()))
}

/// The inputs or outputs of a graph, in its order.
fn ports(values: &[ValueInfoProto]) -> Vec<Port> {
    let port = |value: &ValueInfoProto| {
        let tensor = value.r#type.as_ref()?.tensor_type.as_ref()?;
        let width = tensor.shape.as_ref()?.dim.last()?.dim_value?;
        let name = value.name.clone();
        Some(Port { name, width })
    };
    values.iter().filter_map(port).collect()
}

/// What was written.
#[derive(Serialize)]
struct Report {
    files: Vec<Written>,
}

/// A file, what it takes and what it gives.
#[derive(Serialize)]
struct Written {
    file: PathBuf,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

/// An input or output `[n, width]`.
#[derive(Serialize)]
struct Port {
    name: String,
    width: i64,
}

impl Printable for Report {
    fn print(&self) {
        let list = |ports: &[Port]| {
            let words = ports.iter();
            let words: Vec<String> = words
                .map(|Port { name, width }| format!("{name} [n, {width}]"))
                .collect();
            words.join(", ")
        };
        for written in &self.files {
            println!(
                "wrote {}: {} -> {}",
                written.file.display(),
                list(&written.inputs),
                list(&written.outputs)
            );
        }
    }
}
