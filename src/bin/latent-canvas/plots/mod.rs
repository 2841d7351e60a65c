//! Pictures as files: PNG or SVG, by the file's ending.

mod chart;
mod curves;
mod map;
mod raster;
mod sheet;

use std::path::{Path, PathBuf};

use latent_canvas::Result;

use crate::files;

pub use curves::{Curves, History, KEY as CURVES};
pub use map::PosteriorMap;

/// A file to write a picture to.
#[derive(Clone, Debug)]
pub struct PictureFile {
    path: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Png,
    Svg,
}

impl PictureFile {
    /// A path that ends in .png or .svg; the command line refuses any other before it begins.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let kind = match ending.as_deref().and_then(|ending| ending.to_str()) {
            Some("png") => Kind::Png,
            Some("svg") => Kind::Svg,
            _ => {
                return Err(
                    "a picture is written as PNG or SVG: end the name in .png or .svg".to_owned(),
                );
            }
        };
        Ok(Self { path, kind })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As [`files::try_to_write`].
    pub fn try_to_write(&self) -> Result<()> {
        files::try_to_write(&self.path)
    }

    /// Writes images `[n, 784]` in rows of `columns` images, ink black on white.
    pub fn write_sheet(&self, images: &[f32], columns: usize) -> Result<()> {
        let sheet = sheet::Sheet::new(images, columns);
        let bytes = match self.kind {
            Kind::Png => sheet.png()?,
            Kind::Svg => sheet.svg()?.into_bytes(),
        };
        files::write(&self.path, &bytes)
    }

    /// Writes a drawing, an SVG.
    fn write_drawing(&self, svg: String) -> Result<()> {
        let bytes = match self.kind {
            Kind::Png => raster::png(&svg)?,
            Kind::Svg => svg.into_bytes(),
        };
        files::write(&self.path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_kind_and_others_are_refused() {
        let kind = |text: &str| PictureFile::parse(text).map(|file| file.kind);
        assert_eq!(kind("a/b.png"), Ok(Kind::Png));
        assert_eq!(kind("B.SVG"), Ok(Kind::Svg));
        for text in ["a.pdf", "a", "svg", ".png", "a.png/b", ""] {
            assert!(kind(text).unwrap_err().contains(".png or .svg"), "{text}");
        }
    }
}
