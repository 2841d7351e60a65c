//! The kernels of the training hot path and of exact inference, natively: `cargo bench --bench kernels`.

use std::hint::black_box;

use candle_core::{Device, Tensor, Var};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use latent_canvas::distributions::{DiagonalGaussian, bernoulli};
use latent_canvas::estimators::quadrature::Grid;
use latent_canvas::models::{self, Model, ModelSpec, inference};
use latent_canvas::nn::fused::roofline::roofline;
use latent_canvas::{PIXELS, Rng};
use serde_json::json;

const ROWS: usize = 128;

fn model(latents: usize, hidden: usize) -> Box<dyn Model> {
    let spec = json!({"model": "vae", "latents": latents, "hidden": [hidden]});
    models::build(&ModelSpec::from_json(&spec).unwrap(), 1).unwrap()
}

fn tensor(rng: &mut Rng, rows: usize, columns: usize) -> Tensor {
    Tensor::from_vec(rng.normals(rows * columns), (rows, columns), &Device::Cpu).unwrap()
}

/// The decoder's last layers, forward and back: nearly all of it is matrix products.
fn products(criterion: &mut Criterion) {
    let model = model(20, 400);
    let z = Var::from_tensor(&tensor(&mut Rng::from_seed(1), ROWS, 20)).unwrap();
    let weights = (20 * 400 + 400 * PIXELS) as u64;
    let mut group = criterion.benchmark_group("products");
    group.throughput(Throughput::Elements(2 * weights * ROWS as u64));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| black_box(model.decode(z.as_tensor()).unwrap()));
    });
    group.throughput(Throughput::Elements(6 * weights * ROWS as u64));
    group.bench_function("decode and its gradients", |bencher| {
        bencher.iter(|| {
            model
                .decode(z.as_tensor())
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
        });
    });
    group.finish();
}

fn likelihoods(criterion: &mut Criterion) {
    let mut rng = Rng::from_seed(2);
    let logits = Var::from_tensor(&tensor(&mut rng, ROWS, PIXELS)).unwrap();
    let x = bernoulli::sample(&vec![0.3; ROWS * PIXELS], &mut rng);
    let x = Tensor::from_vec(x, (ROWS, PIXELS), &Device::Cpu).unwrap();
    let q = DiagonalGaussian {
        mean: tensor(&mut rng, ROWS, 20),
        log_var: tensor(&mut rng, ROWS, 20),
    };
    let noise = tensor(&mut rng, ROWS, 20);
    let mut group = criterion.benchmark_group("likelihoods");
    group.throughput(Throughput::Elements((ROWS * PIXELS) as u64));
    group.bench_function("Bernoulli and its gradient", |bencher| {
        bencher.iter(|| {
            bernoulli::log_prob(logits.as_tensor(), &x)
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
        });
    });
    group.throughput(Throughput::Elements((ROWS * 20) as u64));
    group.bench_function("Gaussian sample and KL", |bencher| {
        bencher.iter(|| {
            (
                q.reparameterise(&noise).unwrap(),
                q.kl_to_unit_normal().unwrap(),
            )
        });
    });
    group.finish();
}

/// What the page asks for with every stroke of the pen.
fn one_image(criterion: &mut Criterion) {
    let pixels = bernoulli::sample(&[0.2; PIXELS], &mut Rng::from_seed(3));
    let large = model(20, 400);
    criterion.bench_function("encode and decode one image", |bencher| {
        bencher.iter(|| {
            let codes = inference::encode(large.as_ref(), &pixels).unwrap();
            inference::decode(large.as_ref(), &codes.mean).unwrap()
        });
    });
    let two = model(2, 128);
    let grid = Grid::new(two.as_ref()).unwrap();
    criterion.bench_function("exact posterior", |bencher| {
        bencher.iter(|| grid.posterior(two.as_ref(), &pixels).unwrap());
    });
}

fn limit(criterion: &mut Criterion) {
    const ROUNDS: u32 = 100_000;
    let mut group = criterion.benchmark_group("limit");
    group.throughput(Throughput::Elements(roofline(ROUNDS) as u64));
    group.bench_function("multiply-adds on registers", |bencher| {
        bencher.iter(|| roofline(ROUNDS));
    });
    group.finish();
}

criterion_group!(benches, products, likelihoods, one_image, limit);
criterion_main!(benches);
