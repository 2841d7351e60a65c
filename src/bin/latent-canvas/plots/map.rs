//! The exact posterior of an image over two latents, and what the encoder says of it.

use std::ops::Range;

use candle_core::{Device, Tensor};
use contour::ContourBuilder;
use latent_canvas::estimators::quadrature::{GridPosterior, SquareDensity};
use latent_canvas::models::Model;
use latent_canvas::{PIXELS, Result, SIDE};
use plotters::prelude::*;

use super::PictureFile;
use super::chart::{
    self, Area, COBALT, FINE, INK, MUTED, RED, TEXT_SIZE, TITLE_SIZE, WIDTH, failed, letters,
    number, units,
};

/// What lies within 1, 2 and 3 standard deviations of a Gaussian in the plane, 1 - exp(-k^2 / 2): the regions of highest density
/// that hold as much are drawn of the exact posterior.
const MASSES: [f64; 3] = [0.3935, 0.8647, 0.9889];
/// How strongly each region is filled, and the next one over it.
const STRENGTHS: [f64; 3] = [0.34, 0.24, 0.12];
/// Standard deviations of the encoder's ellipses.
const DEVIATIONS: [f64; 2] = [1.0, 2.0];
const POINTS_OF_AN_ELLIPSE: usize = 120;
/// Cells along a side of the grid that outlines follow: they shall look smooth.
const RESOLUTION: usize = 400;
const HEAD: f64 = 124.0;
const HEIGHT: u32 = 720;
/// The side of the drawing in the head.
const IMAGE: f64 = 84.0;

type Points = Vec<(f64, f64)>;

/// One image, its posterior, and the names of both.
pub struct PosteriorMap<'a> {
    pub model: &'a dyn Model,
    /// `[784]`.
    pub image: &'a [f32],
    pub posterior: &'a GridPosterior,
    /// Which image it is, and its bound.
    pub name: String,
    pub elbo: f64,
}

impl PosteriorMap<'_> {
    pub fn write(&self, file: &PictureFile) -> Result<()> {
        file.write_drawing(self.svg()?)
    }

    fn svg(&self) -> Result<String> {
        let regions = regions(&self.posterior.on_square(RESOLUTION))?;
        let ellipses = self.ellipses()?;
        let title = format!(
            "log p(x) = {} \u{b1} {:.4} nats",
            number(self.posterior.log_likelihood, 3),
            self.posterior.tolerance
        );
        let description = format!(
            "{}: {title}; the exact posterior over two latents, and the encoder's",
            self.name
        );
        let ends = ellipses
            .iter()
            .chain(regions.iter().flat_map(|region| &region.outlines));
        let (x, y) = square_around(ends.flatten());
        chart::draw(HEIGHT, &description, |area| {
            let (head, body) = area.split_vertically(units(HEAD));
            self.head(&head, &title)?;
            let digits = if x.end - x.start < 0.5 { 2 } else { 1 };
            let label = |value: &f64| number(*value, digits);
            let mut axes = chart::axes(&body, (x, y), ("latent z1", "latent z2"), [&label; 2])?;
            for (region, strength) in regions.iter().zip(STRENGTHS).rev() {
                let fill = RED.mix(strength).filled();
                let areas = region.areas.iter();
                let areas = areas.map(|ring| Polygon::new(ring.clone(), fill));
                axes.draw_series(areas).map_err(failed)?;
                let line = RED.stroke_width(FINE);
                let lines = region.outlines.iter();
                let lines = lines.map(|ring| PathElement::new(ring.clone(), line));
                axes.draw_series(lines).map_err(failed)?;
            }
            let line = COBALT.stroke_width(FINE * 5 / 2);
            let lines = ellipses
                .iter()
                .map(|ring| PathElement::new(ring.clone(), line));
            axes.draw_series(lines).map_err(failed)?;
            Ok(())
        })
    }

    /// Title, what the colours mean, and the image.
    fn head(&self, area: &Area<'_>, title: &str) -> Result<()> {
        let text = letters(TEXT_SIZE, INK);
        chart::write(area, title, (16.0, 26.0), &letters(TITLE_SIZE, INK))?;
        let of_image = format!("{}; ELBO {} nats", self.name, number(self.elbo, 3));
        chart::write(area, &of_image, (16.0, 52.0), &letters(TEXT_SIZE, MUTED))?;
        for ((colour, words), middle) in [
            (RED, "exact p(z|x): the likeliest 39, 86 and 99 %"),
            (COBALT, "encoder q(z|x): 1 and 2 standard deviations"),
        ]
        .into_iter()
        .zip([80.0, 104.0])
        {
            let line = [(16.0, middle), (38.0, middle)].map(|(x, y)| (units(x), units(y)));
            area.draw(&PathElement::new(line, colour.stroke_width(FINE * 5 / 2)))
                .map_err(failed)?;
            chart::write(area, words, (46.0, middle), &text)?;
        }
        let (left, top) = (f64::from(WIDTH) - IMAGE - 18.0, 16.0);
        let pixel = IMAGE / SIDE as f64;
        let frame = [
            (units(left), units(top)),
            (units(left + IMAGE), units(top + IMAGE)),
        ];
        area.draw(&Rectangle::new(frame, WHITE.filled()))
            .map_err(failed)?;
        for (at, ink) in self.image.iter().enumerate().filter(|(_, ink)| **ink > 0.0) {
            let (x, y) = ((at % SIDE) as f64, (at / SIDE) as f64);
            let corner = |x: f64, y: f64| (units(left + x * pixel), units(top + y * pixel));
            let square = [corner(x, y), corner(x + 1.0, y + 1.0)];
            let style = INK.mix(f64::from(*ink)).filled();
            area.draw(&Rectangle::new(square, style)).map_err(failed)?;
        }
        area.draw(&Rectangle::new(frame, chart::AXIS.stroke_width(FINE)))
            .map_err(failed)
    }

    /// Where circles of noise come to lie: ellipses, of a Gaussian, and what a flow bends them to.
    fn ellipses(&self) -> Result<Vec<Points>> {
        let x = Tensor::from_slice(self.image, (1, PIXELS), &Device::Cpu)?;
        let answers = self.model.encode(&x)?.repeat(POINTS_OF_AN_ELLIPSE + 1)?;
        let ellipse = |deviations: f64| -> Result<Points> {
            let noise: Vec<f32> = (0..=POINTS_OF_AN_ELLIPSE)
                .flat_map(|point| {
                    let turn = std::f64::consts::TAU * point as f64 / POINTS_OF_AN_ELLIPSE as f64;
                    [turn.cos(), turn.sin()].map(|v| (deviations * v) as f32)
                })
                .collect();
            let noise = Tensor::from_vec(noise, (POINTS_OF_AN_ELLIPSE + 1, 2), &Device::Cpu)?;
            let codes = answers.draw(&noise)?.z.to_vec2::<f32>()?;
            Ok(codes
                .into_iter()
                .map(|code| (f64::from(code[0]), f64::from(code[1])))
                .collect())
        };
        DEVIATIONS.into_iter().map(ellipse).collect()
    }
}

/// A region of the plane: what to fill, and its edges.
struct Region {
    areas: Vec<Points>,
    outlines: Vec<Points>,
}

impl Region {
    fn new(contour: &contour::Contour) -> Self {
        let points = |ring: &[contour::Pt]| -> Points {
            ring.iter().map(|point| (point.x, point.y)).collect()
        };
        let mut region = Self {
            areas: Vec::new(),
            outlines: Vec::new(),
        };
        for polygon in &contour.geometry().0 {
            let outer = points(&polygon.exterior().0);
            let start = outer.first().copied();
            let mut area = outer.clone();
            region.outlines.push(outer);
            // A hole is joined to the outline by a cut of no width.
            for hole in polygon.interiors() {
                let hole = points(&hole.0);
                area.extend(hole.iter().chain(&start));
                region.outlines.push(hole);
            }
            region.areas.push(area);
        }
        region
    }
}

/// The regions of highest density that hold each of [`MASSES`].
fn regions(picture: &SquareDensity) -> Result<Vec<Region>> {
    let SquareDensity { square, density } = picture;
    let spacing = 2.0 * f64::from(square.half_width) / square.resolution as f64;
    let highest = density.iter().fold(0f32, |a, b| a.max(*b));
    // As shares of the highest: the library compares small differences.
    let shares: Vec<f64> = density.iter().map(|d| f64::from(d / highest)).collect();
    let mut sorted = shares.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let whole: f64 = sorted.iter().sum();
    let threshold = |mass: f64| {
        let mut sum = 0.0;
        let reached = sorted.iter().find(|share| {
            sum += **share;
            sum >= mass * whole
        });
        reached.copied().unwrap_or(0.0)
    };
    let [left, low] = square
        .centre
        .map(|middle| f64::from(middle - square.half_width));
    let builder = ContourBuilder::new(square.resolution, square.resolution, true)
        .x_origin(left)
        .y_origin(low)
        .x_step(spacing)
        .y_step(spacing);
    let found = builder.contours(&shares, &MASSES.map(threshold));
    Ok(found.map_err(failed)?.iter().map(Region::new).collect())
}

/// The sides of the smallest square around these points, with some room.
fn square_around<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> (Range<f64>, Range<f64>) {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for (x, y) in points {
        for (axis, value) in [*x, *y].into_iter().enumerate() {
            low[axis] = low[axis].min(value);
            high[axis] = high[axis].max(value);
        }
    }
    let half = 0.56 * (high[0] - low[0]).max(high[1] - low[1]);
    let side = |axis: usize| {
        let middle = (low[axis] + high[axis]) / 2.0;
        middle - half..middle + half
    };
    (side(0), side(1))
}

#[cfg(test)]
mod tests {
    use latent_canvas::estimators::quadrature::Square;

    use super::*;

    /// Of a Gaussian the regions are the ellipses of 1, 2 and 3 standard deviations.
    #[test]
    fn regions_of_a_gaussian_are_its_ellipses() {
        let square = Square {
            centre: [0.3, -1.0],
            half_width: 1.0,
            resolution: 200,
        };
        let (mean, deviations) = ([0.25, -0.9], [0.1, 0.2]);
        let points = square.points();
        let density = points.chunks_exact(2).map(|z| {
            let parts = [0, 1].map(|axis| (f64::from(z[axis]) - mean[axis]) / deviations[axis]);
            (-0.5 * (parts[0].powi(2) + parts[1].powi(2))).exp() as f32
        });
        let density = density.collect();
        let found = regions(&SquareDensity { square, density }).unwrap();
        assert_eq!(found.len(), 3);
        for (region, deviation) in found.iter().zip([1.0, 2.0, 3.0]) {
            assert_eq!(region.outlines.len(), 1);
            for (x, y) in &region.outlines[0] {
                let parts = [(x - mean[0]) / deviations[0], (y - mean[1]) / deviations[1]];
                let away = parts[0].hypot(parts[1]);
                assert!((away - deviation).abs() < 0.02, "{away} {deviation}");
            }
        }
    }

    #[test]
    fn a_ring_has_a_hole() {
        let square = Square {
            centre: [0.0, 0.0],
            half_width: 1.0,
            resolution: 100,
        };
        let points = square.points();
        let density = points.chunks_exact(2).map(|z| {
            let radius = f64::from(z[0]).hypot(f64::from(z[1]));
            (-0.5 * ((radius - 0.5) / 0.05).powi(2)).exp() as f32
        });
        let density = density.collect();
        let found = regions(&SquareDensity { square, density }).unwrap();
        for region in &found {
            assert_eq!((region.areas.len(), region.outlines.len()), (1, 2));
        }
    }
}
