use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use super::*;

fn model() -> Box<dyn Model> {
    let spec = json!({"model": "vae", "latents": 2, "hidden": [5]});
    models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap()
}

/// With matrices that are large enough for rows.
fn wide() -> Box<dyn Model> {
    let spec = json!({"model": "vae", "latents": 2, "hidden": [40]});
    models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap()
}

fn refusal(contents: &Contents) -> String {
    let bytes = contents.to_bytes(Precision::Full).unwrap();
    let error = load(&bytes).unwrap_err();
    assert_eq!(error.code(), "checkpoint");
    error.to_string()
}

#[test]
fn a_model_survives_the_round_trip() {
    let provenance = json!({"data": "strokes", "seed": 3});
    let model = model();
    let bytes = save(model.as_ref(), Some(&provenance), Precision::Full).unwrap();
    let back = load(&bytes).unwrap();
    assert_eq!(back.model.spec(), model.spec());
    assert_eq!(back.provenance, Some(provenance));
    assert_eq!(
        back.model.parameters().values().unwrap(),
        model.parameters().values().unwrap()
    );
    let half = save(model.as_ref(), None, Precision::Half).unwrap();
    assert!(half.len() < bytes.len() * 6 / 10);
    let close = load(&half).unwrap().model.parameters().values().unwrap();
    for (a, b) in close
        .iter()
        .flatten()
        .zip(model.parameters().values().unwrap().iter().flatten())
    {
        assert!((a - b).abs() <= b.abs() * 5e-4 + 1e-7);
    }
}

/// The largest weight of each row is met, and every other within half a step.
#[test]
fn rows_in_eight_bits_are_near_the_weights() {
    let model = wide();
    let bytes = save(model.as_ref(), None, Precision::Full).unwrap();
    for levels in [127u8, 31, 1] {
        let stored = save(model.as_ref(), None, Precision::Rows { levels }).unwrap();
        assert!(stored.len() * 3 < bytes.len());
        let file = SafeTensors::deserialize(&stored).unwrap();
        assert_eq!(file.tensor("encoder.0.weight").unwrap().dtype(), Dtype::I8);
        assert_eq!(
            file.tensor("encoder.mean.weight").unwrap().dtype(),
            Dtype::F16
        );
        let back = load(&stored).unwrap().model;
        for ((name, var), (_, near)) in model.parameters().iter().zip(back.parameters().iter()) {
            let rows = |var: &Tensor| match *var.dims() {
                [_, _] => var.to_vec2::<f32>().unwrap(),
                _ => vec![var.to_vec1::<f32>().unwrap()],
            };
            for (row, near) in rows(var).iter().zip(rows(near)) {
                let largest = row.iter().fold(0.0f32, |most, w| most.max(w.abs()));
                let near_largest = near.iter().fold(0.0f32, |most, w| most.max(w.abs()));
                assert!(
                    (largest - near_largest).abs() <= 1e-3 * largest + 1e-7,
                    "{name}"
                );
                let step = largest / f32::from(levels);
                for (a, b) in row.iter().zip(near) {
                    assert!(
                        (a - b).abs() <= 0.501 * step + 1e-3 * a.abs() + 1e-7,
                        "{name}: {a} {b}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_matrix_without_its_scales_is_refused() {
    let stored = save(wide().as_ref(), None, Precision::Rows { levels: 127 }).unwrap();
    let file = SafeTensors::deserialize(&stored).unwrap();
    let (_, header) = SafeTensors::read_metadata(&stored).unwrap();
    let metadata = header.metadata().clone();
    let scale = file.tensor("encoder.0.weight.row_scale").unwrap();
    let short = TensorView::new(scale.dtype(), vec![4], &scale.data()[..16]).unwrap();
    // As many bytes as a scale for each row in twice the width.
    let doubled = [scale.data(), scale.data()].concat();
    let wide = TensorView::new(Dtype::F64, scale.shape().to_vec(), &doubled).unwrap();
    for (scales, reason) in [
        (None, "encoder.0.weight.row_scale"),
        (Some(short), "one F32 scale for each"),
        (Some(wide), "one F32 scale for each"),
    ] {
        let tensors = file.iter().filter_map(|(name, view)| match name {
            "encoder.0.weight.row_scale" => scales.clone().map(|scales| (name, scales)),
            _ => Some((name, view)),
        });
        let bytes = safetensors::serialize(tensors, metadata.clone()).unwrap();
        let error = load(&bytes).unwrap_err();
        assert_eq!(error.code(), "checkpoint");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn another_provenance_leaves_the_numbers_as_they_are_stored() {
    let model = wide();
    for precision in [
        Precision::Full,
        Precision::Half,
        Precision::Rows { levels: 9 },
    ] {
        let bytes = save(model.as_ref(), Some(&json!({"seed": 3})), precision).unwrap();
        let told = with_provenance(&bytes, &json!({"seed": 4})).unwrap();
        assert_eq!(load(&told).unwrap().provenance, Some(json!({"seed": 4})));
        let stored = |bytes: &[u8]| {
            let file = SafeTensors::deserialize(bytes).unwrap();
            let mut tensors: Vec<_> = file
                .iter()
                .map(|(name, view)| (name.to_owned(), view.dtype(), view.data().to_vec()))
                .collect();
            tensors.sort_by(|a, b| a.0.cmp(&b.0));
            tensors
        };
        assert_eq!(stored(&told), stored(&bytes));
    }
}

/// As when Python opens one of our files and writes it again with `metadata={"format": "pt", **old}`.
#[test]
fn metadata_of_other_programs_is_ignored() {
    let with = |foreign: &[(&str, &str)]| {
        let contents = model_contents(model().as_ref(), Some(&json!({"seed": 3}))).unwrap();
        let bytes = contents.to_bytes(Precision::Full).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let mut metadata = header.metadata().clone().unwrap();
        for (key, text) in foreign {
            metadata.insert((*key).to_owned(), (*text).to_owned());
        }
        let file = SafeTensors::deserialize(&bytes).unwrap();
        safetensors::serialize(file.iter(), Some(metadata)).unwrap()
    };
    let back = load(&with(&[("format", "pt"), ("note", "{")])).unwrap();
    assert_eq!(back.model.spec(), model().spec());
    assert_eq!(back.provenance, Some(json!({"seed": 3})));
    let noted = load(&with(&[("provenance", "made by hand")])).unwrap();
    assert_eq!(noted.provenance, Some(json!("made by hand")));
    let broken = load(&with(&[("spec", "{")])).unwrap_err();
    assert!(broken.to_string().contains("metadata \"spec\" is not JSON"));
}

#[test]
fn every_misfit_is_refused_with_its_name() {
    let fresh = || model_contents(model().as_ref(), None).unwrap();
    let mut contents = fresh();
    contents.tensors.remove("encoder.mean.bias");
    assert!(refusal(&contents).contains("lacks the tensor \"encoder.mean.bias\""));
    let mut contents = fresh();
    contents
        .tensors
        .insert("surplus".into(), (vec![1], vec![0.0]));
    assert!(refusal(&contents).contains("\"surplus\" has no place"));
    let mut contents = fresh();
    contents
        .tensors
        .insert("encoder.mean.bias".into(), (vec![3], vec![0.0; 3]));
    assert!(refusal(&contents).contains("shape [3]"));
    let mut contents = fresh();
    contents.metadata.remove("spec");
    assert!(refusal(&contents).contains("does not say which model"));
    let mut contents = fresh();
    contents
        .metadata
        .insert("spec".into(), json!({"model": "gan"}));
    let bytes = contents.to_bytes(Precision::Full).unwrap();
    assert_eq!(load(&bytes).unwrap_err().code(), "unknown-model");
    let mut contents = fresh();
    contents
        .metadata
        .insert("spec".into(), json!({"model": "vae", "latents": 3}));
    assert!(refusal(&contents).contains("its model needs"));
}

#[test]
fn numbers_that_are_not_finite_are_neither_saved_nor_loaded() {
    let mut contents = model_contents(model().as_ref(), None).unwrap();
    let bytes = contents.to_bytes(Precision::Full).unwrap();
    contents.tensors.get_mut("decoder.0.bias").unwrap().1[0] = f32::NAN;
    assert_eq!(
        contents.to_bytes(Precision::Full).unwrap_err().code(),
        "non-finite"
    );
    contents.tensors.get_mut("decoder.0.bias").unwrap().1[0] = 1e6;
    assert_eq!(
        contents.to_bytes(Precision::Half).unwrap_err().code(),
        "non-finite"
    );
    // The last four bytes of the file are the last number of the last tensor.
    let mut damaged = bytes.clone();
    let end = damaged.len();
    damaged[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(
        load(&damaged)
            .unwrap_err()
            .to_string()
            .contains("not finite")
    );
}

#[test]
fn truncated_files_are_refused_at_every_length() {
    let bytes = save(model().as_ref(), None, Precision::Full).unwrap();
    for length in (0..bytes.len()).step_by(97) {
        assert_eq!(load(&bytes[..length]).unwrap_err().code(), "checkpoint");
    }
    let longer = [bytes.as_slice(), &[0; 8]].concat();
    assert_eq!(load(&longer).unwrap_err().code(), "checkpoint");
}

proptest! {
    #[test]
    fn any_bytes_give_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        prop_assert_eq!(load(&bytes).unwrap_err().code(), "checkpoint");
    }

    #[test]
    fn damage_in_the_header_never_panics(at in 0usize..600, byte: u8) {
        let mut bytes = save(model().as_ref(), None, Precision::Full).unwrap();
        bytes[at] = byte;
        let _ = load(&bytes);
    }
}
