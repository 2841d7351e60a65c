//! What training can be told, each option with its range, its default and what it depends on.

use crate::models::{Capabilities, families};
use crate::nn::optimiser::Optimiser;
use crate::objectives::{Minibatch, Objective};
use crate::options::{ChoiceText, Dependency, ParameterKind, ParameterSpec};

/// The pixels that the model's likelihood is of.
pub(super) const AS_MODEL: &str = "as-model";
const BINARIZATIONS: [&str; 4] = [AS_MODEL, "grey", "static", "dynamic"];
const OF_BINARIZATIONS: [ChoiceText; 4] = [
    ChoiceText::new(
        "as the model has them",
        "Grey for a model of grey pixels, else black or white and drawn anew each time.",
    ),
    ChoiceText::new("grey", "As they are."),
    ChoiceText::new(
        "black or white, once",
        "Drawn once: the same pixels each time an image is shown.",
    ),
    ChoiceText::new(
        "black or white, afresh",
        "Drawn anew each time an image is shown.",
    ),
];

/// What an untrained decoder gives.
const FIRST_IMAGES: [&str; 2] = ["mean", "noise"];
const OF_FIRST_IMAGES: [ChoiceText; 2] = [
    ChoiceText::new(
        "the mean of the data",
        "The decoder's last layer starts so that every code gives the mean image, which saves the first steps.",
    ),
    ChoiceText::new(
        "noise",
        "All weights as the seed draws them: samples of the untrained model are grey, and drawn as pixels they are \
         noise.",
    ),
];

/// The objectives with draws of z.
const WITH_DRAWS: [&str; 5] = ["elbo", "iwae", "dreg", "wae", "tc"];

/// The objectives with a KL term that beta weighs.
const WITH_KL: [&str; 4] = ["elbo", "iwae", "dreg", "tc"];

/// The model must be of a family that can be asked for this.
fn models(of: fn(&Capabilities) -> bool) -> Dependency {
    let those = families().iter().filter(|family| of(&family.capabilities));
    Dependency::on("model", those.map(|family| family.id).collect::<Vec<_>>())
}

/// A fit to all the data at once takes neither steps nor batches.
fn by_gradients() -> Dependency {
    models(|can| !can.fitted)
}

/// Draws of z and a divergence from the prior: what a plain autoencoder has not.
fn with_prior() -> Dependency {
    models(|can| !can.fitted && can.sample)
}

/// Every hyper-parameter, with its range and default.
pub fn train_parameters() -> Vec<ParameterSpec> {
    vec![
        ParameterSpec {
            name: "learningRate",
            label: "Learning rate",
            description: "Step size of the optimiser; can be changed while training runs.",
            unit: None,
            depends_on: vec![by_gradients()],
            kind: ParameterKind::Number {
                min: 1e-6,
                max: 1.0,
                logarithmic: true,
                default: 1e-3,
            },
        },
        ParameterSpec {
            name: "optimiser",
            label: "Optimiser",
            description: "How weights follow their gradients.",
            unit: None,
            depends_on: vec![by_gradients()],
            kind: ParameterKind::Choice {
                options: &Optimiser::NAMES,
                texts: &Optimiser::TEXTS,
                default: "adam",
            },
        },
        ParameterSpec {
            name: "decaySteps",
            label: "Learning rate decay",
            description: "Steps over which the learning rate falls along a half cosine to a hundredth; 0 keeps it \
                          constant.",
            unit: Some("steps"),
            depends_on: vec![by_gradients()],
            kind: ParameterKind::Integer {
                min: 0,
                max: 10_000_000,
                default: 0,
            },
        },
        ParameterSpec {
            name: "batchSize",
            label: "Batch size",
            description: "Images per step.",
            unit: Some("images"),
            depends_on: vec![by_gradients()],
            kind: ParameterKind::Integer {
                min: 1,
                max: 2048,
                default: 64,
            },
        },
        ParameterSpec {
            name: "objective",
            label: "Objective",
            description: "What training maximises.",
            unit: None,
            depends_on: vec![by_gradients()],
            kind: ParameterKind::Choice {
                options: &Objective::NAMES,
                texts: &Objective::TEXTS,
                default: "elbo",
            },
        },
        ParameterSpec {
            name: "draws",
            label: "Draws of z",
            description: "For each image and step. More draws make the ELBO less noisy and the importance weighted \
                          bound tighter.",
            unit: None,
            depends_on: vec![
                with_prior(),
                Dependency::on_more("variables", 1),
                Dependency::on("objective", WITH_DRAWS),
            ],
            kind: ParameterKind::Integer {
                min: 1,
                max: 1000,
                default: 1,
            },
        },
        ParameterSpec {
            name: "beta",
            label: "Beta",
            description: "Weight of the KL term; 1 trains the evidence lower bound itself.",
            unit: None,
            depends_on: vec![with_prior(), Dependency::on("objective", WITH_KL)],
            kind: ParameterKind::Number {
                min: 0.0,
                max: 100.0,
                logarithmic: false,
                default: 1.0,
            },
        },
        ParameterSpec {
            name: "mmdWeight",
            label: "Weight of the discrepancy",
            description: "Weight, in nats, of how far the codes of all images together are from the prior.",
            unit: None,
            depends_on: vec![Dependency::on("objective", ["wae"])],
            kind: ParameterKind::Number {
                min: 0.01,
                max: 10_000.0,
                logarithmic: true,
                default: 100.0,
            },
        },
        ParameterSpec {
            name: "minibatch",
            label: "Codes of the batch",
            description: "How one batch is used to estimate where the codes of all the data lie. The total \
                          correlation needs that.",
            unit: None,
            // With beta 1 the three parts add up to the KL, whatever q(z) is held to be.
            depends_on: vec![
                Dependency::on("objective", ["tc"]),
                Dependency::on_other("beta", 1),
            ],
            kind: ParameterKind::Choice {
                options: &Minibatch::NAMES,
                texts: &Minibatch::TEXTS,
                default: "weighted",
            },
        },
        ParameterSpec {
            name: "warmupSteps",
            label: "KL warm-up",
            description: "Steps over which beta rises from 0 to its value.",
            unit: Some("steps"),
            depends_on: vec![
                with_prior(),
                Dependency::on("objective", WITH_KL),
                Dependency::on_more("beta", 0),
            ],
            kind: ParameterKind::Integer {
                min: 0,
                max: 1_000_000,
                default: 0,
            },
        },
        ParameterSpec {
            name: "freeBits",
            label: "Free bits",
            description: "Training does not press the KL of a latent below this (free bits).",
            unit: Some("nats"),
            depends_on: vec![
                models(|can| !can.fitted && can.sample && !can.classifies),
                Dependency::on("objective", ["elbo"]),
                Dependency::on_more("beta", 0),
            ],
            kind: ParameterKind::Number {
                min: 0.0,
                max: 10.0,
                logarithmic: false,
                default: 0.0,
            },
        },
        ParameterSpec {
            name: "labelled",
            label: "Labels known",
            description: "Images whose class may be known, spread evenly over the classes; 0 for all.",
            unit: Some("images"),
            depends_on: vec![models(|can| can.conditional)],
            kind: ParameterKind::Integer {
                min: 0,
                max: 1_000_000,
                default: 0,
            },
        },
        ParameterSpec {
            name: "labelDropout",
            label: "Labels hidden",
            description: "Share of the labels that a conditional model is not told at a step. So it also learns \
                          images without a class.",
            unit: None,
            depends_on: vec![models(|can| can.conditional && !can.classifies)],
            kind: ParameterKind::Number {
                min: 0.0,
                max: 1.0,
                logarithmic: false,
                default: 0.1,
            },
        },
        ParameterSpec {
            name: "classWeight",
            label: "Weight of classes",
            description: "Weight of −log q(y|x) for images of known class, in a model that learns classes.",
            unit: None,
            depends_on: vec![models(|can| can.classifies)],
            kind: ParameterKind::Number {
                min: 0.0,
                max: 1000.0,
                logarithmic: false,
                default: 10.0,
            },
        },
        ParameterSpec {
            name: "binarization",
            label: "Pixels",
            description: "How images are shown to the model.",
            unit: None,
            depends_on: vec![],
            kind: ParameterKind::Choice {
                options: &BINARIZATIONS,
                texts: &OF_BINARIZATIONS,
                default: AS_MODEL,
            },
        },
        ParameterSpec {
            name: "corruption",
            label: "Noise on the input",
            description: "Share of the pixels that are replaced at random by paper or ink for the encoder. The model \
                          must redraw the clean image.",
            unit: None,
            depends_on: vec![
                models(|can| !can.fitted && !can.classifies),
                Dependency::on("objective", WITH_DRAWS),
            ],
            kind: ParameterKind::Number {
                min: 0.0,
                max: 1.0,
                logarithmic: false,
                default: 0.0,
            },
        },
        ParameterSpec {
            name: "firstImage",
            label: "First image",
            description: "What an untrained decoder gives.",
            unit: None,
            depends_on: vec![by_gradients()],
            kind: ParameterKind::Choice {
                options: &FIRST_IMAGES,
                texts: &OF_FIRST_IMAGES,
                default: "mean",
            },
        },
        ParameterSpec {
            name: "seed",
            label: "Seed",
            description: "Fixes the order of the images, their binarisation and the samples of z.",
            unit: None,
            depends_on: vec![],
            kind: ParameterKind::Integer {
                min: 0,
                max: 9_007_199_254_740_991,
                default: 1,
            },
        },
    ]
}
