//! A drawing as PNG. The font comes with the program: no machine needs to have one.

use latent_canvas::{Error, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Letters of Source Sans 3, the page's font; font/make.py makes it, and font/OFL.txt is its licence.
const FONT: &[u8] = include_bytes!("font/LatentCanvasSans-Regular.ttf");
const FAMILY: &str = "Latent Canvas Sans";
/// Pixels for each unit of the drawing: sharp on screens of double density.
const SCALE: f32 = 2.0;

pub fn png(svg: &str) -> Result<Vec<u8>> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(FONT.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    let tree = Tree::from_str(svg, &options).map_err(failed)?;
    let [width, height] =
        [tree.size().width(), tree.size().height()].map(|length| (SCALE * length).round() as u32);
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| failed("the picture has no size"))?;
    let scaled = Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, scaled, &mut pixels.as_mut());
    pixels.encode_png().map_err(failed)
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::Io(format!("cannot make the PNG: {cause}"))
}
