//! One suite over every registered model family, natively; `tests/web/families.rs` runs the same in a browser.
#![cfg(not(target_arch = "wasm32"))]

#[path = "conformance/mod.rs"]
mod suite;

use suite::Candidate;

fn each(check: impl Fn(&Candidate)) {
    let candidates = suite::candidates();
    let families = latent_canvas::models::families();
    assert!(candidates.len() >= families.len());
    candidates.iter().for_each(check);
}

#[test]
fn shapes() {
    each(suite::shapes);
}

#[test]
fn seeds_and_checkpoints() {
    each(suite::seeds_and_checkpoints);
}

#[test]
fn bad_input() {
    each(suite::bad_input);
}

#[test]
fn gradients() {
    each(suite::gradients);
}

#[test]
fn sampling() {
    each(suite::sampling);
}

#[test]
fn likelihoods() {
    each(suite::likelihoods);
}

#[test]
fn classes() {
    each(suite::classes);
}
