//! The library in a real browser's worker, as JavaScript calls it. One binary: each is linked whole, which takes a minute.
#![cfg(target_arch = "wasm32")]

#[path = "web/families.rs"]
mod families;
#[path = "goldens/compute.rs"]
mod goldens;
// Part of it is for the native run.
#[allow(dead_code)]
#[path = "conformance/mod.rs"]
mod suite;
#[path = "web/surface.rs"]
mod surface;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
