//! The ways of writing the ten digits, as data; how a hand moves and draws them is elsewhere.
//!
//! Numbers are hundredths of the digit's height, x to the right about 0, y down from -50 (top) to 50
//! (bottom), in pairs x, y. A stroke is a smooth curve through its parts' knots in order; a knot given
//! twice in a row is a corner.

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
    /// Knots of the part that shrinks when the loop grows, scaled about a point.
    Counter([i8; 2], &'static [i8]),
}

use Part::{Across, Counter, Down, Knots, Loop};

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
            Knots(knots) => scaled(&[0, 0], knots, 1.0),
            Across([x, y]) => vec![[heights(x) + bow, heights(y)]],
            Down([x, y]) => vec![[heights(x), heights(y) + bow]],
            Loop(about, knots) => scaled(about, knots, loop_size),
            Counter(about, knots) => scaled(about, knots, 2.0 - loop_size),
        }
    }
}

/// The ways of writing `class`; none for a number above 9.
pub(super) fn of(class: u8) -> &'static [Glyph] {
    DIGITS.get(usize::from(class)).copied().unwrap_or(&[])
}

const fn glyph(name: &'static str, weight: f32, strokes: &'static [&'static [Part]]) -> Glyph {
    Glyph {
        name,
        weight,
        strokes,
    }
}

static DIGITS: [&[Glyph]; 10] = [
    &ZERO, &ONE, &TWO, &THREE, &FOUR, &FIVE, &SIX, &SEVEN, &EIGHT, &NINE,
];

static ZERO: [Glyph; 5] = [
    glyph(
        "closed",
        0.48,
        &[&[
            Knots(&[5, -50, -16, -44, -29, -22, -32, 2, -27, 28, -12, 46, 5, 50]),
            Knots(&[22, 40, 31, 18, 32, -8, 25, -34, 8, -49]),
            Loop([8, -49], &[-4, -51, -14, -46]),
        ]],
    ),
    glyph(
        "crossing ends",
        0.28,
        &[&[
            Knots(&[20, -46, 2, -44, -20, -32, -31, -4, -26, 28, -8, 48]),
            Knots(&[12, 48, 28, 28, 31, -2, 22, -32]),
            Loop([14, -44], &[6, -46, -8, -50, -18, -44]),
        ]],
    ),
    glyph(
        "pointed",
        0.12,
        &[&[
            Knots(&[-12, -48, -24, -22, -28, 8, -20, 36, -2, 50, 16, 42]),
            Knots(&[28, 16, 26, -14, 10, -40]),
            Loop([10, -40], &[0, -48, -14, -50]),
        ]],
    ),
    glyph(
        "open",
        0.09,
        &[&[
            Knots(&[
                -8, -50, -26, -28, -32, 2, -24, 34, -4, 50, 20, 38, 31, 8, 27, -22,
            ]),
            Loop([27, -22], &[16, -44]),
        ]],
    ),
    glyph(
        "slashed",
        0.03,
        &[
            &[
                Knots(&[3, -47, -20, -38, -31, -10, -29, 20, -12, 44, 8, 46]),
                Knots(&[26, 28, 32, 0, 24, -32, 4, -47]),
            ],
            &[
                Loop([0, 0], &[30, -46]),
                Across([0, 0]),
                Loop([0, 0], &[-30, 46]),
            ],
        ],
    ),
];

static ONE: [Glyph; 3] = [
    glyph(
        "stroke",
        0.86,
        &[&[Knots(&[0, -50]), Across([0, 0]), Knots(&[0, 50])]],
    ),
    glyph(
        "flag",
        0.08,
        &[&[
            Loop([0, -50], &[-18, -32]),
            Knots(&[0, -50, 0, -50]),
            Across([0, 0]),
            Knots(&[0, 50]),
        ]],
    ),
    glyph(
        "flag and base",
        0.06,
        &[
            &[
                Loop([0, -50], &[-20, -33]),
                Knots(&[0, -50, 0, -50]),
                Across([0, 0]),
                Knots(&[0, 50]),
            ],
            &[Knots(&[-24, 50, 0, 50, 24, 49])],
        ],
    ),
];

static TWO: [Glyph; 5] = [
    glyph(
        "angle",
        0.34,
        &[&[
            Knots(&[
                -27, -30, -17, -44, 3, -50, 23, -38, 23, -18, 5, 13, -30, 45, -30, 45,
            ]),
            Down([0, 45]),
            Knots(&[33, 44]),
        ]],
    ),
    glyph(
        "loop",
        0.3,
        &[&[
            Knots(&[-27, -30, -17, -44, 3, -50, 23, -38, 23, -18, 8, 12, -10, 33]),
            Loop([-18, 40], &[-20, 41, -33, 42, -35, 28, -20, 23, -3, 30]),
            Down([16, 40]),
            Knots(&[38, 42]),
        ]],
    ),
    glyph(
        "curled loop",
        0.14,
        &[&[
            Knots(&[
                -20, -16, -29, -34, -8, -50, 18, -42, 26, -18, 17, 10, -2, 33,
            ]),
            Loop([-14, 40], &[-18, 43, -34, 44, -39, 30, -26, 18, -7, 24]),
            Down([14, 36]),
            Knots(&[34, 36]),
        ]],
    ),
    glyph(
        "swan",
        0.1,
        &[&[
            Knots(&[
                -27, -30, -17, -44, 3, -50, 23, -38, 23, -18, 8, 10, -18, 36, -22, 45,
            ]),
            Down([0, 45]),
            Knots(&[33, 40]),
        ]],
    ),
    glyph(
        "shallow",
        0.12,
        &[&[
            Knots(&[
                -17, -41, -3, -50, 12, -46, 11, -22, -4, 14, -24, 46, -24, 46,
            ]),
            Down([8, 44]),
            Knots(&[42, 40]),
        ]],
    ),
];

static THREE: [Glyph; 5] = [
    glyph(
        "round",
        0.45,
        &[&[
            Knots(&[-24, -36, -6, -49, 16, -43, 19, -25, 9, -10]),
            Across([-6, -3]),
            Across([-6, -3]),
            Loop([-5, 45], &[13, 1, 25, 20, 16, 41, -5, 49, -28, 38]),
        ]],
    ),
    glyph(
        "angular",
        0.2,
        &[&[
            Knots(&[-24, -42, 0, -49, 20, -44, 17, -28]),
            Across([-10, -8]),
            Across([-10, -8]),
            Loop([-5, 45], &[10, -6, 26, 12, 20, 36, -4, 48, -26, 44]),
        ]],
    ),
    glyph(
        "flat top",
        0.08,
        &[&[
            Knots(&[-25, -46]),
            Down([0, -47]),
            Knots(&[22, -47, 22, -47, -3, -10, -3, -10]),
            Loop([-5, 45], &[13, -4, 25, 16, 18, 40, -5, 49, -28, 40]),
        ]],
    ),
    glyph(
        "curl",
        0.15,
        &[&[
            Knots(&[-24, -36, -6, -49, 16, -43, 19, -25, 3, -7]),
            Across([-10, -4]),
            Knots(&[-8, -11, 2, -4]),
            Loop([-5, 45], &[15, 2, 25, 20, 16, 41, -5, 49, -28, 40]),
        ]],
    ),
    glyph(
        "hooked",
        0.12,
        &[&[
            Knots(&[-20, -24, -22, -40, -2, -50, 18, -40, 14, -20]),
            Across([-4, -6]),
            Across([-4, -6]),
            Loop(
                [-5, 45],
                &[16, 2, 26, 22, 14, 44, -10, 50, -26, 41, -23, 28],
            ),
        ]],
    ),
];

static FOUR: [Glyph; 3] = [
    glyph(
        "open",
        0.55,
        &[
            &[
                Knots(&[-20, -45, -25, -20]),
                Loop([-28, -40], &[-28, 0, -28, 0]),
                Down([0, 0]),
                Knots(&[28, -2]),
            ],
            &[Knots(&[22, -50]), Across([18, 0]), Knots(&[14, 50])],
        ],
    ),
    glyph(
        "closed",
        0.2,
        &[
            &[
                Knots(&[10, -50]),
                Across([-10, -20]),
                Loop([-14, -40], &[-32, 12, -32, 12, 0, 12, 32, 10]),
            ],
            &[Knots(&[11, -48]), Across([11, 0]), Knots(&[10, 50])],
        ],
    ),
    glyph(
        "cup",
        0.25,
        &[
            &[
                Knots(&[-22, -45]),
                Loop([0, -40], &[-26, -20, -20, -3, 0, 4, 20, -6]),
            ],
            &[Knots(&[24, -48]), Across([20, 0]), Knots(&[16, 50])],
        ],
    ),
];

static FIVE: [Glyph; 5] = [
    glyph(
        "cap added",
        0.4,
        &[
            &[
                Knots(&[-15, -44, -20, -8, -20, -8]),
                Loop([-5, 45], &[0, -13, 20, 2, 21, 25, 5, 45, -27, 42]),
            ],
            &[Knots(&[-16, -45]), Down([6, -47]), Knots(&[30, -50])],
        ],
    ),
    glyph(
        "one stroke",
        0.24,
        &[&[
            Knots(&[30, -50]),
            Down([6, -47]),
            Knots(&[-14, -45, -14, -45, -20, -8, -20, -8]),
            Loop([-5, 45], &[0, -13, 20, 2, 21, 25, 5, 45, -27, 42]),
        ]],
    ),
    glyph(
        "snake",
        0.16,
        &[&[
            Knots(&[28, -48]),
            Down([5, -46]),
            Knots(&[-15, -38, -17, -20]),
            Loop([-5, 45], &[0, -10, 20, 5, 21, 26, 5, 45, -27, 42]),
        ]],
    ),
    glyph(
        "curled",
        0.1,
        &[
            &[
                Knots(&[-13, -44, -18, -8, -18, -8]),
                Loop([-5, 45], &[2, -15, 23, 0, 24, 26, 4, 48, -20, 44, -26, 28]),
            ],
            &[Knots(&[-14, -45]), Down([6, -47]), Knots(&[26, -48])],
        ],
    ),
    glyph(
        "long cap",
        0.1,
        &[
            &[
                Knots(&[-6, -38, -14, -6, -14, -6]),
                Loop([-8, 45], &[4, -12, 16, 4, 12, 30, -6, 45, -30, 40]),
            ],
            &[Knots(&[-8, -40]), Down([18, -44]), Knots(&[50, -50])],
        ],
    ),
];

static SIX: [Glyph; 4] = [
    glyph(
        "curved",
        0.38,
        &[&[
            Knots(&[12, -50]),
            Across([-9, -30]),
            Knots(&[-24, 0, -26, 25]),
            Loop([-10, 47], &[-12, 46, 12, 47, 25, 26, 14, 5, -8, 8, -22, 27]),
        ]],
    ),
    glyph(
        "straight",
        0.27,
        &[&[
            Knots(&[4, -50]),
            Across([-8, -20]),
            Knots(&[-21, 10, -21, 30]),
            Loop(
                [-10, 47],
                &[-10, 47, 10, 46, 22, 27, 12, 8, -6, 12, -18, 28],
            ),
        ]],
    ),
    glyph(
        "wide bowl",
        0.2,
        &[&[
            Knots(&[-8, -50]),
            Across([-24, -25]),
            Knots(&[-32, 5, -28, 34]),
            Loop([-10, 47], &[-6, 48, 22, 44, 36, 18, 20, -6, -6, 2, -16, 24]),
        ]],
    ),
    glyph(
        "open bowl",
        0.15,
        &[&[
            Knots(&[6, -50]),
            Across([-14, -24]),
            Knots(&[-28, 8, -24, 34]),
            Loop([-10, 47], &[-4, 48, 18, 42, 24, 18, 10, 4, -6, 14]),
        ]],
    ),
];

static SEVEN: [Glyph; 5] = [
    glyph(
        "plain",
        0.42,
        &[&[
            Knots(&[-28, -42]),
            Down([0, -45]),
            Knots(&[27, -46, 27, -46]),
            Across([12, -5]),
            Knots(&[2, 50]),
        ]],
    ),
    glyph(
        "hook",
        0.15,
        &[&[
            Loop([-27, -45], &[-28, -26]),
            Knots(&[-27, -45, -27, -45]),
            Down([0, -46]),
            Knots(&[27, -47, 27, -47]),
            Across([12, -5]),
            Knots(&[2, 50]),
        ]],
    ),
    glyph(
        "arch",
        0.15,
        &[&[
            Loop([-24, -42], &[-26, -22]),
            Knots(&[-24, -42, -2, -50, 20, -43, 22, -22]),
            Across([13, 8]),
            Knots(&[4, 50]),
        ]],
    ),
    glyph(
        "soft corner",
        0.12,
        &[&[
            Knots(&[-28, -38, 0, -46, 22, -46, 26, -34]),
            Across([12, 0]),
            Knots(&[0, 50]),
        ]],
    ),
    glyph(
        "barred",
        0.16,
        &[
            &[
                Knots(&[-28, -42]),
                Down([0, -45]),
                Knots(&[27, -46, 27, -46]),
                Across([12, -5]),
                Knots(&[2, 50]),
            ],
            &[Loop([6, 2], &[-17, 4, 8, 2, 28, -2])],
        ],
    ),
];

static EIGHT: [Glyph; 4] = [
    glyph(
        "one stroke",
        0.45,
        &[&[
            Counter([0, -50], &[18, -38, 0, -50, -18, -36, -10, -15]),
            Across([4, 0]),
            Loop([0, 50], &[20, 24, 2, 50, -20, 30, -10, 8]),
            Counter([0, -50], &[8, -10, 20, -30, 15, -44]),
        ]],
    ),
    glyph(
        "open top",
        0.2,
        &[&[
            Counter([0, -50], &[27, -44, 2, -48, -17, -34, -7, -14]),
            Across([8, 4]),
            Loop([0, 50], &[19, 26, 2, 50, -20, 32, -10, 10]),
            Counter([0, -50], &[6, -12, 20, -32, 32, -48]),
        ]],
    ),
    glyph(
        "crossed",
        0.17,
        &[&[
            Counter([0, -50], &[-18, -44]),
            Across([0, -4]),
            Loop([0, 50], &[19, 26, 2, 50, -19, 28]),
            Counter([0, -50], &[0, -6, 19, -40, 2, -50, -20, -43]),
        ]],
    ),
    glyph(
        "two loops",
        0.18,
        &[
            &[Counter(
                [0, -50],
                &[
                    0, -4, -16, -14, -19, -30, -6, -48, 12, -46, 20, -28, 14, -10, -2, -4,
                ],
            )],
            &[Loop(
                [0, 50],
                &[
                    0, -3, 18, 8, 23, 28, 10, 48, -10, 48, -22, 28, -16, 6, 2, -3,
                ],
            )],
        ],
    ),
];

static NINE: [Glyph; 6] = [
    glyph(
        "straight tail",
        0.4,
        &[&[
            Loop(
                [10, -45],
                &[18, -38, 2, -50, -18, -38, -20, -18, -5, -6, 15, -18],
            ),
            Knots(&[22, -42, 22, -42]),
            Across([19, 0]),
            Knots(&[14, 50]),
        ]],
    ),
    glyph(
        "curved tail",
        0.13,
        &[&[
            Loop(
                [10, -45],
                &[18, -38, 2, -50, -18, -38, -20, -18, -5, -6, 15, -18],
            ),
            Knots(&[22, -42, 22, -42]),
            Across([23, 5]),
            Knots(&[13, 42, -10, 48, -24, 38]),
        ]],
    ),
    glyph(
        "continuous",
        0.15,
        &[&[
            Loop(
                [10, -45],
                &[18, -38, 2, -50, -18, -38, -20, -18, -5, -6, 15, -18],
            ),
            Knots(&[20, -35]),
            Across([18, 5]),
            Knots(&[6, 50]),
        ]],
    ),
    glyph(
        "open top",
        0.13,
        &[&[
            Loop([10, -45], &[24, -50, -2, -44, -20, -26, -14, -8, 4, -10]),
            Knots(&[20, -34]),
            Across([18, 2]),
            Knots(&[10, 50]),
        ]],
    ),
    glyph(
        "wide loop",
        0.1,
        &[&[
            Loop(
                [10, -45],
                &[20, -40, -2, -50, -26, -34, -28, -8, -8, 6, 14, -8],
            ),
            Knots(&[22, -44, 22, -44]),
            Across([23, 0]),
            Knots(&[24, 50]),
        ]],
    ),
    glyph(
        "sweeping tail",
        0.09,
        &[&[
            Loop(
                [10, -45],
                &[20, -38, 2, -50, -20, -38, -20, -16, 0, -8, 18, -24],
            ),
            Across([20, 4]),
            Knots(&[4, 40, -20, 48, -34, 36]),
        ]],
    ),
];
