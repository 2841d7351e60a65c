//! `latent-canvas train`: trains a model.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use latent_canvas::checkpoint::{self, Precision};
use latent_canvas::data::Dataset;
use latent_canvas::estimators::bound::{self, ElboEstimate};
use latent_canvas::models::{self, ModelSpec};
use latent_canvas::train::{StepReport, TrainOptions, Trainer, train_parameters};
use latent_canvas::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::plots::{Curves, History, PictureFile};
use crate::report::Printable;
use crate::{files, progress};

/// How many steps pass between two checks of the clock and of Ctrl-C.
const SLICE: u64 = 20;

#[derive(clap::Args)]
pub struct Arguments {
    /// Model family; `latent-canvas models` lists them
    #[arg(long, default_value = "vae")]
    model: String,
    #[command(flatten)]
    data: files::DataArguments,
    /// Passes over the data
    #[arg(long)]
    epochs: u64,
    /// Seed of the initial weights, the order of the images and every random number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The checkpoint to write
    #[arg(long)]
    out: PathBuf,
    /// Continue this training checkpoint, with its own options
    #[arg(long)]
    resume: Option<PathBuf>,
    /// Model or training option, for instance --set latents=2 --set hidden=500,500
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Draw the curves of the run, as .png or .svg: written with each checkpoint, and kept in it for --resume. Held-out images
    /// are measured after each epoch
    #[arg(long, value_parser = PictureFile::parse)]
    plot: Option<PictureFile>,
    /// Let the learning rate fall along a half cosine over the whole run
    #[arg(long)]
    decay: bool,
    /// At the end write only the weights, in half precision
    #[arg(long)]
    half: bool,
    /// Seconds between checkpoints while training
    #[arg(long, default_value_t = 60)]
    save_seconds: u64,
    /// Print one JSON object at the end, and no progress
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    files::try_to_write(&arguments.out)?;
    if let Some(plot) = &arguments.plot {
        plot.try_to_write()?;
    }
    let data = files::training(&arguments.data)?;
    let held_out = files::held_out(&arguments.data)?;
    let mut trainer = match &arguments.resume {
        Some(path) => files::of_file(path, Trainer::resume(&files::read(path)?, Rc::new(data)))?,
        None => start(&arguments, data)?,
    };
    let total = arguments.epochs * trainer.steps_per_epoch();
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .map_err(|cause| Error::Io(format!("cannot listen for Ctrl-C: {cause}")))?;

    let mut curves = Plot::of(&arguments, &trainer);
    let bar = progress::of_steps(total, arguments.json);
    bar.set_position(trainer.steps());
    let mut saved = Instant::now();
    let mut last = None;
    while trainer.steps() < total && !stop.load(Ordering::Relaxed) {
        // One step of a fitted model is over all the data.
        let most = SLICE.min(trainer.steps_per_epoch());
        let mut slice = most.min(total - trainer.steps());
        if curves.is_some() {
            // Not across the end of an epoch, after which held-out images are measured.
            let in_epoch = trainer.steps() % trainer.steps_per_epoch();
            slice = slice.min(trainer.steps_per_epoch() - in_epoch);
        }
        let report = trainer.step(slice as usize)?;
        if report.recovered {
            bar.println(format!(
                "step {}: the numbers became infinite; went back and halved the learning rate",
                report.step
            ));
        }
        bar.set_position(report.step);
        bar.set_message(format!(
            "epoch {:.1}  elbo {:.2}  reconstruction {:.2}  kl {:.2} nats",
            report.epoch, report.elbo, report.reconstruction, report.kl
        ));
        if let Some(curves) = &mut curves {
            curves.history.add(&report);
            let ended = report.step % trainer.steps_per_epoch() == 0;
            if ended && report.step < total {
                curves.measure(&trainer, &held_out)?;
            }
        }
        last = Some(report);
        if saved.elapsed() >= Duration::from_secs(arguments.save_seconds) {
            if let Some(curves) = &curves {
                let mut provenance = trainer.origin();
                curves.history.keep_in(&mut provenance);
                trainer.set_provenance(provenance);
                curves.write(&trainer)?;
            }
            files::write(&arguments.out, &trainer.save()?)?;
            saved = Instant::now();
        }
    }
    bar.finish_and_clear();

    let interrupted = trainer.steps() < total;
    let bound = held_out_bound(&trainer, &held_out)?;
    let mut provenance = trainer.origin();
    provenance["metrics"] = json!({ "heldOutElbo": bound.elbo, "images": held_out.len() });
    if let Some(curves) = &mut curves {
        curves.history.add_held_out(trainer.steps(), &bound);
        curves.history.keep_in(&mut provenance);
        curves.write(&trainer)?;
    }
    trainer.set_provenance(provenance);
    let bytes = if arguments.half && !interrupted {
        checkpoint::save(trainer.model(), trainer.provenance(), Precision::Half)?
    } else {
        trainer.save()?
    };
    files::write(&arguments.out, &bytes)?;
    let report = Report {
        steps: trainer.steps(),
        interrupted,
        train: last,
        elbo: bound.elbo,
        reconstruction: bound.reconstruction,
        kl: bound.kl,
        out: arguments.out,
    };
    report.show(arguments.json)
}

/// The bound of all held-out images.
fn held_out_bound(trainer: &Trainer, images: &Dataset) -> Result<ElboEstimate> {
    let (model, pixels) = (trainer.model(), trainer.binarization());
    bound::held_out(model, images, images.len(), pixels)
}

/// The picture of a run, as long as the run goes on.
struct Plot {
    file: PictureFile,
    history: History,
}

impl Plot {
    /// None unless it is asked for.
    fn of(arguments: &Arguments, trainer: &Trainer) -> Option<Self> {
        let history = History::of(trainer.provenance(), trainer.steps());
        let file = arguments.plot.clone()?;
        Some(Self { file, history })
    }

    fn measure(&mut self, trainer: &Trainer, images: &Dataset) -> Result<()> {
        let bound = held_out_bound(trainer, images)?;
        self.history.add_held_out(trainer.steps(), &bound);
        Ok(())
    }

    fn write(&self, trainer: &Trainer) -> Result<()> {
        let spec = trainer.model().spec();
        let latents = match trainer.model().latents() {
            1 => "1 latent".to_owned(),
            latents => format!("{latents} latents"),
        };
        let data = trainer.origin()["data"]
            .as_str()
            .unwrap_or("images")
            .to_owned();
        let curves = Curves {
            history: &self.history,
            model: format!("{}, {latents}", spec.family().label),
            data,
        };
        curves.write(&self.file)
    }
}

/// On held-out images, nats.
#[derive(Serialize)]
struct Report {
    out: PathBuf,
    steps: u64,
    interrupted: bool,
    /// Over the last steps; none where no step was left to take.
    train: Option<StepReport>,
    elbo: f64,
    reconstruction: f64,
    kl: f64,
}

impl Printable for Report {
    fn print(&self) {
        println!(
            "{} after {} steps: held-out elbo {:.2} = reconstruction {:.2} - kl {:.2} nats; wrote {}",
            if self.interrupted { "stopped" } else { "done" },
            self.steps,
            self.elbo,
            self.reconstruction,
            self.kl,
            self.out.display()
        );
    }
}

fn start(arguments: &Arguments, data: Dataset) -> Result<Trainer> {
    let mut model = Map::new();
    let mut training = Map::new();
    model.insert("model".to_owned(), arguments.model.clone().into());
    training.insert("seed".to_owned(), arguments.seed.into());
    let known = train_parameters();
    for setting in &arguments.set {
        let (key, value) = setting.split_once('=').ok_or_else(|| {
            Error::InvalidArgument(format!("--set needs KEY=VALUE; got \"{setting}\""))
        })?;
        let target = if known.iter().any(|parameter| parameter.name == key) {
            &mut training
        } else {
            &mut model
        };
        target.insert(key.to_owned(), parse_value(key, value));
    }
    let spec = ModelSpec::from_json(&model.into())?;
    let mut options = TrainOptions::from_json(&training.clone().into())?;
    if arguments.decay {
        let steps = data.len() / options.batch_size().min(data.len());
        training.insert(
            "decaySteps".to_owned(),
            (arguments.epochs * steps as u64).into(),
        );
        options = TrainOptions::from_json(&training.into())?;
    }
    let model = models::build(&spec, arguments.seed)?;
    Trainer::new(model.as_ref(), Rc::new(data), options)
}

/// `500,500` is a list; `500` and an empty text are too where the option is a list. Anything else is a number or a name.
fn parse_value(key: &str, text: &str) -> Value {
    let numbers: Option<Vec<u64>> = text
        .split_terminator(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    match numbers {
        Some(list) if key == "hidden" || list.len() > 1 => list.into(),
        _ => text
            .parse::<f64>()
            .map_or_else(|_| text.into(), Value::from),
    }
}
