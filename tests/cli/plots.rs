//! Pictures: curves, posteriors, sheets and strips, as SVG and PNG.

use std::path::Path;

use roxmltree::{Document, Node};
use serde_json::Value;

use super::{SMALL, Workplace, complaint, json, run, write_idx};

fn svg(file: &str) -> String {
    std::fs::read_to_string(file).unwrap()
}

/// Width and height of a PNG that can be decoded whole.
fn size_of_png(file: &str) -> (u32, u32) {
    let file = std::io::BufReader::new(std::fs::File::open(file).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height)
}

fn texts(picture: &Document) -> Vec<String> {
    let nodes = picture
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    nodes
        .map(|node| node.text().unwrap().trim().replace('\u{2212}', "-"))
        .collect()
}

fn attribute(node: &Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// The points of all lines of a colour.
fn lines(picture: &Document, colour: &str) -> Vec<Vec<(f64, f64)>> {
    let is_line =
        |node: &Node| node.has_tag_name("polyline") && node.attribute("stroke") == Some(colour);
    let points = |node: Node| {
        let pairs = node.attribute("points").unwrap().split_whitespace();
        pairs
            .map(|pair| {
                let (x, y) = pair.split_once(',').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect()
    };
    picture.descendants().filter(is_line).map(points).collect()
}

/// How a vertical place is to be read, from the labels of the axis in this part of the picture: value = a + b y.
fn vertical_scale(picture: &Document, (top, bottom): (f64, f64)) -> (f64, f64) {
    let labels = picture.descendants().filter_map(|node| {
        let is_label = node.has_tag_name("text") && node.attribute("text-anchor") == Some("end");
        let value = node.text()?.trim().replace('\u{2212}', "-").parse().ok()?;
        is_label.then(|| (attribute(&node, "y"), value))
    });
    let mut labels: Vec<(f64, f64)> = labels.filter(|(y, _)| *y > top && *y < bottom).collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (labels[0], labels[labels.len() - 1]);
    let slope = (last.1 - first.1) / (last.0 - first.0);
    (first.1 - slope * first.0, slope)
}

const COBALT: &str = "#2456C4";
const OCHRE: &str = "#865800";
const RED: &str = "#C8371F";

#[test]
fn the_curves_of_a_run_are_its_numbers_and_go_on_when_it_is_resumed() {
    let place = Workplace::new("curves");
    write_idx(&place.0, "train", 500);
    write_idx(&place.0, "t10k", 60);
    let (data, model) = (place.file(""), place.file("m.safetensors"));
    let (whole, png, rest) = (
        place.file("w.svg"),
        place.file("w.png"),
        place.file("r.svg"),
    );
    let train = |epochs: &str, plot: &str, resume: &[&str]| {
        let command = [
            "train", "--data", &data, "--epochs", epochs, "--out", &model,
        ];
        let options = ["--plot", plot, "--json"];
        json(&[&command[..], &options, resume, &SMALL].concat())
    };
    train("6", &png, &[]);
    assert_eq!(size_of_png(&png), (1280, 1240));
    let resumed = train("12", &rest, &["--resume", &model]);
    let told = train("12", &whole, &[]);
    // A run that was stopped has the same curves as one that was not.
    assert_eq!(svg(&rest), svg(&whole));
    assert_eq!(resumed["elbo"], told["elbo"]);

    let text = svg(&whole);
    let picture = Document::parse(&text).unwrap();
    let texts = texts(&picture);
    let number = |value: &Value| value.as_f64().unwrap();
    let train = &told["train"];
    for (name, value) in [
        ("ELBO, training", &train["elbo"]),
        ("ELBO, held-out", &told["elbo"]),
        ("reconstruction", &train["reconstruction"]),
        ("KL, training", &train["kl"]),
        ("KL, held-out", &told["kl"]),
    ] {
        let wanted = format!("{name} {:.2}", number(value));
        assert!(texts.contains(&wanted), "{wanted}: {texts:?}");
    }
    for label in [
        "Variational autoencoder, 2 latents",
        "steps of training on ",
        "nats",
    ] {
        let found = texts.iter().any(|text| text.starts_with(label));
        assert!(found, "{label}: {texts:?}");
    }
    // The last points of the lines, by the labels of their axes. Pieces of them in the legend are the first.
    for (colour, value, part) in [
        (COBALT, &train["elbo"], (700.0, 3500.0)),
        (OCHRE, &train["kl"], (3500.0, 6200.0)),
    ] {
        let line = lines(&picture, colour).pop().unwrap();
        let (offset, slope) = vertical_scale(&picture, part);
        let drawn = offset + slope * line.last().unwrap().1;
        let wanted = number(value);
        assert!(
            (drawn - wanted).abs() < 0.002 * wanted.abs(),
            "{drawn} {wanted}"
        );
    }
    // The file holds them for the next run; who looks at it is spared the numbers.
    let kept = json(&["inspect", &model, "--json"])["provenance"]["curves"].clone();
    assert_eq!(kept["heldOut"].as_array().unwrap().len(), 12);
    let looked_at = run(&["inspect", &model]).stdout;
    let looked_at = String::from_utf8(looked_at).unwrap();
    assert!(
        looked_at.contains("\"curves\": \"12 points\""),
        "{looked_at}"
    );
    // Twelve slices of ten steps, each an epoch.
    let kl = lines(&picture, OCHRE).pop().unwrap();
    assert_eq!(kl.len(), 12);
}

#[test]
fn a_posterior_is_drawn_with_its_log_likelihood() {
    let place = Workplace::new("map");
    write_idx(&place.0, "t10k", 20);
    write_idx(&place.0, "train", 20);
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/models");
    let model = models.join("strokes-2d.safetensors").display().to_string();
    let (data, drawn) = (place.file(""), place.file("p.svg"));
    let chains = [
        "--chains",
        "2",
        "--warm-up",
        "20",
        "--draws",
        "20",
        "--json",
    ];
    let posterior = |model: &str, options: &[&str]| -> Vec<String> {
        let command = ["posterior", model, "--data", &data];
        let all = [&command[..], options, &chains].concat();
        all.into_iter().map(str::to_owned).collect()
    };
    let words = posterior(&model, &["--limit", "1", "--plot", &drawn]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = json(&words);
    let text = svg(&drawn);
    let picture = Document::parse(&text).unwrap();
    let texts = texts(&picture);
    let exact = told["logLikelihood"].as_f64().unwrap();
    let title = format!("log p(x) = {exact:.3} \u{b1} 0.00");
    assert!(
        texts.iter().any(|text| text.starts_with(&title)),
        "{texts:?}"
    );
    let elbo = format!("ELBO {:.3} nats", told["elbo"].as_f64().unwrap());
    assert!(texts.iter().any(|text| text.ends_with(&elbo)), "{texts:?}");
    for label in ["latent z1", "latent z2"] {
        assert!(texts.iter().any(|text| text == label), "{texts:?}");
    }
    // In the legend, and the ellipses of one and two deviations, the second twice as wide.
    let cobalt = lines(&picture, COBALT);
    let width = |line: &[(f64, f64)]| {
        let ends = line.iter().map(|(x, _)| *x);
        ends.clone().fold(f64::MIN, f64::max) - ends.fold(f64::MAX, f64::min)
    };
    assert_eq!(cobalt.len(), 3);
    let ratio = width(&cobalt[2]) / width(&cobalt[1]);
    assert!((ratio - 2.0).abs() < 0.01, "{ratio}");
    assert!(lines(&picture, RED).len() >= 4);

    let png = place.file("p.png");
    let words = posterior(
        &model,
        &["--limit", "2", "--plot", &png, "--plot-image", "1"],
    );
    json(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(size_of_png(&png), (1280, 1440));

    let refused = |model: &str, options: &[&str]| {
        let words = posterior(model, options);
        complaint(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let beyond = refused(
        &model,
        &["--limit", "2", "--plot", &png, "--plot-image", "2"],
    );
    assert!(
        beyond.contains("counts the 2 test images from 0; got 2"),
        "{beyond}"
    );
    let many = models.join("mnist-beta.safetensors").display().to_string();
    let many = refused(&many, &["--limit", "1", "--plot", &png]);
    assert!(many.contains("over the plane of two latents"), "{many}");
}

#[test]
fn samples_and_ways_are_sheets_of_either_kind() {
    let place = Workplace::new("sheets");
    write_idx(&place.0, "t10k", 20);
    write_idx(&place.0, "train", 20);
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/models");
    let file = |name: &str| models.join(name).display().to_string();
    let (model, data) = (file("strokes-2d.safetensors"), place.file(""));
    let (png, drawn) = (place.file("s.PNG"), place.file("s.svg"));
    json(&["sample", &model, "--count", "7", "--out", &png, "--json"]);
    // Three in a row, each of 28 pixels, and 2 around each.
    assert_eq!(size_of_png(&png), (92, 92));
    json(&["sample", &model, "--count", "7", "--out", &drawn, "--json"]);
    let text = svg(&drawn);
    let picture = Document::parse(&text).unwrap();
    assert_eq!(attribute(&picture.root_element(), "width"), 368.0);
    let image = picture
        .descendants()
        .find(|node| node.has_tag_name("image"));
    let embedded = image.unwrap().attribute("href").unwrap();
    let embedded = embedded.strip_prefix("data:image/png;base64,").unwrap();
    use base64::Engine;
    let embedded = base64::engine::general_purpose::STANDARD.decode(embedded);
    assert_eq!(embedded.unwrap(), std::fs::read(&png).unwrap());

    let way = [
        "interpolate",
        &model,
        "--data",
        &data,
        "--from",
        "2",
        "--to",
        "5",
    ];
    for path in ["linear", "spherical", "geodesic"] {
        let options = ["--path", path, "--steps", "5", "--out", &png, "--json"];
        let told = json(&[&way[..], &options].concat());
        assert_eq!(size_of_png(&png), (152, 32));
        let codes = told["latents"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
    }
    let beyond = [
        "interpolate",
        &model,
        "--data",
        &data,
        "--to",
        "20",
        "--out",
        &png,
    ];
    assert!(complaint(&beyond).contains("there are 20 test images, counted from 0; got 20"));
    let by_class = file("mnist-cvae.safetensors");
    let way = ["interpolate", &by_class, "--data", &data, "--out", &drawn];
    assert!(complaint(&way).contains("name the class of the images by --label"));
    let of_class = run(&[&way[..], &["--label", "3"]].concat());
    assert!(
        String::from_utf8_lossy(&of_class.stdout)
            .starts_with("wrote the linear way from test image 0 to 1")
    );
}

#[test]
fn another_ending_is_refused_before_any_work() {
    let place = Workplace::new("endings");
    let (out, pdf) = (place.file("m.safetensors"), place.file("plot.pdf"));
    let train = ["train", "--data", "strokes", "--epochs", "1", "--out", &out];
    // None of the files is there: their names alone are looked at.
    for command in [
        &[&train[..], &["--plot", &pdf]].concat()[..],
        &["sample", &out, "--out", &pdf],
        &["interpolate", &out, "--data", "strokes", "--out", &pdf],
        &["posterior", &out, "--data", "strokes", "--plot", &pdf],
        &[
            "repair", &out, "--data", "strokes", "--task", "denoise", "--out", &pdf,
        ],
    ] {
        let refused = complaint(command);
        let sentence = "a picture is written as PNG or SVG: end the name in .png or .svg";
        assert!(refused.contains(sentence), "{command:?}: {refused}");
    }
    let nowhere = place.file("none/plot.svg");
    let refused = complaint(&[&train[..], &["--plot", &nowhere]].concat());
    assert!(refused.contains("make it first"), "{refused}");
    assert!(!Path::new(&out).exists());
}
