//! The ways of writing the ten digits, as control points; how they are drawn is elsewhere.
//!
//! Coordinates are digit heights: y from -0.5 (top) to 0.5 (bottom), x to the right about 0. A stroke
//! is the list of knots of a smooth curve; a knot given twice in a row is a corner. `bow` moves the
//! middle of strokes that a ruler would draw straight; `size` scales the glyph's loop, 1 is standard.

type Knots = Vec<[f32; 2]>;

/// One way of writing a digit.
pub(super) struct Glyph {
    /// What tells it from its class's other ways.
    pub(super) name: &'static str,
    /// How often it is chosen, relative to the others.
    pub(super) weight: f32,
    /// The strokes for a bow and a loop size.
    pub(super) strokes: fn(bow: f32, size: f32) -> Vec<Knots>,
}

const fn glyph(name: &'static str, weight: f32, strokes: fn(f32, f32) -> Vec<Knots>) -> Glyph {
    Glyph {
        name,
        weight,
        strokes,
    }
}

/// The ways of writing `class`; none for a number above 9.
pub(super) fn of(class: u8) -> &'static [Glyph] {
    GLYPHS.get(usize::from(class)).copied().unwrap_or(&[])
}

const GLYPHS: [&[Glyph]; 10] = [
    &[
        glyph("closed oval", 0.6, zero_closed),
        glyph("crossing ends", 0.37, zero_crossing),
        glyph("slashed", 0.03, zero_slashed),
    ],
    &[
        glyph("stroke", 0.88, one_stroke),
        glyph("flag", 0.06, one_flag),
        glyph("flag and base", 0.06, one_base),
    ],
    &[
        glyph("angle", 0.4, two_angle),
        glyph("loop", 0.45, two_loop),
        glyph("swan", 0.15, two_swan),
    ],
    &[
        glyph("round", 0.75, three_round),
        glyph("flat top", 0.07, three_flat),
        glyph("curl", 0.18, three_curl),
    ],
    &[
        glyph("open", 0.55, four_open),
        glyph("closed", 0.2, four_closed),
        glyph("cup", 0.25, four_cup),
    ],
    &[
        glyph("cap added", 0.5, five_cap),
        glyph("one stroke", 0.3, five_stroke),
        glyph("snake", 0.2, five_snake),
    ],
    &[
        glyph("curved", 0.6, six_curved),
        glyph("straight", 0.4, six_straight),
    ],
    &[
        glyph("plain", 0.65, seven_plain),
        glyph("hook", 0.2, seven_hook),
        glyph("barred", 0.15, seven_barred),
    ],
    &[
        glyph("one stroke", 0.8, eight_stroke),
        glyph("two loops", 0.2, eight_loops),
    ],
    &[
        glyph("straight tail", 0.6, nine_straight),
        glyph("curved tail", 0.25, nine_curved),
        glyph("continuous", 0.15, nine_continuous),
    ],
];

/// Knots on an ellipse arc between two angles in degrees, clockwise from the right as seen; the radii
/// go from `radius` to `end` on the way.
fn arc(centre: [f32; 2], radius: [f32; 2], end: [f32; 2], angles: [f32; 2], knots: usize) -> Knots {
    (0..knots)
        .map(|knot| {
            let share = knot as f32 / (knots - 1) as f32;
            let (sine, cosine) = (angles[0] + share * (angles[1] - angles[0]))
                .to_radians()
                .sin_cos();
            let radius = [0, 1].map(|axis| radius[axis] + share * (end[axis] - radius[axis]));
            [centre[0] + radius[0] * cosine, centre[1] + radius[1] * sine]
        })
        .collect()
}

/// `points` scaled by `size` about `centre`.
fn sized(points: &[[f32; 2]], centre: [f32; 2], size: f32) -> Knots {
    let scale =
        |point: &[f32; 2]| [0, 1].map(|axis| centre[axis] + size * (point[axis] - centre[axis]));
    points.iter().map(scale).collect()
}

fn zero_closed(bow: f32, size: f32) -> Vec<Knots> {
    let lean = 0.03 * bow;
    vec![arc(
        [lean, 0.0],
        [0.32, 0.5],
        [0.31, 0.5],
        [-80.0, -440.0 - 12.0 * size],
        12,
    )]
}

fn zero_crossing(bow: f32, size: f32) -> Vec<Knots> {
    let mut oval = arc([0.0, 0.0], [0.3, 0.46], [0.32, 0.5], [-60.0, -410.0], 11);
    oval.extend([[0.12, -0.45], [-0.02 - 0.1 * size, -0.5 - 0.05 * bow]]);
    vec![oval]
}

fn zero_slashed(bow: f32, size: f32) -> Vec<Knots> {
    let reach = 0.28 * size;
    vec![
        arc([0.0, 0.0], [0.32, 0.47], [0.32, 0.47], [-80.0, -445.0], 12),
        vec![[reach, -0.45], [0.04 * bow, 0.0], [-reach, 0.45]],
    ]
}

fn one_stroke(bow: f32, _: f32) -> Vec<Knots> {
    vec![vec![[0.0, -0.5], [bow, 0.0], [0.0, 0.5]]]
}

fn one_flag(bow: f32, size: f32) -> Vec<Knots> {
    vec![vec![
        [-0.2 * size, -0.5 + 0.18 * size],
        [0.0, -0.5],
        [0.0, -0.5],
        [bow, 0.0],
        [0.0, 0.5],
    ]]
}

fn one_base(bow: f32, size: f32) -> Vec<Knots> {
    let mut strokes = one_flag(bow, size);
    strokes.push(vec![[-0.22, 0.5], [0.0, 0.5 + 0.3 * bow], [0.22, 0.49]]);
    strokes
}

fn two_top() -> Knots {
    vec![
        [-0.27, -0.3],
        [-0.17, -0.44],
        [0.03, -0.5],
        [0.23, -0.38],
        [0.23, -0.18],
    ]
}

fn two_angle(bow: f32, _: f32) -> Vec<Knots> {
    let mut knots = two_top();
    knots.extend([
        [0.05, 0.13],
        [-0.3, 0.45],
        [-0.3, 0.45],
        [0.0, 0.45 + bow],
        [0.33, 0.44],
    ]);
    vec![knots]
}

fn two_loop(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = two_top();
    knots.push([0.05, 0.13]);
    let end = [-0.22, 0.4];
    knots.extend(sized(
        &[[-0.22, 0.4], [-0.33, 0.42], [-0.32, 0.29], [-0.17, 0.3]],
        end,
        size,
    ));
    knots.extend([[0.02, 0.4 + bow], [0.33, 0.44]]);
    vec![knots]
}

fn two_swan(bow: f32, _: f32) -> Vec<Knots> {
    let mut knots = two_top();
    knots.extend([
        [0.08, 0.1],
        [-0.18, 0.36],
        [-0.22, 0.45],
        [0.0, 0.45 + bow],
        [0.33, 0.4],
    ]);
    vec![knots]
}

fn three_bowl(size: f32) -> Knots {
    sized(
        &[
            [0.13, 0.01],
            [0.25, 0.2],
            [0.16, 0.41],
            [-0.05, 0.49],
            [-0.28, 0.38],
        ],
        [-0.05, 0.45],
        size,
    )
}

fn three_round(bow: f32, size: f32) -> Vec<Knots> {
    let waist = [-0.06 + bow, -0.03];
    let mut knots = vec![
        [-0.24, -0.36],
        [-0.06, -0.49],
        [0.16, -0.43],
        [0.19, -0.25],
        waist,
        waist,
    ];
    knots.insert(4, [0.09, -0.1]);
    knots.extend(three_bowl(size));
    vec![knots]
}

fn three_flat(bow: f32, size: f32) -> Vec<Knots> {
    let (corner, waist) = ([0.22, -0.47], [-0.03, -0.1]);
    let mut knots = vec![
        [-0.25, -0.46],
        [0.0, -0.47 + bow],
        corner,
        corner,
        waist,
        waist,
    ];
    knots.extend(three_bowl(size));
    vec![knots]
}

fn three_curl(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = vec![[-0.24, -0.36], [-0.06, -0.49], [0.16, -0.43], [0.19, -0.25]];
    knots.extend([
        [0.03, -0.07],
        [-0.1 + bow, -0.04],
        [-0.08, -0.1],
        [0.0, -0.04],
    ]);
    knots.extend(three_bowl(size));
    vec![knots]
}

fn four_open(bow: f32, size: f32) -> Vec<Knots> {
    let corner = [-0.28, 0.0 + 0.08 * (size - 1.0)];
    vec![
        vec![
            [-0.2, -0.45],
            [-0.25 + 0.5 * bow, -0.2],
            corner,
            corner,
            [0.0, 0.0 + bow],
            [0.27, -0.02],
        ],
        vec![[0.22, -0.5], [0.17 + bow, 0.0], [0.13, 0.5]],
    ]
}

fn four_closed(bow: f32, size: f32) -> Vec<Knots> {
    let level = 0.12 + 0.1 * (size - 1.0);
    let corner = [-0.32, level];
    vec![
        vec![
            [0.1, -0.5],
            [-0.1 + bow, -0.2],
            corner,
            corner,
            [0.0, level],
            [0.32, level - 0.02],
        ],
        vec![[0.11, -0.48], [0.11 + bow, 0.0], [0.1, 0.5]],
    ]
}

fn four_cup(bow: f32, size: f32) -> Vec<Knots> {
    let depth = 0.08 * size;
    vec![
        vec![
            [-0.2, -0.45],
            [-0.26, -0.2],
            [-0.2, -0.03],
            [0.0, depth - 0.04],
            [0.2, -0.06],
        ],
        vec![[0.24, -0.48], [0.2 + bow, 0.0], [0.16, 0.5]],
    ]
}

fn five_bowl(size: f32) -> Knots {
    sized(
        &[
            [0.0, -0.13],
            [0.2, 0.02],
            [0.21, 0.25],
            [0.05, 0.45],
            [-0.27, 0.42],
        ],
        [-0.05, 0.45],
        size,
    )
}

fn five_cap(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = vec![[-0.15, -0.44], [-0.2, -0.08], [-0.2, -0.08]];
    knots.extend(five_bowl(size));
    vec![
        knots,
        vec![[-0.16, -0.45], [0.06, -0.47 + bow], [0.3, -0.5]],
    ]
}

fn five_stroke(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = vec![
        [0.3, -0.5],
        [0.06, -0.47 + bow],
        [-0.14, -0.45],
        [-0.14, -0.45],
    ];
    knots.extend([[-0.2, -0.08], [-0.2, -0.08]]);
    knots.extend(five_bowl(size));
    vec![knots]
}

fn five_snake(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = vec![
        [0.28, -0.48],
        [0.05, -0.46 + bow],
        [-0.15, -0.38],
        [-0.17, -0.2],
    ];
    knots.extend(five_bowl(size));
    vec![knots]
}

fn six_bowl(size: f32) -> Knots {
    let bowl = [
        [-0.12, 0.46],
        [0.1, 0.47],
        [0.22, 0.28],
        [0.1, 0.08],
        [-0.1, 0.13],
        [-0.22, 0.3],
    ];
    sized(&bowl, [-0.1, 0.47], size)
}

fn six_curved(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = vec![
        [0.18, -0.5],
        [-0.06 - bow, -0.3],
        [-0.22, 0.0],
        [-0.24, 0.25],
    ];
    knots.extend(six_bowl(size));
    vec![knots]
}

fn six_straight(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = vec![
        [0.08, -0.5],
        [-0.07 + bow, -0.2],
        [-0.21, 0.1],
        [-0.22, 0.3],
    ];
    knots.extend(six_bowl(size));
    vec![knots]
}

fn seven_stem(bow: f32) -> Knots {
    let corner = [0.27, -0.46];
    vec![corner, corner, [0.1 + bow, -0.05], [-0.05, 0.5]]
}

fn seven_plain(bow: f32, _: f32) -> Vec<Knots> {
    let mut knots = vec![[-0.28, -0.42], [0.0, -0.45 + bow]];
    knots.extend(seven_stem(bow));
    vec![knots]
}

fn seven_hook(bow: f32, size: f32) -> Vec<Knots> {
    let corner = [-0.27, -0.45];
    let mut knots = vec![
        [-0.28, -0.45 + 0.15 * size],
        corner,
        corner,
        [0.0, -0.47 + bow],
    ];
    knots.extend(seven_stem(bow));
    vec![knots]
}

fn seven_barred(bow: f32, size: f32) -> Vec<Knots> {
    let mut strokes = seven_plain(bow, size);
    strokes.push(vec![
        [-0.17 * size, 0.02],
        [0.08, 0.0],
        [0.26 * size, -0.03],
    ]);
    strokes
}

fn eight_stroke(bow: f32, size: f32) -> Vec<Knots> {
    let lower = sized(
        &[[0.2, 0.26], [0.02, 0.5], [-0.2, 0.3], [-0.1, 0.08]],
        [0.0, 0.5],
        size,
    );
    let mut knots = vec![
        [0.17, -0.38],
        [0.0, -0.5],
        [-0.18, -0.36],
        [-0.1 + bow, -0.15],
        [0.07, 0.02],
    ];
    knots.extend(lower);
    knots.extend([[0.08, -0.1], [0.19, -0.3], [0.16, -0.42]]);
    vec![knots]
}

fn eight_loops(_: f32, size: f32) -> Vec<Knots> {
    let waist = -0.02 - 0.06 * (size - 1.0);
    let upper = (waist + 0.5) / 2.0;
    let lower = (0.5 - waist) / 2.0;
    vec![
        arc(
            [0.0, upper - 0.5],
            [0.17, upper],
            [0.17, upper],
            [90.0, 460.0],
            10,
        ),
        arc(
            [0.0, 0.5 - lower],
            [0.22 * size, lower],
            [0.22 * size, lower],
            [-90.0, -460.0],
            10,
        ),
    ]
}

fn nine_loop(size: f32) -> Knots {
    let points = [
        [0.18, -0.38],
        [0.02, -0.5],
        [-0.18, -0.38],
        [-0.2, -0.18],
        [-0.05, -0.06],
        [0.15, -0.18],
    ];
    sized(&points, [0.1, -0.45], size)
}

fn nine_straight(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = nine_loop(size);
    let top = [0.22, -0.42];
    knots.extend([top, top, [0.19 + bow, 0.0], [0.14, 0.5]]);
    vec![knots]
}

fn nine_curved(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = nine_loop(size);
    let top = [0.22, -0.42];
    knots.extend([
        top,
        top,
        [0.23 + bow, 0.05],
        [0.13, 0.42],
        [-0.1, 0.48],
        [-0.24, 0.38],
    ]);
    vec![knots]
}

fn nine_continuous(bow: f32, size: f32) -> Vec<Knots> {
    let mut knots = nine_loop(size);
    knots.extend([[0.2, -0.35], [0.18 + bow, 0.05], [0.05, 0.5]]);
    vec![knots]
}
