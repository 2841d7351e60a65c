//! A command's report: printed for people or as JSON, and noted in the model's file where asked.

use std::path::Path;

use latent_canvas::checkpoint::{self, Checkpoint};
use latent_canvas::{Error, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::files;

/// What a command found.
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

/// What becomes of a report on a model.
#[derive(clap::Args)]
pub struct ReportArguments {
    /// Note the result in the file's provenance; a training run in the file is dropped
    #[arg(long)]
    record: bool,
    /// Print one JSON object, and no progress
    #[arg(long)]
    pub json: bool,
}

impl ReportArguments {
    /// Notes the report in the file that the model was read from, if asked, and shows it. Without a `group` its figures
    /// replace all that are noted there.
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
            match group {
                None => provenance["metrics"] = figures,
                Some(group) => provenance["metrics"][group] = figures,
            }
            let model = loaded.model.as_ref();
            let bytes = checkpoint::save(model, Some(&provenance), loaded.precision)?;
            files::write(path, &bytes)?;
        }
        report.show(self.json)
    }
}
