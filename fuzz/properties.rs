// What must hold for any bytes whatever. The deep fuzz targets beside this file and the bounded run
// in tests/fuzz_bytes.rs share these; each panics where a property is broken.

use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::data::contents::{Contents, Items};
use latent_canvas::data::normalize::normalize_drawing;
use latent_canvas::data::stroke::Drawing;
use latent_canvas::data::{idx, numpy};
use latent_canvas::{Error, PIXELS, SIDE};

/// Bytes are images or a data error; images written out as plain IDX read back the same.
pub fn idx_images(bytes: &[u8]) {
    match idx::read_images(bytes) {
        Ok(pixels) => {
            assert_eq!(pixels.len() % PIXELS, 0, "images are whole");
            let mut plain = 0x0803_u32.to_be_bytes().to_vec();
            for size in [pixels.len() / PIXELS, SIDE, SIDE] {
                plain.extend((size as u32).to_be_bytes());
            }
            plain.extend(&pixels);
            if !bytes.starts_with(&[0x1f, 0x8b]) {
                assert_eq!(plain, bytes, "no byte of a file is passed over");
            }
            let again = idx::read_images(&plain).expect("images that were read can be read again");
            assert_eq!(again, pixels);
        }
        Err(Error::Data(sentence)) => assert!(!sentence.is_empty()),
        Err(other) => panic!("a malformed file is a data error, not {other:?}"),
    }
}

/// Bytes are labels from 0 to 9 or a data error; labels written out read back the same.
pub fn idx_labels(bytes: &[u8]) {
    match idx::read_labels(bytes) {
        Ok(labels) => {
            assert!(labels.iter().all(|label| *label <= 9), "labels are digits");
            let mut plain = 0x0801_u32.to_be_bytes().to_vec();
            plain.extend((labels.len() as u32).to_be_bytes());
            plain.extend(&labels);
            if !bytes.starts_with(&[0x1f, 0x8b]) {
                assert_eq!(plain, bytes, "no byte of a file is passed over");
            }
            let again = idx::read_labels(&plain).expect("labels that were read can be read again");
            assert_eq!(again, labels);
        }
        Err(Error::Data(sentence)) => assert!(!sentence.is_empty()),
        Err(other) => panic!("a malformed file is a data error, not {other:?}"),
    }
}

/// Bytes are an array or an archive of arrays, or a data error; what was read is as good as an IDX file.
pub fn numpy_arrays(bytes: &[u8]) {
    let array = numpy::read_npy(bytes).map(|contents| vec![("array".to_owned(), contents)]);
    for arrays in [array, numpy::read_npz(bytes)] {
        match arrays {
            Ok(arrays) => arrays.iter().for_each(|(_, contents)| as_idx(contents)),
            Err(Error::Data(sentence)) => assert!(!sentence.is_empty()),
            Err(other) => panic!("a malformed file is a data error, not {other:?}"),
        }
    }
}

fn as_idx(contents: &Contents) {
    let again = idx::read(&contents.to_idx()).expect("what was read can be read as IDX");
    assert_eq!(again.items, contents.items);
    assert_eq!(again.values, contents.values);
    if contents.items == Items::Images {
        assert_eq!(contents.values.len() % PIXELS, 0, "images are whole");
    }
}

/// Bytes are a whole model with finite weights or a checkpoint error; a model that was read is saved
/// and read back the same.
pub fn checkpoint(bytes: &[u8]) {
    match checkpoint::load(bytes) {
        Ok(read) => {
            let weights = read
                .model
                .parameters()
                .values()
                .expect("weights can be read");
            assert!(weights.iter().flatten().all(|weight| weight.is_finite()));
            let saved = checkpoint::save(
                read.model.as_ref(),
                read.provenance.as_ref(),
                Precision::Full,
            )
            .expect("a model with finite weights can be saved");
            let again = checkpoint::load(&saved).expect("a saved model can be read");
            assert_eq!(again.model.spec(), read.model.spec());
            assert_eq!(again.provenance, read.provenance);
            assert_eq!(again.model.parameters().values().unwrap(), weights);
        }
        Err(Error::Checkpoint(sentence)) => assert!(!sentence.is_empty()),
        Err(Error::UnknownModel { .. }) => {}
        Err(other) => panic!("a malformed checkpoint is a checkpoint error, not {other:?}"),
    }
}

/// Bytes are a drawing, whatever numbers are in it: ink in [0, 1], within the picture, and the same again for the drawing
/// that its flat arrays give back; or an error in words. The first two bytes are the pen and how strokes are parted, each
/// four after them a coordinate.
pub fn strokes(bytes: &[u8]) {
    let [pen, parting, coordinates @ ..] = bytes else {
        return;
    };
    // From nothing to more than the field.
    let pen_width = f32::from(*pen) / 240.0;
    let points: Vec<f32> = coordinates
        .chunks_exact(4)
        .map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect();
    let whole = points.len() as u32 / 2;
    let first = u32::from(*parting).min(whole);
    let drawing = match Drawing::from_flat(&points, &[first, 0, whole - first], pen_width) {
        Ok(drawing) => drawing,
        Err(Error::Shape(sentence) | Error::InvalidArgument(sentence)) => {
            assert!(!sentence.is_empty());
            return;
        }
        Err(other) => panic!("a wrong drawing is a wrong argument, not {other:?}"),
    };
    let ink = normalize_drawing(&drawing).expect("a valid drawing has ink");
    assert_eq!(ink.len(), PIXELS);
    assert!(ink.iter().all(|share| (0.0..=1.0).contains(share)));
    let (points, lengths) = drawing.to_flat();
    let again = Drawing::from_flat(&points, &lengths, pen_width).expect("its own arrays are valid");
    assert_eq!(again, drawing);
}
