//! The command line: train, evaluate, sample and inspect models natively.

// The core uses no files and no clock; this program does.
#![allow(clippy::disallowed_methods)]
// Bad input gets an error: nothing panics outside tests.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod chains;
mod codes;
mod data_folder;
mod eval;
mod files;
mod inspect;
mod interpolate;
mod latents;
mod manual;
mod numbers;
mod onnx;
mod pictures;
mod plots;
mod posterior;
mod progress;
mod quality;
mod quantise;
mod range;
mod repair;
mod report;
mod sample;
mod train;

use clap::{Parser, Subcommand};
use latent_canvas::Error;

/// What the program is called.
const NAME: &str = "latent-canvas";

#[derive(Parser)]
#[command(
    name = NAME,
    version,
    about = "Train and examine variational autoencoders"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a model; Ctrl-C writes a checkpoint that --resume continues
    Train(train::Arguments),
    /// Estimate log p(x) and the evidence lower bound (ELBO) of test images
    Eval(eval::Arguments),
    /// Report the median of log p(x) over test images, and the range of 90 % of them
    Range(range::Arguments),
    /// Draw images from a model into a sheet, as PNG or SVG
    Sample(sample::Arguments),
    /// Draw the way from one test image to another, as PNG or SVG
    Interpolate(interpolate::Arguments),
    /// Compare a model's samples with test images, by the features of a fixed classifier
    Quality(quality::Arguments),
    /// Report which latents a model uses, and how they match the factors of stroke digits
    Latents(latents::Arguments),
    /// Run Markov chains on the posterior of test images, and report the gaps of the ELBO
    Posterior(posterior::Arguments),
    /// Degrade test images, repair them in several ways, and report the error of each way
    Repair(repair::Arguments),
    /// Show what a checkpoint holds
    Inspect(inspect::InspectArguments),
    /// List the registered model families and their options
    Models(inspect::ModelsArguments),
    /// Store the weights of a model in 8 bits
    Quantise(quantise::Arguments),
    /// Write encoder and decoder as ONNX files, for programs in other languages
    Export(onnx::Arguments),
    /// Write the codes of test images to a file, for the page's latent map
    Codes(codes::Arguments),
    /// Print a script that completes commands and options in a shell
    Completions(manual::CompletionsArguments),
    /// Write manual pages into a folder
    Man(manual::ManArguments),
}

fn main() -> std::process::ExitCode {
    let outcome = match Cli::parse().command {
        Command::Train(arguments) => train::run(arguments),
        Command::Eval(arguments) => eval::run(arguments),
        Command::Range(arguments) => range::run(arguments),
        Command::Sample(arguments) => sample::run(arguments),
        Command::Interpolate(arguments) => interpolate::run(arguments),
        Command::Quality(arguments) => quality::run(arguments),
        Command::Latents(arguments) => latents::run(arguments),
        Command::Posterior(arguments) => posterior::run(arguments),
        Command::Repair(arguments) => repair::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Models(arguments) => inspect::models(arguments),
        Command::Quantise(arguments) => quantise::run(arguments),
        Command::Export(arguments) => onnx::run(arguments),
        Command::Codes(arguments) => codes::run(arguments),
        Command::Completions(arguments) => manual::completions(arguments),
        Command::Man(arguments) => manual::man(arguments),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

fn complain(error: &Error) -> std::process::ExitCode {
    eprintln!("error: {error}");
    std::process::ExitCode::FAILURE
}
