//! The hand that writes: draws the factors, and moves a glyph's knots as people do.

use super::glyphs::{self, Glyph};
use super::spline;
use super::{CLASSES, StrokeFactors};
use crate::data::stroke::{Drawing, Stroke, bounds};
use crate::{Error, Result, Rng, SIDE};

/// The interval of each continuous factor, ends included; the units are those of [`StrokeFactors`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranges {
    /// Of [`StrokeFactors::slant`].
    pub slant: [f32; 2],
    /// Of [`StrokeFactors::rotation`].
    pub rotation: [f32; 2],
    /// Of [`StrokeFactors::thickness`].
    pub thickness: [f32; 2],
    /// Of [`StrokeFactors::aspect`].
    pub aspect: [f32; 2],
    /// Of [`StrokeFactors::curvature`].
    pub curvature: [f32; 2],
    /// Of [`StrokeFactors::loop_size`].
    pub loop_size: [f32; 2],
    /// Of [`StrokeFactors::jitter`].
    pub jitter: [f32; 2],
}

impl Ranges {
    /// The intervals that the data set stays in.
    pub const fn all() -> Self {
        Self {
            slant: [-0.6, 0.9],
            rotation: [-0.4, 0.4],
            thickness: [1.4, 4.5],
            aspect: [0.6, 2.2],
            curvature: [-1.0, 1.0],
            loop_size: [0.5, 1.5],
            jitter: [0.0, 0.06],
        }
    }
}

/// Draws the factors of a digit of `class`, which must be below 10.
pub(super) fn draw_factors(class: u8, rng: &mut Rng) -> StrokeFactors {
    let ranges = Ranges::all();
    let variant = choose(glyphs::of(class), rng);
    // A normal draw held to its range by drawing again, so that no value piles up at the ends.
    let mut normal = |mean: f32, deviation: f32, range: [f32; 2]| {
        for _ in 0..64 {
            let value = mean + deviation * rng.normal();
            if (range[0]..=range[1]).contains(&value) {
                return value;
            }
        }
        mean.clamp(range[0], range[1])
    };
    StrokeFactors {
        class,
        variant,
        slant: normal(0.12, 0.22, ranges.slant),
        rotation: normal(0.0, 0.09, ranges.rotation),
        thickness: normal(0.93, 0.26, ranges.thickness.map(f32::ln)).exp(),
        aspect: normal(0.15, 0.2, ranges.aspect.map(f32::ln)).exp(),
        curvature: normal(0.0, 0.5, ranges.curvature),
        loop_size: normal(1.0, 0.19, ranges.loop_size),
        jitter: normal(0.026, 0.011, ranges.jitter),
    }
}

fn choose(glyphs: &[Glyph], rng: &mut Rng) -> u8 {
    let total: f32 = glyphs.iter().map(|glyph| glyph.weight).sum();
    let mut left = rng.uniform() * total;
    let passed = glyphs.iter().take_while(|glyph| {
        left -= glyph.weight;
        left >= 0.0
    });
    passed.count().min(glyphs.len().saturating_sub(1)) as u8
}

/// Writes the digit of `factors`; `rng` decides which way the hand strays.
pub(super) fn write(factors: &StrokeFactors, rng: &Rng) -> Result<Drawing> {
    let glyph = checked(factors)?;
    let mut rng = rng.clone();
    let mut strokes = glyph.strokes(factors.curvature / 12.0, factors.loop_size);
    for knots in &mut strokes {
        stray(knots, factors.jitter, &mut rng);
    }
    let bend = Bend::draw(factors.jitter, &mut rng);
    let (sine, cosine) = factors.rotation.sin_cos();
    let pose = |point: [f32; 2]| {
        let [x, y] = bend.apply(point);
        let x = factors.aspect * x - factors.slant * y;
        [cosine * x - sine * y, sine * x + cosine * y]
    };
    let paths: Vec<Vec<[f32; 2]>> = strokes
        .iter()
        .map(|knots| spline::curve(knots).into_iter().map(pose).collect())
        .collect();
    Ok(placed(paths, factors.thickness))
}

/// The glyph of `factors`, once every factor is known to be in its domain.
fn checked(factors: &StrokeFactors) -> Result<&'static Glyph> {
    let ranges = Ranges::all();
    let named = [
        ("slant", factors.slant, ranges.slant),
        ("rotation", factors.rotation, ranges.rotation),
        ("thickness", factors.thickness, ranges.thickness),
        ("aspect", factors.aspect, ranges.aspect),
        ("curvature", factors.curvature, ranges.curvature),
        ("loop size", factors.loop_size, ranges.loop_size),
        ("jitter", factors.jitter, ranges.jitter),
    ];
    for (name, value, [low, high]) in named {
        // The data set's own values may miss an end by the rounding of exp and ln.
        let slack = 1e-5 * (high - low);
        if !(low - slack..=high + slack).contains(&value) {
            return Err(Error::argument(format!(
                "{name} lies from {low} to {high}; got {value}"
            )));
        }
    }
    if usize::from(factors.class) >= CLASSES {
        return Err(Error::argument(format!(
            "a digit is 0 to 9; got {}",
            factors.class
        )));
    }
    let glyphs = glyphs::of(factors.class);
    glyphs.get(usize::from(factors.variant)).ok_or_else(|| {
        Error::argument(format!(
            "digit {} has {} variants, counted from 0; got {}",
            factors.class,
            glyphs.len(),
            factors.variant
        ))
    })
}

/// Moves a stroke as a whole and each of its knots by itself, corners staying corners, and lets its
/// ends fall short or run on.
fn stray(knots: &mut [[f32; 2]], jitter: f32, rng: &mut Rng) {
    let shift = [jitter * rng.normal(), jitter * rng.normal()];
    let mut moved: Option<([f32; 2], [f32; 2])> = None;
    for knot in knots.iter_mut() {
        let original = *knot;
        *knot = match moved {
            Some((before, after)) if before == original => after,
            _ => [0, 1].map(|axis| original[axis] + shift[axis] + jitter * rng.normal()),
        };
        moved = Some((original, *knot));
    }
    let overrun = [3.0 * jitter * rng.normal(), 3.0 * jitter * rng.normal()];
    if let [first, second, ..] = knots {
        run_on(first, *second, overrun[0]);
    }
    if let [.., second, last] = knots {
        run_on(last, *second, overrun[1]);
    }
}

/// Moves an end away from its neighbour by `length`, at most half the way to it if negative.
fn run_on(end: &mut [f32; 2], neighbour: [f32; 2], length: f32) {
    let away = [end[0] - neighbour[0], end[1] - neighbour[1]];
    let distance = away[0].hypot(away[1]).max(1e-3);
    let share = (length / distance).max(-0.5);
    *end = [0, 1].map(|axis| end[axis] + share * away[axis]);
}

/// A slow displacement of the whole plane: waves of about a digit's height, of random direction.
struct Bend {
    waves: [[f32; 6]; 3],
}

impl Bend {
    fn draw(jitter: f32, rng: &mut Rng) -> Self {
        let waves = [0; 3].map(|_| {
            let frequency = [2.5 * rng.normal(), 2.5 * rng.normal()];
            let phase = rng.uniform_in(0.0, std::f32::consts::TAU);
            let height = [jitter * rng.normal(), jitter * rng.normal()];
            [frequency[0], frequency[1], phase, height[0], height[1], 0.0]
        });
        Self { waves }
    }

    fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        self.waves.iter().fold([x, y], |moved, wave| {
            let sine = (wave[0] * x + wave[1] * y + wave[2]).sin();
            [moved[0] + wave[3] * sine, moved[1] + wave[4] * sine]
        })
    }
}

/// The paths at the size that normal form gives them, their ink's centre in the middle of the field.
fn placed(paths: Vec<Vec<[f32; 2]>>, thickness: f32) -> Drawing {
    let (low, high) = bounds(&paths);
    let extent = (high[0] - low[0])
        .max(high[1] - low[1])
        .max(f32::MIN_POSITIVE);
    let scale = (20.0 - thickness) / extent / SIDE as f32;
    let (mut length, mut moment) = (0.0, [0.0f32; 2]);
    for pair in paths.iter().flat_map(|path| path.windows(2)) {
        let piece = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        length += piece;
        for axis in 0..2 {
            moment[axis] += piece * (pair[0][axis] + pair[1][axis]) / 2.0;
        }
    }
    let centre = moment.map(|moment| moment / length.max(f32::MIN_POSITIVE));
    let place = |point: [f32; 2]| [0, 1].map(|axis| 0.5 + scale * (point[axis] - centre[axis]));
    Drawing {
        strokes: paths
            .into_iter()
            .map(|path| Stroke {
                points: path.into_iter().map(place).collect(),
            })
            .collect(),
        pen_width: thickness / SIDE as f32,
    }
}
