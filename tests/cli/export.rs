//! `export`: the ONNX files hold the checkpoint's own tensors, and say what they take and give.

use std::collections::BTreeMap;
use std::path::Path;

use prost::Message;

use super::{Workplace, complaint, json};

#[allow(dead_code)]
#[path = "../../src/bin/latent-canvas/onnx/proto.rs"]
mod proto;

use proto::{GraphProto, ModelProto, TensorProto, ValueInfoProto};

fn shipped(name: &str) -> String {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/models");
    let file = models.join(format!("{name}.safetensors"));
    file.display().to_string()
}

/// Both files of an export, decoded again.
fn exported(place: &Workplace, name: &str) -> [ModelProto; 2] {
    let folder = place.file(name);
    let told = json(&["export", &shipped(name), "--onnx", &folder, "--json"]);
    ["encoder", "decoder"].map(|part| {
        let file = format!("{folder}/{part}.onnx");
        let listed = told["files"].as_array().unwrap().iter();
        assert!(
            listed
                .clone()
                .any(|written| written["file"] == file.as_str())
        );
        ModelProto::decode(&*std::fs::read(file).unwrap()).unwrap()
    })
}

fn graph(model: &ModelProto) -> &GraphProto {
    model.graph.as_ref().unwrap()
}

fn operations(graph: &GraphProto) -> Vec<&str> {
    graph
        .node
        .iter()
        .map(|node| node.op_type.as_str())
        .collect()
}

/// Names and widths; the first axis is free and has a name.
fn ports(values: &[ValueInfoProto]) -> Vec<(&str, i64)> {
    let port = |value: &'_ ValueInfoProto| {
        let tensor = value.r#type.as_ref().unwrap().tensor_type.as_ref().unwrap();
        let [rows, columns] = &tensor.shape.as_ref().unwrap().dim[..] else {
            panic!("{} must have two axes", value.name)
        };
        assert_eq!(
            (rows.dim_value, rows.dim_param.as_deref()),
            (None, Some("n"))
        );
        assert_eq!(tensor.elem_type, proto::FLOAT);
        columns.dim_value.unwrap()
    };
    let named = values
        .iter()
        .map(|value| (value.name.as_str(), port(value)));
    named.collect()
}

fn floats(tensor: &TensorProto) -> Vec<f32> {
    assert_eq!(tensor.data_type, proto::FLOAT);
    let words = tensor.raw_data.chunks_exact(4);
    words
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

#[test]
fn a_vae_is_its_layers_one_after_another() {
    let place = Workplace::new("export");
    let [encoder, decoder] = exported(&place, "strokes-2d");
    assert_eq!(ports(&graph(&encoder).input), [("x", 784)]);
    let moments = [("mean", 2), ("log_var", 2)];
    assert_eq!(ports(&graph(&encoder).output), moments);
    assert_eq!(ports(&graph(&decoder).input), [("z", 2)]);
    assert_eq!(ports(&graph(&decoder).output), [("pixels", 784)]);
    let layers = operations(graph(&encoder)).into_iter();
    let products = layers.filter(|operation| *operation == "Gemm").count();
    assert_eq!(products, 3, "a hidden layer and two heads");
    assert_eq!(operations(graph(&decoder)).last(), Some(&"Sigmoid"));

    // Weights that the file has in 8 bits stand in both files in 32, as the crate reads them.
    let bytes = std::fs::read(shipped("strokes-2d")).unwrap();
    let loaded = latent_canvas::checkpoint::load(&bytes).unwrap();
    let stored = [graph(&encoder), graph(&decoder)].map(|graph| &graph.initializer);
    let stored: BTreeMap<&str, &TensorProto> = (stored.into_iter().flatten())
        .map(|tensor| (tensor.name.as_str(), tensor))
        .collect();
    for (name, parameter) in loaded.model.parameters().iter() {
        let shape = parameter.dims().iter().map(|size| *size as i64);
        assert_eq!(stored[name].dims, shape.collect::<Vec<_>>(), "{name}");
        let values = parameter.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(floats(stored[name]), values, "{name}");
    }

    for model in [&encoder, &decoder] {
        assert_eq!(model.producer_name, "latent-canvas");
        assert!(model.opset_import[0].version >= 13);
        let note = |key: &str| {
            let notes = model.metadata_props.iter();
            let mut found = notes.filter(|note| note.key == key);
            found.next().unwrap().value.clone()
        };
        assert_eq!(note("family"), "vae");
        let spec: serde_json::Value = serde_json::from_str(&note("spec")).unwrap();
        assert_eq!(spec, loaded.model.spec().to_json());
    }
}

#[test]
fn a_model_that_is_told_classes_takes_them_and_gaussian_pixels_have_a_variance() {
    let place = Workplace::new("export-kinds");
    let [encoder, decoder] = exported(&place, "mnist-cvae");
    assert_eq!(ports(&graph(&encoder).input), [("x", 784), ("y", 10)]);
    assert_eq!(ports(&graph(&decoder).input), [("z", 8), ("y", 10)]);
    // M2 tells the class itself: it is part of the code.
    let [encoder, decoder] = exported(&place, "mnist-m2");
    assert_eq!(ports(&graph(&encoder).input), [("x", 784)]);
    assert!(operations(graph(&encoder)).contains(&"ArgMax"));
    assert_eq!(ports(&graph(&decoder).input), [("z", 15)]);
    let [encoder, decoder] = exported(&place, "ppca-32");
    assert_eq!(operations(graph(&encoder))[0], "Gemm");
    let pixels = [("pixels", 784), ("pixels_log_var", 784)];
    assert_eq!(ports(&graph(&decoder).output), pixels);
}

#[test]
fn what_cannot_be_exported_is_refused_before_anything_is_written() {
    let place = Workplace::new("export-refused");
    let (model, folder) = (shipped("strokes-2d"), place.file("onnx"));
    let text = place.file("notes.txt");
    std::fs::write(&text, "no model").unwrap();
    let refused = complaint(&["export", &text, "--onnx", &folder]);
    assert!(refused.contains("no checkpoint in the safetensors format"));
    assert!(!Path::new(&folder).exists());

    let below_nothing = place.file("none/onnx");
    let refused = complaint(&["export", &model, "--onnx", &below_nothing]);
    let sentence = format!(
        "the folder {} is not there; make it first",
        place.file("none")
    );
    assert!(refused.contains(&sentence), "{refused}");
    let refused = complaint(&["export", &model, "--onnx", &text]);
    assert!(refused.contains("it is a file; name a folder"), "{refused}");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "no model");
    // The one kind of file that there is must be asked for.
    assert!(complaint(&["export", &model]).contains("--onnx <FOLDER>"));
}
