#![allow(clippy::disallowed_methods)]
mod files;
mod train;
use clap::{Parser, Subcommand};
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}
#[derive(Subcommand)]
enum Command {
    Train(train::Arguments),
}
fn main() {
    let Command::Train(a) = Cli::parse().command;
    if let Err(e) = train::run(a) {
        eprintln!("error: {e}");
        std::process::exit(1)
    }
}
