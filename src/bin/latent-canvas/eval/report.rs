//! The report of `latent-canvas eval`.

use latent_canvas::Result;
use latent_canvas::estimators::{Estimate, Options, classes};
use latent_canvas::models::Model;
use latent_canvas::quality::classifier::conditional_accuracy;
use serde::Serialize;

use crate::files;
use crate::report::Printable;

/// Means over the images, in nats. No class is given to the model, except for the figures of [`GivenClass`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub images: usize,
    pub estimator: &'static str,
    pub seed: u64,
    pub binarization: &'static str,
    /// None where only the bound was asked for.
    pub nll: Option<f64>,
    pub standard_error: Option<f64>,
    pub elbo: f64,
    pub reconstruction: f64,
    pub kl: f64,
    #[serde(flatten)]
    pub precision: Option<Precision>,
    #[serde(flatten)]
    pub given_class: Option<GivenClass>,
    #[serde(flatten)]
    pub class_error: Option<ClassError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_likelihoods: Option<Vec<f64>>,
}

/// The error of log p(x), and its cost for each image.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Precision {
    Exact {
        decoder_evaluations: usize,
        tolerance: f64,
    },
    Drawn {
        decoder_evaluations: usize,
        samples: usize,
        effective_samples: f64,
    },
}

/// The figures when the class of each image is given to the model.
#[derive(Serialize)]
pub struct GivenClass {
    #[serde(rename = "elboGivenClass")]
    pub elbo: f64,
    #[serde(rename = "reconstructionGivenClass")]
    pub reconstruction: f64,
    #[serde(rename = "klGivenClass")]
    pub kl: f64,
    #[serde(rename = "nllGivenClass", skip_serializing_if = "Option::is_none")]
    pub nll: Option<f64>,
    #[serde(
        rename = "standardErrorGivenClass",
        skip_serializing_if = "Option::is_none"
    )]
    pub standard_error: Option<f64>,
}

/// How often a model takes an image for one of another class.
#[derive(Debug, PartialEq, Serialize)]
pub struct ClassError {
    /// Among the images whose label is known.
    #[serde(rename = "classError")]
    pub share: f64,
    #[serde(rename = "labelledImages")]
    pub labelled_images: usize,
}

impl Printable for Report {
    fn print(&self) {
        println!("{} test images, {} pixels", self.images, self.binarization);
        println!(
            "elbo {:.3} = reconstruction {:.3} - kl {:.3} nats",
            self.elbo, self.reconstruction, self.kl
        );
        if let (Some(nll), Some(precision)) = (self.nll, &self.precision) {
            let precision = precision.in_words(self.standard_error.unwrap_or_default());
            println!("nll {nll:.3} nats by {} ({precision})", self.estimator);
        }
        if let Some(given) = &self.given_class {
            let nll = given.nll.map(|nll| format!(", nll {nll:.3}"));
            println!(
                "without a class; with the class of each image given: elbo {:.3}{} nats",
                given.elbo,
                nll.unwrap_or_default()
            );
        }
        for value in self.log_likelihoods.iter().flatten() {
            println!("{value}");
        }
        if let Some(error) = &self.class_error {
            println!(
                "the model takes {:.2} % of the {} images with a label for another class",
                100.0 * error.share,
                error.labelled_images
            );
        }
    }
}

impl Precision {
    pub fn of(options: Options, mean: &Estimate, images: usize) -> Self {
        let decoder_evaluations = mean.decoder_evaluations / images;
        match mean.tolerance {
            Some(tolerance) => Self::Exact {
                decoder_evaluations,
                tolerance,
            },
            None => Self::Drawn {
                decoder_evaluations,
                samples: options.draws,
                effective_samples: mean.effective_samples,
            },
        }
    }

    fn in_words(&self, standard_error: f64) -> String {
        match self {
            Self::Exact { tolerance, .. } => {
                format!("exact: off by less than {tolerance:.4}")
            }
            Self::Drawn {
                effective_samples, ..
            } => format!(
                "standard error {standard_error:.4}; {effective_samples:.1} effective samples for each image"
            ),
        }
    }
}

impl ClassError {
    /// The class comes from the model's network, or from how well each class explains the image. None where the model gives no
    /// classes, or no label is known.
    pub fn of(model: &dyn Model, x: &[f32], labels: &[Option<u8>]) -> Result<Option<Self>> {
        let (x, labels) = files::labelled(x, labels);
        if labels.is_empty() {
            return Ok(None);
        }
        let Some(classes) = classes::class_probabilities(model, &x)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            share: 1.0 - conditional_accuracy(&classes, &labels)?,
            labelled_images: labels.len(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use latent_canvas::data::Dataset;
    use latent_canvas::models::{self, ModelSpec};
    use serde_json::json;

    use super::*;

    /// Images of unknown class are left out, and the other labels stay with their images.
    #[test]
    fn only_known_classes_are_compared() {
        let spec = json!({"model": "m2", "latents": 2, "hidden": [6]});
        let model = models::build(&ModelSpec::from_json(&spec).unwrap(), 3).unwrap();
        let data = Dataset::strokes(40, 2).unwrap();
        let x = data.images(0, 40).unwrap();
        let labels = data.labels(0, 40).unwrap();
        let error = |labels: &[Option<u8>]| ClassError::of(model.as_ref(), &x, labels).unwrap();
        let classes = classes::class_probabilities(model.as_ref(), &x).unwrap();
        let told: Vec<usize> = (classes.unwrap().chunks(10))
            .map(|row| (0..10).fold(0, |best, at| if row[at] > row[best] { at } else { best }))
            .collect();
        let wrong = |index: usize| labels[index] != Some(told[index] as u8);
        let share = |kept: &[usize]| {
            let count = kept.iter().filter(|index| wrong(**index)).count();
            count as f64 / kept.len() as f64
        };
        let all: Vec<usize> = (0..40).collect();
        let every_third: Vec<usize> = (1..40).step_by(3).collect();
        for kept in [all, every_third, vec![7]] {
            let known = (0..40).map(|index| labels[index].filter(|_| kept.contains(&index)));
            let found = error(&known.collect::<Vec<_>>()).unwrap();
            assert_eq!(found.labelled_images, kept.len());
            assert!((found.share - share(&kept)).abs() < 1e-12, "{kept:?}");
        }
        assert_eq!(error(&[None; 40]), None);
    }
}
