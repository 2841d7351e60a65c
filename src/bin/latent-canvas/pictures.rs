//! A folder of PNG files as a data set; sub-folders are classes.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use latent_canvas::data::file::Named;
use latent_canvas::data::picture;
use latent_canvas::{Error, PIXELS, Result};

use crate::files;

/// No picture that can be used needs more memory to decode.
const MOST_BYTES: usize = 1 << 28;

/// All PNG files in this folder and those below it, as images and labels; none if there is no such file.
pub fn read(place: &Path) -> Result<Vec<Named>> {
    let mut paths = Vec::new();
    if place.is_dir() {
        collect(place, &mut paths)?;
    } else if is_picture(place) {
        paths.push(place.to_owned());
    }
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut greys = Vec::with_capacity(paths.len() * PIXELS);
    let mut names = Vec::with_capacity(paths.len());
    for path in &paths {
        greys.extend(files::of_file(path, grey(&files::read(path)?))?);
        let inner = path.strip_prefix(place).unwrap_or(path);
        let parts: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
        names.push(parts.join("/"));
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    files::of_file(place, picture::data_set(&names, &greys))
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let fail = |cause| Error::Io(format!("cannot read {}: {cause}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let path = entry.path();
        // Files and folders whose name begins with a dot are other programs' notes.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(fail)?.is_dir() {
            collect(&path, paths)?;
        } else if is_picture(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ending.eq_ignore_ascii_case("png")
}

fn grey(bytes: &[u8]) -> Result<Vec<u8>> {
    let fail =
        |cause: png::DecodingError| Error::Data(format!("the PNG is damaged, or none: {cause}"));
    let limits = png::Limits { bytes: MOST_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(fail)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    picture::check_size(width, height)?;
    let mut pixels = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let frame = reader.next_frame(&mut pixels).map_err(fail)?;
    let channels = frame.color_type.samples();
    let rgba: Vec<u8> = pixels
        .chunks_exact(channels)
        .take(width * height)
        .flat_map(|pixel| match *pixel {
            [level] => [level, level, level, 255],
            [level, opacity] => [level, level, level, opacity],
            [red, green, blue] => [red, green, blue, 255],
            [red, green, blue, opacity, ..] => [red, green, blue, opacity],
            [] => [0; 4],
        })
        .collect();
    picture::grey(&rgba, width, height)
}
