//! `latent-canvas completions` and `latent-canvas man`: what a shell and `man` know of this program.

use std::io::stdout;
use std::path::PathBuf;

use clap::CommandFactory;
use latent_canvas::{Error, Result};

use crate::{Cli, NAME};

#[derive(clap::Args)]
pub struct CompletionsArguments {
    /// The shell
    shell: clap_complete::Shell,
}

#[derive(clap::Args)]
pub struct ManArguments {
    /// The folder to write them to; it is made where it is missing
    folder: PathBuf,
}

/// Prints a script that completes commands and options in a shell.
pub fn completions(arguments: CompletionsArguments) -> Result<()> {
    clap_complete::generate(arguments.shell, &mut Cli::command(), NAME, &mut stdout());
    Ok(())
}

/// Writes a manual page for the program and one for each of its commands.
pub fn man(arguments: ManArguments) -> Result<()> {
    let ManArguments { folder } = arguments;
    let trouble = |error| Error::Data(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(trouble)?;
    clap_mangen::generate_to(Cli::command(), &folder).map_err(trouble)?;
    println!("{}", folder.display());
    Ok(())
}
