//! What the built-in stroke digits are worth, measured on real ones.
//!
//! A small classifier that has only seen 60,000 stroke digits reads the MNIST test set, and one that has
//! only seen MNIST reads stroke digits; both print what they confuse. Fails below the floors that the
//! project promises.
//!
//! ```text
//! cargo bench --bench digit_classifier                       a few minutes on one core
//! cargo bench --bench digit_classifier -- --quick            a sixth of the digits, no floors
//! cargo bench --bench digit_classifier -- --sheet FILE.png   MNIST digits beside stroke digits
//! cargo bench --bench digit_classifier -- --freeze FILE      the classifier the page's tests use
//! cargo bench --bench digit_classifier -- --judge FILE       the classifier of the quality figures
//! ```
//! MNIST is read from `MNIST_DIR`, or else `../shared/data/mnist`.
#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads files, arguments and the clock"
)]

mod augment;
mod data;
mod frozen;
mod judge;
mod network;
mod sheet;

use std::process::ExitCode;
use std::time::Instant;

use data::Digits;
use network::{Convolutional, Schedule};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Least shares of digits read correctly in a full run.
const FLOOR_STROKES_READ_MNIST: f64 = 0.92;
const FLOOR_MNIST_READS_STROKES: f64 = 0.95;

const TRAINING_DIGITS: usize = 60_000;
const TEST_DIGITS: usize = 10_000;
/// Seeds of the stroke digits that are trained on, and of those that are read.
const TRAINING_SEED: u64 = 1;
const TEST_SEED: u64 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("run as `cargo bench --bench digit_classifier`");
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// False when a floor was missed.
fn run(arguments: &[String]) -> Outcome<bool> {
    let value_of = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(arguments.get(at + 1).cloned().unwrap_or_default())
    };
    let Some(test) = Digits::mnist("t10k")? else {
        println!(
            "skipped: no MNIST files in {}",
            data::mnist_folder().display()
        );
        return Ok(true);
    };
    if let Some(path) = value_of("--sheet") {
        return sheet::write(&path, &test).map(|()| true);
    }
    let training = Digits::mnist("train")?.ok_or("the MNIST training files are missing")?;
    if let Some(path) = value_of("--freeze") {
        return frozen::write(&path, &training, &test).map(|()| true);
    }
    if let Some(path) = value_of("--judge") {
        return judge::write(&path, &training, &test);
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let count = if quick {
        TRAINING_DIGITS / 6
    } else {
        TRAINING_DIGITS
    };

    let start = Instant::now();
    let strokes = Digits::strokes(TRAINING_SEED, count)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{count} stroke digits drawn in {seconds:.1} s, {:.0} a second\n",
        count as f64 / seconds
    );
    let stroke_test = Digits::strokes(TEST_SEED, TEST_DIGITS)?;

    let strokes_read_mnist = cross("stroke digits", &strokes, "MNIST test set", &test)?;
    let mnist_reads_strokes = cross(
        "MNIST",
        &training.first(count),
        "stroke digits",
        &stroke_test,
    )?;
    println!(
        "trained on stroke digits, read of MNIST:      {:.2} %\n\
         trained on MNIST,         read of the strokes: {:.2} %",
        100.0 * strokes_read_mnist,
        100.0 * mnist_reads_strokes
    );
    let met = strokes_read_mnist >= FLOOR_STROKES_READ_MNIST
        && mnist_reads_strokes >= FLOOR_MNIST_READS_STROKES;
    if !quick && !met {
        println!("below the floors of {FLOOR_STROKES_READ_MNIST} and {FLOOR_MNIST_READS_STROKES}");
    }
    Ok(quick || met)
}

/// Trains on one kind of digits and reads the other; the share read correctly.
fn cross(trained_on: &str, training: &Digits, read: &str, test: &Digits) -> Outcome<f64> {
    let start = Instant::now();
    let mut classifier = Convolutional::new(3)?;
    let schedule = Schedule {
        epochs: 4,
        batch: 64,
        learning_rate: 2e-3,
        augmentation: augment::LIGHT,
        seed: 3,
    };
    network::train(&mut classifier, training, schedule)?;
    let confusion = network::confusion(&classifier, test)?;
    println!(
        "trained on {} {trained_on} in {:.0} s, reading the {read}: rows are what it is, columns what was read",
        training.labels.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(report(&confusion))
}

/// Prints a confusion table; the share on its diagonal.
fn report(confusion: &[[usize; 10]; 10]) -> f64 {
    let (mut correct, mut total) = (0, 0);
    println!(
        "     {}   read",
        (0..10)
            .map(|class| format!("{class:>5}"))
            .collect::<String>()
    );
    for (class, row) in confusion.iter().enumerate() {
        let sum: usize = row.iter().sum();
        correct += row[class];
        total += sum;
        let cells: String = row.iter().map(|count| format!("{count:>5}")).collect();
        println!(
            "{class:>5}{cells}   {:.1} %",
            100.0 * row[class] as f64 / sum as f64
        );
    }
    let share = correct as f64 / total as f64;
    println!("  all {:>54.2} %\n", 100.0 * share);
    share
}
