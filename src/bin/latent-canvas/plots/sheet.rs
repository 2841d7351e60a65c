//! Images side by side.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use latent_canvas::{Error, PIXELS, Result, SIDE};

/// Blank pixels between the images.
const GAP: usize = 2;
/// How large an SVG shows a pixel.
const UNITS_A_PIXEL: usize = 4;

/// Grey pixels of a sheet: paper white, ink black.
pub struct Sheet {
    count: usize,
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

impl Sheet {
    /// Images `[n, 784]` in rows of `columns`.
    pub fn new(images: &[f32], columns: usize) -> Self {
        let count = images.len() / PIXELS;
        let rows = count.div_ceil(columns);
        let (width, height) = (columns * (SIDE + GAP) + GAP, rows * (SIDE + GAP) + GAP);
        let mut grey = vec![255u8; width * height];
        for (index, image) in images.chunks_exact(PIXELS).enumerate() {
            let left = GAP + (index % columns) * (SIDE + GAP);
            let top = GAP + (index / columns) * (SIDE + GAP);
            for (row, line) in image.chunks_exact(SIDE).enumerate() {
                let start = (top + row) * width + left;
                for (pixel, ink) in grey[start..start + SIDE].iter_mut().zip(line) {
                    *pixel = 255 - (ink * 255.0).round() as u8;
                }
            }
        }
        Self {
            count,
            width,
            height,
            grey,
        }
    }

    pub fn png(&self) -> Result<Vec<u8>> {
        let fail = |cause: png::EncodingError| Error::Io(format!("cannot make the PNG: {cause}"));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(fail)?;
        writer.write_image_data(&self.grey).map_err(fail)?;
        writer.finish().map_err(fail)?;
        Ok(bytes)
    }

    /// The same pixels in an SVG, large and with sharp edges.
    pub fn svg(&self) -> Result<String> {
        let [width, height] = [self.width, self.height].map(|pixels| pixels * UNITS_A_PIXEL);
        let pixels = STANDARD.encode(self.png()?);
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{} images of {SIDE} by {SIDE} pixels</title>\n\
             <image width=\"{width}\" height=\"{height}\" style=\"image-rendering: pixelated\" \
             href=\"data:image/png;base64,{pixels}\"/>\n</svg>\n",
            self.count
        ))
    }
}
