//! The curves of a training run: the bound and its parts, by step.

use std::ops::Range;

use latent_canvas::Result;
use latent_canvas::estimators::bound::ElboEstimate;
use latent_canvas::train::StepReport;
use plotters::prelude::*;
use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PictureFile;
use super::chart::{
    self, Area, COBALT, FINE, GREEN, INK, OCHRE, TEXT_SIZE, TITLE_SIZE, failed, letters, number,
    units, whole,
};

/// Where a run keeps its curves in the provenance of its checkpoints.
pub const KEY: &str = "curves";
/// More points than a picture can show are joined in pairs.
const MOST_POINTS: usize = 600;
/// The share of a run whose first, low values may lie below the picture.
const BEGINNING: f64 = 0.05;
const HEIGHT: u32 = 620;
/// Where the upper axes end and the lower ones begin.
const HEAD: f64 = 80.0;
const PARTING: f64 = 350.0;

/// Means over some steps of training, nats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    /// The last of the steps, and how many they are.
    step: u64,
    steps: u64,
    elbo: f64,
    reconstruction: f64,
    kl: f64,
}

/// The bound of held-out images, nats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct HeldOut {
    step: u64,
    elbo: f64,
    kl: f64,
}

/// What a run has come to so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    training: Vec<Point>,
    held_out: Vec<HeldOut>,
    /// Steps that a point stands for at least.
    steps_a_point: u64,
}

impl History {
    /// That of a checkpoint, up to its step, if it kept one.
    pub fn of(provenance: Option<&Value>, step: u64) -> Self {
        let kept = provenance.and_then(|provenance| provenance.get(KEY));
        let mut history = kept
            .and_then(|kept| Self::deserialize(kept).ok())
            .unwrap_or_default();
        history.training.retain(|point| point.step <= step);
        history.held_out.retain(|point| point.step <= step);
        history
    }

    /// Notes it in the provenance of a checkpoint.
    pub fn keep_in(&self, provenance: &mut Value) {
        provenance[KEY] = serde_json::to_value(self).unwrap_or_default();
    }

    /// Some steps more.
    pub fn add(&mut self, report: &StepReport) {
        let begun = self.training.last().map_or(0, |point| point.step);
        let new = Point {
            step: report.step,
            steps: report.step.saturating_sub(begun).max(1),
            elbo: report.elbo,
            reconstruction: report.reconstruction,
            kl: report.kl,
        };
        match self.training.last_mut() {
            Some(last) if last.steps < self.steps_a_point => *last = last.joined(&new),
            _ => self.training.push(new),
        }
        if self.training.len() > MOST_POINTS {
            let joined = self.training.chunks(2).map(|pair| match pair {
                [first, second] => first.joined(second),
                _ => pair[0],
            });
            self.training = joined.collect();
            self.steps_a_point = self.training[0].steps;
        }
    }

    /// The bound of held-out images after so many steps.
    pub fn add_held_out(&mut self, step: u64, bound: &ElboEstimate) {
        self.held_out.retain(|point| point.step < step);
        self.held_out.push(HeldOut {
            step,
            elbo: bound.elbo,
            kl: bound.kl,
        });
    }
}

impl Point {
    fn joined(&self, next: &Self) -> Self {
        let steps = self.steps + next.steps;
        let mean = |of: fn(&Self) -> f64| {
            let sum = of(self) * self.steps as f64 + of(next) * next.steps as f64;
            sum / steps as f64
        };
        Self {
            step: next.step,
            steps,
            elbo: mean(|point| point.elbo),
            reconstruction: mean(|point| point.reconstruction),
            kl: mean(|point| point.kl),
        }
    }
}

/// A picture of a run.
pub struct Curves<'a> {
    pub history: &'a History,
    /// Which model it is.
    pub model: String,
    /// Which images it learns.
    pub data: String,
}

/// One curve and how it looks: held-out values are points, joined by a line.
struct Curve {
    name: &'static str,
    colour: RGBColor,
    dotted: bool,
    points: Vec<(f64, f64)>,
}

impl Curves<'_> {
    pub fn write(&self, file: &PictureFile) -> Result<()> {
        file.write_drawing(self.svg()?)
    }

    fn svg(&self) -> Result<String> {
        let training = |of: fn(&Point) -> f64| -> Vec<(f64, f64)> {
            let points = self.history.training.iter();
            points.map(|point| (point.step as f64, of(point))).collect()
        };
        let held_out = |of: fn(&HeldOut) -> f64| -> Vec<(f64, f64)> {
            let points = self.history.held_out.iter();
            points.map(|point| (point.step as f64, of(point))).collect()
        };
        let curve = |name, colour, dotted, points| Curve {
            name,
            colour,
            dotted,
            points,
        };
        let bound = [
            curve("ELBO, training", COBALT, false, training(|p| p.elbo)),
            curve("ELBO, held-out", INK, true, held_out(|p| p.elbo)),
            curve(
                "reconstruction",
                GREEN,
                false,
                training(|p| p.reconstruction),
            ),
        ];
        let kl = [
            curve("KL, training", OCHRE, false, training(|p| p.kl)),
            curve("KL, held-out", INK, true, held_out(|p| p.kl)),
        ];
        let all = bound.iter().chain(&kl).flat_map(|curve| &curve.points);
        let last = all.fold(0.0, |last: f64, (step, _)| last.max(*step));
        let steps = format!("steps of training on {}", self.data);
        let description = format!("{}: ELBO and KL in nats, by {steps}", self.model);
        chart::draw(HEIGHT, &description, |area| {
            let title_style = letters(TITLE_SIZE, INK);
            chart::write(area, &self.model, (16.0, 28.0), &title_style)?;
            let (upper, lower) = area.split_vertically(units(PARTING));
            let (head, upper) = upper.split_vertically(units(HEAD));
            legend(&head, &bound, 60.0)?;
            let (between, lower) = lower.split_vertically(units(38.0));
            legend(&between, &kl, 22.0)?;
            panel(&upper, last, range(&bound, last), "", &bound)?;
            let high = *range(&kl, 0.0).end();
            panel(&lower, last, 0.0..=high, &steps, &kl)
        })
    }
}

/// From the lowest value after the beginning of the run to the highest.
fn range(curves: &[Curve], last: f64) -> std::ops::RangeInclusive<f64> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let later = points().filter(|(step, _)| *step >= BEGINNING * last);
    let low = later.fold(f64::INFINITY, |low, (_, value)| low.min(*value));
    let high = points().fold(f64::NEG_INFINITY, |high, (_, value)| high.max(*value));
    if low > high {
        return 0.0..=1.0;
    }
    // A level curve needs some room too.
    let room = (0.06 * (high - low)).max(0.01 * high.abs()).max(0.05);
    low - room..=high + room
}

/// The names of curves in a row, each with a piece of its line and its last value.
fn legend(area: &Area<'_>, curves: &[Curve], middle: f64) -> Result<()> {
    for (place, curve) in curves.iter().enumerate() {
        let Some((_, value)) = curve.points.last() else {
            continue;
        };
        let left = 16.0 + 208.0 * place as f64;
        let line = [(left, middle), (left + 22.0, middle)].map(|(x, y)| (units(x), units(y)));
        let style = curve.colour.stroke_width(stroke(curve));
        area.draw(&PathElement::new(line, style)).map_err(failed)?;
        if curve.dotted {
            let centre = (units(left + 11.0), units(middle));
            area.draw(&Circle::new(centre, units(3.5), curve.colour.filled()))
                .map_err(failed)?;
        }
        let text = format!("{} {}", curve.name, number(*value, 2));
        let style = letters(TEXT_SIZE - 2, INK);
        chart::write(area, &text, (left + 28.0, middle), &style)?;
    }
    Ok(())
}

fn stroke(curve: &Curve) -> u32 {
    if curve.dotted { FINE * 3 / 2 } else { FINE * 2 }
}

fn panel(
    area: &Area<'_>,
    last: f64,
    values: std::ops::RangeInclusive<f64>,
    x_name: &str,
    curves: &[Curve],
) -> Result<()> {
    let (low, high) = values.into_inner();
    let steps: Range<f64> = 0.0..last.max(1.0);
    let digits = usize::from(high - low < 8.0) + usize::from(high - low < 0.8);
    // Of a few steps, the axis has places between them.
    let step = |step: &f64| {
        if step.fract() == 0.0 {
            whole(*step)
        } else {
            String::new()
        }
    };
    let value = |value: &f64| number(*value, digits);
    let names = (x_name, "nats");
    let mut axes = chart::axes(area, (steps, low..high), names, [&step, &value])?;
    for curve in curves {
        for line in above(&curve.points, low) {
            let style = curve.colour.stroke_width(stroke(curve));
            axes.draw_series(LineSeries::new(line, style))
                .map_err(failed)?;
        }
        if curve.dotted || curve.points.len() == 1 {
            let inside = curve.points.iter().filter(|(_, value)| *value >= low);
            let dot = |point: &(f64, f64)| Circle::new(*point, units(3.0), curve.colour.filled());
            axes.draw_series(inside.map(dot)).map_err(failed)?;
        }
    }
    Ok(())
}

/// The parts of a curve that lie above a limit, each cut where it crosses it.
fn above(points: &[(f64, f64)], low: f64) -> Vec<Vec<(f64, f64)>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    for (at, &(step, value)) in points.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| points[before]);
        let crossing = before.filter(|(_, other)| (*other >= low) != (value >= low));
        if let Some((other_step, other)) = crossing {
            let share = (low - other) / (value - other);
            line.push((other_step + share * (step - other_step), low));
        }
        if value >= low {
            line.push((step, value));
        } else if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
    }
    lines.push(line);
    lines.retain(|line| line.len() > 1);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(step: u64, value: f64) -> StepReport {
        StepReport {
            step,
            epoch: 0.0,
            loss: -value,
            elbo: value,
            reconstruction: value + 1.0,
            kl: 1.0,
            learning_rate: 0.001,
            images: 1,
            recovered: false,
        }
    }

    #[test]
    fn a_long_run_keeps_few_points_and_their_means() {
        let mut history = History::default();
        let steps: Vec<u64> = (1..=5000).map(|slice| 20 * slice).collect();
        for step in &steps {
            history.add(&report(*step, -(*step as f64)));
        }
        let points = &history.training;
        assert!((MOST_POINTS / 2..=MOST_POINTS).contains(&points.len()));
        assert_eq!(points.last().map(|point| point.step), Some(100_000));
        assert_eq!(points.iter().map(|point| point.steps).sum::<u64>(), 100_000);
        let sum: f64 = points.iter().map(|p| p.elbo * p.steps as f64).sum();
        let mean = -steps.iter().map(|step| *step as f64).sum::<f64>() / 5000.0;
        assert!((sum / 100_000.0 - mean).abs() < 1e-6);
    }

    #[test]
    fn a_history_goes_on_from_the_step_of_its_checkpoint() {
        let mut history = History::default();
        history.add(&report(20, -200.0));
        history.add(&report(40, -150.0));
        let mut provenance = serde_json::json!({ "steps": 20 });
        history.keep_in(&mut provenance);
        assert_eq!(History::of(Some(&provenance), 40), history);
        assert_eq!(History::of(Some(&provenance), 20).training.len(), 1);
        let foreign = serde_json::json!({ "curves": "none" });
        assert_eq!(History::of(Some(&foreign), 20), History::default());
    }

    #[test]
    fn a_curve_is_cut_where_it_comes_into_the_picture() {
        let points = [
            (0.0, -500.0),
            (10.0, -100.0),
            (20.0, -300.0),
            (30.0, -100.0),
        ];
        let lines = above(&points, -200.0);
        let first = vec![(7.5, -200.0), (10.0, -100.0), (15.0, -200.0)];
        assert_eq!(lines, [first, vec![(25.0, -200.0), (30.0, -100.0)]]);
    }
}
