//! The memory that a run is said to need, against what it takes from the allocator.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use latent_canvas::data::Dataset;
use latent_canvas::models::{self, ModelSpec};
use latent_canvas::train::{Steps, TrainOptions, Trainer, memory_needed};
use serde_json::{Value, json};

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a run of two steps that is saved needs by the estimate, and takes, in bytes.
fn needed_and_taken(spec: &Value, options: &Value, images: usize, steps: Steps) -> (f64, f64) {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let data = Rc::new(Dataset::from_grey(vec![90; images * 784], None).unwrap());
    let model = models::build(&ModelSpec::from_json(spec).unwrap(), 1).unwrap();
    let options = TrainOptions::from_json(options).unwrap();
    let needed = memory_needed(model.as_ref(), &options, images, steps);
    let mut trainer = Trainer::new(model.as_ref(), data, options).unwrap();
    match steps {
        Steps::Whole => {
            trainer.step(2).unwrap();
        }
        Steps::InParts => {
            while trainer.steps() < 2 {
                trainer.advance().unwrap();
            }
        }
    }
    trainer.save().unwrap();
    let taken = PEAK.load(Ordering::Relaxed) - before;
    (needed as f64, taken as f64)
}

/// One test, so that no other takes memory at the same time.
#[test]
fn the_estimate_is_within_a_factor_of_two() {
    let cases = [
        (
            json!({"model": "vae", "latents": 2, "hidden": [100]}),
            json!({"batchSize": 64}),
            60_000,
        ),
        (
            json!({"model": "vae", "latents": 32, "hidden": [400]}),
            json!({"batchSize": 1000}),
            2_000,
        ),
        (
            json!({"model": "vae", "latents": 8, "hidden": [512, 512]}),
            json!({"batchSize": 100, "draws": 50, "objective": "iwae"}),
            1_000,
        ),
        (
            json!({"model": "vae", "latents": 2, "hidden": [100]}),
            json!({"batchSize": 200, "draws": 100, "objective": "iwae"}),
            1_000,
        ),
        (
            json!({"model": "vae", "latents": 20, "hidden": [1024, 1024, 1024, 1024]}),
            json!({"batchSize": 1024}),
            2_048,
        ),
        (
            json!({"model": "vae", "latents": 20, "hidden": [100]}),
            json!({"batchSize": 512, "objective": "tc"}),
            1_024,
        ),
        (
            json!({"model": "vae", "latents": 20, "hidden": [100]}),
            json!({"batchSize": 512, "objective": "wae"}),
            1_024,
        ),
        (
            json!({"model": "m2", "hidden": [300]}),
            json!({"batchSize": 200}),
            1_000,
        ),
    ];
    for (spec, options, images) in cases {
        for steps in [Steps::Whole, Steps::InParts] {
            let (needed, taken) = needed_and_taken(&spec, &options, images, steps);
            let ratio = needed / taken;
            let run = format!("{spec} {options}, {steps:?}");
            println!(
                "{:6.0} MB needed, {:6.0} MB taken, ratio {ratio:.2}: {run}",
                needed / 1e6,
                taken / 1e6
            );
            assert!((0.5..2.0).contains(&ratio), "{ratio} for {run}");
        }
    }
}
