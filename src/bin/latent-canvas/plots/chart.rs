//! What all charts share: colours, letters, axes, and how one becomes an SVG.

use std::ops::Range;

use latent_canvas::{Error, Result};
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The page's colours on a light ground (www/styles/tokens.css). A colour stands for one role everywhere.
pub const SURFACE: RGBColor = RGBColor(0xff, 0xfd, 0xf8);
pub const LINE: RGBColor = RGBColor(0xe3, 0xdc, 0xcb);
pub const AXIS: RGBColor = RGBColor(0x8b, 0x83, 0x71);
pub const INK: RGBColor = RGBColor(0x1d, 0x1b, 0x16);
pub const MUTED: RGBColor = RGBColor(0x5d, 0x57, 0x47);
pub const OCHRE: RGBColor = RGBColor(0x86, 0x58, 0x00);
pub const COBALT: RGBColor = RGBColor(0x24, 0x56, 0xc4);
pub const GREEN: RGBColor = RGBColor(0x4b, 0x8b, 0x2b);
pub const RED: RGBColor = RGBColor(0xc8, 0x37, 0x1f);

/// The library places everything at whole numbers; with so many to a unit of the picture, curves stay smooth.
pub const FINE: u32 = 10;
/// The width of every chart: on a phone its letters are still 10 points high.
pub const WIDTH: u32 = 640;
const FONT: &str = "'Source Sans 3', 'Helvetica Neue', Arial, sans-serif";
pub const TITLE_SIZE: u32 = 21;
pub const TEXT_SIZE: u32 = 17;

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub type Axes<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws a picture of this height; `description` says in words what it shows.
pub fn draw(
    height: u32,
    description: &str,
    paint: impl FnOnce(&Area<'_>) -> Result<()>,
) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH * FINE, height * FINE));
        let area = area.into_drawing_area();
        area.fill(&SURFACE).map_err(failed)?;
        paint(&area)?;
        area.present().map_err(failed)?;
    }
    // The picture is as wide as WIDTH says, whatever its coordinates count.
    let fine = format!("width=\"{}\" height=\"{}\"", WIDTH * FINE, height * FINE);
    let plain = format!("width=\"{WIDTH}\" height=\"{height}\" role=\"img\"");
    let svg = svg.replacen(&fine, &plain, 1);
    let Some(head) = svg.find('>') else {
        return Err(failed("it is empty"));
    };
    let (head, body) = svg.split_at(head + 1);
    Ok(format!(
        "{head}\n<title>{}</title>{body}",
        escaped(description)
    ))
}

pub fn failed(cause: impl std::fmt::Display) -> Error {
    Error::Io(format!("cannot draw the plot: {cause}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A length in units of the picture.
pub fn units(length: f64) -> i32 {
    (length * f64::from(FINE)).round() as i32
}

/// Letters of this colour, from the left and round the middle of their height.
pub fn letters(size: u32, colour: RGBColor) -> TextStyle<'static> {
    // The backend makes letters smaller by this factor.
    (FONT, f64::from(size * FINE) * 1.24)
        .into_font()
        .color(&colour)
        .pos(Pos::new(HPos::Left, VPos::Center))
}

/// Writes a line of text from the left end on, at this height.
pub fn write(
    area: &Area<'_>,
    text: &str,
    (left, middle): (f64, f64),
    style: &TextStyle<'_>,
) -> Result<()> {
    area.draw(&Text::new(
        text.to_owned(),
        (units(left), units(middle)),
        style.clone(),
    ))
    .map_err(failed)
}

/// Axes with their names, few labels and a thin grid.
pub fn axes<'a, 'b>(
    area: &'a Area<'b>,
    (x, y): (Range<f64>, Range<f64>),
    (x_name, y_name): (&str, &str),
    [x_label, y_label]: [&dyn Fn(&f64) -> String; 2],
) -> Result<Axes<'a, 'b>> {
    let mut axes = ChartBuilder::on(area)
        .margin_left(units(14.0))
        .margin_right(units(20.0))
        .margin_top(units(6.0))
        .x_label_area_size(units(if x_name.is_empty() { 26.0 } else { 50.0 }))
        .y_label_area_size(units(68.0))
        .build_cartesian_2d(x, y)
        .map_err(failed)?;
    axes.configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(LINE.stroke_width(FINE))
        .axis_style(AXIS.stroke_width(FINE))
        .set_all_tick_mark_size(units(4.0))
        .label_style(letters(TEXT_SIZE - 2, MUTED))
        .axis_desc_style(letters(TEXT_SIZE - 2, INK))
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(x_label)
        .y_label_formatter(y_label)
        .x_desc(x_name)
        .y_desc(y_name)
        .draw()
        .map_err(failed)?;
    Ok(axes)
}

/// A number with a real minus sign, and no more digits than it needs.
pub fn number(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('-', "\u{2212}")
}

/// A whole number with its thousands apart.
pub fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if value < 0.0 && grouped != "0" {
        format!("\u{2212}{grouped}")
    } else {
        grouped
    }
}
