//! The ways of writing the ten digits, as data; how a hand moves and draws them is elsewhere.
//!
//! Numbers are hundredths of the digit's height, x to the right about 0, y down from -50 (top) to 50
//! (bottom), in pairs x, y. A stroke is a smooth curve through its parts' knots in order; a knot given
//! twice in a row is a corner.

mod high;
mod low;

/// One way of writing a digit.
pub(super) struct Glyph {
    /// What tells it from its class's other ways.
    pub(super) name: &'static str,
    /// How often it is chosen, relative to the others.
    pub(super) weight: f32,
    strokes: &'static [&'static [Part]],
}

enum Part {
    /// Knots that no factor moves.
    Knots(&'static [i8]),
    /// The middle of a stroke that a ruler would draw straight: curvature moves it, down if the first
    /// is 0 and to the right otherwise.
    Across([i8; 2]),
    Down([i8; 2]),
    /// Knots of the loop or bowl, scaled by the loop size about a point.
    Loop([i8; 2], &'static [i8]),
    /// Knots of the part that shrinks, half as much, when the loop grows, scaled about a point.
    Counter([i8; 2], &'static [i8]),
}

impl Glyph {
    /// The knots of each stroke in digit heights, for a displacement of the middle of straight strokes
    /// and a loop size relative to the standard.
    pub(super) fn strokes(&self, bow: f32, loop_size: f32) -> Vec<Vec<[f32; 2]>> {
        let stroke = |parts: &&[Part]| {
            let knots = parts.iter().flat_map(|part| part.knots(bow, loop_size));
            knots.collect()
        };
        self.strokes.iter().map(stroke).collect()
    }
}

impl Part {
    fn knots(&self, bow: f32, loop_size: f32) -> Vec<[f32; 2]> {
        let heights = |value: &i8| f32::from(*value) / 100.0;
        let scaled = |about: &[i8; 2], knots: &[i8], size: f32| {
            let about = [heights(&about[0]), heights(&about[1])];
            knots
                .chunks_exact(2)
                .map(|knot| {
                    [0, 1].map(|axis| about[axis] + size * (heights(&knot[axis]) - about[axis]))
                })
                .collect()
        };
        match self {
            Self::Knots(knots) => scaled(&[0, 0], knots, 1.0),
            Self::Across([x, y]) => vec![[heights(x) + bow, heights(y)]],
            Self::Down([x, y]) => vec![[heights(x), heights(y) + bow]],
            Self::Loop(about, knots) => scaled(about, knots, loop_size),
            Self::Counter(about, knots) => scaled(about, knots, 1.5 - 0.5 * loop_size),
        }
    }
}

/// The ways of writing `class`; none for a number above 9.
pub(super) fn of(class: u8) -> &'static [Glyph] {
    DIGITS.get(usize::from(class)).copied().unwrap_or(&[])
}

static DIGITS: [&[Glyph]; 10] = [
    &low::ZERO,
    &low::ONE,
    &low::TWO,
    &low::THREE,
    &low::FOUR,
    &high::FIVE,
    &high::SIX,
    &high::SEVEN,
    &high::EIGHT,
    &high::NINE,
];

const fn glyph(name: &'static str, weight: f32, strokes: &'static [&'static [Part]]) -> Glyph {
    Glyph {
        name,
        weight,
        strokes,
    }
}
