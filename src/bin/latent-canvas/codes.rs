//! `latent-canvas codes`: where test images lie in latent space, for the page's map.

use std::collections::HashMap;
use std::path::PathBuf;

use latent_canvas::checkpoint::Checkpoint;
use latent_canvas::models::inference;
use latent_canvas::{Error, Result};
use safetensors::tensor::{Dtype, TensorView};

use crate::files;
use crate::numbers::at_least;

#[derive(clap::Args)]
pub struct Arguments {
    /// The checkpoint
    file: PathBuf,
    #[command(flatten)]
    data: files::DataArguments,
    /// How many test images; images without a label are left out
    #[arg(long, default_value_t = 2000, value_parser = at_least::<1>)]
    count: usize,
    /// The safetensors file to write: mean [N, K] and label [N]
    #[arg(long)]
    out: PathBuf,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let Checkpoint { model, .. } = files::read_checkpoint(&arguments.file)?;
    let data = files::held_out(&arguments.data)?.truncated(arguments.count);
    let (images, labels) =
        files::labelled(&data.images(0, data.len())?, data.labels(0, data.len())?);
    if labels.is_empty() {
        return Err(Error::Data(
            "no test image has a label, but the map shows codes by class: add the file of the labels".to_owned(),
        ));
    }
    let images = inference::as_drawn(model.as_ref(), images);
    let codes = inference::encode(model.as_ref(), &images)?;
    let means: Vec<u8> = codes.mean.iter().flat_map(|v| v.to_le_bytes()).collect();
    let shape = vec![labels.len(), model.latents()];
    let view = |dtype, shape, bytes| {
        TensorView::new(dtype, shape, bytes).map_err(|cause| Error::Checkpoint(cause.to_string()))
    };
    let tensors = [
        ("mean", view(Dtype::F32, shape, &means)?),
        ("label", view(Dtype::U8, vec![labels.len()], &labels)?),
    ];
    let pixels = if model.likelihood().is_binary() {
        "black or white, cut at 1/2"
    } else {
        "grey"
    };
    let metadata = HashMap::from([("pixels".to_owned(), pixels.to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata))
        .map_err(|cause| Error::Checkpoint(cause.to_string()))?;
    files::write(&arguments.out, &bytes)
}
