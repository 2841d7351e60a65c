//! A command's report: printed for people or as JSON, and recorded in the model's file if asked.

use std::path::Path;

use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::{Error, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::files;

/// The result of a command.
pub trait Printable: Serialize {
    /// Prints it for people.
    fn print(&self);

    /// Prints it for people, or as one JSON object.
    fn show(&self, as_json: bool) -> Result<()> {
        if as_json {
            println!("{}", self.to_json()?);
        } else {
            self.print();
        }
        Ok(())
    }

    fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self)
            .map_err(|cause| Error::Io(format!("cannot write the report as JSON: {cause}")))
    }
}

/// What to do with a report on a model.
#[derive(clap::Args)]
pub struct ReportArguments {
    /// Record the result in the file's provenance; a training run in the file is removed
    #[arg(long)]
    record: bool,
    /// Print one JSON object, and no progress
    #[arg(long)]
    pub json: bool,
}

impl ReportArguments {
    /// Records the report in the file that the model was read from, if asked, and shows it. With a `group` the figures are
    /// recorded under that name; without one they replace those that have no group.
    pub fn give(
        &self,
        report: &impl Printable,
        group: Option<&str>,
        (path, loaded): (&Path, &Checkpoint),
    ) -> Result<()> {
        if self.record {
            let known = loaded.provenance.clone().filter(Value::is_object);
            let mut provenance = known.unwrap_or_else(|| json!({}));
            let figures = report.to_json()?;
            let known = provenance["metrics"].take();
            provenance["metrics"] = match group {
                Some(group) => merged(known, json!({ group: figures })),
                None => merged(groups(known), figures),
            };
            let bytes = checkpoint::with_provenance(&files::read(path)?, &provenance)?;
            files::write(path, &bytes)?;
        }
        report.show(self.json)
    }
}

/// The recorded figures that have a group.
fn groups(metrics: Value) -> Value {
    match metrics {
        Value::Object(metrics) => {
            let groups = metrics.into_iter().filter(|(_, value)| value.is_object());
            Value::Object(groups.collect())
        }
        _ => json!({}),
    }
}

/// All figures of both; where both have one, the newer.
fn merged(older: Value, newer: Value) -> Value {
    match (older, newer) {
        (Value::Object(mut all), Value::Object(newer)) => {
            all.extend(newer);
            Value::Object(all)
        }
        (_, newer) => newer,
    }
}
