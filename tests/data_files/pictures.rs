//! Folders of PNG files.

use latent_canvas::data::Dataset;

use super::{Folder, complaint, run, train, trained};

fn png(side: u32, height: u32, kind: png::ColorType, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, height);
    encoder.set_color(kind);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(bytes).unwrap();
    writer.finish().unwrap();
    file
}

fn digit(number: usize) -> Vec<u8> {
    let pixels = Dataset::strokes(number + 1, 9)
        .unwrap()
        .images(number, 1)
        .unwrap();
    let grey: Vec<u8> = pixels.iter().map(|pixel| (pixel * 255.0) as u8).collect();
    png(28, 28, png::ColorType::Grayscale, &grey)
}

/// Twenty digits in folders of their class, of which `paths` says where they lie.
fn folder(name: &str, path: impl Fn(usize) -> String) -> Folder {
    let folder = Folder::new(name);
    (0..20).fold(folder, |folder, number| {
        let path = path(number);
        std::fs::create_dir_all(folder.path(path.rsplit_once('/').map_or("", |(path, _)| path)))
            .unwrap();
        folder.with(&path, &digit(number))
    })
}

#[test]
fn sub_folders_are_classes_and_parts() {
    let plain = folder("png-classes", |number| {
        format!("{}/{number}.png", number % 10)
    });
    let provenance = trained(&plain, &["--model", "cvae"]);
    assert_eq!(provenance["metrics"]["images"], 2);
    let parts = folder("png-parts", |number| {
        let part = if number < 15 { "training" } else { "testing" };
        format!("{part}/{}/{number}.PNG", number % 10)
    });
    assert_eq!(
        trained(&parts, &["--model", "cvae"])["metrics"]["images"],
        5
    );
    // A picture beside an IDX file is only a picture.
    let beside = Folder::new("png-beside")
        .with("images", &super::images(30, 1))
        .with("preview.png", &digit(0));
    assert_eq!(trained(&beside, &[])["metrics"]["images"], 3);
}

#[test]
fn every_kind_of_png_becomes_grey() {
    let square = |side: usize, pixel: &[u8]| pixel.repeat(side * side);
    let folder = Folder::new("png-kinds")
        .with(
            "rgb.png",
            &png(56, 56, png::ColorType::Rgb, &square(56, &[255, 0, 0])),
        )
        .with(
            "rgba.png",
            &png(
                28,
                28,
                png::ColorType::Rgba,
                &square(28, &[255, 255, 255, 0]),
            ),
        )
        .with(
            "alpha.png",
            &png(
                14,
                14,
                png::ColorType::GrayscaleAlpha,
                &square(14, &[255, 128]),
            ),
        )
        .with("grey.png", &digit(1));
    assert_eq!(trained(&folder, &[])["metrics"]["images"], 1);
}

#[test]
fn dark_ink_on_white_is_noted_and_inverted_on_request() {
    let page: Vec<u8> = (0..784)
        .map(|pixel| if (300..420).contains(&pixel) { 0 } else { 255 })
        .collect();
    let folder = Folder::new("png-paper")
        .with("a.png", &png(28, 28, png::ColorType::Grayscale, &page))
        .with("b.png", &png(28, 28, png::ColorType::Grayscale, &page));
    let said = |more: &[&str]| {
        let output = train(&folder, more);
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let note = "dark ink on white paper";
    assert_eq!(said(&[]).matches(note).count(), 1);
    assert!(!said(&["--inverted"]).contains(note));
}

#[test]
fn pictures_that_cannot_be_used_are_named() {
    let good = digit(3);
    for (name, bytes, reason) in [
        (
            "wide.png",
            png(30, 28, png::ColorType::Grayscale, &[0; 840]),
            "wide.png: the picture has 30x28 pixels",
        ),
        (
            "cut.png",
            good[..good.len() / 2].to_vec(),
            "cut.png: the PNG is damaged",
        ),
        (
            "page.png",
            b"<!DOCTYPE html>".to_vec(),
            "page.png: the PNG is damaged, or none",
        ),
    ] {
        let fault = complaint(
            &Folder::new(&name.replace('.', "-"))
                .with("a.png", &good)
                .with(name, &bytes),
        );
        assert!(fault.contains(reason), "{fault}");
        assert!(!fault.contains("panicked"), "{fault}");
    }
    let mixed = folder("png-mixed", |number| match number {
        0 => "0.png".to_owned(),
        other => format!("{}/{other}.png", other % 10),
    });
    assert!(complaint(&mixed).contains("“0.png” lies in no folder"));
    let words = folder("png-words", |number| {
        format!(
            "{}/{number}.png",
            "abcdefghijkl".as_bytes()[number % 12] as char
        )
    });
    assert!(complaint(&words).contains("labels up to 11"));
    let output = run(&[
        "train",
        "--data",
        &words.path(""),
        "--epochs",
        "1",
        "--out",
        &words.path("model.safetensors"),
        "--without-labels",
        "--set",
        "hidden=4",
    ]);
    assert!(output.status.success(), "{output:?}");
}
