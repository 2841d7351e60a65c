//! The command line, run as a person runs it.
#![cfg(feature = "cli")]
// The files and processes of a person at a terminal.
#![allow(clippy::disallowed_methods)]

#[path = "cli/export.rs"]
mod export;
#[path = "cli/plots.rs"]
mod plots;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A directory of its own for each test, removed at the end.
struct Workplace(PathBuf);

impl Workplace {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("latent-canvas-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latent-canvas"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).expect("one JSON object on standard output")
}

fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} must fail");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Small IDX files, so that the whole path is exercised without MNIST.
fn write_idx(directory: &Path, stem: &str, count: u32) {
    let images = latent_canvas::data::Dataset::strokes(count as usize, 5).unwrap();
    let pixels = images.images(0, count as usize).unwrap();
    let mut bytes = Vec::new();
    for word in [0x0803u32, count, 28, 28] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(pixels.iter().map(|p| (p * 255.0) as u8));
    std::fs::write(directory.join(format!("{stem}-images-idx3-ubyte")), bytes).unwrap();
    let mut bytes = Vec::new();
    for word in [0x0801u32, count] {
        bytes.extend(word.to_be_bytes());
    }
    let labels = images.labels(0, count as usize).unwrap();
    bytes.extend(labels.iter().map(|label| label.unwrap()));
    std::fs::write(directory.join(format!("{stem}-labels-idx1-ubyte")), bytes).unwrap();
}

const SMALL: [&str; 6] = [
    "--set",
    "hidden=24",
    "--set",
    "latents=2",
    "--set",
    "batchSize=50",
];

#[test]
fn train_eval_sample_inspect() {
    let place = Workplace::new("path");
    write_idx(&place.0, "train", 500);
    write_idx(&place.0, "t10k", 60);
    let (data, model, sheet) = (
        place.file(""),
        place.file("m.safetensors"),
        place.file("s.png"),
    );
    let mut arguments = vec!["train", "--model", "vae", "--data", &data, "--epochs", "3"];
    arguments.extend(["--seed", "4", "--out", &model, "--json"]);
    arguments.extend(SMALL);
    let trained = json(&arguments);
    assert_eq!(trained["steps"], 30);
    let exact = json(&[
        "eval",
        &model,
        "--data",
        &data,
        "--estimator",
        "quadrature",
        "--json",
    ]);
    let sampled = json(&[
        "eval",
        &model,
        "--data",
        &data,
        "--estimator",
        "importance",
        "--samples",
        "2000",
        "--json",
    ]);
    let number = |value: &Value, key: &str| value[key].as_f64().unwrap();
    assert!((number(&exact, "nll") - number(&sampled, "nll")).abs() < 0.5);
    assert!(number(&exact, "nll") <= -number(&exact, "elbo") + 0.5);
    assert!(number(&sampled, "standardError") > 0.0);
    let annealed = json(&[
        "eval",
        &model,
        "--data",
        &data,
        "--estimator",
        "annealed",
        "--samples",
        "8",
        "--temperatures",
        "60",
        "--leapfrogs",
        "4",
        "--json",
    ]);
    assert_eq!(annealed["estimator"], "annealed");
    assert!((number(&exact, "nll") - number(&annealed, "nll")).abs() < 0.5);
    let naive = json(&[
        "eval",
        &model,
        "--data",
        &data,
        "--estimator",
        "naive",
        "--samples",
        "2000",
        "--json",
    ]);
    assert!((number(&exact, "nll") - number(&naive, "nll")).abs() < 1.0);
    let few = json(&[
        "eval",
        &model,
        "--data",
        &data,
        "--estimator",
        "elbo",
        "--limit",
        "10",
        "--json",
    ]);
    assert_eq!(few["images"], 10);
    let range = json(&[
        "range", &model, "--data", &data, "--count", "20", "--record", "--json",
    ]);
    assert_eq!(range["pixels"], "thresholded");
    assert_eq!(range["estimator"], "quadrature");
    let (low, median) = (number(&range, "low"), number(&range, "median"));
    assert!(low <= median && median <= number(&range, "high"));
    // It is kept with the file's other figures, and with those that are recorded later.
    let metrics = || json(&["inspect", &model, "--json"])["provenance"]["metrics"].clone();
    assert_eq!(metrics()["testLogLikelihood"], range);
    let again = json(&[
        "eval", &model, "--data", &data, "--limit", "10", "--record", "--json",
    ]);
    assert_eq!(number(&metrics(), "nll"), number(&again, "nll"));
    assert_eq!(metrics()["testLogLikelihood"], range);
    // All values: ascending, the first and then the steps between them.
    let values = place.file("values.json");
    let of_ten = ["range", &model, "--data", &data, "--count", "10", "--json"];
    let report = json(&[&of_ten[..], &["--values", &values]].concat());
    let written: Value = serde_json::from_slice(&std::fs::read(&values).unwrap()).unwrap();
    let steps = written["stepsInTenths"].as_array().unwrap();
    assert_eq!(steps.len(), 9);
    assert!(steps.iter().all(|step| step.as_i64().unwrap() >= 0));
    let middle = |count: usize| {
        let rise: i64 = steps[..count]
            .iter()
            .map(|step| step.as_i64().unwrap())
            .sum();
        (written["firstTenth"].as_i64().unwrap() + rise) as f64 / 10.0
    };
    let median = (middle(4) + middle(5)) / 2.0;
    assert!((median - number(&report, "median")).abs() <= 0.1);
    json(&["sample", &model, "--count", "10", "--out", &sheet, "--json"]);
    assert!(std::fs::read(&sheet).unwrap().starts_with(b"\x89PNG"));
    let repairs = ["repair", &model, "--data", &data, "--task", "superres4"];
    let repaired = json(&[&repairs[..], &["--limit", "3", "--out", &sheet, "--json"]].concat());
    assert_eq!(repaired["images"], 3);
    for way in ["asItIs", "reconstruction", "alternation", "posterior"] {
        let error = repaired[way]["squaredError"].as_f64().unwrap();
        assert!(error > 0.0 && error < 0.5, "{way}: {error}");
    }
    // Two latents: by the grid.
    assert!(repaired["chains"].is_null());
    assert!(std::fs::read(&sheet).unwrap().starts_with(b"\x89PNG"));
    let chains = [
        "posterior",
        &model,
        "--data",
        &data,
        "--limit",
        "2",
        "--chains",
        "2",
        "--warm-up",
        "50",
        "--draws",
        "100",
        "--json",
    ];
    let posterior = json(&chains);
    let exact = posterior["logLikelihood"].as_f64().unwrap();
    let best = posterior["bestGaussianElbo"].as_f64().unwrap();
    assert!(best < exact + 0.1 && posterior["elbo"].as_f64().unwrap() < best + 0.1);
    assert!(posterior["grid"]["totalVariation"].as_f64().unwrap() < 1.0);
    let inspected = json(&["inspect", &model, "--json"]);
    assert_eq!(inspected["spec"]["hidden"], serde_json::json!([24]));
    assert_eq!(inspected["provenance"]["seed"], 4);
    let families = json(&["models", "--json"]);
    assert_eq!(families["models"][0]["id"], "vae");
}

#[test]
fn an_interrupted_run_resumes_to_the_same_weights() {
    let place = Workplace::new("resume");
    let files = [
        place.file("whole.safetensors"),
        place.file("part.safetensors"),
    ];
    write_idx(&place.0, "train", 2000);
    write_idx(&place.0, "t10k", 20);
    let data = place.file("");
    let train = |epochs: &str, out: &str, resume: Option<&str>| {
        let mut arguments = vec![
            "train", "--data", &data, "--epochs", epochs, "--out", out, "--json",
        ];
        arguments.extend(SMALL);
        arguments.extend(resume.iter().flat_map(|from| ["--resume", from]));
        json(&arguments)
    };
    train("40", &files[0], None);
    let mut arguments = vec![
        "train", "--data", &data, "--epochs", "40", "--out", &files[1], "--json",
    ];
    arguments.extend(["--save-seconds", "0"]);
    arguments.extend(SMALL);
    let mut child = command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    // The first checkpoint shows that training is under way.
    while !Path::new(&files[1]).exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success() && child.wait().unwrap().success());
    let resumed = train("40", &files[1], Some(&files[1]));
    assert_eq!(
        (resumed["steps"].as_u64(), resumed["interrupted"].as_bool()),
        (Some(1600), Some(false))
    );
    let weights = |file: &str| {
        let loaded = latent_canvas::checkpoint::load(&std::fs::read(file).unwrap()).unwrap();
        loaded.model.parameters().values().unwrap()
    };
    assert_eq!(weights(&files[0]), weights(&files[1]));
}

#[test]
fn complaints_say_what_to_do() {
    let place = Workplace::new("complaints");
    let (data, out) = (place.file(""), place.file("m.safetensors"));
    assert!(
        complaint(&["train", "--data", &data, "--epochs", "1", "--out", &out])
            .contains("make mnist")
    );
    assert!(
        complaint(&[
            "train", "--data", "strokes", "--epochs", "1", "--out", &out, "--model", "gan"
        ])
        .contains("known models: ")
    );
    assert!(
        complaint(&[
            "train",
            "--data",
            "strokes",
            "--epochs",
            "1",
            "--out",
            &out,
            "--set",
            "latents=900"
        ])
        .contains("from 1 to 128")
    );
    let set = |options: &[&str]| {
        let train = [
            "train", "--data", "strokes", "--epochs", "1", "--out", &out, "--model",
        ];
        complaint(&[&train[..], options].concat())
    };
    // What does nothing is no option to set; the sentence names the one that would make it act.
    for (options, sentence) in [
        (
            &["vae", "--set", "flowSteps=3"][..],
            "flowSteps does nothing while posterior is \"diagonal\": it acts where posterior is iaf or planar; leave it \
             at 2",
        ),
        (
            &["m2", "--set", "freeBits=1"],
            "freeBits does nothing while model is \"m2\": it acts where model is vae or cvae or categorical-vae; leave it \
             at 0.0",
        ),
        (
            &["vae", "--set", "objective=wae", "--set", "beta=2"],
            "beta does nothing while objective is \"wae\": it acts where objective is elbo or iwae or dreg or tc; leave \
             it at 1.0",
        ),
        (
            &["ppca", "--decay"],
            "decaySteps does nothing while model is \"ppca\": it acts where model is ",
        ),
    ] {
        let complaint = set(options);
        assert!(complaint.contains(sentence), "{complaint}");
    }
    for (command, option, least) in [("eval", "--limit", 1), ("quality", "--count", 2)] {
        let too_few = (least - 1).to_string();
        let complaint = complaint(&[command, &out, "--data", "strokes", option, &too_few]);
        let sentence = format!("a whole number of at least {least} is needed");
        assert!(complaint.contains(&sentence), "{complaint}");
    }
    std::fs::write(&out, b"not a model").unwrap();
    assert!(complaint(&["inspect", &out]).contains("no checkpoint in the safetensors format"));
    assert_eq!(std::fs::read(&out).unwrap(), b"not a model");
    assert!(complaint(&["eval", &place.file("none"), "--data", &data]).contains("cannot read"));
}

#[test]
fn a_family_that_is_fitted_needs_one_epoch_and_knows_log_p_exactly() {
    let place = Workplace::new("fitted");
    write_idx(&place.0, "train", 300);
    write_idx(&place.0, "t10k", 40);
    let (data, model) = (place.file(""), place.file("m.safetensors"));
    let grey = "binarization=grey";
    let arguments = ["train", "--model", "ppca", "--data", &data, "--epochs", "1"];
    let options = [
        "--set",
        "latents=3",
        "--set",
        grey,
        "--out",
        &model,
        "--json",
    ];
    let trained = json(&[&arguments[..], &options[..]].concat());
    assert_eq!(trained["steps"], 1);
    let eval = [
        "eval",
        &model,
        "--data",
        &data,
        "--json",
        "--binarization",
        "grey",
    ];
    assert!(trained["train"]["kl"].as_f64().unwrap() > 0.0);
    let exact = json(&[&eval[..], &["--estimator", "exact"]].concat());
    // Grey pixels, as it was trained on, without being told.
    let untold = json(&[&eval[..5], &["--estimator", "exact"]].concat());
    assert_eq!(untold, exact);
    let few = json(&[&eval[..], &["--estimator", "importance", "--samples", "3"]].concat());
    // Its encoder gives p(z|x): every importance weight is p(x).
    let nll = |report: &Value| report["nll"].as_f64().unwrap();
    assert!((nll(&exact) - nll(&few)).abs() < 1e-4 * nll(&exact).abs());
    assert_eq!(exact["standardError"], 0.0);
}

/// Labels of training images alone: what needs a class is left out of the report, or says so.
#[test]
fn test_images_without_labels_are_evaluated() {
    let place = Workplace::new("unlabelled");
    write_idx(&place.0, "train", 200);
    write_idx(&place.0, "t10k", 30);
    let (data, labels) = (place.file(""), place.file("t10k-labels-idx1-ubyte"));
    let codes = place.file("codes.safetensors");
    for family in ["m2", "cvae"] {
        let model = place.file(family);
        let train = ["train", "--model", family, "--data", &data, "--epochs", "1"];
        json(&[&train[..], &["--out", &model, "--json"], &SMALL].concat());
    }
    let (m2, cvae) = (place.file("m2"), place.file("cvae"));
    let eval = |model: &str| json(&["eval", model, "--data", &data, "--samples", "10", "--json"]);
    assert_eq!(eval(&m2)["labelledImages"], 30);
    assert!(eval(&m2)["classError"].as_f64().unwrap() <= 1.0);
    let told = eval(&cvae);
    assert!(told["nllGivenClass"].as_f64().unwrap() > 0.0);

    std::fs::remove_file(labels).unwrap();
    let untold = eval(&cvae);
    assert_eq!(untold["nll"], told["nll"]);
    for report in [untold, eval(&m2)] {
        assert_eq!(report["images"], 30);
        for key in ["classError", "labelledImages", "nllGivenClass"] {
            assert!(report.get(key).is_none(), "{key}: {report}");
        }
    }
    let refused = complaint(&["codes", &m2, "--data", &data, "--out", &codes]);
    assert!(refused.contains("no test image has a label"), "{refused}");
    assert!(!Path::new(&codes).exists());
}

#[test]
fn shells_and_man_know_every_command() {
    let place = Workplace::new("manual");
    let folder = place.file("man");
    let commands = ["train", "eval", "sample", "completions"];
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        for command in commands {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
    assert!(run(&["man", &folder]).status.success());
    for command in commands {
        let page = format!("{folder}/latent-canvas-{command}.1");
        assert!(std::fs::read_to_string(&page).unwrap().starts_with(".ie"));
    }
    let train = std::fs::read_to_string(format!("{folder}/latent-canvas-train.1")).unwrap();
    assert!(train.contains("epochs") && train.contains("resume"));
}
